/* The state partition: what people have saved. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_STATE_H
#define LIFEBOAT_RECOVERY_INSTALLER_STATE_H

#include "recovery/installer/program.h"

/** state_offer() - is there one that could be erased? Then the key for it counts. */
void state_offer(struct program *p);

/** state_agreed() - a release that does not keep the state is installed only when
 * somebody says so, or when there is no state. */
bool state_agreed(struct program *p);

/** state_finish() - wait for whoever is answering, and erase what was agreed to. Before
 * the table: no system of the new release ever sees what it does not keep. */
bool state_finish(struct program *p);

/** state_wipe() - erase all of it, its head first, so that a half is never taken for a
 * file system. */
bool state_wipe(struct program *p);

#endif

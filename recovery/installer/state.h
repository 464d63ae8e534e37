/* The state partition: what people have saved. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_STATE_H
#define LIFEBOAT_RECOVERY_INSTALLER_STATE_H

#include "recovery/installer/program.h"

/** state_offer() - is there one that could be erased? Then the key for it counts. */
void state_offer(struct program *p);

/** state_agreed() - a release that does not keep the state is installed only when
 * somebody says so. */
bool state_agreed(struct program *p);

/** state_wipe() - erase all of it, its head first, so that a half is never taken for a
 * file system. */
bool state_wipe(struct program *p);

#endif

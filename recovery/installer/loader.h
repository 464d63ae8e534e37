/* The loader that a payload brings (`firmware`), and the one on the EFI system partition.
 *
 * Design: DESIGN 12 "The loader in a payload"; docs/recovery-system.md. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_LOADER_H
#define LIFEBOAT_RECOVERY_INSTALLER_LOADER_H

#include "recovery/installer/program.h"

/** loader_take() - the payload's loader into memory, judged. Before the first write: a
 * disk without table needs one. False: it has none that counts, and the disk needs
 * it. */
bool loader_take(struct program *p);

/** loader_fits() - the new EFI system partition of a disk without slots has room for
 * it. */
bool loader_fits(struct program *p);

/** loader_install() - put it where there is none that starts this device. One that does
 * is left alone: replacing it is `lifeboat loader update`'s. After loader_take(). */
bool loader_install(struct program *p);

#endif

/* A disk without a system of ours. Until the table is written, the very last, it has
 * none: a run that was cut finds an empty disk and goes on without asking again. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_NEW_DISK_H
#define LIFEBOAT_RECOVERY_INSTALLER_NEW_DISK_H

#include "recovery/installer/program.h"

/** new_disk_begin() - after it was agreed to: what was there is gone, its tables first,
 * so that no half of it ever starts. Of an empty disk nothing is written. */
bool new_disk_begin(struct program *p);

/** new_disk_finish() - history and state, then the table, whose slots are both trying. */
bool new_disk_finish(struct program *p);

/** new_disk_zero() - zeros into an area of the disk, from its start; flushed. */
enum lb_status new_disk_zero(struct program *p, const struct update_area *area,
			     uint64_t bytes, bool show);

#endif

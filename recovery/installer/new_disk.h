/* A disk without a system of ours. Until the table is written, the very last, it has
 * none: a run that was cut finds an empty disk and goes on without asking again. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_NEW_DISK_H
#define LIFEBOAT_RECOVERY_INSTALLER_NEW_DISK_H

#include "recovery/installer/program.h"

/** new_disk_begin() - after it was agreed to: what was there is gone. First what lies
 * where state and history will be, then the disk's end, its head last: a run that was
 * cut before finds somebody else's disk and asks again, one that was cut after finds
 * nothing on it to keep. Of an empty disk nothing is written. */
bool new_disk_begin(struct program *p);

/** new_disk_finish() - the state, then the table, whose slots are both trying. */
bool new_disk_finish(struct program *p);

/** new_disk_zero() - zeros into an area of the disk, from its start; flushed. */
enum lb_status new_disk_zero(struct program *p, const struct update_area *area,
			     uint64_t bytes, bool show);

#endif

/* What a disk is to the recovery program. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_JUDGE_DISK_H
#define LIFEBOAT_RECOVERY_INSTALLER_JUDGE_DISK_H

#include "recovery/installer/program.h"

/**
 * judge_disk() - kind of a disk, whether the loader named it, and what is on it.
 *
 * Its own table is looked at once, by the loader's code: with a partition in it the disk
 * is never empty, whatever others make of its first sector.
 */
void judge_disk(struct program *p, const struct machine_disk *disk,
		struct disk_choice *out);

#endif

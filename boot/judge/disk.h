/* Disk roles, and a partition as a source of bytes.
 *
 * Design: DESIGN 2 "Disk roles". */
#ifndef LIFEBOAT_BOOT_JUDGE_DISK_H
#define LIFEBOAT_BOOT_JUDGE_DISK_H

#include <stdbool.h>

#include "base/platform.h"
#include "base/source.h"
#include "crypto/profile.h"

enum boot_role {
	BOOT_ROLE_INTERNAL,
	BOOT_ROLE_RECOVERY_MEDIA,
};

/** boot_disk_role() - by attachment; an `internal-disk` path of the profile makes a card
 * slot or USB disk at it, or behind it, internal; compared by whole nodes. Pure; the same disk has the same role all through one boot. */
enum boot_role boot_disk_role(const struct platform_disk *disk,
			      const struct profile *profile);

/* Sectors [first_lba, first_lba + sectors) of one disk. */
struct boot_partition {
	const struct platform *plat;
	uint32_t disk;
	uint32_t sector_bytes;
	uint64_t first_lba;
	uint64_t sectors;
};

/** boot_partition_source() - @partition as a source; it must outlive the source. */
struct lb_source boot_partition_source(struct boot_partition *partition);

#endif

/* Where everything of a new FAT lies: one file in EFI/BOOT, all of it one after the
 * other, so that its tables are short runs. Pure.
 *
 * Spec: Microsoft FAT. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_FAT_PLAN_H
#define LIFEBOAT_RECOVERY_INSTALLER_FAT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAT_ENTRY_BYTES  32u
#define FAT_ROOT_ENTRIES 512u /* of FAT16, whose root folder has a place of its own */

struct fat_plan {
	bool wide; /* FAT32 */
	uint32_t sector_bytes, cluster_sectors, clusters;
	uint32_t reserved, table_sectors, root_sectors, data; /* sectors */
};

/** fat_plan_make() - for a file of @bytes in @sectors of @sector_bytes; false: it has no
 * room. The largest number of clusters that is not wasteful, FAT32 where it can be. */
bool fat_plan_make(uint64_t sectors, uint32_t sector_bytes, size_t bytes,
		   struct fat_plan *out);

/** fat_plan_efi() - the cluster of the folder EFI; BOOT's and the file's follow. */
uint32_t fat_plan_efi(const struct fat_plan *plan);

/** fat_plan_file() - clusters of a file of @bytes. */
uint32_t fat_plan_file(const struct fat_plan *plan, size_t bytes);

#endif

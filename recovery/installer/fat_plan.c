/* Measuring a FAT. */
#include "recovery/installer/fat_plan.h"

#define FAT16_LEAST    4085u  /* clusters; fewer are a FAT12 */
#define FAT32_LEAST    65525u /* fewer are a FAT16 */
#define FAT32_RESERVED 32u
#define MOST_CLUSTERS  (1u << 20) /* then clusters become larger */
#define MOST_BYTES     32768u     /* of a cluster */

static uint32_t divided(uint64_t bytes, uint32_t by)
{
	return (uint32_t)((bytes + by - 1) / by);
}

/* Clusters of so many sectors: how many, with the room of their tables. */
static bool measure(struct fat_plan *f, uint64_t all, bool wide, uint32_t cluster_sectors)
{
	const uint32_t entry = wide ? 4 : 2;

	f->wide = wide;
	f->cluster_sectors = cluster_sectors;
	f->reserved = wide ? FAT32_RESERVED : 1;
	f->root_sectors =
		wide ? 0 : divided(FAT_ROOT_ENTRIES * FAT_ENTRY_BYTES, f->sector_bytes);
	if (all > UINT32_MAX || all < f->reserved + f->root_sectors + 8)
		return false;
	/* A table for clusters in all of it is a little too long, and never too short. */
	f->table_sectors = divided((all / cluster_sectors + 2) * entry, f->sector_bytes);
	f->data = f->reserved + 2 * f->table_sectors + f->root_sectors;
	if (f->data >= all)
		return false;
	f->clusters = (uint32_t)(all - f->data) / cluster_sectors;
	return true;
}

static bool choose_kind(struct fat_plan *f, uint64_t all, bool wide, uint32_t least,
			uint32_t limit)
{
	for (uint32_t n = 1; n <= 64; n *= 2)
		if (n * f->sector_bytes <= MOST_BYTES && measure(f, all, wide, n) &&
		    f->clusters >= least && f->clusters < limit)
			return true;
	return false;
}

uint32_t fat_plan_efi(const struct fat_plan *plan)
{
	return plan->wide ? 3 : 2; /* FAT32 has its root folder in cluster 2 */
}

uint32_t fat_plan_file(const struct fat_plan *plan, size_t bytes)
{
	return divided(bytes, plan->cluster_sectors * plan->sector_bytes);
}

bool fat_plan_make(uint64_t sectors, uint32_t sector_bytes, size_t bytes,
		   struct fat_plan *out)
{
	struct fat_plan f = { .sector_bytes = sector_bytes };

	if (sector_bytes < 512 || sector_bytes > 4096 || bytes > UINT32_MAX ||
	    (!choose_kind(&f, sectors, true, FAT32_LEAST, MOST_CLUSTERS) &&
	     !choose_kind(&f, sectors, false, FAT16_LEAST, FAT32_LEAST)))
		return false;
	if (f.clusters < 3 || fat_plan_file(&f, bytes) > f.clusters - 3)
		return false;
	*out = f;
	return true;
}

/* Making recovery media. */
#include "tests/host/media_image.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tests/host/gpt_image.h"

#define ENTRIES     32u
#define ENTRY_BYTES 128u
#define NAME_AT     56u
#define DATA_BYTES  4096u

static uint64_t table_sectors(uint32_t sector_bytes)
{
	return ENTRIES * ENTRY_BYTES / sector_bytes;
}

uint64_t media_image_lba(uint32_t sector_bytes, size_t index)
{
	return 2 + table_sectors(sector_bytes) +
	       (DATA_BYTES + index * MEDIA_IMAGE_PARTITION_BYTES) / sector_bytes;
}

uint64_t media_image_sectors(uint32_t sector_bytes, size_t count)
{
	return media_image_lba(sector_bytes, count) + table_sectors(sector_bytes) + 1;
}

static void put_name(struct mem_disk *disk, int copy, uint32_t entry, const char *name)
{
	uint8_t *at = gpt_image_entry(disk, copy, entry) + NAME_AT;

	memset(at, 0, 72);
	for (size_t i = 0; name[i] != '\0'; i++)
		lb_put_le16(at + 2 * i, (uint8_t)name[i]);
}

static void put_kernel(struct mem_disk *disk, size_t index,
		       const struct media_image_kernel *k, uint32_t partition_bytes)
{
	const uint32_t bytes = partition_bytes < MEDIA_IMAGE_KERNEL_BYTES
				       ? partition_bytes
				       : MEDIA_IMAGE_KERNEL_BYTES;

	for (int copy = 0; copy < 2 && k->name != NULL; copy++)
		put_name(disk, copy, (uint32_t)(index + 1), k->name);
	if (k->bytes != NULL)
		memcpy(mem_disk_sector(disk, media_image_lba(disk->sector_bytes, index)),
		       k->bytes, bytes);
}

void media_image_make(struct mem_disk *disk, const struct media_image_kernel *kernels,
		      size_t count)
{
	struct gpt_image_part parts[MEDIA_IMAGE_MAX_KERNELS + 1];
	uint64_t at = 2 + table_sectors(disk->sector_bytes);

	if (count > MEDIA_IMAGE_MAX_KERNELS)
		abort();
	parts[0] = (struct gpt_image_part){ 'd', at,
					    at + DATA_BYTES / disk->sector_bytes - 1, 0 };
	for (size_t i = 0; i < count; i++) {
		const uint32_t bytes = kernels[i].partition_bytes != 0
					       ? kernels[i].partition_bytes
					       : MEDIA_IMAGE_PARTITION_BYTES;

		at = media_image_lba(disk->sector_bytes, i);
		parts[i + 1] =
			(struct gpt_image_part){ 'k', at,
						 at + bytes / disk->sector_bytes - 1, 0 };
	}
	gpt_image_make(disk, ENTRIES, ENTRY_BYTES, parts, count + 1);
	for (size_t i = 0; i < count; i++)
		put_kernel(disk, i, &kernels[i],
			   kernels[i].partition_bytes != 0 ? kernels[i].partition_bytes
							   : MEDIA_IMAGE_PARTITION_BYTES);
	gpt_image_fix(disk, 0);
	gpt_image_fix(disk, 1);
}

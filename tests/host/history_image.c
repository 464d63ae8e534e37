/* Making disks with a boot history. */
#include "tests/host/history_image.h"

#include "tests/host/gpt_image.h"

#define ENTRIES       8u
#define ENTRY_BYTES   128u
#define HISTORY_BYTES (256u * 1024u)
#define CELL_BYTES    4096u

static uint64_t table_sectors(uint32_t sector_bytes)
{
	return (ENTRIES * ENTRY_BYTES + sector_bytes - 1) / sector_bytes;
}

/* Behind the table and the kernel partition's one sector. */
static uint64_t first_lba(uint32_t sector_bytes)
{
	return 2 + table_sectors(sector_bytes) + 1;
}

uint64_t history_image_sectors(uint32_t sector_bytes)
{
	return first_lba(sector_bytes) + HISTORY_BYTES / sector_bytes +
	       table_sectors(sector_bytes) + 1;
}

void history_image_make(struct mem_disk *disk, uint64_t bytes)
{
	const uint64_t first = first_lba(disk->sector_bytes);
	const uint64_t sectors =
		bytes > disk->sector_bytes ? bytes / disk->sector_bytes : 1;
	const struct gpt_image_part parts[] = {
		{ 'k', first - 1, first - 1, GPT_IMAGE_ATTR(1, 0, 1) },
		{ bytes > 0 ? 'h' : 'd', first, first + sectors - 1, 0 },
	};

	gpt_image_make(disk, ENTRIES, ENTRY_BYTES, parts, sizeof parts / sizeof parts[0]);
}

uint64_t history_image_lba(const struct mem_disk *disk, uint32_t cell)
{
	return first_lba(disk->sector_bytes) +
	       (uint64_t)cell * (CELL_BYTES / disk->sector_bytes);
}

uint8_t *history_image_cell(struct mem_disk *disk, uint32_t cell)
{
	return mem_disk_sector(disk, history_image_lba(disk, cell));
}

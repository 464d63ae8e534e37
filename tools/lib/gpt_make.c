/* New partition tables. Spec: UEFI 2.10, 5.2.3 (protective MBR) and 5.3. */
#include "tools/lib/gpt_make.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc32.h"
#include "gpt/gpt_make.h"
#include "tools/lib/file.h"
#include "tools/lib/tool.h"

#define ENTRY_BYTES GPT_ENTRY_MIN_BYTES
#define TABLE_BYTES (TOOL_GPT_ENTRIES * ENTRY_BYTES)

uint64_t tool_gpt_table_sectors(uint32_t sector_bytes)
{
	return gpt_make_table_sectors(sector_bytes);
}

static void put_entry(uint8_t *table, const struct tool_gpt_partition *p)
{
	struct gpt_entry e = { .first_lba = p->first_lba,
			       .last_lba = p->first_lba + p->sectors - 1,
			       .attributes = p->attributes };

	memcpy(e.type, p->type, sizeof e.type);
	memcpy(e.guid, p->guid, sizeof e.guid);
	for (size_t i = 0; i < sizeof e.name / sizeof *e.name && p->name[i] != '\0'; i++)
		e.name[i] = (uint8_t)p->name[i];
	gpt_entry_encode(&e, table + (size_t)(p->number - 1) * ENTRY_BYTES);
}

static bool write_copy(int fd, const char *path, const struct gpt_geometry *disk,
		       bool backup, const uint8_t disk_guid[16], const uint8_t *table)
{
	const uint64_t sectors = tool_gpt_table_sectors(disk->sector_bytes);
	const uint64_t header_lba = backup ? disk->sectors - 1 : 1;
	const uint64_t table_lba = backup ? header_lba - sectors : 2;
	uint8_t sector[GPT_MAX_SECTOR_BYTES] = { 0 };

	gpt_make_header(disk, backup, disk_guid, lb_crc32(0, table, TABLE_BYTES), sector);
	return tool_pwrite(fd, path, table, TABLE_BYTES,
			   table_lba * disk->sector_bytes) &&
	       tool_pwrite(fd, path, sector, disk->sector_bytes,
			   header_lba * disk->sector_bytes);
}

bool tool_gpt_write(int fd, const char *path, const struct gpt_geometry *disk,
		    const uint8_t disk_guid[16],
		    const struct tool_gpt_partition *partition, size_t count)
{
	uint8_t *table = tool_alloc(TABLE_BYTES);
	uint8_t mbr[GPT_MAX_SECTOR_BYTES] = { 0 };

	for (size_t i = 0; i < count; i++)
		if (partition[i].number != 0)
			put_entry(table, &partition[i]);
	gpt_make_protective(mbr, disk);
	const bool good = tool_pwrite(fd, path, mbr, disk->sector_bytes, 0) &&
			  write_copy(fd, path, disk, false, disk_guid, table) &&
			  write_copy(fd, path, disk, true, disk_guid, table);

	free(table);
	return good;
}

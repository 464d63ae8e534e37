/* New partition tables. Spec: UEFI 2.10, 5.2.3 (protective MBR) and 5.3. */
#include "tools/lib/gpt_make.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "gpt/gpt_make.h"
#include "tools/lib/file.h"
#include "tools/lib/tool.h"

#define ENTRY_BYTES  GPT_ENTRY_MIN_BYTES
#define TABLE_BYTES  (TOOL_GPT_ENTRIES * ENTRY_BYTES)
#define HEADER_BYTES GPT_HEADER_MIN_BYTES
#define NAME_CHARS   36u

uint64_t tool_gpt_table_sectors(uint32_t sector_bytes)
{
	return gpt_make_table_sectors(sector_bytes);
}

static void put_entry(uint8_t *table, const struct tool_gpt_partition *p)
{
	uint8_t *e = table + (size_t)(p->number - 1) * ENTRY_BYTES;

	memcpy(e, p->type, 16);
	memcpy(e + 16, p->guid, 16);
	lb_put_le64(e + 32, p->first_lba);
	lb_put_le64(e + 40, p->first_lba + p->sectors - 1);
	lb_put_le64(e + 48, p->attributes);
	for (size_t i = 0; i < NAME_CHARS && p->name[i] != '\0'; i++)
		lb_put_le16(e + 56 + 2 * i, (uint8_t)p->name[i]);
}

static void put_header(uint8_t *sector, const struct gpt_geometry *disk, bool backup,
		       const uint8_t disk_guid[16], uint32_t entries_crc)
{
	const uint64_t table = tool_gpt_table_sectors(disk->sector_bytes);
	const uint64_t last = disk->sectors - 1;

	memcpy(sector, "EFI PART", 8);
	lb_put_le32(sector + 8, 0x00010000);
	lb_put_le32(sector + 12, HEADER_BYTES);
	lb_put_le64(sector + 24, backup ? last : 1);
	lb_put_le64(sector + 32, backup ? 1 : last);
	lb_put_le64(sector + 40, 2 + table);
	lb_put_le64(sector + 48, last - table - 1);
	memcpy(sector + 56, disk_guid, 16);
	lb_put_le64(sector + 72, backup ? last - table : 2);
	lb_put_le32(sector + 80, TOOL_GPT_ENTRIES);
	lb_put_le32(sector + 84, ENTRY_BYTES);
	lb_put_le32(sector + 88, entries_crc);
	lb_put_le32(sector + 16, lb_crc32(0, sector, HEADER_BYTES));
}

static bool write_copy(int fd, const char *path, const struct gpt_geometry *disk,
		       bool backup, const uint8_t disk_guid[16], const uint8_t *table)
{
	const uint64_t sectors = tool_gpt_table_sectors(disk->sector_bytes);
	const uint64_t header_lba = backup ? disk->sectors - 1 : 1;
	const uint64_t table_lba = backup ? header_lba - sectors : 2;
	uint8_t sector[GPT_MAX_SECTOR_BYTES] = { 0 };

	put_header(sector, disk, backup, disk_guid, lb_crc32(0, table, TABLE_BYTES));
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

/* Partition tables for tests. */
#include "tests/host/gpt_image.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"

static const uint8_t kernel[16] = { 0x5d, 0x2a, 0x3a, 0xfe, 0x32, 0x4f, 0xa7, 0x41,
				    0xb7, 0x25, 0xac, 0xcc, 0x32, 0x85, 0xa3, 0x09 };
static const uint8_t root[16] = { 0x02, 0xe2, 0xb8, 0x3c, 0x7e, 0x3b, 0xdd, 0x47,
				  0x8a, 0x3c, 0x7f, 0xf2, 0xa1, 0x3c, 0xfc, 0xec };
static const uint8_t data[16] = { 0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47,
				  0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4 };
static const uint8_t history[16] = { 0xb6, 0xc2, 0xf5, 0x88, 0x39, 0x33, 0x83, 0x4d,
				     0xa9, 0xf5, 0x0b, 0x9e, 0xb0, 0x8f, 0x67, 0x12 };

static uint64_t header_lba(const struct mem_disk *disk, int copy)
{
	return copy == 0 ? 1 : disk->sectors - 1;
}

uint8_t *gpt_image_header(struct mem_disk *disk, int copy)
{
	return mem_disk_sector(disk, header_lba(disk, copy));
}

static uint8_t *table(struct mem_disk *disk, int copy)
{
	return mem_disk_sector(
		disk, lb_le64(gpt_image_header(disk, copy) + GPT_AT_ENTRIES_LBA));
}

uint8_t *gpt_image_entry(struct mem_disk *disk, int copy, uint32_t index)
{
	const uint32_t bytes = lb_le32(gpt_image_header(disk, copy) + GPT_AT_ENTRY_BYTES);

	return table(disk, copy) + (size_t)index * bytes;
}

static uint32_t table_bytes(struct mem_disk *disk, int copy)
{
	const uint8_t *h = gpt_image_header(disk, copy);

	return lb_le32(h + GPT_AT_COUNT) * lb_le32(h + GPT_AT_ENTRY_BYTES);
}

static void fix_header(struct mem_disk *disk, int copy)
{
	uint8_t *h = gpt_image_header(disk, copy);
	const uint32_t bytes = lb_le32(h + GPT_AT_SIZE);

	lb_put_le32(h + GPT_AT_CRC, 0);
	if (bytes <= disk->sector_bytes)
		lb_put_le32(h + GPT_AT_CRC, lb_crc32(0, h, bytes));
}

void gpt_image_fix(struct mem_disk *disk, int copy)
{
	lb_put_le32(gpt_image_header(disk, copy) + GPT_AT_ENTRIES_CRC,
		    lb_crc32(0, table(disk, copy), table_bytes(disk, copy)));
	fix_header(disk, copy);
}

void gpt_image_put(struct mem_disk *disk, int copy, size_t at, size_t bytes,
		   uint64_t value)
{
	uint8_t *field = gpt_image_header(disk, copy) + at;

	if (bytes == 8)
		lb_put_le64(field, value);
	else
		lb_put_le32(field, (uint32_t)value);
	if (at != GPT_AT_CRC)
		fix_header(disk, copy);
}

void gpt_image_sign(struct mem_disk *disk, int copy, const char *signature)
{
	memcpy(gpt_image_header(disk, copy), signature, 8);
	fix_header(disk, copy);
}

static void put_entry(uint8_t *e, uint32_t number, const struct gpt_image_part *part)
{
	const uint8_t *type = part->kind == 'k'   ? kernel
			      : part->kind == 'r' ? root
			      : part->kind == 'h' ? history
						  : data;

	if (part->kind == 0)
		return;
	memcpy(e, type, 16);
	memset(e + 16, (int)(0x40 + number), 16);
	lb_put_le64(e + 32, part->first_lba);
	lb_put_le64(e + 40, part->last_lba);
	lb_put_le64(e + 48, part->attributes);
	e[56] = (uint8_t)('A' + number);
}

static void put_header(struct mem_disk *disk, int copy, uint32_t entry_count,
		       uint32_t entry_bytes)
{
	const uint64_t tables =
		(entry_count * entry_bytes + disk->sector_bytes - 1) / disk->sector_bytes;
	const uint64_t last = disk->sectors - 1;
	uint8_t *h = gpt_image_header(disk, copy);

	memset(h, 0, disk->sector_bytes);
	memcpy(h, "EFI PART", 8);
	lb_put_le32(h + GPT_AT_REVISION, 0x00010000);
	lb_put_le32(h + GPT_AT_SIZE, 92);
	lb_put_le64(h + GPT_AT_MY_LBA, header_lba(disk, copy));
	lb_put_le64(h + GPT_AT_ALTERNATE, header_lba(disk, 1 - copy));
	lb_put_le64(h + GPT_AT_FIRST_USABLE, 2 + tables);
	lb_put_le64(h + GPT_AT_LAST_USABLE, last - tables - 1);
	memset(h + GPT_AT_DISK_GUID, 0x77, 16);
	lb_put_le64(h + GPT_AT_ENTRIES_LBA, copy == 0 ? 2 : last - tables);
	lb_put_le32(h + GPT_AT_COUNT, entry_count);
	lb_put_le32(h + GPT_AT_ENTRY_BYTES, entry_bytes);
}

void gpt_image_make(struct mem_disk *disk, uint32_t entry_count, uint32_t entry_bytes,
		    const struct gpt_image_part *parts, size_t count)
{
	for (int copy = 0; copy < 2; copy++) {
		put_header(disk, copy, entry_count, entry_bytes);
		memset(table(disk, copy), 0, table_bytes(disk, copy));
		for (uint32_t i = 0; i < count; i++)
			put_entry(gpt_image_entry(disk, copy, i), i, &parts[i]);
		gpt_image_fix(disk, copy);
	}
}

void gpt_image_set_attributes(struct mem_disk *disk, int copy, uint32_t index,
			      uint64_t attributes)
{
	lb_put_le64(gpt_image_entry(disk, copy, index) + 48, attributes);
	gpt_image_fix(disk, copy);
}

void gpt_image_spoil_header(struct mem_disk *disk, int copy)
{
	memset(gpt_image_header(disk, copy), 0, disk->sector_bytes);
}

void gpt_image_spoil_entries(struct mem_disk *disk, int copy)
{
	memset(table(disk, copy) + 100, 0xee, 60);
}

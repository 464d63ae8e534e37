/* GPT headers. */
#include "gpt/gpt_header.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"

#define SIGNATURE_BYTES 8u
#define REVISION        0x00010000u
#define CGPT_ENTRIES    128u
#define CGPT_MAX_HEADER 512u

/* Offsets of the fields. Spec: UEFI 2.10, table 5.5. */
enum {
	AT_REVISION = 8,
	AT_HEADER_BYTES = 12,
	AT_HEADER_CRC32 = 16,
	AT_RESERVED = 20,
	AT_MY_LBA = 24,
	AT_ALTERNATE_LBA = 32,
	AT_FIRST_USABLE_LBA = 40,
	AT_LAST_USABLE_LBA = 48,
	AT_ENTRIES_LBA = 72,
	AT_ENTRY_COUNT = 80,
	AT_ENTRY_BYTES = 84,
	AT_ENTRIES_CRC32 = 88,
};
_Static_assert(AT_ENTRIES_CRC32 + 4 == GPT_HEADER_MIN_BYTES, "a header has 92 bytes");

static const char signatures[][SIGNATURE_BYTES + 1] = {
	[GPT_SIGNATURE_EFI] = "EFI PART",
	[GPT_SIGNATURE_CHROMEOS] = "CHROMEOS",
	[GPT_SIGNATURE_IGNOREME] = "IGNOREME",
};

bool gpt_geometry_allowed(const struct gpt_geometry *disk)
{
	return lb_is_power_of_two(disk->sector_bytes) &&
	       disk->sector_bytes >= GPT_MIN_SECTOR_BYTES &&
	       disk->sector_bytes <= GPT_MAX_SECTOR_BYTES &&
	       disk->sectors >= GPT_MIN_SECTORS;
}

enum gpt_signature gpt_header_signature(const uint8_t *sector)
{
	for (int s = GPT_SIGNATURE_EFI; s <= GPT_SIGNATURE_IGNOREME; s++)
		if (memcmp(sector, signatures[s], SIGNATURE_BYTES) == 0)
			return (enum gpt_signature)s;
	return GPT_SIGNATURE_NONE;
}

uint32_t gpt_header_table_bytes(const struct gpt_header *header)
{
	return header->entry_count * header->entry_bytes;
}

uint32_t gpt_header_table_sectors(const struct gpt_header *header,
				  const struct gpt_geometry *disk)
{
	return (gpt_header_table_bytes(header) + disk->sector_bytes - 1) /
	       disk->sector_bytes;
}

/* CRC over the header with its own checksum field taken as zero. */
uint32_t gpt_header_crc32(const uint8_t *sector, uint32_t header_bytes)
{
	static const uint8_t zero[4];
	uint32_t crc = lb_crc32(0, sector, AT_HEADER_CRC32);

	crc = lb_crc32(crc, zero, sizeof zero);
	return lb_crc32(crc, sector + AT_RESERVED, header_bytes - AT_RESERVED);
}

struct gpt_header gpt_header_decode(const uint8_t *sector)
{
	struct gpt_header h = {
		.signature = gpt_header_signature(sector),
		.header_bytes = lb_le32(sector + AT_HEADER_BYTES),
		.my_lba = lb_le64(sector + AT_MY_LBA),
		.alternate_lba = lb_le64(sector + AT_ALTERNATE_LBA),
		.first_usable_lba = lb_le64(sector + AT_FIRST_USABLE_LBA),
		.last_usable_lba = lb_le64(sector + AT_LAST_USABLE_LBA),
		.entries_lba = lb_le64(sector + AT_ENTRIES_LBA),
		.entry_count = lb_le32(sector + AT_ENTRY_COUNT),
		.entry_bytes = lb_le32(sector + AT_ENTRY_BYTES),
		.entries_crc32 = lb_le32(sector + AT_ENTRIES_CRC32),
	};

	memcpy(h.disk_guid, sector + GPT_HEADER_AT_DISK_GUID, sizeof h.disk_guid);
	return h;
}

static bool entry_format_allowed(const struct gpt_header *h,
				 const struct gpt_geometry *disk)
{
	return h->entry_count >= 1 && h->entry_count <= GPT_MAX_ENTRIES &&
	       h->entry_bytes >= GPT_ENTRY_MIN_BYTES &&
	       h->entry_bytes <= disk->sector_bytes && lb_is_power_of_two(h->entry_bytes);
}

/* The usable range leaves room for MBR, headers and tables at both ends. */
static bool usable_allowed(const struct gpt_header *h, const struct gpt_geometry *disk)
{
	const uint64_t table = gpt_header_table_sectors(h, disk);

	return table + 1 < disk->sectors && h->first_usable_lba >= 2 + table &&
	       h->first_usable_lba <= h->last_usable_lba &&
	       h->last_usable_lba < disk->sectors - 1 - table;
}

/* The primary's table may lie anywhere behind its header, as for cgpt; a backup's lies
 * between the usable sectors and its header. */
static bool entries_place_allowed(const struct gpt_header *h,
				  const struct gpt_geometry *disk)
{
	const uint64_t table = gpt_header_table_sectors(h, disk);

	if (h->my_lba == GPT_PRIMARY_LBA)
		return h->entries_lba > GPT_PRIMARY_LBA &&
		       lb_within(h->entries_lba, table, disk->sectors);
	return h->entries_lba > h->last_usable_lba &&
	       lb_within(h->entries_lba, table, h->my_lba);
}

enum lb_status gpt_header_parse(const uint8_t *sector, uint64_t lba,
				const struct gpt_geometry *disk, struct gpt_header *out)
{
	const enum gpt_signature signature = gpt_header_signature(sector);

	if (signature == GPT_SIGNATURE_NONE)
		return LB_ERR_MAGIC;
	if (signature == GPT_SIGNATURE_IGNOREME) {
		*out = (struct gpt_header){ .signature = signature };
		return LB_OK;
	}
	if (lb_le32(sector + AT_REVISION) != REVISION)
		return LB_ERR_VERSION;
	const struct gpt_header h = gpt_header_decode(sector);

	if (h.header_bytes < GPT_HEADER_MIN_BYTES || h.header_bytes > disk->sector_bytes)
		return LB_ERR_RANGE;
	if (gpt_header_crc32(sector, h.header_bytes) != lb_le32(sector + AT_HEADER_CRC32))
		return LB_ERR_CRC;
	if (lb_le32(sector + AT_RESERVED) != 0 || h.my_lba != lba ||
	    !entry_format_allowed(&h, disk) || !usable_allowed(&h, disk) ||
	    !entries_place_allowed(&h, disk))
		return LB_ERR_RANGE;

	*out = h;
	return LB_OK;
}

bool gpt_header_cgpt_accepts(const struct gpt_header *h, const struct gpt_geometry *disk)
{
	if (h->header_bytes > CGPT_MAX_HEADER || h->entry_count != CGPT_ENTRIES ||
	    h->entry_bytes != GPT_ENTRY_MIN_BYTES)
		return false;
	return h->my_lba == GPT_PRIMARY_LBA ||
	       (h->my_lba == disk->sectors - 1 &&
		h->entries_lba == h->my_lba - gpt_header_table_sectors(h, disk));
}

bool gpt_header_same_table(const struct gpt_header *a, const struct gpt_header *b)
{
	return a->signature == b->signature && a->header_bytes == b->header_bytes &&
	       a->first_usable_lba == b->first_usable_lba &&
	       a->last_usable_lba == b->last_usable_lba &&
	       memcmp(a->disk_guid, b->disk_guid, sizeof a->disk_guid) == 0 &&
	       a->entry_count == b->entry_count && a->entry_bytes == b->entry_bytes &&
	       a->entries_crc32 == b->entries_crc32;
}

bool gpt_header_apart(const struct gpt_header *h, const struct gpt_geometry *disk)
{
	if (h->my_lba != GPT_PRIMARY_LBA)
		return h->entries_lba > h->last_usable_lba;
	return lb_within(h->entries_lba, gpt_header_table_sectors(h, disk),
			 h->first_usable_lba);
}

static void put_crc32(uint8_t *sector)
{
	const uint32_t crc = gpt_header_crc32(sector, lb_le32(sector + AT_HEADER_BYTES));

	lb_put_le32(sector + AT_HEADER_CRC32, crc);
}

void gpt_header_patch(const struct gpt_header *header, uint8_t *sector)
{
	lb_put_le64(sector + AT_MY_LBA, header->my_lba);
	lb_put_le64(sector + AT_ALTERNATE_LBA, header->alternate_lba);
	lb_put_le64(sector + AT_ENTRIES_LBA, header->entries_lba);
	lb_put_le32(sector + AT_ENTRIES_CRC32, header->entries_crc32);
	put_crc32(sector);
}

void gpt_header_encode(const struct gpt_header *header, uint32_t sector_bytes,
		       uint8_t *sector)
{
	memset(sector, 0, sector_bytes);
	memcpy(sector, signatures[header->signature], SIGNATURE_BYTES);
	if (header->signature == GPT_SIGNATURE_IGNOREME)
		return;
	lb_put_le32(sector + AT_REVISION, REVISION);
	lb_put_le32(sector + AT_HEADER_BYTES, header->header_bytes);
	lb_put_le64(sector + AT_FIRST_USABLE_LBA, header->first_usable_lba);
	lb_put_le64(sector + AT_LAST_USABLE_LBA, header->last_usable_lba);
	memcpy(sector + GPT_HEADER_AT_DISK_GUID, header->disk_guid,
	       sizeof header->disk_guid);
	lb_put_le32(sector + AT_ENTRY_COUNT, header->entry_count);
	lb_put_le32(sector + AT_ENTRY_BYTES, header->entry_bytes);
	gpt_header_patch(header, sector);
}

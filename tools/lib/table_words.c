/* What is wrong with a partition table, with its numbers. */
#include "tools/lib/table_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "base/format.h"
#include "gpt/gpt_table.h"
#include "tools/lib/json_out.h"
#include "tools/lib/tool.h"

typedef unsigned long long ull;

/* One copy as it lies on the disk. */
struct copy {
	struct host_platform *plat;
	const struct platform_disk *disk;
	struct gpt_geometry geometry;
	uint64_t lba;
	uint8_t sector[GPT_MAX_SECTOR_BYTES];
	struct gpt_header header; /* unchecked */
};

static bool read_sectors(const struct copy *c, uint64_t lba, size_t sectors, void *out)
{
	const struct platform *p = &c->plat->platform;

	return p->read(p->ctx, c->disk->id, lba, sectors, out) == LB_OK;
}

static bool read_copy(struct host_platform *plat, const struct platform_disk *disk,
		      uint64_t lba, struct copy *out)
{
	*out = (struct copy){ .plat = plat,
			      .disk = disk,
			      .geometry = { disk->sector_bytes, disk->sectors },
			      .lba = lba };
	if (!gpt_geometry_allowed(&out->geometry) ||
	    !read_sectors(out, lba, 1, out->sector))
		return false;
	out->header = gpt_header_decode(out->sector);
	return true;
}

/* --- the header --------------------------------------------------------------------- */

/* The disk that the table was made for ends where its backup lies. */
static uint64_t sectors_meant(const struct gpt_header *h)
{
	return h->my_lba == GPT_PRIMARY_LBA ? h->alternate_lba + 1 : h->my_lba + 1;
}

static char *range_fault(const struct copy *c)
{
	const struct gpt_header *h = &c->header;
	const ull sectors = c->geometry.sectors, meant = sectors_meant(h);

	if (meant > sectors || h->last_usable_lba >= sectors)
		return tool_format(
			"the table speaks of %llu sectors (last usable %llu), the disk "
			"or image has %llu: cut short; copy it again whole, or onto a "
			"disk of at least %llu bytes",
			meant, (ull)h->last_usable_lba, sectors,
			meant * c->geometry.sector_bytes);
	if (h->my_lba != c->lba)
		return tool_format("its own place is given as sector %llu: moved or "
				   "copied from elsewhere",
				   (ull)h->my_lba);
	if (h->entry_count < 1 || h->entry_count > GPT_MAX_ENTRIES)
		return tool_format("%u entries, 1 to %u expected", h->entry_count,
				   GPT_MAX_ENTRIES);
	if (h->entry_bytes < GPT_ENTRY_MIN_BYTES ||
	    h->entry_bytes > c->geometry.sector_bytes ||
	    !lb_is_power_of_two(h->entry_bytes))
		return tool_format("entries of %u bytes, expected is 128 times a power "
				   "of two, at most a sector",
				   h->entry_bytes);
	if (lb_le32(c->sector + 20) != 0)
		return tool_format("reserved field is 0x%x, 0 expected",
				   lb_le32(c->sector + 20));
	const uint32_t table = gpt_header_table_sectors(h, &c->geometry);

	return tool_format(
		"usable sectors %llu to %llu, entries in %llu to %llu: they overlap, or "
		"leave no room for the headers and tables at both ends (%llu sectors)",
		(ull)h->first_usable_lba, (ull)h->last_usable_lba, (ull)h->entries_lba,
		(ull)h->entries_lba + table - 1, sectors);
}

static char *header_fault(const struct copy *c)
{
	const struct gpt_header *h = &c->header;
	struct gpt_header parsed;
	const enum lb_status status =
		gpt_header_parse(c->sector, c->lba, &c->geometry, &parsed);

	if (status == LB_OK)
		return h->signature == GPT_SIGNATURE_IGNOREME
			       ? tool_strdup("marked to be ignored (IGNOREME)")
			       : NULL;
	if (status == LB_ERR_MAGIC)
		return tool_strdup("no table header (\"EFI PART\") there");
	if (status == LB_ERR_VERSION)
		return tool_format("revision 0x%08x, 0x00010000 expected",
				   lb_le32(c->sector + 8));
	if (h->header_bytes < GPT_HEADER_MIN_BYTES ||
	    h->header_bytes > c->geometry.sector_bytes)
		return tool_format("header of %u bytes, 92 to %u expected",
				   h->header_bytes, c->geometry.sector_bytes);
	if (status == LB_ERR_CRC)
		return tool_format(
			"header checksum is 0x%08x, its bytes give 0x%08x: changed or "
			"half written",
			lb_le32(c->sector + 16),
			gpt_header_crc32(c->sector, h->header_bytes));
	return range_fault(c);
}

/* --- the entries -------------------------------------------------------------------- */

static char *same_guid(uint32_t a, uint32_t b, const struct gpt_entry *e)
{
	char guid[LB_GUID_TEXT_BYTES];

	lb_format_guid(guid, e->guid);
	return tool_format(
		"entries %u and %u have the same unique GUID %s%s", b + 1, a + 1, guid,
		lb_all_zero(e->guid, 16) ? ": whoever made the table never filled it in; "
					   "'sgdisk --randomize-guids' does"
					 : ", each needs its own");
}

static char *entry_fault(const struct copy *c, const uint8_t *entries, uint32_t index)
{
	const struct gpt_header *h = &c->header;
	struct gpt_entry e, other;

	gpt_entry_decode(entries + (size_t)index * h->entry_bytes, &e);
	if (!gpt_entry_used(&e))
		return NULL;
	if (e.first_lba < h->first_usable_lba || e.last_lba > h->last_usable_lba ||
	    e.first_lba > e.last_lba)
		return tool_format("entry %u: sectors %llu to %llu, usable are %llu to "
				   "%llu",
				   index + 1, (ull)e.first_lba, (ull)e.last_lba,
				   (ull)h->first_usable_lba, (ull)h->last_usable_lba);
	for (uint32_t i = 0; i < index; i++) {
		gpt_entry_decode(entries + (size_t)i * h->entry_bytes, &other);
		if (!gpt_entry_used(&other))
			continue;
		if (memcmp(e.guid, other.guid, 16) == 0)
			return same_guid(index, i, &e);
		if (e.first_lba <= other.last_lba && other.first_lba <= e.last_lba)
			return tool_format("entries %u and %u overlap: sectors %llu to "
					   "%llu and %llu to %llu",
					   i + 1, index + 1, (ull)other.first_lba,
					   (ull)other.last_lba, (ull)e.first_lba,
					   (ull)e.last_lba);
	}
	return NULL;
}

/* Only behind a header that parses. */
static char *entries_fault(const struct copy *c)
{
	const struct gpt_header *h = &c->header;
	const uint32_t sectors = gpt_header_table_sectors(h, &c->geometry);
	uint8_t *entries = tool_alloc((size_t)sectors * c->geometry.sector_bytes);
	char *fault = NULL;

	if (!read_sectors(c, h->entries_lba, sectors, entries)) {
		free(entries);
		return tool_format("entries in sector %llu cannot be read",
				   (ull)h->entries_lba);
	}
	const uint32_t crc = lb_crc32(0, entries, gpt_header_table_bytes(h));

	if (crc != h->entries_crc32)
		fault = tool_format("checksum of the entries is 0x%08x, their bytes "
				    "give 0x%08x: changed or half written",
				    h->entries_crc32, crc);
	for (uint32_t i = 0; fault == NULL && i < h->entry_count; i++)
		fault = entry_fault(c, entries, i);
	free(entries);
	return fault;
}

/* --- together ----------------------------------------------------------------------- */

char *tool_table_fault(struct host_platform *plat, const struct platform_disk *disk,
		       uint64_t lba)
{
	struct copy c;
	char *fault;

	if (!read_copy(plat, disk, lba, &c))
		return tool_strdup("cannot be read");
	fault = header_fault(&c);
	return fault != NULL ? fault : entries_fault(&c);
}

/* A table for another sector size, where there is none for this one. */
static char *other_size(struct host_platform *plat, const struct platform_disk *disk)
{
	const uint64_t bytes = disk->sectors * disk->sector_bytes;
	const uint32_t size = host_platform_sector_size(plat, disk, bytes);

	return size == 0 || size == disk->sector_bytes
		       ? tool_strdup("")
		       : tool_format("; there is a table for sectors of %u bytes, these "
				     "have %u (see --sector-size)",
				     size, disk->sector_bytes);
}

char *tool_table_words(struct host_platform *plat, const struct platform_disk *disk)
{
	const uint64_t last = disk->sectors != 0 ? disk->sectors - 1 : 0;
	char *primary = tool_table_fault(plat, disk, GPT_PRIMARY_LBA);
	char *backup = tool_table_fault(plat, disk, last);
	char *other = other_size(plat, disk);
	char *words = tool_format("sector 1: %s; backup, sector %llu: %s%s",
				  primary != NULL ? primary : "good", (ull)last,
				  backup != NULL ? backup : "good", other);

	free(primary);
	free(backup);
	free(other);
	return words;
}

bool tool_table_fields(struct host_platform *plat, const struct platform_disk *disk,
		       uint64_t lba, json_t *object)
{
	static const char *const signatures[] = {
		[GPT_SIGNATURE_EFI] = "EFI PART",
		[GPT_SIGNATURE_CHROMEOS] = "CHROMEOS",
		[GPT_SIGNATURE_IGNOREME] = "IGNOREME",
	};
	char guid[LB_GUID_TEXT_BYTES];
	struct copy c;

	if (!read_copy(plat, disk, lba, &c) || c.header.signature == GPT_SIGNATURE_NONE)
		return false;
	const struct gpt_header *h = &c.header;

	lb_format_guid(guid, h->disk_guid);
	tool_json_text(object, "signature", signatures[h->signature]);
	tool_json_number(object, "header_bytes", h->header_bytes);
	tool_json_number(object, "my_lba", h->my_lba);
	tool_json_number(object, "alternate_lba", h->alternate_lba);
	tool_json_number(object, "first_usable_lba", h->first_usable_lba);
	tool_json_number(object, "last_usable_lba", h->last_usable_lba);
	tool_json_text(object, "disk_guid", guid);
	tool_json_number(object, "entries_lba", h->entries_lba);
	tool_json_number(object, "entry_count", h->entry_count);
	tool_json_number(object, "entry_bytes", h->entry_bytes);
	tool_json_number(object, "entries_crc32", h->entries_crc32);
	return true;
}

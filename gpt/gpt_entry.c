/* GPT entries: decode, make and check. Pure. */
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "gpt/gpt_table.h"

#define NAME_UNITS 36u

/* Offsets of the fields. Spec: UEFI 2.10, table 5.6. */
enum {
	AT_TYPE = 0,
	AT_GUID = 16,
	AT_FIRST_LBA = 32,
	AT_LAST_LBA = 40,
	AT_ATTRIBUTES = 48,
	AT_NAME = 56,
};
_Static_assert(AT_NAME + 2 * NAME_UNITS == GPT_ENTRY_MIN_BYTES, "an entry has 128 bytes");

const uint8_t gpt_type_kernel[16] = { 0x5d, 0x2a, 0x3a, 0xfe, 0x32, 0x4f, 0xa7, 0x41,
				      0xb7, 0x25, 0xac, 0xcc, 0x32, 0x85, 0xa3, 0x09 };
const uint8_t gpt_type_root[16] = { 0x02, 0xe2, 0xb8, 0x3c, 0x7e, 0x3b, 0xdd, 0x47,
				    0x8a, 0x3c, 0x7f, 0xf2, 0xa1, 0x3c, 0xfc, 0xec };
const uint8_t gpt_type_efi[16] = { 0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
				   0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b };
const uint8_t gpt_type_data[16] = { 0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47,
				    0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4 };
const uint8_t gpt_type_history[16] = { 0xb6, 0xc2, 0xf5, 0x88, 0x39, 0x33, 0x83, 0x4d,
				       0xa9, 0xf5, 0x0b, 0x9e, 0xb0, 0x8f, 0x67, 0x12 };

void gpt_entry_decode(const uint8_t *bytes, struct gpt_entry *out)
{
	memcpy(out->type, bytes + AT_TYPE, sizeof out->type);
	memcpy(out->guid, bytes + AT_GUID, sizeof out->guid);
	out->first_lba = lb_le64(bytes + AT_FIRST_LBA);
	out->last_lba = lb_le64(bytes + AT_LAST_LBA);
	out->attributes = lb_le64(bytes + AT_ATTRIBUTES);
	for (size_t i = 0; i < NAME_UNITS; i++)
		out->name[i] = lb_le16(bytes + AT_NAME + 2 * i);
}

void gpt_entry_encode(const struct gpt_entry *entry, uint8_t *bytes)
{
	memcpy(bytes + AT_TYPE, entry->type, sizeof entry->type);
	memcpy(bytes + AT_GUID, entry->guid, sizeof entry->guid);
	lb_put_le64(bytes + AT_FIRST_LBA, entry->first_lba);
	lb_put_le64(bytes + AT_LAST_LBA, entry->last_lba);
	lb_put_le64(bytes + AT_ATTRIBUTES, entry->attributes);
	for (size_t i = 0; i < NAME_UNITS; i++)
		lb_put_le16(bytes + AT_NAME + 2 * i, entry->name[i]);
}

bool gpt_entry_used(const struct gpt_entry *entry)
{
	return !lb_all_zero(entry->type, sizeof entry->type);
}

static bool used(const uint8_t *entry)
{
	return !lb_all_zero(entry + AT_TYPE, 16);
}

static bool range_allowed(const struct gpt_header *header, const uint8_t *entry)
{
	const uint64_t first = lb_le64(entry + AT_FIRST_LBA);
	const uint64_t last = lb_le64(entry + AT_LAST_LBA);

	return first >= header->first_usable_lba && last <= header->last_usable_lba &&
	       first <= last;
}

/* Two used entries share a sector or a GUID. */
static bool clash(const uint8_t *a, const uint8_t *b)
{
	return (lb_le64(a + AT_FIRST_LBA) <= lb_le64(b + AT_LAST_LBA) &&
		lb_le64(b + AT_FIRST_LBA) <= lb_le64(a + AT_LAST_LBA)) ||
	       memcmp(a + AT_GUID, b + AT_GUID, 16) == 0;
}

enum lb_status gpt_entries_check(const struct gpt_header *header, const uint8_t *entries)
{
	const uint32_t bytes = gpt_header_table_bytes(header);

	if (lb_crc32(0, entries, bytes) != header->entries_crc32)
		return LB_ERR_CRC;
	for (uint32_t a = 0; a < bytes; a += header->entry_bytes) {
		if (!used(entries + a))
			continue;
		if (!range_allowed(header, entries + a))
			return LB_ERR_RANGE;
		for (uint32_t b = 0; b < a; b += header->entry_bytes)
			if (used(entries + b) && clash(entries + a, entries + b))
				return LB_ERR_DUPLICATE;
	}
	return LB_OK;
}

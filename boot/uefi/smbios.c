/* SMBIOS tables. */
#include "boot/uefi/smbios.h"

#include <string.h>

#include "base/bytes.h"

enum { TYPE_SYSTEM = 1, TYPE_END = 127 };
enum { SYSTEM_VENDOR = 4, SYSTEM_PRODUCT = 5 };

#define STRUCTURE_HEADER_BYTES 4u

static bool sums_to_zero(const uint8_t *p, size_t len)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + p[i]);
	return sum == 0;
}

/* Spec: 5.2.2. */
static enum lb_status parse_64(const uint8_t *entry, uint64_t *address, size_t *bytes)
{
	const uint8_t len = entry[6];
	const uint32_t max = lb_le32(entry + 12);

	if (len < 24 || len > SMBIOS_ENTRY_MAX_BYTES)
		return LB_ERR_RANGE;
	if (!sums_to_zero(entry, len))
		return LB_ERR_CRC;
	if (lb_le64(entry + 16) == 0)
		return LB_ERR_RANGE;
	*address = lb_le64(entry + 16);
	*bytes = max < SMBIOS_TABLE_MAX_BYTES ? max : SMBIOS_TABLE_MAX_BYTES;
	return LB_OK;
}

/* Spec: 5.2.1. Some firmware says 30 for the length of the 31 bytes; both are summed. */
static enum lb_status parse_32(const uint8_t *entry, uint64_t *address, size_t *bytes)
{
	const uint8_t len = entry[5];

	if (len < 30 || len > SMBIOS_ENTRY_MAX_BYTES)
		return LB_ERR_RANGE;
	if (!sums_to_zero(entry, len) || memcmp(entry + 16, "_DMI_", 5) != 0)
		return LB_ERR_CRC;
	if (lb_le32(entry + 24) == 0)
		return LB_ERR_RANGE;
	*address = lb_le32(entry + 24);
	*bytes = lb_le16(entry + 22);
	return LB_OK;
}

enum lb_status smbios_entry_parse(const uint8_t *entry, uint64_t *address, size_t *bytes)
{
	if (memcmp(entry, "_SM3_", 5) == 0)
		return parse_64(entry, address, bytes);
	if (memcmp(entry, "_SM_", 4) == 0)
		return parse_32(entry, address, bytes);
	return LB_ERR_MAGIC;
}

/* One structure: [offset, offset + formatted) and its strings up to the double NUL. */
struct structure {
	uint8_t type;
	const uint8_t *formatted;
	size_t formatted_bytes;
	const uint8_t *strings;
	size_t strings_bytes; /* without the last NUL of the two */
};

static enum lb_status next_structure(const uint8_t *table, size_t bytes, size_t *offset,
				     struct structure *out)
{
	if (!lb_within(*offset, STRUCTURE_HEADER_BYTES, bytes))
		return LB_ERR_NOT_FOUND;

	const uint8_t *p = table + *offset;
	const size_t len = p[1];

	if (len < STRUCTURE_HEADER_BYTES || !lb_within(*offset, len, bytes))
		return LB_ERR_TRUNCATED;

	const size_t start = *offset + len;
	size_t end = start;

	while (lb_within(end, 2, bytes) && (table[end] != 0 || table[end + 1] != 0))
		end++;
	if (!lb_within(end, 2, bytes))
		return LB_ERR_TRUNCATED;
	*out = (struct structure){ .type = p[0],
				   .formatted = p,
				   .formatted_bytes = len,
				   .strings = table + start,
				   .strings_bytes = end + 1 - start };
	*offset = end + 2;
	return LB_OK;
}

/* String number @index (from 1), cut to fit; "" when there is none. */
static void copy_string(const struct structure *s, uint8_t index,
			char out[PLATFORM_ID_BYTES])
{
	size_t at = 0, len = 0;

	out[0] = '\0';
	if (index == 0)
		return;
	for (; index > 1 && at < s->strings_bytes; at++)
		if (s->strings[at] == 0)
			index--;
	while (at < s->strings_bytes && s->strings[at] != 0 &&
	       len + 1 < PLATFORM_ID_BYTES)
		out[len++] = (char)s->strings[at++];
	while (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
}

static uint8_t string_index(const struct structure *s, size_t field)
{
	return field < s->formatted_bytes ? s->formatted[field] : 0;
}

enum lb_status smbios_system(const uint8_t *table, size_t bytes,
			     char vendor[PLATFORM_ID_BYTES],
			     char product[PLATFORM_ID_BYTES])
{
	struct structure s;
	size_t offset = 0;
	enum lb_status status;

	vendor[0] = '\0';
	product[0] = '\0';
	while ((status = next_structure(table, bytes, &offset, &s)) == LB_OK) {
		if (s.type == TYPE_END)
			return LB_ERR_NOT_FOUND;
		if (s.type != TYPE_SYSTEM)
			continue;
		copy_string(&s, string_index(&s, SYSTEM_VENDOR), vendor);
		copy_string(&s, string_index(&s, SYSTEM_PRODUCT), product);
		return LB_OK;
	}
	return status;
}

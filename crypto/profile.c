/* The profile section: a checked list of items, decoded one profile at a time. Every read
 * checks the whole section again; it is small, and no state has to be kept. */
#include "crypto/profile.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"

#define ITEM_HEADER_BYTES 8u
#define ITEM_ALIGNMENT    8u
#define MAX_LANGUAGE      8u

static const uint8_t magic[8] = { 'L', 'B', 'P', 'R', 'O', 'F', 0, 1 };

struct item {
	uint32_t tag;
	uint32_t len;
	const uint8_t *data;
	size_t offset; /* of its header in the section */
	size_t next;   /* offset of the item behind it */
};

/* --- text ------------------------------------------------------------------------- */

/* Length of the UTF-8 sequence that @first starts, with its lowest code point; 0:
 * none. */
static unsigned int sequence_bytes(uint8_t first, uint32_t *lowest)
{
	if (first < 0x80) {
		*lowest = 0;
		return 1;
	}
	if (first >= 0xc0 && first < 0xe0) {
		*lowest = 0x80;
		return 2;
	}
	if (first >= 0xe0 && first < 0xf0) {
		*lowest = 0x800;
		return 3;
	}
	*lowest = 0x10000;
	return first >= 0xf0 && first < 0xf8 ? 4 : 0;
}

static bool printable(uint32_t c)
{
	const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
	const bool surrogate = c >= 0xd800 && c < 0xe000;
	const bool separator = c == 0x2028 || c == 0x2029; /* of lines and paragraphs */

	return !control && !surrogate && !separator && c <= 0x10ffff;
}

/* Shortest-form UTF-8 of printable characters only. */
static bool printable_utf8(const uint8_t *p, size_t len)
{
	static const uint8_t first_bits[5] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t at = 0;

	while (at < len) {
		uint32_t lowest;
		const unsigned int n = sequence_bytes(p[at], &lowest);

		if (n == 0 || n > len - at)
			return false;

		uint32_t c = p[at] & first_bits[n];

		for (unsigned int i = 1; i < n; i++) {
			if ((p[at + i] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (p[at + i] & 0x3f);
		}
		if (c < lowest || !printable(c))
			return false;
		at += n;
	}
	return true;
}

/* --- one item --------------------------------------------------------------------- */

static enum lb_status next_item(const uint8_t *bytes, size_t total, size_t offset,
				struct item *out)
{
	uint64_t padded;

	if (!lb_within(offset, ITEM_HEADER_BYTES, total) ||
	    lb_le16(bytes + offset + 2) != 0)
		return LB_ERR_RANGE;

	const uint32_t len = lb_le32(bytes + offset + 4);
	const size_t data = offset + ITEM_HEADER_BYTES;

	if (!lb_round_up(len, ITEM_ALIGNMENT, &padded) ||
	    !lb_within(data, padded, total) ||
	    !lb_all_zero(bytes + data + len, (size_t)padded - len))
		return LB_ERR_RANGE;
	*out = (struct item){
		.tag = lb_le16(bytes + offset),
		.len = len,
		.data = bytes + data,
		.offset = offset,
		.next = data + (size_t)padded,
	};
	return LB_OK;
}

static enum lb_status take_bytes(const struct item *item, uint32_t max,
				 struct profile_bytes *out)
{
	if (out->data != NULL)
		return LB_ERR_DUPLICATE;
	if (item->len == 0 || item->len > max)
		return LB_ERR_RANGE;
	*out = (struct profile_bytes){ .data = item->data, .len = item->len };
	return LB_OK;
}

static enum lb_status take_string(const struct item *item, uint32_t max,
				  struct profile_bytes *out)
{
	if (!printable_utf8(item->data, item->len))
		return LB_ERR_RANGE;
	return take_bytes(item, max, out);
}

static enum lb_status take_ascii(const struct item *item, struct profile_bytes *out)
{
	for (size_t i = 0; i < item->len; i++)
		if (item->data[i] < ' ' || item->data[i] > '~')
			return LB_ERR_RANGE;
	return take_bytes(item, PROFILE_MAX_STRING, out);
}

static enum lb_status take_list(const struct item *item, size_t *count,
				struct profile_bytes list[PROFILE_MAX_LIST])
{
	enum lb_status status;

	if (*count == PROFILE_MAX_LIST)
		return LB_ERR_RANGE;
	status = take_string(item, PROFILE_MAX_STRING, &list[*count]);
	if (status == LB_OK)
		(*count)++;
	return status;
}

static enum lb_status take_key(const struct item *item, struct crypto_key *out)
{
	if (out->data != NULL)
		return LB_ERR_DUPLICATE;
	return crypto_key_parse(item->data, item->len, 0, out);
}

/* Whether a number was given is noted in @seen, since 0 is a value, too. */
static enum lb_status take_number(const struct item *item, uint32_t *seen, uint32_t bytes,
				  uint32_t max, uint32_t *out)
{
	const uint32_t bit = UINT32_C(1) << item->tag;
	uint32_t value;

	if ((*seen & bit) != 0)
		return LB_ERR_DUPLICATE;
	if (item->len != bytes)
		return LB_ERR_RANGE;
	value = bytes == 1 ? item->data[0] : lb_le32(item->data);
	if (value > max)
		return LB_ERR_RANGE;
	*seen |= bit;
	*out = value;
	return LB_OK;
}

static enum lb_status take_choice(const struct item *item, uint32_t *seen,
				  struct profile *p)
{
	uint32_t value = 0;
	enum lb_status status;

	switch (item->tag) {
	case PROFILE_TAG_DEVELOPER_MODE:
		status = take_number(item, seen, 1, PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT,
				     &value);
		p->developer_mode = (enum profile_developer_mode)value;
		return status;
	case PROFILE_TAG_SLOT_ORDER:
		status = take_number(item, seen, 1, GPT_ORDER_PRIORITY, &value);
		p->slot_order = (enum gpt_slot_order)value;
		return status;
	case PROFILE_TAG_KEYBOARD_INPUT:
		status = take_number(item, seen, 1, PROFILE_KEYBOARD_NONE, &value);
		p->keyboard_input = (enum profile_keyboard_input)value;
		return status;
	default:
		status = take_number(item, seen, 1, PROFILE_SERIAL_NONE, &value);
		p->serial_input = (enum profile_serial_input)value;
		return status;
	}
}

static enum lb_status take_item(const struct item *item, uint32_t *seen,
				struct profile *p)
{
	switch (item->tag) {
	case PROFILE_TAG_MODEL:
		return take_string(item, PROFILE_MAX_STRING, &p->model);
	case PROFILE_TAG_HARDWARE_ID:
		return take_string(item, PROFILE_MAX_STRING, &p->hardware_id);
	case PROFILE_TAG_MATCH:
		return take_list(item, &p->match_count, p->match);
	case PROFILE_TAG_KERNEL_KEY:
		return take_key(item, &p->kernel_key);
	case PROFILE_TAG_RECOVERY_KEY:
		return take_key(item, &p->recovery_key);
	case PROFILE_TAG_RECOVERY_URL:
		return take_string(item, PROFILE_MAX_STRING, &p->recovery_url);
	case PROFILE_TAG_RECOVERY_FLOOR:
		return take_number(item, seen, 4, UINT32_MAX, &p->recovery_floor);
	case PROFILE_TAG_DEVELOPER_MODE:
	case PROFILE_TAG_SLOT_ORDER:
	case PROFILE_TAG_SERIAL_INPUT:
	case PROFILE_TAG_KEYBOARD_INPUT:
		return take_choice(item, seen, p);
	case PROFILE_TAG_INTERNAL_DISK:
		return take_list(item, &p->internal_disk_count, p->internal_disk);
	case PROFILE_TAG_LANGUAGE:
		return take_string(item, MAX_LANGUAGE, &p->language);
	case PROFILE_TAG_WATCHDOG_S:
		return take_number(item, seen, 4, UINT32_MAX, &p->watchdog_s);
	case PROFILE_TAG_GENERATION:
		return take_number(item, seen, 4, UINT32_MAX, &p->generation);
	case PROFILE_TAG_UPDATE_SERVER:
		return take_string(item, PROFILE_MAX_STRING, &p->update_server);
	case PROFILE_TAG_SERVER_CA:
		return take_bytes(item, PROFILE_SECTION_BYTES, &p->server_ca);
	case PROFILE_TAG_MEDIA_HINT:
		return take_string(item, PROFILE_MAX_STRING, &p->media_hint);
	case PROFILE_TAG_SUPPORT:
		return take_ascii(item, &p->support);
	default:
		return item->tag >= PROFILE_TAG_OPTIONAL ? LB_OK : LB_ERR_VERSION;
	}
}

/* --- the section ------------------------------------------------------------------ */

static enum lb_status check_header(const uint8_t *bytes, size_t len, size_t *total)
{
	static const uint8_t no_crc[4];

	if (lb_all_zero(bytes, len))
		return LB_ERR_NOT_FOUND;
	if (len < PROFILE_HEADER_BYTES || memcmp(bytes, magic, sizeof magic) != 0)
		return LB_ERR_MAGIC;

	const uint32_t size = lb_le32(bytes + 8);

	if (size < PROFILE_HEADER_BYTES || size > len || size > PROFILE_SECTION_BYTES)
		return LB_ERR_RANGE;

	uint32_t crc = lb_crc32(0, bytes, 12);

	crc = lb_crc32(crc, no_crc, sizeof no_crc);
	crc = lb_crc32(crc, bytes + PROFILE_HEADER_BYTES, size - PROFILE_HEADER_BYTES);
	if (crc != lb_le32(bytes + 12))
		return LB_ERR_CRC;
	if (!lb_all_zero(bytes + size, len - size))
		return LB_ERR_RANGE;
	*total = size;
	return LB_OK;
}

/* Decodes the items from @offset to the next profile or the end, at least one; *@offset
 * follows. */
static enum lb_status parse_one(const uint8_t *bytes, size_t total, size_t *offset,
				struct profile *out)
{
	const size_t start = *offset;
	uint32_t seen = 0;

	memset(out, 0, sizeof *out);
	while (*offset < total) {
		struct item item;
		enum lb_status status = next_item(bytes, total, *offset, &item);

		if (status != LB_OK)
			return status;
		if (item.tag == PROFILE_TAG_NEXT) {
			if (item.len != 0 || *offset == start)
				return LB_ERR_RANGE;
			*offset = item.next;
			return LB_OK;
		}
		status = take_item(&item, &seen, out);
		if (status != LB_OK)
			return status;
		*offset = item.next;
	}
	if (*offset == start)
		return LB_ERR_RANGE;
	*offset = total + 1; /* no tag announces another profile */
	return LB_OK;
}

enum lb_status profile_count(const uint8_t *bytes, size_t len, size_t *count,
			     size_t *error_offset)
{
	struct profile scratch;
	size_t total = 0, offset = 0, found = 0;
	enum lb_status status = check_header(bytes, len, &total);

	if (status == LB_OK)
		for (offset = PROFILE_HEADER_BYTES; offset <= total && status == LB_OK;
		     found++)
			status = parse_one(bytes, total, &offset, &scratch);
	if (status != LB_OK) {
		if (error_offset != NULL)
			*error_offset = offset;
		return status;
	}
	*count = found;
	return LB_OK;
}

enum lb_status profile_get(const uint8_t *bytes, size_t len, size_t index,
			   struct profile *out)
{
	struct profile profile;
	size_t count, total, offset = PROFILE_HEADER_BYTES;
	enum lb_status status = profile_count(bytes, len, &count, NULL);

	if (status != LB_OK)
		return status;
	if (index >= count)
		return LB_ERR_NOT_FOUND;
	total = lb_le32(bytes + 8);
	for (size_t i = 0; i <= index; i++) {
		status = parse_one(bytes, total, &offset, &profile);
		if (status != LB_OK)
			return status;
	}
	*out = profile;
	return LB_OK;
}

/* --- choice ----------------------------------------------------------------------- */

static bool equals(const struct profile_bytes *b, const char *text)
{
	return b->len == strlen(text) && memcmp(b->data, text, b->len) == 0;
}

/* SMBIOS "vendor/product". */
static bool names_product(const struct profile_bytes *match,
			  const struct platform_machine *machine)
{
	const size_t vendor = strlen(machine->vendor);
	const size_t product = strlen(machine->product);

	return (vendor != 0 || product != 0) && match->len == vendor + 1 + product &&
	       memcmp(match->data, machine->vendor, vendor) == 0 &&
	       match->data[vendor] == '/' &&
	       memcmp(match->data + vendor + 1, machine->product, product) == 0;
}

static bool names_machine(const struct profile *p, const struct platform_machine *machine)
{
	for (size_t i = 0; i < p->match_count; i++) {
		if (names_product(&p->match[i], machine))
			return true;
		for (size_t c = 0;
		     c < machine->compatible_count && c < PLATFORM_MAX_COMPATIBLE; c++)
			if (equals(&p->match[i], machine->compatible[c]))
				return true;
	}
	return false;
}

enum lb_status profile_select(const uint8_t *bytes, size_t len,
			      const struct platform_machine *machine, struct profile *out)
{
	struct profile p, fallback;
	bool have_fallback = false;
	size_t count = 0, offset = PROFILE_HEADER_BYTES;
	enum lb_status status = profile_count(bytes, len, &count, NULL);

	for (size_t i = 0; status == LB_OK && i < count; i++) {
		status = parse_one(bytes, lb_le32(bytes + 8), &offset, &p);
		if (status == LB_OK && names_machine(&p, machine)) {
			*out = p;
			return LB_OK;
		}
		if (status == LB_OK && p.match_count == 0 && !have_fallback) {
			fallback = p;
			have_fallback = true;
		}
	}
	if (status != LB_OK)
		return status;
	if (!have_fallback)
		return LB_ERR_NOT_FOUND;
	*out = fallback;
	return LB_OK;
}

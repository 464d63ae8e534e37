/* Profiles: every item, every refusal, and the choice among several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "crypto/profile.h"
#include "tests/host/vblock.h"

static struct vb_key kernel_key, recovery_key;

static int load_keys(void **state)
{
	(void)state;
	vb_key_load(&kernel_key, "kernel_subkey", 7, 1);
	vb_key_load(&recovery_key, "recovery_key", 11, 1);
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	vb_key_free(&kernel_key);
	vb_key_free(&recovery_key);
	return 0;
}

/* --- a section, written item by item ------------------------------------------------ */

struct section {
	uint8_t bytes[PROFILE_SECTION_BYTES];
	size_t used;
};

static void start(struct section *s)
{
	memset(s, 0, sizeof *s);
	memcpy(s->bytes, "LBPROF\0\1", 8);
	s->used = PROFILE_HEADER_BYTES;
}

static void put(struct section *s, uint32_t tag, const void *data, size_t len)
{
	lb_put_le16(s->bytes + s->used, (uint16_t)tag);
	lb_put_le32(s->bytes + s->used + 4, (uint32_t)len);
	memcpy(s->bytes + s->used + 8, data, len);
	s->used += 8 + (len + 7) / 8 * 8;
}

static void put_text(struct section *s, uint32_t tag, const char *text)
{
	put(s, tag, text, strlen(text));
}

static void put_u8(struct section *s, uint32_t tag, uint8_t value)
{
	put(s, tag, &value, 1);
}

static void put_u32(struct section *s, uint32_t tag, uint32_t value)
{
	uint8_t bytes[4];

	lb_put_le32(bytes, value);
	put(s, tag, bytes, 4);
}

static void finish(struct section *s)
{
	lb_put_le32(s->bytes + 8, (uint32_t)s->used);
	lb_put_le32(s->bytes + 12, 0);
	lb_put_le32(s->bytes + 12, lb_crc32(0, s->bytes, s->used));
}

static void put_everything(struct section *s)
{
	start(s);
	put_text(s, PROFILE_TAG_MODEL, "Kiosk 7");
	put_text(s, PROFILE_TAG_HARDWARE_ID, "KIOSK-7-B");
	put_text(s, PROFILE_TAG_MATCH, "ACME/Kiosk");
	put_text(s, PROFILE_TAG_MATCH, "acme,kiosk7");
	put(s, PROFILE_TAG_KERNEL_KEY, kernel_key.packed, kernel_key.packed_bytes);
	put(s, PROFILE_TAG_RECOVERY_KEY, recovery_key.packed, recovery_key.packed_bytes);
	put_text(s, PROFILE_TAG_RECOVERY_URL, "https://example.org/r");
	put_u32(s, PROFILE_TAG_RECOVERY_FLOOR, 0x10002);
	put_u8(s, PROFILE_TAG_DEVELOPER_MODE, PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT);
	put_u8(s, PROFILE_TAG_SLOT_ORDER, GPT_ORDER_PRIORITY);
	put_text(s, PROFILE_TAG_INTERNAL_DISK, "PciRoot(0x0)/Pci(0x1,0x0)");
	put_text(s, PROFILE_TAG_LANGUAGE, "zh-Hant");
	put_u32(s, PROFILE_TAG_WATCHDOG_S, 60);
	put_u8(s, PROFILE_TAG_SERIAL_INPUT, PROFILE_SERIAL_NONE);
	put_text(s, PROFILE_TAG_UPDATE_SERVER, "https://update.example.org/");
	put(s, PROFILE_TAG_SERVER_CA, "\x30\x03\x02\x01\x00", 5);
	put_text(s, PROFILE_TAG_MEDIA_HINT,
		 "unter der Klappe \xc3\xbc"
		 "ber dem Fu\xc3\x9f");
	put(s, 0x8001, "later\0\xff", 7);
	put(s, 0x8001, "twice", 5);
	finish(s);
}

static enum lb_status count_of(const struct section *s, size_t *count, size_t *offset)
{
	return profile_count(s->bytes, sizeof s->bytes, count, offset);
}

static bool is_text(const struct profile_bytes *b, const char *text)
{
	return b->len == strlen(text) && memcmp(b->data, text, b->len) == 0;
}

/* --- good ones -------------------------------------------------------------------- */

static void every_item(void **state)
{
	static struct section s;
	struct profile p;
	size_t count;

	(void)state;
	put_everything(&s);
	assert_int_equal(count_of(&s, &count, NULL), LB_OK);
	assert_int_equal(count, 1);
	assert_int_equal(profile_get(s.bytes, sizeof s.bytes, 0, &p), LB_OK);
	assert_true(is_text(&p.model, "Kiosk 7"));
	assert_true(is_text(&p.hardware_id, "KIOSK-7-B"));
	assert_int_equal(p.match_count, 2);
	assert_true(is_text(&p.match[1], "acme,kiosk7"));
	assert_int_equal(p.kernel_key.algorithm, 7);
	assert_memory_equal(p.kernel_key.data, kernel_key.packed + 32, 1032);
	assert_int_equal(p.recovery_key.algorithm, 11);
	assert_true(is_text(&p.recovery_url, "https://example.org/r"));
	assert_int_equal(p.recovery_floor, 0x10002);
	assert_int_equal(p.developer_mode, PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT);
	assert_int_equal(p.slot_order, GPT_ORDER_PRIORITY);
	assert_int_equal(p.internal_disk_count, 1);
	assert_true(is_text(&p.internal_disk[0], "PciRoot(0x0)/Pci(0x1,0x0)"));
	assert_true(is_text(&p.language, "zh-Hant"));
	assert_int_equal(p.watchdog_s, 60);
	assert_int_equal(p.serial_input, PROFILE_SERIAL_NONE);
	assert_true(is_text(&p.update_server, "https://update.example.org/"));
	assert_int_equal(p.server_ca.len, 5);
	assert_int_equal(p.media_hint.len, 31);
	assert_int_equal(profile_get(s.bytes, sizeof s.bytes, 1, &p), LB_ERR_NOT_FOUND);
	/* the section may be just as long as its contents */
	assert_int_equal(profile_get(s.bytes, s.used, 0, &p), LB_OK);
}

/* What goes to every screen and serial line as it is must be harmless there. */
static void support_is_printable_ascii(void **state)
{
	static const struct {
		const char *text;
		enum lb_status want;
	} rows[] = { { "Call +1 555 0100, help@example.com", LB_OK },
		     { "tel\x7f", LB_ERR_RANGE },
		     { "tab\t", LB_ERR_RANGE },
		     { "caf\xc3\xa9", LB_ERR_RANGE } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct section s = { 0 };
		struct profile p;
		size_t count;

		put_everything(&s);
		put_text(&s, PROFILE_TAG_SUPPORT, rows[i].text);
		finish(&s);
		assert_int_equal(count_of(&s, &count, NULL), rows[i].want);
		if (rows[i].want != LB_OK)
			continue;
		assert_int_equal(profile_get(s.bytes, sizeof s.bytes, 0, &p), LB_OK);
		assert_true(is_text(&p.support, rows[i].text));
	}
}

static void absent_items_are_the_presets(void **state)
{
	static struct section s;
	struct profile p;

	(void)state;
	start(&s);
	put_text(&s, PROFILE_TAG_MODEL, "x");
	finish(&s);
	assert_int_equal(profile_get(s.bytes, sizeof s.bytes, 0, &p), LB_OK);
	assert_null(p.kernel_key.data);
	assert_null(p.recovery_key.data);
	assert_null(p.hardware_id.data);
	assert_int_equal(p.recovery_floor, 0);
	assert_int_equal(p.watchdog_s, 0);
	assert_int_equal(p.developer_mode, PROFILE_DEVELOPER_FORBIDDEN);
	assert_int_equal(p.slot_order, GPT_ORDER_ATTEMPTS_FIRST);
	assert_int_equal(p.serial_input, PROFILE_SERIAL_RECOVERY);
}

static void no_section(void **state)
{
	static struct section s;
	size_t count;

	(void)state;
	memset(&s, 0, sizeof s);
	assert_int_equal(count_of(&s, &count, NULL), LB_ERR_NOT_FOUND);
	assert_int_equal(profile_count(s.bytes, 0, &count, NULL), LB_ERR_NOT_FOUND);
	memset(&s, 0xff, sizeof s);
	assert_int_equal(count_of(&s, &count, NULL), LB_ERR_MAGIC);
}

/* --- refusals --------------------------------------------------------------------- */

/* Each bit of the section, its zeros behind the end included: no profile. */
static void every_bit(void **state)
{
	static struct section s;
	size_t count;

	(void)state;
	put_everything(&s);
	for (size_t at = 0; at < sizeof s.bytes; at += at < s.used + 64 ? 1 : 997) {
		s.bytes[at] ^= (uint8_t)(1u << at % 8);
		if (count_of(&s, &count, NULL) == LB_OK)
			fail_msg("byte %zu does not count", at);
		s.bytes[at] ^= (uint8_t)(1u << at % 8);
	}
	assert_int_equal(count_of(&s, &count, NULL), LB_OK);
}

/* Each length, in memory of exactly that size. */
static void every_length(void **state)
{
	static struct section s;
	size_t count;

	(void)state;
	put_everything(&s);
	for (size_t len = 1; len < s.used; len += len < 64 ? 1 : 13) {
		uint8_t *cut = malloc(len);

		assert_non_null(cut);
		memcpy(cut, s.bytes, len);
		assert_int_not_equal(profile_count(cut, len, &count, NULL), LB_OK);
		if (len >= PROFILE_HEADER_BYTES) { /* sizes and CRC made right again */
			lb_put_le32(cut + 8, (uint32_t)len);
			lb_put_le32(cut + 12, 0);
			lb_put_le32(cut + 12, lb_crc32(0, cut, len));
			(void)profile_count(cut, len, &count, NULL); /* no read outside */
		}
		free(cut);
	}
}

struct bad_item {
	const char *name;
	uint32_t tag;
	const char *bytes;
	size_t len;
	enum lb_status want;
};

static const struct bad_item bad_items[] = {
	{ "unknown tag", 30, "x", 1, LB_ERR_VERSION },
	{ "highest unknown tag", 0x7fff, "x", 1, LB_ERR_VERSION },
	{ "lowest optional tag", 0x8000, "x", 1, LB_OK },
	{ "optional tag without bytes", 0xffff, "", 0, LB_OK },
	{ "empty string", PROFILE_TAG_MODEL, "", 0, LB_ERR_RANGE },
	{ "NUL", PROFILE_TAG_MODEL, "a\0b", 3, LB_ERR_RANGE },
	{ "NUL at the end", PROFILE_TAG_MODEL, "a", 2, LB_ERR_RANGE },
	{ "newline", PROFILE_TAG_HARDWARE_ID, "a\n", 2, LB_ERR_RANGE },
	{ "escape", PROFILE_TAG_RECOVERY_URL, "\x1b[2J", 4, LB_ERR_RANGE },
	{ "delete", PROFILE_TAG_MEDIA_HINT, "\x7f", 1, LB_ERR_RANGE },
	{ "C1 control U+009B", PROFILE_TAG_MEDIA_HINT, "\xc2\x9b", 2, LB_ERR_RANGE },
	{ "U+00A0", PROFILE_TAG_MEDIA_HINT, "\xc2\xa0", 2, LB_OK },
	{ "line separator U+2028", PROFILE_TAG_MODEL, "\xe2\x80\xa8", 3, LB_ERR_RANGE },
	{ "overlong slash", PROFILE_TAG_MODEL, "\xc0\xaf", 2, LB_ERR_RANGE },
	{ "overlong, three bytes", PROFILE_TAG_MODEL, "\xe0\x80\xaf", 3, LB_ERR_RANGE },
	{ "overlong, four bytes", PROFILE_TAG_MODEL, "\xf0\x80\x80\xaf", 4,
	  LB_ERR_RANGE },
	{ "surrogate", PROFILE_TAG_MODEL, "\xed\xa0\x80", 3, LB_ERR_RANGE },
	{ "above U+10FFFF", PROFILE_TAG_MODEL, "\xf4\x90\x80\x80", 4, LB_ERR_RANGE },
	{ "U+1F4BE", PROFILE_TAG_MODEL, "\xf0\x9f\x92\xbe", 4, LB_OK },
	{ "five-byte sequence", PROFILE_TAG_MODEL, "\xf8\x88\x80\x80\x80", 5,
	  LB_ERR_RANGE },
	{ "lone continuation", PROFILE_TAG_MODEL, "\x80", 1, LB_ERR_RANGE },
	{ "cut sequence", PROFILE_TAG_MODEL, "\xe2\x82", 2, LB_ERR_RANGE },
	{ "sequence cut by a letter", PROFILE_TAG_MODEL, "\xe2\x82z", 3, LB_ERR_RANGE },
	{ "language of 9 bytes", PROFILE_TAG_LANGUAGE, "abcdefghi", 9, LB_ERR_RANGE },
	{ "language of 8 bytes", PROFILE_TAG_LANGUAGE, "abcdefgh", 8, LB_OK },
	{ "developer mode 3", PROFILE_TAG_DEVELOPER_MODE, "\3", 1, LB_ERR_RANGE },
	{ "developer mode in two bytes", PROFILE_TAG_DEVELOPER_MODE, "\1\0", 2,
	  LB_ERR_RANGE },
	{ "slot order 2", PROFILE_TAG_SLOT_ORDER, "\2", 1, LB_ERR_RANGE },
	{ "slot order in no bytes", PROFILE_TAG_SLOT_ORDER, "", 0, LB_ERR_RANGE },
	{ "serial input 3", PROFILE_TAG_SERIAL_INPUT, "\3", 1, LB_ERR_RANGE },
	{ "keyboard input 3", PROFILE_TAG_KEYBOARD_INPUT, "\3", 1, LB_ERR_RANGE },
	{ "generation in one byte", PROFILE_TAG_GENERATION, "\1", 1, LB_ERR_RANGE },
	{ "watchdog in one byte", PROFILE_TAG_WATCHDOG_S, "\1", 1, LB_ERR_RANGE },
	{ "floor in 8 bytes", PROFILE_TAG_RECOVERY_FLOOR, "\1\0\0\0\0\0\0", 8,
	  LB_ERR_RANGE },
	{ "key of no bytes", PROFILE_TAG_KERNEL_KEY, "", 0, LB_ERR_RANGE },
	{ "key of noise", PROFILE_TAG_RECOVERY_KEY, "noise", 5, LB_ERR_RANGE },
	{ "certificate of no bytes", PROFILE_TAG_SERVER_CA, "", 0, LB_ERR_RANGE },
	{ "next profile with bytes", PROFILE_TAG_NEXT, "x", 1, LB_ERR_RANGE },
};

static void bad_item_table(void **state)
{
	static struct section s;

	(void)state;
	for (size_t i = 0; i < sizeof bad_items / sizeof bad_items[0]; i++) {
		size_t count = 99, offset = 99;

		start(&s);
		put_u32(&s, PROFILE_TAG_OPTIONAL + 5, 0);
		const size_t at = s.used;

		put(&s, bad_items[i].tag, bad_items[i].bytes, bad_items[i].len);
		finish(&s);
		const enum lb_status got = count_of(&s, &count, &offset);

		if (got != bad_items[i].want)
			fail_msg("%s: %s", bad_items[i].name, lb_status_name(got));
		if (got != LB_OK)
			assert_int_equal(offset, at);
		assert_int_equal(count, got == LB_OK ? 1 : 99);
	}
}

static void long_strings(void **state)
{
	static struct section s;
	char text[257];
	size_t count;

	(void)state;
	memset(text, 'a', sizeof text);
	for (size_t len = 254; len <= 256; len++) {
		start(&s);
		put(&s, PROFILE_TAG_RECOVERY_URL, text, len);
		finish(&s);
		assert_int_equal(count_of(&s, &count, NULL),
				 len <= PROFILE_MAX_STRING ? LB_OK : LB_ERR_RANGE);
	}
}

static void put_one(struct section *s, uint32_t tag)
{
	switch (tag) {
	case PROFILE_TAG_KERNEL_KEY:
	case PROFILE_TAG_RECOVERY_KEY:
		put(s, tag, kernel_key.packed, kernel_key.packed_bytes);
		break;
	case PROFILE_TAG_RECOVERY_FLOOR:
	case PROFILE_TAG_WATCHDOG_S:
		put_u32(s, tag, 0); /* a number of 0 also counts as given */
		break;
	case PROFILE_TAG_DEVELOPER_MODE:
	case PROFILE_TAG_SLOT_ORDER:
	case PROFILE_TAG_SERIAL_INPUT:
		put_u8(s, tag, 0);
		break;
	default:
		put_text(s, tag, "text");
	}
}

/* Twice in one profile is refused but for the lists; once in each of two is not. */
static void duplicates(void **state)
{
	static struct section s;

	(void)state;
	for (uint32_t tag = PROFILE_TAG_MODEL; tag <= PROFILE_TAG_MEDIA_HINT; tag++) {
		const bool list =
			tag == PROFILE_TAG_MATCH || tag == PROFILE_TAG_INTERNAL_DISK;
		size_t count, offset;

		start(&s);
		put_one(&s, tag);
		const size_t second = s.used;

		put_one(&s, tag);
		finish(&s);
		const enum lb_status got = count_of(&s, &count, &offset);

		if (got != (list ? LB_OK : LB_ERR_DUPLICATE))
			fail_msg("tag %u: %s", tag, lb_status_name(got));
		if (!list)
			assert_int_equal(offset, second);

		start(&s);
		put_one(&s, tag);
		put(&s, PROFILE_TAG_NEXT, "", 0);
		put_one(&s, tag);
		finish(&s);
		assert_int_equal(count_of(&s, &count, NULL), LB_OK);
		assert_int_equal(count, 2);
	}
}

static void too_many_in_a_list(void **state)
{
	static struct section s;

	(void)state;
	for (size_t n = PROFILE_MAX_LIST; n <= PROFILE_MAX_LIST + 1; n++) {
		size_t count;

		start(&s);
		for (size_t i = 0; i < n; i++)
			put_text(&s, PROFILE_TAG_MATCH, "a/b");
		finish(&s);
		assert_int_equal(count_of(&s, &count, NULL),
				 n == PROFILE_MAX_LIST ? LB_OK : LB_ERR_RANGE);
	}
}

static void bad_keys(void **state)
{
	static struct section s;
	struct vb_key changed = kernel_key;
	size_t count;

	(void)state;
	lb_put_le32(changed.packed + VB_KEY_ALGORITHM, 6); /* RSA-4096 with SHA-1 */
	start(&s);
	put(&s, PROFILE_TAG_KERNEL_KEY, changed.packed, changed.packed_bytes);
	finish(&s);
	assert_int_equal(count_of(&s, &count, NULL), LB_ERR_ALGORITHM);
	start(&s);
	put(&s, PROFILE_TAG_KERNEL_KEY, kernel_key.packed, kernel_key.packed_bytes - 4);
	finish(&s);
	assert_int_equal(count_of(&s, &count, NULL), LB_ERR_RANGE);
}

/* Frames: lengths, reserved fields and padding, with the CRC made right. */
static void bad_frames(void **state)
{
	static const struct {
		const char *name;
		size_t at; /* from the second item's header */
		uint8_t value;
	} rows[] = {
		{ "reserved field", 2, 1 },
		{ "length beyond the end", 4, 200 },
		{ "length wraps", 7, 0xff },
		{ "padding not zero", 8 + 3, 1 },
	};
	static struct section s;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t count, offset;

		start(&s);
		put_text(&s, PROFILE_TAG_MODEL, "model");
		const size_t second = s.used;

		put_text(&s, PROFILE_TAG_HARDWARE_ID, "abc");
		s.bytes[second + rows[i].at] = rows[i].value;
		finish(&s);
		if (count_of(&s, &count, &offset) != LB_ERR_RANGE)
			fail_msg("%s is taken", rows[i].name);
		assert_int_equal(offset, second);
	}
}

static void bad_sizes(void **state)
{
	static struct section s;
	size_t count;

	(void)state;
	start(&s); /* nothing in it */
	finish(&s);
	assert_int_equal(count_of(&s, &count, NULL), LB_ERR_RANGE);
	start(&s); /* an empty profile first, in the middle, last */
	put(&s, PROFILE_TAG_NEXT, "", 0);
	put_text(&s, PROFILE_TAG_MODEL, "m");
	finish(&s);
	assert_int_equal(count_of(&s, &count, NULL), LB_ERR_RANGE);
	start(&s);
	put_text(&s, PROFILE_TAG_MODEL, "m");
	put(&s, PROFILE_TAG_NEXT, "", 0);
	finish(&s);
	assert_int_equal(count_of(&s, &count, NULL), LB_ERR_RANGE);

	put_everything(&s); /* total size: less than a header, not at an item's end */
	lb_put_le32(s.bytes + 8, 15);
	assert_int_equal(count_of(&s, &count, NULL), LB_ERR_RANGE);
	s.used -= 4;
	finish(&s);
	assert_int_equal(count_of(&s, &count, NULL), LB_ERR_RANGE);
}

/* --- choice ----------------------------------------------------------------------- */

static void three_models(struct section *s)
{
	start(s);
	put_text(s, PROFILE_TAG_MODEL, "one");
	put_text(s, PROFILE_TAG_MATCH, "ACME/One");
	put(s, PROFILE_TAG_NEXT, "", 0);
	put_text(s, PROFILE_TAG_MODEL, "default");
	put(s, PROFILE_TAG_NEXT, "", 0);
	put_text(s, PROFILE_TAG_MODEL, "two");
	put_text(s, PROFILE_TAG_MATCH, "ACME/Two");
	put_text(s, PROFILE_TAG_MATCH, "acme,two");
	put(s, PROFILE_TAG_NEXT, "", 0);
	put_text(s, PROFILE_TAG_MODEL, "never");
	put(s, PROFILE_TAG_NEXT, "", 0);
	put_text(s, PROFILE_TAG_MODEL, "bare slash");
	put_text(s, PROFILE_TAG_MATCH, "/");
	finish(s);
}

static const struct {
	const char *vendor, *product, *compatible;
	const char *want;
} machines[] = {
	{ "ACME", "One", "", "one" },
	{ "ACME", "Two", "", "two" },
	{ "", "", "acme,two", "two" },
	{ "ACME", "One", "acme,two", "one" }, /* the first profile that matches */
	{ "acme", "one", "", "default" },
	{ "ACME", "Onetwo", "", "default" },
	{ "ACM", "E/One", "", "default" },
	{ "ACME/One", "", "", "default" },
	{ "", "", "", "default" }, /* a machine without names is not "/" */
	{ "", "", "acme,twofold", "default" },
};

static void choice(void **state)
{
	static struct section s;

	(void)state;
	three_models(&s);
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
		struct platform_machine m = { .compatible_count = 2 };
		struct profile p;

		strcpy(m.vendor, machines[i].vendor);
		strcpy(m.product, machines[i].product);
		strcpy(m.compatible[0], "other,board");
		strcpy(m.compatible[1], machines[i].compatible);
		assert_int_equal(profile_select(s.bytes, sizeof s.bytes, &m, &p), LB_OK);
		if (!is_text(&p.model, machines[i].want))
			fail_msg("%s/%s %s: %.*s", machines[i].vendor,
				 machines[i].product, machines[i].compatible,
				 (int)p.model.len, p.model.data);
	}
}

static void no_choice(void **state)
{
	static struct section s;
	struct platform_machine m = { .vendor = "ACME", .product = "Three" };
	struct profile p = { .watchdog_s = 77 };

	(void)state;
	start(&s);
	put_text(&s, PROFILE_TAG_MATCH, "ACME/One");
	finish(&s);
	assert_int_equal(profile_select(s.bytes, sizeof s.bytes, &m, &p),
			 LB_ERR_NOT_FOUND);
	s.bytes[20] ^= 1;
	assert_int_equal(profile_select(s.bytes, sizeof s.bytes, &m, &p), LB_ERR_CRC);
	memset(&s, 0, sizeof s);
	assert_int_equal(profile_select(s.bytes, sizeof s.bytes, &m, &p),
			 LB_ERR_NOT_FOUND);
	assert_int_equal(p.watchdog_s, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item),
		cmocka_unit_test(support_is_printable_ascii),
		cmocka_unit_test(absent_items_are_the_presets),
		cmocka_unit_test(no_section),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(every_length),
		cmocka_unit_test(bad_item_table),
		cmocka_unit_test(long_strings),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(bad_keys),
		cmocka_unit_test(too_many_in_a_list),
		cmocka_unit_test(bad_frames),
		cmocka_unit_test(bad_sizes),
		cmocka_unit_test(choice),
		cmocka_unit_test(no_choice),
	};

	return cmocka_run_group_tests(tests, load_keys, free_keys);
}

/* What the recovery program makes of the loader's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/handover.h"
#include "recovery/installer/told.h"

#define KEY_TEXT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NO_KEY   "0000000000000000000000000000000000000000000000000000000000000000"

static void test_keys(void **state)
{
	uint8_t key[CRYPTO_KEY_ID_BYTES], other[CRYPTO_KEY_ID_BYTES];

	(void)state;
	assert_true(told_keys_parse(KEY_TEXT " " NO_KEY, key, other));
	assert_int_equal(other[31], 0);
	assert_int_equal(key[1], 0x11);
	assert_int_equal(key[31], 0xff);
	assert_true(told_keys_parse(KEY_TEXT, key, other));
	assert_true(told_keys_parse(KEY_TEXT " " KEY_TEXT, key, other));
	assert_int_equal(other[31], 0xff);
	assert_false(told_keys_parse(KEY_TEXT " 00", key, other));
}

static void test_keys_refused(void **state)
{
	static const char *const bad[] = {
		"", "00", NO_KEY " " KEY_TEXT, KEY_TEXT "0", "zz" KEY_TEXT, "0"
	};
	uint8_t key[CRYPTO_KEY_ID_BYTES], other[CRYPTO_KEY_ID_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(told_keys_parse(bad[i], key, other));
}

static void test_floors(void **state)
{
	static const char *const bad[] = {
		"",   " ",   "1",    "-1 0", "x 1",          "4294967296 0",
		"1 ", "1 x", "1 2 ", "1  2", "1 4294967296", "1 2 3"
	};
	uint32_t floor = 7, other = 7;

	(void)state;
	assert_true(told_floors_parse("65537 3", &floor, &other));
	assert_true(floor == 65537 && other == 3);
	assert_true(told_floors_parse("4294967295 0", &floor, &other));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(told_floors_parse(bad[i], &floor, &other));
}

#define TWO_KEYS KEY_TEXT " " KEY_TEXT

static void test_developer(void **state)
{
	static const struct {
		const char *text;
		bool good, on;
		size_t keys;
	} rows[] = {
		{ "off", true, false, 0 },
		{ "self-signed", true, true, 0 },
		{ KEY_TEXT, true, true, 1 },
		{ TWO_KEYS, true, true, 2 },
		{ TWO_KEYS " " TWO_KEYS, true, true, 4 },
		{ TWO_KEYS " " TWO_KEYS " " KEY_TEXT, false, false, 0 },
		{ "", false, false, 0 },
		{ "on", false, false, 0 },
		{ "self-signed ", false, false, 0 },
		{ KEY_TEXT " ", false, false, 0 },
		{ KEY_TEXT " " NO_KEY, false, false, 0 },
		{ KEY_TEXT "x", false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct told told = { 0 };
		struct update_device device;

		memset(&told.developer, 0xff, sizeof told.developer);
		if (told_developer_parse(rows[i].text, &told.developer) != rows[i].good ||
		    told.developer.on != rows[i].on ||
		    told.developer.key_count != rows[i].keys)
			fail_msg("'%s'", rows[i].text);
		told_device(&told, PLATFORM_CPU_X86_64, &device);
		assert_int_equal(device.policy.mode,
				 rows[i].on ? CRYPTO_MODE_DEVELOPER : CRYPTO_MODE_NORMAL);
		assert_int_equal(device.policy.self_signed_allowed, rows[i].on);
		assert_int_equal(device.policy.dev_key_count, rows[i].keys);
		if (rows[i].keys > 0)
			assert_int_equal(device.policy.dev_key_id[0][1], 0x11);
	}
}

/* What an operating system has left under the loader's names does not name a key. */
static void test_only_the_loaders_variables(void **state)
{
	static const struct {
		const char *name;
		uint8_t file[8];
		size_t len;
		bool loaders;
	} rows[] = {
		{ "the loader's", { 6, 0, 0, 0, 'k' }, 5, true },
		{ "empty", { 6, 0, 0, 0 }, 4, true },
		{ "kept by the firmware", { 7, 0, 0, 0, 'k' }, 5, false },
		{ "authenticated: cannot be deleted", { 0x27, 0, 0, 0, 'k' }, 5, false },
		{ "volatile and authenticated", { 0x26, 0, 0, 0, 'k' }, 5, false },
		{ "run time only", { 4, 0, 0, 0, 'k' }, 5, false },
		{ "a high bit", { 6, 0, 0, 0x80, 'k' }, 5, false },
		{ "no attributes", { 6, 0, 0 }, 3, false },
		{ "nothing", { 0 }, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[TOLD_BYTES];
		size_t len = 0;
		const uint8_t *value = lb_handover_value(rows[i].file, rows[i].len, &len);

		if (told_value(value, len, text) != rows[i].loaders)
			fail_msg("%s", rows[i].name);
		assert_string_equal(text, rows[i].loaders && rows[i].len > 4 ? "k" : "");
	}
}

static void test_values_that_are_too_long(void **state)
{
	uint8_t value[TOLD_BYTES];
	char text[TOLD_BYTES];

	(void)state;
	memset(value, 'x', sizeof value);
	assert_true(told_value(value, sizeof value - 1, text));
	assert_int_equal(strlen(text), TOLD_BYTES - 1);
	assert_false(told_value(value, sizeof value, text));
	assert_string_equal(text, "");
}

static void test_generation(void **state)
{
	static const char *const bad[] = {
		"",      "1",    "1 ",           " 1",          "1 x",
		"1 2 3", "-1 0", "1 4294967296", "4294967296 1"
	};
	struct told told = { 0 };

	(void)state;
	assert_true(told_generation_parse("7 4294967295", &told));
	assert_int_equal(told.generation, 7);
	assert_int_equal(told.generation_floor, UINT32_MAX);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(told_generation_parse(bad[i], &told));
}

static void test_disk(void **state)
{
	static const char *const bad[] = { "",
					   "- - PciRoot(0x0)/Pci(0x1,0x0)",
					   "12",
					   "12 0123456789abcde",
					   "12 0123456789abcdef0 x",
					   "x 0123456789abcdef p",
					   "99999999999999999999999 0123456789abcdef p" };
	static const uint8_t tag[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	struct told_disk disk;

	(void)state;
	assert_true(told_disk_parse("12 0123456789abcdef PciRoot(0x0)", &disk));
	assert_true(disk.recorded && disk.boot == 12);
	assert_memory_equal(disk.tag, tag, sizeof tag);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(told_disk_parse(bad[i], &disk));
		assert_false(disk.recorded);
	}
}

static void test_input(void **state)
{
	static const struct {
		const char *text;
		bool no_keyboard, no_serial;
	} rows[] = {
		{ "full recovery", false, false },
		{ "recovery full", false, false },
		{ "none recovery", true, false },
		{ "full none", false, true },
		{ "none none", true, true },
		/* Nobody may answer where the loader did not say who. */
		{ "", true, true },
		{ "nonesuch", true, true },
		{ "full", true, true },
		{ "full ", true, true },
		{ "full  full", true, true },
		{ "full full ", true, true },
		{ "full FULL", true, true },
		{ " full", true, true },
	};
	struct told told = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		(void)told_input_parse(rows[i].text, &told);
		if ((told.keyboard == PROFILE_KEYBOARD_NONE) != rows[i].no_keyboard ||
		    (told.serial == PROFILE_SERIAL_NONE) != rows[i].no_serial)
			fail_msg("'%s'", rows[i].text);
	}
}

static void test_limits(void **state)
{
	static const char *const bad[] = { "",
					   "allowed",
					   "allowed 1",
					   "allowed 1 ",
					   "allowed x -",
					   "permitted 1 -",
					   "allowed 4294967296 -",
					   "allowed 1 --",
					   "allowed 1 " NO_KEY,
					   "allowed 1 " KEY_TEXT " ",
					   "allowed 1 " KEY_TEXT "0",
					   "allowed  1 -",
					   "allowed -1 -" };
	struct told_limits limits;

	(void)state;
	assert_true(told_limits_parse("forbidden 4294967295 -", &limits));
	assert_int_equal(limits.developer_mode, PROFILE_DEVELOPER_FORBIDDEN);
	assert_int_equal(limits.recovery_floor, UINT32_MAX);
	assert_true(limits.known && !limits.has_ca);
	assert_true(told_limits_parse("allowed-secure-boot 0 " KEY_TEXT, &limits));
	assert_int_equal(limits.developer_mode, PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT);
	assert_true(limits.has_ca && limits.ca[1] == 0x11);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (told_limits_parse(bad[i], &limits) || limits.known)
			fail_msg("'%s'", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_loaders_variables),
		cmocka_unit_test(test_values_that_are_too_long),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_keys_refused),
		cmocka_unit_test(test_floors),
		cmocka_unit_test(test_developer),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_generation),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the recovery program makes of the loader's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recovery/installer/told.h"

#define KEY_TEXT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NO_KEY   "0000000000000000000000000000000000000000000000000000000000000000"

static void test_keys(void **state)
{
	uint8_t key[CRYPTO_KEY_ID_BYTES];

	(void)state;
	assert_true(told_keys_parse(KEY_TEXT " " NO_KEY, key));
	assert_int_equal(key[1], 0x11);
	assert_int_equal(key[31], 0xff);
	assert_true(told_keys_parse(KEY_TEXT, key));
}

static void test_keys_refused(void **state)
{
	static const char *const bad[] = {
		"", "00", NO_KEY " " KEY_TEXT, KEY_TEXT "0", "zz" KEY_TEXT, "0"
	};
	uint8_t key[CRYPTO_KEY_ID_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(told_keys_parse(bad[i], key));
}

static void test_floors(void **state)
{
	static const char *const bad[] = { "", " ", "1", "-1 0", "x 1", "4294967296 0" };
	uint32_t floor = 7;

	(void)state;
	assert_true(told_floors_parse("65537 3", &floor));
	assert_int_equal(floor, 65537);
	assert_true(told_floors_parse("4294967295 0", &floor));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(told_floors_parse(bad[i], &floor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_keys_refused),
		cmocka_unit_test(test_floors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The flags matrix: keyblock flags against modes, all 64 x 3 of them, and what the bits
 * above are worth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypto/kernel_verify.h"

/* clang-format off */
/* Columns: normal, developer, recovery. Rows: DEV and REC bits; the miniOS bits follow
 * below, because they are the same for all modes. Made by hand from DESIGN 5. */
static const struct {
	const char *name;
	uint32_t flags;
	bool want[CRYPTO_MODES];
} matrix[] = {
	/* name                       flags  normal developer recovery */
	{"nothing",                   0x00, {false, false, false}},
	{"DEV0",                      0x01, {false, false, false}},
	{"DEV1",                      0x02, {false, false, false}},
	{"DEV0 DEV1",                 0x03, {false, false, false}},
	{"REC0",                      0x04, {false, false, false}},
	{"REC0 DEV0",                 0x05, {true,  false, false}},
	{"REC0 DEV1",                 0x06, {false, true,  false}},
	{"REC0 DEV0 DEV1: normal",    0x07, {true,  true,  false}},
	{"REC1",                      0x08, {false, false, false}},
	{"REC1 DEV0",                 0x09, {false, false, true }},
	{"REC1 DEV1: installer",      0x0a, {false, false, false}},
	{"REC1 DEV0 DEV1: recovery",  0x0b, {false, false, true }},
	{"REC1 REC0",                 0x0c, {false, false, false}},
	{"REC1 REC0 DEV0",            0x0d, {true,  false, true }},
	{"REC1 REC0 DEV1",            0x0e, {false, true,  false}},
	{"all four",                  0x0f, {true,  true,  true }},
};
/* clang-format on */

static const struct {
	const char *name;
	uint32_t flags;
	bool counts;
} minios[] = {
	{ "no miniOS bit (older keyblocks)", 0x00, true },
	{ "MINIOS0", 0x10, true },
	{ "MINIOS1 alone", 0x20, false },
	{ "MINIOS0 MINIOS1", 0x30, true },
};

static void whole_matrix(void **state)
{
	(void)state;
	assert_int_equal(sizeof matrix / sizeof matrix[0], 16);
	for (size_t i = 0; i < 16; i++)
		for (size_t m = 0; m < 4; m++)
			for (unsigned int mode = 0; mode < CRYPTO_MODES; mode++) {
				const uint32_t flags = matrix[i].flags | minios[m].flags;
				const bool want =
					matrix[i].want[mode] && minios[m].counts;

				assert_int_equal(matrix[i].flags, i);
				if (crypto_flags_allowed((enum crypto_mode)mode, flags) !=
				    want)
					fail_msg("%s, %s, mode %u: not %d",
						 matrix[i].name, minios[m].name, mode,
						 want);
			}
}

/* What ChromeOS's keyblocks carry. */
static void packaged_values(void **state)
{
	(void)state;
	assert_true(crypto_flags_allowed(CRYPTO_MODE_NORMAL, 23));
	assert_true(crypto_flags_allowed(CRYPTO_MODE_DEVELOPER, 23));
	assert_false(crypto_flags_allowed(CRYPTO_MODE_RECOVERY, 23));
	assert_true(crypto_flags_allowed(CRYPTO_MODE_NORMAL, 7));
	assert_false(crypto_flags_allowed(CRYPTO_MODE_NORMAL, 27));
	assert_false(crypto_flags_allowed(CRYPTO_MODE_DEVELOPER, 27));
	assert_true(crypto_flags_allowed(CRYPTO_MODE_RECOVERY, 27));
	assert_false(crypto_flags_allowed(CRYPTO_MODE_RECOVERY, 26));
	assert_false(crypto_flags_allowed(CRYPTO_MODE_NORMAL, 43)); /* miniOS only */
	assert_false(crypto_flags_allowed(CRYPTO_MODE_RECOVERY, 43));
}

static void other_bits_change_nothing(void **state)
{
	(void)state;
	for (uint32_t flags = 0; flags < 64; flags++)
		for (unsigned int bit = 6; bit < 32; bit++)
			for (unsigned int mode = 0; mode < CRYPTO_MODES; mode++)
				assert_int_equal(
					crypto_flags_allowed((enum crypto_mode)mode,
							     flags),
					crypto_flags_allowed((enum crypto_mode)mode,
							     flags | UINT32_C(1) << bit));
}

static void no_such_mode(void **state)
{
	(void)state;
	for (uint32_t flags = 0; flags < 64; flags++) {
		assert_false(crypto_flags_allowed(CRYPTO_MODES, flags));
		assert_false(crypto_flags_allowed((enum crypto_mode)77, flags));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_matrix),
		cmocka_unit_test(packaged_values),
		cmocka_unit_test(other_bits_change_nothing),
		cmocka_unit_test(no_such_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Byte readers and checked arithmetic at their limits. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MAX      UINT64_MAX

static void readers_take_the_right_order(void **state)
{
	static const uint8_t p[] = { 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };

	(void)state;
	assert_int_equal(lb_le16(p), 0xdcfe);
	assert_int_equal(lb_le32(p), 0x98badcfe);
	assert_true(lb_le64(p) == 0x1032547698badcfeu);
	assert_int_equal(lb_be32(p), 0xfedcba98);
	assert_true(lb_be64(p) == 0xfedcba9876543210u);
}

static void writers_undo_readers(void **state)
{
	uint8_t p[10];

	(void)state;
	memset(p, 0xa5, sizeof(p));
	lb_put_le64(p + 1, 0xfedcba9876543210u);
	assert_true(lb_le64(p + 1) == 0xfedcba9876543210u);
	lb_put_be64(p + 1, 0xfedcba9876543210u);
	assert_true(lb_be64(p + 1) == 0xfedcba9876543210u);
	lb_put_le32(p + 1, 0x89abcdef);
	assert_int_equal(lb_le32(p + 1), 0x89abcdef);
	lb_put_be32(p + 1, 0x89abcdef);
	assert_int_equal(lb_be32(p + 1), 0x89abcdef);
	lb_put_le16(p + 1, 0xcdef);
	assert_int_equal(lb_le16(p + 1), 0xcdef);
	assert_int_equal(p[0], 0xa5);
	assert_int_equal(p[9], 0xa5);
}

static const struct {
	const char *name;
	uint64_t off, size, limit;
	bool want;
} within[] = {
	{ "all of it", 0, 10, 10, true },
	{ "one too many", 0, 11, 10, false },
	{ "nothing at the end", 10, 0, 10, true },
	{ "nothing past the end", 11, 0, 10, false },
	{ "last byte", 9, 1, 10, true },
	{ "one past", 9, 2, 10, false },
	{ "nothing of nothing", 0, 0, 0, true },
	{ "sum would wrap to 0", MAX, 1, 10, false },
	{ "sum would wrap below the limit", MAX - 4, 8, 10, false },
	{ "size alone is too large", 1, MAX, 10, false },
	{ "largest that fits", 0, MAX, MAX, true },
	{ "largest, one further", 1, MAX, MAX, false },
};

static void within_never_overflows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(within); i++) {
		print_message("%s\n", within[i].name);
		assert_int_equal(
			lb_within(within[i].off, within[i].size, within[i].limit),
			within[i].want);
	}
}

static const struct {
	const char *name;
	uint64_t a, b;
	bool want;
	uint64_t sum;
} sums[] = {
	{ "small", 1, 2, true, 3 },       { "up to the largest", MAX - 1, 1, true, MAX },
	{ "one over", MAX, 1, false, 0 }, { "both largest", MAX, MAX, false, 0 },
	{ "zero", MAX, 0, true, MAX },
};

static void add_reports_wrapping(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sums); i++) {
		uint64_t out = 77;

		print_message("%s\n", sums[i].name);
		assert_int_equal(lb_add(sums[i].a, sums[i].b, &out), sums[i].want);
		assert_true(out == (sums[i].want ? sums[i].sum : 77));
	}
}

static const struct {
	const char *name;
	uint64_t v, align;
	bool want;
	uint64_t rounded;
} roundings[] = {
	{ "zero stays", 0, 512, true, 0 },
	{ "one goes up", 1, 512, true, 512 },
	{ "exact stays", 512, 512, true, 512 },
	{ "one over", 513, 512, true, 1024 },
	{ "align 1", 13, 1, true, 13 },
	{ "largest multiple", MAX - 511, 512, true, MAX - 511 },
	{ "past the largest multiple", MAX - 510, 512, false, 0 },
	{ "largest", MAX, 2, false, 0 },
};

static void round_up_reports_wrapping(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(roundings); i++) {
		uint64_t out = 77;

		print_message("%s\n", roundings[i].name);
		assert_int_equal(lb_round_up(roundings[i].v, roundings[i].align, &out),
				 roundings[i].want);
		assert_true(out == (roundings[i].want ? roundings[i].rounded : 77));
	}
}

static void powers_of_two(void **state)
{
	(void)state;
	assert_false(lb_is_power_of_two(0));
	for (unsigned int i = 0; i < 64; i++) {
		assert_true(lb_is_power_of_two((uint64_t)1 << i));
		if (i > 1)
			assert_false(lb_is_power_of_two(((uint64_t)1 << i) - 1));
	}
	assert_false(lb_is_power_of_two(MAX));
}

static void all_zero_sees_every_byte(void **state)
{
	uint8_t p[9] = { 0 };

	(void)state;
	assert_true(lb_all_zero(p, 0));
	assert_true(lb_all_zero(p, sizeof(p)));
	for (size_t i = 0; i < sizeof(p); i++) {
		p[i] = 1;
		assert_false(lb_all_zero(p, sizeof(p)));
		assert_true(lb_all_zero(p, i));
		p[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_take_the_right_order),
		cmocka_unit_test(writers_undo_readers),
		cmocka_unit_test(within_never_overflows),
		cmocka_unit_test(add_reports_wrapping),
		cmocka_unit_test(round_up_reports_wrapping),
		cmocka_unit_test(powers_of_two),
		cmocka_unit_test(all_zero_sees_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

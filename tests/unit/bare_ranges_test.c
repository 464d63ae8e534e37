/* Sets of address ranges and the page allocator: cases by hand, and long random sequences
 * against a bitmap. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/bare/memory.h"

static struct bare_ranges set_of(size_t count, const uint64_t (*ranges)[2])
{
	struct bare_ranges set = { .count = 0 };

	for (size_t i = 0; i < count; i++)
		assert_int_equal(bare_ranges_add(&set, ranges[i][0], ranges[i][1]),
				 LB_OK);
	return set;
}

static const struct {
	const char *name;
	char what; /* + or - */
	uint64_t base, bytes;
	size_t count;
	uint64_t want[4][2];
} edits[] = {
	/* on { 100..200, 300..400 } */
	{ "apart", '+', 210, 50, 3, { { 100, 100 }, { 210, 50 }, { 300, 100 } } },
	{ "touching below", '+', 50, 50, 2, { { 50, 150 }, { 300, 100 } } },
	{ "touching above", '+', 200, 50, 2, { { 100, 150 }, { 300, 100 } } },
	{ "joining both", '+', 200, 100, 1, { { 100, 300 } } },
	{ "over everything", '+', 0, 1000, 1, { { 0, 1000 } } },
	{ "inside", '+', 120, 10, 2, { { 100, 100 }, { 300, 100 } } },
	{ "last", '+', 500, 1, 3, { { 100, 100 }, { 300, 100 }, { 500, 1 } } },
	{ "nothing", '+', 150, 0, 2, { { 100, 100 }, { 300, 100 } } },
	{ "cut the start", '-', 0, 150, 2, { { 150, 50 }, { 300, 100 } } },
	{ "cut the end", '-', 150, 100, 2, { { 100, 50 }, { 300, 100 } } },
	{ "a hole", '-', 140, 20, 3, { { 100, 40 }, { 160, 40 }, { 300, 100 } } },
	{ "one whole", '-', 100, 100, 1, { { 300, 100 } } },
	{ "across both", '-', 150, 200, 2, { { 100, 50 }, { 350, 50 } } },
	{ "all", '-', 0, 1000, 0, { { 0, 0 } } },
	{ "beside", '-', 200, 100, 2, { { 100, 100 }, { 300, 100 } } },
};

static void edits_by_hand(void **state)
{
	static const uint64_t start[][2] = { { 300, 100 }, { 100, 100 } };

	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct bare_ranges set = set_of(2, start);

		print_message("%s\n", edits[i].name);
		if (edits[i].what == '+')
			assert_int_equal(
				bare_ranges_add(&set, edits[i].base, edits[i].bytes),
				LB_OK);
		else
			assert_int_equal(
				bare_ranges_remove(&set, edits[i].base, edits[i].bytes),
				LB_OK);
		assert_int_equal(set.count, edits[i].count);
		for (size_t n = 0; n < set.count; n++) {
			assert_int_equal(set.at[n].base, edits[i].want[n][0]);
			assert_int_equal(set.at[n].bytes, edits[i].want[n][1]);
		}
	}
}

static void wrapping_is_refused(void **state)
{
	static const uint64_t start[][2] = { { 100, 100 } };
	struct bare_ranges set = set_of(1, start);

	(void)state;
	assert_int_equal(bare_ranges_add(&set, UINT64_MAX - 3, 5), LB_ERR_RANGE);
	assert_int_equal(bare_ranges_remove(&set, 150, UINT64_MAX), LB_ERR_RANGE);
	assert_int_equal(set.count, 1);
	assert_int_equal(set.at[0].bytes, 100);
}

static void a_full_set_stays_as_it_was(void **state)
{
	struct bare_ranges set = { .count = 0 };

	(void)state;
	for (uint64_t i = 0; i < BARE_MAX_RANGES; i++)
		assert_int_equal(bare_ranges_add(&set, i * 100, 50), LB_OK);
	assert_int_equal(bare_ranges_add(&set, 1000000, 1), LB_ERR_FULL);
	assert_int_equal(bare_ranges_remove(&set, 10, 10), LB_ERR_FULL);
	assert_int_equal(set.count, BARE_MAX_RANGES);
	assert_true(bare_ranges_contain(&set, 0, 50));
	/* What needs no new entry still works. */
	assert_int_equal(bare_ranges_add(&set, 50, 50), LB_OK);
	assert_int_equal(set.count, BARE_MAX_RANGES - 1);
}

static void containing(void **state)
{
	static const uint64_t start[][2] = { { 100, 100 }, { 300, 100 } };
	const struct bare_ranges set = set_of(2, start);

	(void)state;
	assert_true(bare_ranges_contain(&set, 100, 100));
	assert_true(bare_ranges_contain(&set, 199, 1));
	assert_false(bare_ranges_contain(&set, 199, 2));
	assert_false(bare_ranges_contain(&set, 99, 2));
	assert_false(bare_ranges_contain(&set, 150, 200));
	assert_false(bare_ranges_contain(&set, 100, UINT64_MAX));
}

static void whole_pages_only(void **state)
{
	static const uint64_t start[][2] = { { 0x1001, 0x3000 },
					     { 0x8000, 0x1000 },
					     { 0xa001, 0x1ffe },
					     { 0x10fff, 0x2002 } };
	struct bare_ranges set = set_of(4, start);

	(void)state;
	bare_ranges_shrink(&set);
	assert_int_equal(set.count, 3);
	assert_int_equal(set.at[0].base, 0x2000);
	assert_int_equal(set.at[0].bytes, 0x2000);
	assert_int_equal(set.at[1].base, 0x8000);
	assert_int_equal(set.at[1].bytes, 0x1000);
	assert_int_equal(set.at[2].base, 0x11000);
	assert_int_equal(set.at[2].bytes, 0x2000);
	assert_int_equal(bare_ranges_total(&set), 0x5000);
}

static const struct {
	const char *name;
	uint64_t bytes, align, limit;
	enum lb_status status;
	uint64_t want;
} requests[] = {
	/* in { 0x5000..0x9000, 0x100000..0x800000 } */
	{ "a page", 1, 1, UINT64_MAX, LB_OK, 0x5000 },
	{ "all of the first", 0x4000, 0x1000, UINT64_MAX, LB_OK, 0x5000 },
	{ "aligned inside the first", 0x1000, 0x8000, UINT64_MAX, LB_OK, 0x8000 },
	{ "too long for the first", 0x4001, 1, UINT64_MAX, LB_OK, 0x100000 },
	{ "2 MiB aligned", 0x1000, 0x200000, UINT64_MAX, LB_OK, 0x200000 },
	{ "ends at the limit", 0x1000, 1, 0x6000, LB_OK, 0x5000 },
	{ "beyond the limit", 0x1000, 1, 0x5fff, LB_ERR_NOMEM, 0 },
	{ "limit inside the second", 0x200000, 0x200000, 0x400000, LB_OK, 0x200000 },
	{ "limit cuts the second", 0x200001, 0x200000, 0x400000, LB_ERR_NOMEM, 0 },
	{ "more than there is", 0x700001, 1, UINT64_MAX, LB_ERR_NOMEM, 0 },
	{ "alignment beyond all", 0x1000, UINT64_C(1) << 63, UINT64_MAX, LB_ERR_NOMEM,
	  0 },
	{ "no bytes", 0, 1, UINT64_MAX, LB_ERR_ARGUMENT, 0 },
	{ "alignment 0", 1, 0, UINT64_MAX, LB_ERR_ARGUMENT, 0 },
	{ "alignment 3", 1, 3, UINT64_MAX, LB_ERR_ARGUMENT, 0 },
	{ "bytes that wrap", UINT64_MAX, 1, UINT64_MAX, LB_ERR_ARGUMENT, 0 },
};

static void allocations_by_hand(void **state)
{
	static const uint64_t start[][2] = { { 0x5000, 0x4000 }, { 0x100000, 0x700000 } };

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct bare_memory memory = { .free = set_of(2, start) };
		const uint64_t before = bare_ranges_total(&memory.free);
		uint64_t base = 0;

		print_message("%s\n", requests[i].name);
		assert_int_equal(bare_memory_alloc(&memory, requests[i].bytes,
						   requests[i].align, requests[i].limit,
						   &base),
				 requests[i].status);
		assert_int_equal(base, requests[i].want);
		if (requests[i].status != LB_OK) {
			assert_int_equal(bare_ranges_total(&memory.free), before);
			continue;
		}
		assert_false(bare_ranges_contain(&memory.free, base, 1));
		bare_memory_free(&memory, base, requests[i].bytes);
		assert_int_equal(memory.free.count, 2);
		assert_int_equal(bare_ranges_total(&memory.free), before);
	}
}

/* What a device reaches need not begin where memory does. */
static void allocations_in_a_window(void **state)
{
	static const uint64_t start[][2] = { { 0x5000, 0x4000 }, { 0x100000, 0x700000 } };
	static const struct {
		uint64_t bytes, align, from, limit;
		enum lb_status status;
		uint64_t want;
	} rows[] = {
		{ 0x1000, 1, 0x6000, UINT64_MAX, LB_OK, 0x6000 },
		{ 0x1000, 1, 0x6001, UINT64_MAX, LB_OK, 0x7000 },
		{ 0x2000, 1, 0x8000, UINT64_MAX, LB_OK, 0x100000 },
		{ 0x1000, 1, 0x9000, 0x100000, LB_ERR_NOMEM, 0 },
		{ 0x1000, 1, 0x800000, UINT64_MAX, LB_ERR_NOMEM, 0 },
		{ 0x1000, 0x200000, 0x200001, UINT64_MAX, LB_OK, 0x400000 },
		{ 0x1000, 1, UINT64_MAX, UINT64_MAX, LB_ERR_NOMEM, 0 },
		{ 0x1000, 1, 0x7000, 0x7000, LB_ERR_NOMEM, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bare_memory memory = { .free = set_of(2, start) };
		uint64_t base = 0;

		assert_int_equal(bare_memory_alloc_in(&memory, rows[i].bytes,
						      rows[i].align, rows[i].from,
						      rows[i].limit, &base),
				 rows[i].status);
		assert_int_equal(base, rows[i].want);
	}
}

#define UNITS 200

/* Random adds and removes; the set must say what the bitmap says, in order, not
 * touching. */
static void agrees_with_a_bitmap(void **state)
{
	struct bare_ranges set = { .count = 0 };
	bool map[UNITS] = { false };
	uint32_t seed = 1;

	(void)state;
	for (int step = 0; step < 20000; step++) {
		seed = seed * 1664525 + 1013904223;
		const uint32_t base = seed >> 8 & 0xff, bytes = seed >> 16 & 0x1f;
		const bool add = seed >> 31;

		if (base + bytes > UNITS)
			continue;
		assert_int_equal(
			(add ? bare_ranges_add : bare_ranges_remove)(&set, base, bytes),
			LB_OK);
		memset(map + base, add, bytes);
		for (uint32_t i = 0; i < UNITS; i++)
			assert_int_equal(bare_ranges_contain(&set, i, 1), map[i]);
		for (size_t i = 1; i < set.count; i++)
			assert_true(set.at[i - 1].base + set.at[i - 1].bytes <
				    set.at[i].base);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_by_hand),
		cmocka_unit_test(wrapping_is_refused),
		cmocka_unit_test(a_full_set_stays_as_it_was),
		cmocka_unit_test(containing),
		cmocka_unit_test(whole_pages_only),
		cmocka_unit_test(allocations_by_hand),
		cmocka_unit_test(allocations_in_a_window),
		cmocka_unit_test(agrees_with_a_bitmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Identity page tables: what a processor walking them would find. */
#define _ISOC11_SOURCE
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <stdlib.h>

#include "boot/uefi/x86_64/page_tables.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GIB      0x40000000ull
#define POOL     64u

/* Walks as the processor does (Intel SDM 3A, 4.5): where @address leads, or
 * UINT64_MAX. */
static uint64_t walk(const struct page_tables *t, uint64_t address)
{
	const uint8_t *table = t->pool;
	uint64_t entry;

	for (unsigned level = t->levels;; level--) {
		const unsigned shift = 12 + 9 * (level - 1);

		memcpy(&entry, table + ((address >> shift) & 511) * 8, 8);
		if ((entry & 3) != 3) /* present and writable */
			return UINT64_MAX;
		if (entry >> 63 != 0) /* no-execute */
			return UINT64_MAX;
		if ((entry & 0x80) != 0)
			return level != 2 ? UINT64_MAX
					  : (entry & 0x000fffffffe00000ull) |
						    (address & 0x1fffff);
		table = (const uint8_t *)(uintptr_t)(entry & 0x000ffffffffff000ull);
		assert_true(table > t->pool &&
			    table < t->pool + t->used * PAGE_TABLE_BYTES);
	}
}

static const struct {
	const char *name;
	uint64_t start, size;
} ranges[] = {
	{ "the first 4 GiB", 0, 4 * GIB },
	{ "over a 1 GiB border", 6 * GIB - 0x1000, 0x2000 },
	{ "over a 512 GiB border", 512 * GIB - 0x200000, 0x400000 },
	{ "odd start and size", 0x123456789, 0x987654 },
	{ "one byte", 40 * GIB, 1 },
	{ "the last one", (1ull << 47) - 1, 1 },
};

static void ranges_are_mapped_to_themselves(void **state)
{
	uint8_t *pool = aligned_alloc(PAGE_TABLE_BYTES, POOL * PAGE_TABLE_BYTES);

	(void)state;
	for (unsigned levels = 4; levels <= 5; levels++) {
		for (size_t i = 0; i < COUNT(ranges); i++) {
			const uint64_t start = ranges[i].start,
				       end = start + ranges[i].size;
			struct page_tables t;

			memset(pool, 0xff, POOL * PAGE_TABLE_BYTES);
			assert_int_equal(page_tables_init(&t, pool, POOL, levels), LB_OK);
			assert_int_equal(page_tables_map(&t, start, ranges[i].size),
					 LB_OK);
			for (uint64_t at = start; at < end; at += 0x1ff000)
				if (walk(&t, at) != at)
					fail_msg("%s: not mapped", ranges[i].name);
			if (walk(&t, end - 1) != end - 1)
				fail_msg("%s: its end is not mapped", ranges[i].name);
			const uint64_t after = (end + 0x1fffff) & ~0x1fffffull;

			if (walk(&t, after) != UINT64_MAX)
				fail_msg("%s: more is mapped", ranges[i].name);
			if (start >= 0x200000 &&
			    walk(&t, (start & ~0x1fffffull) - 1) != UINT64_MAX)
				fail_msg("%s: less is mapped", ranges[i].name);
		}
	}
	free(pool);
}

static void the_pool_formula_is_enough(void **state)
{
	uint8_t *pool = aligned_alloc(PAGE_TABLE_BYTES, POOL * PAGE_TABLE_BYTES);
	struct page_tables t;

	(void)state;
	/* The worst: each range over a 512 GiB border, with five levels. */
	assert_true(PAGE_TABLES_POOL(3, 1) <= POOL);
	assert_int_equal(page_tables_init(&t, pool, PAGE_TABLES_POOL(3, 1), 5), LB_OK);
	assert_int_equal(page_tables_map(&t, 0, 4 * GIB), LB_OK);
	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal(
			page_tables_map(&t, i * 1024 * GIB + 512 * GIB - 0x1000, GIB),
			LB_OK);
	free(pool);
}

static void a_small_pool_is_reported(void **state)
{
	uint8_t *pool = aligned_alloc(PAGE_TABLE_BYTES, 8 * PAGE_TABLE_BYTES);
	struct page_tables t;

	(void)state;
	assert_int_equal(page_tables_init(&t, pool, 0, 4), LB_ERR_FULL);
	for (size_t pages = 1; pages < 6; pages++) {
		assert_int_equal(page_tables_init(&t, pool, pages, 4), LB_OK);
		assert_int_equal(page_tables_map(&t, 0, 4 * GIB), LB_ERR_FULL);
	}
	assert_int_equal(page_tables_init(&t, pool, 6, 4), LB_OK);
	assert_int_equal(page_tables_map(&t, 0, 4 * GIB), LB_OK);
	free(pool);
}

static void addresses_beyond_the_half_are_refused(void **state)
{
	uint8_t *pool = aligned_alloc(PAGE_TABLE_BYTES, 8 * PAGE_TABLE_BYTES);
	struct page_tables t;

	(void)state;
	assert_int_equal(page_tables_init(&t, pool, 8, 4), LB_OK);
	assert_int_equal(page_tables_map(&t, 1ull << 47, 1), LB_ERR_RANGE);
	assert_int_equal(page_tables_map(&t, (1ull << 47) - 1, 2), LB_ERR_RANGE);
	assert_int_equal(page_tables_map(&t, 0x1000, UINT64_MAX), LB_ERR_RANGE);
	assert_int_equal(t.used, 1);
	free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_mapped_to_themselves),
		cmocka_unit_test(the_pool_formula_is_enough),
		cmocka_unit_test(a_small_pool_is_reported),
		cmocka_unit_test(addresses_beyond_the_half_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

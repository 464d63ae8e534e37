/* Translation tables, read back by an independent walk that follows the architecture's
 * rules (Arm ARM D8.3), not the code's constants. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>

#include "boot/bare/aarch64/tables.h"

struct page {
	bool mapped, writable, executable, device;
	uint64_t address;
	unsigned level;
};

static struct page walk(const struct tables *t, uint64_t va)
{
	const uint64_t *table = t->pool[0];

	for (unsigned level = 0; level < 4; level++) {
		const unsigned shift = 39 - 9 * level;
		const uint64_t d = table[va >> shift & 511];
		const uint64_t offset = va & ((UINT64_C(1) << shift) - 1);

		if ((d & 1) == 0)
			return (struct page){ .level = level };
		if ((d & 2) != 0 && level < 3) {
			table = (const uint64_t *)(uintptr_t)(d & 0xfffffffff000);
			continue;
		}
		assert_true(level > 0);            /* no blocks at level 0 */
		assert_true(level < 3 || (d & 2)); /* pages have both bits */
		assert_true((d >> 10 & 1) == 1);   /* accessed */
		const bool device = (d >> 2 & 7) == 0;

		assert_int_equal(TABLES_MAIR >> (8 * (d >> 2 & 7)) & 0xff,
				 device ? 0x00 : 0xff);
		assert_true(device || (d >> 8 & 3) == 3); /* inner shareable */
		assert_true((d >> 53 & 1) == (d >> 54 & 1));
		return (struct page){ .mapped = true,
				      .device = device,
				      .level = level,
				      .writable = (d >> 7 & 1) == 0,
				      .executable = (d >> 54 & 1) == 0,
				      .address = (d & 0xfffffffff000 &
						  ~((UINT64_C(1) << shift) - 1)) |
						 offset };
	}
	fail_msg("no end at level 3");
	return (struct page){ .mapped = false };
}

static int set_up(void **state)
{
	*state = aligned_alloc(4096, sizeof(struct tables));
	tables_init(*state, TABLES_FIXED_EL1);
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void expect(const struct tables *t, uint64_t va, enum tables_rights rights)
{
	const struct page p = walk(t, va);

	assert_int_equal(p.mapped, rights != TABLES_UNMAPPED);
	if (!p.mapped)
		return;
	assert_int_equal(p.address, va);
	assert_int_equal(p.writable, rights == TABLES_DATA || rights == TABLES_DEVICE);
	assert_int_equal(p.executable, rights == TABLES_CODE);
	assert_int_equal(p.device, rights == TABLES_DEVICE);
	assert_false(p.writable && p.executable);
}

static void ranges_of_all_sizes(void **state)
{
	static const struct {
		const char *name;
		uint64_t base, bytes;
		enum tables_rights rights;
	} rows[] = {
		{ "a page", 0x5000, 0x1000, TABLES_DEVICE },
		{ "a 2 MiB block", 0x40200000, 0x200000, TABLES_DATA },
		{ "three gigabytes and a bit", 0x80001000, 0xc0003000, TABLES_DATA },
		{ "across a 512 GiB border", 0x7fffff000, 0x2000, TABLES_CODE },
		{ "the last page", 0xfffffffff000, 0x1000, TABLES_CONSTANT },
	};
	struct tables *t = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const uint64_t base = rows[i].base, end = base + rows[i].bytes;

		print_message("%s\n", rows[i].name);
		tables_init(t, TABLES_FIXED_EL1);
		assert_int_equal(tables_map(t, base, rows[i].bytes, rows[i].rights),
				 LB_OK);
		expect(t, base, rows[i].rights);
		expect(t, base + rows[i].bytes / 2, rows[i].rights);
		expect(t, end - 1, rows[i].rights);
		expect(t, base - 1, TABLES_UNMAPPED);
		if (end < TABLES_ADDRESS_LIMIT)
			expect(t, end, TABLES_UNMAPPED);
		assert_true((tables_lookup(t, base) & 1) == 1);
	}
}

static void large_blocks_where_they_fit(void **state)
{
	struct tables *t = *state;

	assert_int_equal(tables_map(t, 0x40000000, 0x80000000, TABLES_DATA), LB_OK);
	assert_int_equal(walk(t, 0x40000000).level, 1);
	assert_int_equal(t->used, 2);
}

/* The loader inside RAM: its parts differ from their surroundings, which stay. */
static void parts_inside_a_block(void **state)
{
	struct tables *t = *state;

	assert_int_equal(tables_map(t, 0x40000000, 0x40000000, TABLES_DATA), LB_OK);
	assert_int_equal(tables_map(t, 0x40200000, 0x8000, TABLES_CODE), LB_OK);
	assert_int_equal(tables_map(t, 0x40208000, 0x12000, TABLES_CONSTANT), LB_OK);
	assert_int_equal(tables_map(t, 0x40253000, 0x1000, TABLES_UNMAPPED), LB_OK);
	for (uint64_t va = 0x40000000; va < 0x80000000; va += 0x1000) {
		enum tables_rights want = TABLES_DATA;

		if (va >= 0x40200000 && va < 0x40208000)
			want = TABLES_CODE;
		else if (va >= 0x40208000 && va < 0x4021a000)
			want = TABLES_CONSTANT;
		else if (va == 0x40253000)
			want = TABLES_UNMAPPED;
		expect(t, va, want);
	}
}

static void what_is_refused(void **state)
{
	struct tables *t = *state;

	assert_int_equal(tables_map(t, 0x1001, 0x1000, TABLES_DATA), LB_ERR_ARGUMENT);
	assert_int_equal(tables_map(t, 0x1000, 0x1001, TABLES_DATA), LB_ERR_ARGUMENT);
	assert_int_equal(tables_map(t, UINT64_C(1) << 48, 0x1000, TABLES_DATA),
			 LB_ERR_RANGE);
	assert_int_equal(tables_map(t, 0x1000, UINT64_C(1) << 48, TABLES_DATA),
			 LB_ERR_RANGE);
	assert_int_equal(t->used, 1);
	/* Pages far apart: three tables each until the pool ends. */
	enum lb_status status = LB_OK;
	for (uint64_t i = 0; i < TABLES_POOL && status == LB_OK; i++)
		status = tables_map(t, i << 39, 0x1000, TABLES_DATA);
	assert_int_equal(status, LB_ERR_FULL);
	assert_int_equal(t->used, TABLES_POOL);
}

static void el2_has_its_fixed_bit(void **state)
{
	struct tables *t = *state;

	tables_init(t, TABLES_FIXED_EL2);
	assert_int_equal(tables_map(t, 0x1000, 0x1000, TABLES_CODE), LB_OK);
	assert_int_equal(tables_lookup(t, 0x1000) >> 6 & 1, 1);
	assert_int_equal(tables_lookup(t, 0x2000), 0);
	tables_init(t, TABLES_FIXED_EL1);
	assert_int_equal(tables_map(t, 0x1000, 0x1000, TABLES_DATA), LB_OK);
	assert_int_equal(tables_lookup(t, 0x1000) >> 6 & 1, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ranges_of_all_sizes),   TEST(large_blocks_where_they_fit),
		TEST(parts_inside_a_block),  TEST(what_is_refused),
		TEST(el2_has_its_fixed_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

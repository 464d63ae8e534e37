/* UEFI memory map to e820: every type, order, merging, and maps of odd sizes. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/uefi/x86_64/e820.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_ROWS 8u
#define STRIDE   48u /* as firmware has it, more than the 40 bytes it fills */

struct row {
	uint32_t type;
	uint64_t start, pages, attribute;
};

static size_t make_map(const struct row *rows, size_t count, size_t stride, uint8_t *map)
{
	memset(map, 0xa5, count * stride);
	for (size_t i = 0; i < count; i++) {
		uint8_t *d = map + i * stride;

		lb_put_le32(d, rows[i].type);
		lb_put_le64(d + 8, rows[i].start);
		lb_put_le64(d + 24, rows[i].pages);
		lb_put_le64(d + 32, rows[i].attribute);
	}
	return count * stride;
}

static const struct {
	const char *name;
	size_t rows;
	struct row row[MAX_ROWS];
	size_t count;
	struct e820_entry want[MAX_ROWS];
} maps[] = {
	{ "what the loader and the firmware's boot code used is free",
	  5,
	  { { 1, 0x1000, 1, 15 },
	    { 2, 0x2000, 1, 15 },
	    { 3, 0x3000, 1, 15 },
	    { 4, 0x4000, 1, 15 },
	    { 7, 0x5000, 1, 15 } },
	  1,
	  { { 0x1000, 0x5000, E820_RAM } } },
	{ "kept: runtime, I/O, reserved, PAL, unknown",
	  7,
	  { { 5, 0x1000, 1, 0 },
	    { 6, 0x2000, 1, 0 },
	    { 11, 0x3000, 1, 0 },
	    { 12, 0x4000, 1, 0 },
	    { 0, 0x5000, 1, 0 },
	    { 13, 0x6000, 1, 0 },
	    { 0x80000000, 0x7000, 1, 0 } },
	  1,
	  { { 0x1000, 0x7000, E820_RESERVED } } },
	{ "ACPI, NVS, unusable, persistent stay apart",
	  4,
	  { { 9, 0x1000, 1, 0 },
	    { 10, 0x2000, 1, 0 },
	    { 8, 0x3000, 1, 0 },
	    { 14, 0x4000, 1, 0 } },
	  4,
	  { { 0x1000, 0x1000, E820_ACPI },
	    { 0x2000, 0x1000, E820_NVS },
	    { 0x3000, 0x1000, E820_UNUSABLE },
	    { 0x4000, 0x1000, E820_PERSISTENT } } },
	{ "memory not accepted yet is not free",
	  1,
	  { { 15, 0x1000, 1, 0 } },
	  1,
	  { { 0x1000, 0x1000, E820_RESERVED } } },
	{ "specific purpose: only free memory",
	  2,
	  { { 7, 0x1000, 1, 0x4000f }, { 5, 0x9000, 1, 0x4000f } },
	  2,
	  { { 0x1000, 0x1000, E820_SOFT_RESERVED }, { 0x9000, 0x1000, E820_RESERVED } } },
	{ "sorted, then merged",
	  3,
	  { { 7, 0x3000, 1, 0 }, { 7, 0x1000, 1, 0 }, { 2, 0x2000, 1, 0 } },
	  1,
	  { { 0x1000, 0x3000, E820_RAM } } },
	{ "a gap of one page is kept",
	  2,
	  { { 7, 0x1000, 1, 0 }, { 7, 0x3000, 1, 0 } },
	  2,
	  { { 0x1000, 0x1000, E820_RAM }, { 0x3000, 0x1000, E820_RAM } } },
	{ "empty ones go",
	  2,
	  { { 7, 0x1000, 0, 0 }, { 7, 0x3000, 1, 0 } },
	  1,
	  { { 0x3000, 0x1000, E820_RAM } } },
	{ "beyond 4 GiB",
	  1,
	  { { 7, 0x100000000, 0x200000, 0 } },
	  1,
	  { { 0x100000000, 0x200000000, E820_RAM } } },
	{ "a size that wraps is cut",
	  1,
	  { { 11, 0xfffffffffffff000, UINT64_MAX, 0 } },
	  1,
	  { { 0xfffffffffffff000, 0xfff, E820_RESERVED } } },
};

static void maps_are_converted(void **state)
{
	uint8_t map[MAX_ROWS * STRIDE];
	struct e820_entry out[MAX_ROWS];

	(void)state;
	for (size_t i = 0; i < COUNT(maps); i++) {
		for (size_t stride = 40; stride <= STRIDE; stride += 8) {
			const size_t bytes =
				make_map(maps[i].row, maps[i].rows, stride, map);
			const size_t count =
				e820_from_efi(map, bytes, stride, out, MAX_ROWS);

			if (count != maps[i].count)
				fail_msg("%s: %zu entries", maps[i].name, count);
			for (size_t j = 0; j < count; j++)
				if (out[j].start != maps[i].want[j].start ||
				    out[j].size != maps[i].want[j].size ||
				    out[j].type != maps[i].want[j].type)
					fail_msg("%s: entry %zu", maps[i].name, j);
		}
	}
}

static void odd_sizes(void **state)
{
	const struct row rows[] = { { 7, 0x1000, 1, 0 }, { 5, 0x2000, 1, 0 } };
	uint8_t map[2 * STRIDE];
	struct e820_entry out[2];
	const size_t bytes = make_map(rows, 2, STRIDE, map);

	(void)state;
	assert_int_equal(e820_from_efi(map, bytes - 1, STRIDE, out, 2),
			 1); /* no half ones */
	assert_int_equal(e820_from_efi(map, bytes, STRIDE, out, 1), 1);
	assert_int_equal(e820_from_efi(map, bytes, 39, out, 2), 0);
	assert_int_equal(e820_from_efi(map, 0, STRIDE, out, 2), 0);
}

static void entries_as_the_kernel_reads_them(void **state)
{
	static const uint8_t want[] = { 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23,
					0x01, 0x00, 0x10, 0,    0,    0,    0,
					0,    0,    2,    0,    0,    0 };
	const struct e820_entry entry = { 0x0123456789abcdef, 0x1000, E820_RESERVED };
	uint8_t out[2 * E820_ENTRY_BYTES + 1];

	(void)state;
	memset(out, 0xa5, sizeof out);
	e820_put((const struct e820_entry[]){ entry, entry }, 2, out);
	assert_memory_equal(out, want, sizeof want);
	assert_memory_equal(out + sizeof want, want, sizeof want);
	assert_int_equal(out[sizeof out - 1], 0xa5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_are_converted),
		cmocka_unit_test(odd_sizes),
		cmocka_unit_test(entries_as_the_kernel_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

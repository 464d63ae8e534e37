/* Entries: the types we know, and which two may not stand in one table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/crc32.h"
#include "base/format.h"
#include "gpt/gpt_table.h"

/* As docs/formats/gpt.md and `cgpt show -v` write them. */
static const struct {
	const uint8_t *type;
	const char *text;
} types[] = {
	{ gpt_type_kernel, "fe3a2a5d-4f32-41a7-b725-accc3285a309" },
	{ gpt_type_root, "3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec" },
	{ gpt_type_efi, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" },
	{ gpt_type_data, "0fc63daf-8483-4772-8e79-3d69d8477de4" },
	{ gpt_type_history, "88f5c2b6-3339-4d83-a9f5-0b9eb08f6712" },
};

static void test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		char text[LB_GUID_TEXT_BYTES];

		lb_format_guid(text, types[i].type);
		assert_string_equal(text, types[i].text);
	}
}

struct range {
	uint64_t first, last;
};

static const struct {
	const char *name;
	struct range entry[3];
	enum lb_status want;
} pairs[] = {
	{ "apart", { { 40, 49 }, { 50, 59 }, { 60, 69 } }, LB_OK },
	{ "one after the other, backwards",
	  { { 60, 69 }, { 50, 59 }, { 40, 49 } },
	  LB_OK },
	{ "one sector shared", { { 40, 50 }, { 50, 59 }, { 60, 69 } }, LB_ERR_DUPLICATE },
	{ "the same, backwards",
	  { { 50, 59 }, { 40, 50 }, { 60, 69 } },
	  LB_ERR_DUPLICATE },
	{ "second and third", { { 40, 49 }, { 50, 60 }, { 60, 69 } }, LB_ERR_DUPLICATE },
	{ "first and third", { { 40, 49 }, { 50, 59 }, { 41, 42 } }, LB_ERR_DUPLICATE },
	{ "one in the other", { { 40, 49 }, { 42, 43 }, { 60, 69 } }, LB_ERR_DUPLICATE },
	{ "one sector", { { 40, 40 }, { 41, 41 }, { 42, 42 } }, LB_OK },
	{ "less than one", { { 40, 39 }, { 50, 59 }, { 60, 69 } }, LB_ERR_RANGE },
	{ "all that is usable", { { 34, 49 }, { 50, 59 }, { 60, 80 } }, LB_OK },
	{ "before it", { { 33, 49 }, { 50, 59 }, { 60, 69 } }, LB_ERR_RANGE },
	{ "behind it", { { 40, 49 }, { 50, 59 }, { 60, 81 } }, LB_ERR_RANGE },
};

static void test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		uint8_t table[4 * 128] = { 0 };
		struct gpt_header header = {
			.entry_count = 4,
			.entry_bytes = 128,
			.first_usable_lba = 34,
			.last_usable_lba = 80,
		};

		print_message("row: %s\n", pairs[i].name);
		for (uint8_t e = 0; e < 3; e++) {
			struct gpt_entry entry = { .guid = { e },
						   .first_lba = pairs[i].entry[e].first,
						   .last_lba = pairs[i].entry[e].last };

			memcpy(entry.type, gpt_type_data, sizeof entry.type);
			gpt_entry_encode(&entry, table + (size_t)e * 128);
		}
		header.entries_crc32 = lb_crc32(0, table, sizeof table);
		assert_int_equal(gpt_entries_check(&header, table), pairs[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SMBIOS: hand-made tables, cut and broken ones. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/uefi/smbios.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define TABLE(text) (const uint8_t *)(text), sizeof(text) - 1

/* Structures: type, length, handle (2), fields; then strings, then two NULs in all. */
#define BIOS                                                                             \
	"\x00\x05\x01\x00\x01"                                                           \
	"Maker of BIOS\0"                                                                \
	"\0"
#define BOARD                                                                            \
	"\x02\x06\x03\x00\x01\x02"                                                       \
	"Board maker\0"                                                                  \
	"Board\0"                                                                        \
	"\0"
#define THE_END                                                                          \
	"\x7f\x04\x7f\x00"                                                               \
	"\0\0"

static const struct {
	const char *name;
	const uint8_t *table;
	size_t bytes;
	enum lb_status want;
	const char *vendor, *product;
} tables[] = {
	{ "the usual order",
	  TABLE(BIOS "\x01\x08\x02\x00\x01\x02\x03\x00"
		     "ACME\0"
		     "Box 3\0"
		     "x\0"
		     "\0" THE_END),
	  LB_OK, "ACME", "Box 3" },
	{ "strings in another order",
	  TABLE("\x01\x06\x02\x00\x02\x01"
		"Box\0"
		"ACME\0"
		"\0" THE_END),
	  LB_OK, "ACME", "Box" },
	{ "trailing spaces go",
	  TABLE("\x01\x06\x02\x00\x01\x02"
		"ACME  \0"
		" Box \0"
		"\0" THE_END),
	  LB_OK, "ACME", " Box" },
	{ "no strings at all",
	  TABLE("\x01\x06\x02\x00\x00\x00"
		"\0\0" THE_END),
	  LB_OK, "", "" },
	{ "an index beyond the strings",
	  TABLE("\x01\x06\x02\x00\x01\x09"
		"ACME\0"
		"\0" THE_END),
	  LB_OK, "ACME", "" },
	{ "structure without the product field",
	  TABLE("\x01\x05\x02\x00\x01"
		"ACME\0"
		"\0" THE_END),
	  LB_OK, "ACME", "" },
	{ "only spaces",
	  TABLE("\x01\x06\x02\x00\x01\x01"
		"   \0"
		"\0" THE_END),
	  LB_OK, "", "" },
	{ "a board is no system", TABLE(BOARD THE_END), LB_ERR_NOT_FOUND, "", "" },
	{ "nothing behind the end counts",
	  TABLE(THE_END "\x01\x06\x02\x00\x01\x02"
			"ACME\0"
			"Box\0"
			"\0"),
	  LB_ERR_NOT_FOUND, "", "" },
	{ "the table may end without an end", TABLE(BIOS), LB_ERR_NOT_FOUND, "", "" },
	{ "empty", TABLE(""), LB_ERR_NOT_FOUND, "", "" },
	{ "length below the header",
	  TABLE("\x01\x03\x02\x00"
		"\0\0"),
	  LB_ERR_TRUNCATED, "", "" },
	{ "length beyond the table",
	  TABLE("\x01\xff\x02\x00"
		"\0\0"),
	  LB_ERR_TRUNCATED, "", "" },
	{ "strings without an end",
	  TABLE("\x01\x06\x02\x00\x01\x02"
		"ACME\0"
		"Box"),
	  LB_ERR_TRUNCATED, "", "" },
	{ "one NUL of the two is missing",
	  TABLE("\x01\x06\x02\x00\x01\x02"
		"ACME\0"),
	  LB_ERR_TRUNCATED, "", "" },
};

static void systems_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tables); i++) {
		char vendor[PLATFORM_ID_BYTES] = "old",
		     product[PLATFORM_ID_BYTES] = "old";
		const enum lb_status got =
			smbios_system(tables[i].table, tables[i].bytes, vendor, product);

		if (got != tables[i].want || strcmp(vendor, tables[i].vendor) != 0 ||
		    strcmp(product, tables[i].product) != 0)
			fail_msg("%s: %s \"%s\" \"%s\"", tables[i].name,
				 lb_status_name(got), vendor, product);
	}
}

static void long_names_are_cut(void **state)
{
	uint8_t table[300] = { 1, 6, 2, 0, 1, 2 };
	char vendor[PLATFORM_ID_BYTES], product[PLATFORM_ID_BYTES];

	(void)state;
	memset(table + 6, 'a', 200);
	memcpy(table + 207, "b", 2);
	assert_int_equal(smbios_system(table, sizeof table, vendor, product), LB_OK);
	assert_int_equal(strlen(vendor), PLATFORM_ID_BYTES - 1);
	assert_string_equal(product, "b");
}

/* Makes the @len bytes at @entry sum to zero by the byte at @at. */
static void fix_sum(uint8_t *entry, size_t len, size_t at)
{
	uint8_t sum = 0;

	entry[at] = 0;
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + entry[i]);
	entry[at] = (uint8_t)-sum;
}

static void entry_points_of_both_kinds(void **state)
{
	uint8_t e64[SMBIOS_ENTRY_MAX_BYTES] = "_SM3_",
		e32[SMBIOS_ENTRY_MAX_BYTES] = "_SM_";
	uint64_t address = 0;
	size_t bytes = 0;

	(void)state;
	e64[6] = 24;
	memcpy(e64 + 12, "\x00\x10\x00\x00", 4);
	memcpy(e64 + 16, "\xf0\xde\xbc\x9a\x78\x56\x34\x12", 8);
	fix_sum(e64, 24, 5);
	assert_int_equal(smbios_entry_parse(e64, &address, &bytes), LB_OK);
	assert_true(address == 0x123456789abcdef0u);
	assert_int_equal(bytes, 0x1000);

	memcpy(e64 + 12, "\xff\xff\xff\xff", 4);
	fix_sum(e64, 24, 5);
	assert_int_equal(smbios_entry_parse(e64, &address, &bytes), LB_OK);
	assert_int_equal(bytes, SMBIOS_TABLE_MAX_BYTES);

	e32[5] = 31;
	memcpy(e32 + 16, "_DMI_", 5);
	memcpy(e32 + 22, "\x34\x12\x00\x00\x0f\x00", 6);
	fix_sum(e32, 31, 4);
	assert_int_equal(smbios_entry_parse(e32, &address, &bytes), LB_OK);
	assert_true(address == 0xf0000);
	assert_int_equal(bytes, 0x1234);
}

static void broken_entry_points(void **state)
{
	uint8_t good[SMBIOS_ENTRY_MAX_BYTES] = "_SM3_", e[SMBIOS_ENTRY_MAX_BYTES];
	uint64_t address = 7;
	size_t bytes = 7;

	(void)state;
	good[6] = 24;
	good[12] = 64;
	good[16] = 1;
	fix_sum(good, 24, 5);
	for (size_t i = 0; i < 24; i++) { /* any one byte changed is noticed */
		memcpy(e, good, sizeof e);
		e[i] ^= 0x40;
		assert_int_not_equal(smbios_entry_parse(e, &address, &bytes), LB_OK);
	}
	memcpy(e, good, sizeof e);
	e[6] = 32; /* longer than what may be read */
	fix_sum(e, 24, 5);
	assert_int_equal(smbios_entry_parse(e, &address, &bytes), LB_ERR_RANGE);
	memcpy(e, good, sizeof e);
	e[16] = 0; /* no table */
	fix_sum(e, 24, 5);
	assert_int_equal(smbios_entry_parse(e, &address, &bytes), LB_ERR_RANGE);
	assert_true(address == 7 && bytes == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(systems_are_found),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(entry_points_of_both_kinds),
		cmocka_unit_test(broken_entry_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

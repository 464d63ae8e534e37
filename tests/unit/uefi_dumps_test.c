/* Crash dumps among a made-up firmware's variables: which names are one, and which
 * are the same dump. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "boot/uefi/uefi.h"
#include "tests/host/uefi_store.h"

#define MOST 32u

static const EFI_GUID crash = {
	0xcfc8fc79, 0xbe2e, 0x4ddc, { 0x97, 0xf0, 0x9f, 0x98, 0xbf, 0xe2, 0x98, 0xa0 }
};
static const EFI_GUID other = { 0x12345678, 0, 0, { 0 } };

static EFI_RUNTIME_SERVICES services;
static struct uefi uefi;
static uint32_t ids[MOST];
static size_t count;

static void put(const char *name, EFI_GUID vendor)
{
	CHAR16 wide[UEFI_STORE_NAME_CHARS] = { 0 };

	for (size_t i = 0; name[i] != '\0'; i++)
		wide[i] = (CHAR16)name[i];
	uefi_store_put(wide, vendor, UEFI_NV | UEFI_BS | UEFI_RT, "x", 1);
}

static void begin(void)
{
	uefi_store_reset();
	uefi_store_services(&services);
	uefi.rt = &services;
	put("BootOrder", other);
}

static enum lb_status ask(void)
{
	memset(ids, 0, sizeof ids);
	return uefi_crash_dumps(&uefi, ids, MOST, &count);
}

static void test_none(void **state)
{
	(void)state;
	begin();
	assert_int_equal(ask(), LB_OK);
	assert_int_equal(count, 0);
}

/* Parts of one dump are one; another count, time or type is another. */
static void test_parts_of_dumps(void **state)
{
	static const struct {
		const char *name;
		size_t count;
	} rows[] = {
		{ "dump-type0-1-1-1700-C", 1 },  { "dump-type0-2-1-1700-C", 1 },
		{ "dump-type0-13-1-1700-C", 1 }, { "dump-type0-1-2-1700-C", 2 },
		{ "dump-type0-1-1-1701-C", 3 },  { "dump-type2-1-1-1700-C", 4 },
		{ "dump-type0-1-1709", 5 },      { "dump-type0-7-1709", 5 },
	};

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		put(rows[i].name, crash);
		put("something-else-1-1-1", other);
		assert_int_equal(ask(), LB_OK);
		assert_int_equal(count, rows[i].count);
		for (size_t k = 1; k < count; k++)
			assert_true(ids[k - 1] < ids[k]);
	}
}

static void test_names_that_are_none(void **state)
{
	static const char *const names[] = {
		"dump-type0-1",        "dump-type0",          "dump", "d",
		"Dump-type0-1-1-17-C", "dump_type0-1-1-17-C",
	};

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		put(names[i], crash);
	put("dump-type0-1-1-1700000000-C", other);
	assert_int_equal(ask(), LB_OK);
	assert_int_equal(count, 0);
}

/* More than the caller takes: it is told so, and gets no more. */
static void test_too_many(void **state)
{
	char name[] = "dump-type0-1-00-17-C";

	(void)state;
	begin();
	for (int i = 0; i < 40; i++) {
		name[13] = (char)('0' + i / 10);
		name[14] = (char)('0' + i % 10);
		put(name, crash);
	}
	assert_int_equal(ask(), LB_OK);
	assert_true(count > MOST);
}

static void test_firmware_that_fails(void **state)
{
	(void)state;
	begin();
	uefi_store.broken = true;
	assert_int_equal(ask(), LB_ERR_IO);
	uefi_store.broken = false;
	uefi_store.circles = true;
	assert_int_equal(ask(), LB_ERR_RANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_parts_of_dumps),
		cmocka_unit_test(test_names_that_are_none),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_firmware_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Load options: the one word and nothing like it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/uefi/uefi.h"

#define WIDE(text) (const uint8_t *)(text), sizeof(text) - sizeof(CHAR16)
#define NUL(text)  (const uint8_t *)(text), sizeof(text)

static const struct {
	const char *name;
	const uint8_t *options;
	size_t bytes;
	bool want;
} rows[] = {
	{ "the word", WIDE(L"recovery"), true },
	{ "the word and its NUL", NUL(L"recovery"), true },
	{ "nothing", NULL, 0, false },
	{ "a size without options", NULL, 16, false },
	{ "no bytes", WIDE(L""), false },
	{ "a NUL", NUL(L""), false },
	{ "a letter less", WIDE(L"recover"), false },
	{ "a letter less and a NUL", NUL(L"recover"), false },
	{ "a letter more", WIDE(L"recoverys"), false },
	{ "a space behind", WIDE(L"recovery "), false },
	{ "a space before", WIDE(L" recovery"), false },
	{ "a capital letter", WIDE(L"recoverY"), false },
	{ "another first letter", WIDE(L"Recovery"), false },
	{ "more words", WIDE(L"recovery now"), false },
	{ "a line end", WIDE(L"recovery\n"), false },
	{ "two NULs", NUL(L"recovery\0"), false },
	{ "quoted", WIDE(L"\"recovery\""), false },
	{ "half a character more", (const uint8_t *)L"recovery", 17, false },
	{ "half a character less", (const uint8_t *)L"recovery", 15, false },
	{ "ASCII", (const uint8_t *)"recovery", 8, false },
	{ "ASCII, of the right size", (const uint8_t *)"recovery\0\0\0\0\0\0\0", 16,
	  false },
	{ "a GUID as edk2 puts it", (const uint8_t *)"0123456789abcdef", 16, false },
	{ "other high bytes", (const uint8_t *)"r\1e\1c\1o\1v\1e\1r\1y\1", 16, false },
};

static void options(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(uefi_asks_for_recovery(rows[i].options, rows[i].bytes),
				 rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(options) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

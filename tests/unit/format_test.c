/* Formatting: untrusted text cannot drive a terminal, and nothing is written beyond the
 * end. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"

/* An escape sequence, a newline, a byte of UTF-8, a delete: all that is not printable. */
static void test_untrusted_text_is_printable(void **state)
{
	char out[64], every[257], shown[257];

	(void)state;
	(void)lb_format(out, sizeof out, "disk %s!", "a\x1b[2J\n\xc3,\x7f");
	assert_string_equal(out, "disk a?[2J??,?!");
	for (int c = 1; c < 256; c++)
		every[c - 1] = (char)c;
	every[255] = '\0';
	assert_int_equal(lb_format(shown, sizeof shown, "%s", every), 255);
	for (size_t i = 0; i < 255; i++)
		assert_int_equal((uint8_t)shown[i],
				 i + 1 >= ' ' && i + 1 < 0x7f ? i + 1 : (size_t)'?');
	(void)lb_format(out, sizeof out, "%c%c", 0x1b, 'x');
	assert_string_equal(out, "?x");
}

static void test_end(void **state)
{
	char out[8];

	(void)state;
	memset(out, 'z', sizeof out);
	assert_int_equal(lb_format(out, 4, "%s %u", "abcdef", 7u), 3);
	assert_string_equal(out, "abc");
	assert_int_equal(out[4], 'z');
	assert_int_equal(lb_format(out, 0, "x"), 0);
	assert_int_equal(out[0], 'a');
}

/* What the standard says, the C library knows. */
#define SAME(...)                                                                        \
	do {                                                                             \
		char ours[64], theirs[64];                                               \
		const size_t len = lb_format(ours, sizeof ours, __VA_ARGS__);            \
                                                                                         \
		assert_int_equal(snprintf(theirs, sizeof theirs, __VA_ARGS__), len);     \
		assert_string_equal(ours, theirs);                                       \
	} while (0)

static void test_numbers(void **state)
{
	(void)state;
	SAME("%d %i", 0, 1);
	SAME("%d %d", -1, 9);
	SAME("%d %d", INT_MAX, INT_MIN);
	SAME("%u %u", 0u, UINT_MAX);
	SAME("%x %X", 0xdeadbe09u, 0xdeadbe09u);
	SAME("%ld %lu %lx", LONG_MIN, ULONG_MAX, ULONG_MAX);
	SAME("%lld %llu", LLONG_MIN, ULLONG_MAX);
	SAME("%llx", 0x0123456789abcdefULL);
	SAME("%lld %lld", -5000000000LL, 5000000000LL);
	SAME("%zu %zx", SIZE_MAX, (size_t)0x1234567890);
	SAME("%hu %hhu", (unsigned short)65535, (unsigned char)255);
	for (int v = -11; v <= 11; v++)
		SAME("%d", v);
}

static void test_width(void **state)
{
	(void)state;
	for (int width = 0; width <= 12; width++) {
		SAME("[%*d]", width, 1234);
		SAME("[%*d]", width, -1234);
		SAME("[%0*d]", width, 1234);
		SAME("[%0*d]", width, -1234);
		SAME("[%-*d]", width, -1234);
		SAME("[%0*x]", width, 0xabcu);
		SAME("[%*s]", width, "text");
		SAME("[%-*s]", width, "text");
		SAME("[%-*c]", width, 'c');
		SAME("[%*c]", width, 'c');
	}
	SAME("[%9u][%10u][%19u]", 1u, 2u, 3u);
	SAME("[%1u][%01u][%-1u]", 1u, 2u, 3u);
	SAME("[%024llu]", 7ull);
	SAME("[%-5d][%-5s]", 7, "x");
	SAME("[%02x%02x]", 0x5u, 0xf0u);
}

static void test_strings(void **state)
{
	const char *volatile none = NULL; /* not for the compiler to see */
	char out[16];

	(void)state;
	for (int precision = 0; precision <= 6; precision++)
		SAME("[%.*s]", precision, "text");
	SAME("[%.*s]", -1, "text");
	SAME("[%.2s][%.10s][%6.3s][%-6.3s]", "text", "text", "text", "text");
	SAME("%s%s", "", "x");
	SAME("100%% %c%%", 'x');
	(void)lb_format(out, sizeof out, "%s", none);
	assert_string_equal(out, "(null)");
	/* Not terminated: no byte behind the precision is looked at. */
	const char four[4] = { 'a', 'b', 'c', 'd' };

	(void)lb_format(out, sizeof out, "%.4s", four);
	assert_string_equal(out, "abcd");
}

static void test_pointer(void **state)
{
	char out[24];

	(void)state;
	(void)lb_format(out, sizeof out, "%p", (void *)(uintptr_t)0x12ab);
	assert_string_equal(out, "12ab");
}

static void test_bytes(void **state)
{
	const uint8_t guid[16] = { 0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
				   0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b };
	char text[LB_GUID_TEXT_BYTES], hex[9];

	(void)state;
	lb_format_guid(text, guid);
	assert_string_equal(text, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
	lb_format_hex(hex, guid, 4);
	assert_string_equal(hex, "28732ac1");
	lb_format_hex(hex, guid, 0);
	assert_string_equal(hex, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_untrusted_text_is_printable),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

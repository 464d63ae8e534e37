/* Formatting: untrusted text cannot drive a terminal, and nothing is written beyond the
 * end. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_untrusted_text_is_printable),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

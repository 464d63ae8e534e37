/* Reports: what fits into a code, and names of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recovery/installer/report.h"

static void test_tail(void **state)
{
	char out[24];

	(void)state;
	report_tail("M P1 ", "one\ntwo\n", out, sizeof out);
	assert_string_equal(out, "M P1 one two ");
	report_tail("M P1 ", "a first line\nsecond\nthird\n", out, sizeof out);
	assert_string_equal(out, "M P1 second third ");
	report_tail("M ", "a line that is much too long for it", out, sizeof out);
	assert_int_equal(strlen(out), sizeof out - 1);
	assert_string_equal(out, "M  much too long for it");
}

static void test_model(void **state)
{
	char out[REPORT_MODEL_BYTES];

	(void)state;
	report_model("Kiosk 3/../x", out);
	assert_string_equal(out, "Kiosk_3____x");
	report_model("\xc3\xa4", out);
	assert_string_equal(out, "__");
	report_model("0123456789012345678901234567890123456789", out);
	assert_int_equal(strlen(out), REPORT_MODEL_BYTES - 1);
	report_model("", out);
	assert_string_equal(out, "");
}

static void test_number(void **state)
{
	static const struct {
		const char *file;
		uint32_t number;
	} rows[] = {
		{ "lifeboat-log-K3-7.txt", 7 },          { "lifeboat-log-K3-10.txt", 10 },
		{ "lifeboat-log-K3-0.txt", 0 },          { "lifeboat-log-K3-07.txt", 0 },
		{ "lifeboat-log-K33-7.txt", 0 },         { "lifeboat-log-K3-7.txt~", 0 },
		{ "lifeboat-log-K3-.txt", 0 },           { "lifeboat-log-K3", 0 },
		{ "lifeboat-log-K3-9999999999.txt", 0 }, { "log.txt", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(report_number(rows[i].file, "K3"), rows[i].number);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Recovery reasons: the same in docs/formats/recovery-reasons.md, and who asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recovery/rec_reason.h"

#define DOCUMENT "docs/formats/recovery-reasons.md"
#define REASONS  8

static const char *asked_by(enum rec_reason reason)
{
	if (rec_reason_by_person(reason))
		return "a person";
	if (reason == REC_REASON_NONE)
		return "-";
	if (reason == REC_REASON_OS_REQUEST)
		return "the system";
	return reason == REC_REASON_BOOT_ENTRY ? "a person or the system" : "nobody";
}

/* The row that the document must have. */
static void row(char *out, size_t size, enum rec_reason reason)
{
	(void)snprintf(out, size, "| %d | `%s` | %s | %s | %s |\n", (int)reason,
		       rec_reason_name(reason), rec_reason_text(reason), asked_by(reason),
		       rec_reason_unasked(reason) ? "looked at again every 30 s" : "-");
}

static void test_document(void **state)
{
	char line[256], want[256];
	int rows = 0;
	FILE *file = fopen(DOCUMENT, "r");

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		if (line[0] != '|' || line[2] < '0' || line[2] > '9')
			continue;
		row(want, sizeof want, (enum rec_reason)rows);
		assert_string_equal(line, want);
		rows++;
	}
	(void)fclose(file); /* was only read */
	assert_int_equal(rows, REASONS);
}

static void test_numbers_that_do_not_exist(void **state)
{
	(void)state;
	for (int n = REASONS; n < 70000; n += 77) {
		assert_string_equal(rec_reason_name((enum rec_reason)n), "unknown");
		assert_string_equal(rec_reason_text((enum rec_reason)n), "unknown");
		assert_false(rec_reason_by_person((enum rec_reason)n));
		assert_false(rec_reason_asked((enum rec_reason)n));
		assert_false(rec_reason_unasked((enum rec_reason)n));
	}
}

static void test_names_differ(void **state)
{
	(void)state;
	for (int a = 0; a < REASONS; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(rec_reason_name((enum rec_reason)a),
						rec_reason_name((enum rec_reason)b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_numbers_that_do_not_exist),
		cmocka_unit_test(test_names_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Reasons: unique, named, and the same in docs/formats/reasons.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/reason.h"

#define DOCUMENT "docs/formats/reasons.md"

static const char *class_name(enum lb_reason_class class)
{
	switch (class) {
	case LB_CLASS_OK:
		return "ok";
	case LB_CLASS_SKIP:
		return "skip";
	case LB_CLASS_READ:
		return "read";
	case LB_CLASS_DAMAGED:
		return "damaged";
	case LB_CLASS_DISK:
		return "disk";
	}
	return "?";
}

static void unique(void **state)
{
	enum lb_reason a = LB_REASON_OK;

	(void)state;
	do {
		enum lb_reason b = LB_REASON_OK;

		assert_true(lb_reason_name(a)[0] != '\0' && lb_reason_text(a)[0] != '\0');
		do {
			if (a != b && strcmp(lb_reason_name(a), lb_reason_name(b)) == 0)
				fail_msg("%d and %d are both %s", a, b,
					 lb_reason_name(a));
		} while (lb_reason_next(&b));
	} while (lb_reason_next(&a));
}

/* Numbers rise through the table, so none is there twice. */
static void numbers_rise(void **state)
{
	enum lb_reason before = LB_REASON_OK, next = LB_REASON_OK;

	(void)state;
	while (lb_reason_next(&next)) {
		assert_true(next > before);
		before = next;
	}
}

static void unknown_numbers(void **state)
{
	const enum lb_reason none = (enum lb_reason)60000;
	enum lb_reason walk = none;

	(void)state;
	assert_string_equal(lb_reason_name(none), "unknown");
	assert_int_equal(lb_reason_class(none), LB_CLASS_SKIP);
	assert_false(lb_reason_next(&walk));
}

/* Every row of the document is the next entry of the table, and none is missing. */
static void document(void **state)
{
	char line[512], want[512];
	enum lb_reason reason = LB_REASON_OK;
	bool more = true;
	FILE *f = fopen(DOCUMENT, "r");

	(void)state;
	if (f == NULL)
		fail_msg("cannot read " DOCUMENT " (run from the top folder)");
	while (fgets(line, sizeof line, f) != NULL) {
		if (line[0] != '|' || line[2] < '0' || line[2] > '9')
			continue;
		if (!more)
			fail_msg("a row too many: %s", line);
		snprintf(want, sizeof want, "| %d | `%s` | %s | %s |\n", reason,
			 lb_reason_name(reason), lb_reason_text(reason),
			 class_name(lb_reason_class(reason)));
		assert_string_equal(line, want);
		more = lb_reason_next(&reason);
	}
	fclose(f);
	if (more)
		fail_msg("%s (%d) is not in " DOCUMENT, lb_reason_name(reason), reason);
}

static void verdicts(void **state)
{
	struct lb_verdict v;

	(void)state;
	assert_int_equal(lb_verdict_set(&v, LB_REASON_KEY_UNKNOWN, "offset %u", 7u),
			 LB_REASON_KEY_UNKNOWN);
	assert_int_equal(v.reason, LB_REASON_KEY_UNKNOWN);
	assert_string_equal(v.detail, "offset 7");
	lb_verdict_set(&v, LB_REASON_OK, NULL);
	assert_string_equal(v.detail, "");
	lb_verdict_set(&v, LB_REASON_OK, "%0300d", 1);
	assert_int_equal(strlen(v.detail), LB_DETAIL_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unique),          cmocka_unit_test(numbers_rise),
		cmocka_unit_test(unknown_numbers), cmocka_unit_test(document),
		cmocka_unit_test(verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

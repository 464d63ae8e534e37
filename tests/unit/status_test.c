/* Names of the status codes: each code has one of its own. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/status.h"

static void every_code_has_its_own_name(void **state)
{
	(void)state;
	for (int i = 0; i < LB_STATUS_COUNT; i++) {
		const char *name = lb_status_name((enum lb_status)i);

		assert_non_null(name);
		assert_true(name[0] != '\0');
		assert_string_not_equal(name, "unknown status");
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name, lb_status_name((enum lb_status)j));
	}
}

static void out_of_range_is_named_too(void **state)
{
	(void)state;
	assert_string_equal(lb_status_name(LB_STATUS_COUNT), "unknown status");
	assert_string_equal(lb_status_name((enum lb_status) - 1), "unknown status");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_its_own_name),
		cmocka_unit_test(out_of_range_is_named_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

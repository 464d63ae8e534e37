/* To which times the recovery program's clock may move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "recovery/installer/clock.h"

#define DAY INT64_C(86400)

static void test_believable(void **state)
{
	const int64_t built = INT64_C(1790000000);
	static const struct {
		int64_t days;
		bool good;
	} rows[] = {
		{ -9000, true }, { 0, true },      { 1, true },
		{ 10950, true }, { 10965, false }, { INT32_MAX, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(clock_believable(built + rows[i].days * DAY, built),
				 rows[i].good);
	assert_false(clock_believable(0, built));
	assert_false(clock_believable(-1, built));
	assert_false(clock_believable(INT64_MAX, built));
}

/* Never back, whatever is asked for. */
static void test_never_back(void **state)
{
	const time_t before = time(NULL);
	char text[32] = "x";

	(void)state;
	assert_false(clock_forward((int64_t)before - DAY, text, sizeof text));
	assert_string_equal(text, "");
	assert_false(clock_forward(0, text, sizeof text));
	assert_false(clock_forward(INT64_MAX, text, sizeof text));
	assert_true(time(NULL) >= before && time(NULL) - before < 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_believable),
		cmocka_unit_test(test_never_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

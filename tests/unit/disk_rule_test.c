/* Which disk is taken, and when somebody is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recovery/installer/disk_rule.h"

static const struct {
	const char *name;
	struct disk_census census; /* told, named, systems, fitting, settled */
	enum disk_rule want;
} rows[] = {
	{ "nothing yet", { false, 0, 0, 0, false }, DISK_RULE_WAIT },
	{ "nothing at all", { false, 0, 0, 0, true }, DISK_RULE_WAIT },
	{ "the loader's", { true, 1, 1, 1, false }, DISK_RULE_NAMED },
	{ "the loader's, and its clone", { true, 1, 2, 3, true }, DISK_RULE_NAMED },
	{ "a copy of the loader's", { true, 2, 2, 2, false }, DISK_RULE_WAIT },
	{ "a copy of the loader's, settled", { true, 2, 2, 2, true }, DISK_RULE_ASK },
	{ "the first system", { false, 0, 1, 1, false }, DISK_RULE_WAIT },
	{ "the first system, settled", { false, 0, 1, 1, true }, DISK_RULE_SYSTEM },
	{ "a system and others", { false, 0, 1, 3, true }, DISK_RULE_SYSTEM },
	{ "two systems", { false, 0, 2, 2, true }, DISK_RULE_ASK },
	{ "the first empty one", { false, 0, 0, 1, false }, DISK_RULE_WAIT },
	{ "the only empty one", { false, 0, 0, 1, true }, DISK_RULE_ONLY },
	{ "two empty ones", { false, 0, 0, 2, true }, DISK_RULE_ASK },
	{ "another than the loader's", { true, 0, 1, 1, true }, DISK_RULE_CONFIRM },
	{ "the loader's may be slow", { true, 0, 1, 1, false }, DISK_RULE_WAIT },
	{ "an empty one, not the loader's", { true, 0, 0, 1, true }, DISK_RULE_CONFIRM },
	{ "others than the loader's", { true, 0, 1, 2, true }, DISK_RULE_ASK },
};

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (disk_rule(&rows[i].census) != rows[i].want)
			fail_msg("%s: %d", rows[i].name, disk_rule(&rows[i].census));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

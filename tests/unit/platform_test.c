/* A platform with one pointer missing is not complete, whichever it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/platform.h"
#include "tests/host/host_platform.h"

/* The structure is pointers alone, the first of them ctx, which may be NULL: so a pointer
 * that is added and not asked for fails here, without being named. */
_Static_assert(sizeof(struct platform) % sizeof(void *) == 0, "pointers only");

static void test_each_pointer(void **state)
{
	static struct host_platform host;
	void (*none)(void) = NULL;

	(void)state;
	host_init(&host);
	assert_true(platform_complete(&host.plat));
	for (size_t at = 0; at < sizeof(struct platform); at += sizeof none) {
		struct platform one = host.plat;

		memcpy((uint8_t *)&one + at, &none, sizeof none);
		if (platform_complete(&one) != (at == offsetof(struct platform, ctx)))
			fail_msg("the pointer at byte %zu", at);
	}
	(void)host_release(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_pointer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

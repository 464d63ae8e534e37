/* The canary: another one for another chance, and none that a string can write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "boot/libc/panic.h"

/* The host's own names for the same things are not disturbed. */
#define __stack_chk_guard own_guard
#define __stack_chk_fail  own_fail
#include "boot/libc/stack_guard.c"

static jmp_buf panicked;
static const char *said;

_Noreturn void lb_panic(const char *what, const char *file, int line)
{
	(void)file;
	(void)line;
	said = what;
	longjmp(panicked, 1);
}

static void differs_by_chance(void **state)
{
	uintptr_t seen[64];

	(void)state;
	for (size_t i = 0; i < 64; i++) {
		lb_stack_guard_set(UINT64_C(1) << i);
		seen[i] = own_guard;
		assert_int_equal(seen[i] & 0xff, 0);
		assert_true(seen[i] >> 32 != 0);
		for (size_t k = 0; k < i; k++)
			assert_true(seen[k] != seen[i]);
	}
}

static void fails_closed(void **state)
{
	(void)state;
	said = NULL;
	if (setjmp(panicked) == 0)
		own_fail();
	assert_non_null(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differs_by_chance),
		cmocka_unit_test(fails_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The stack protector's canary, and what happens when one was overwritten. */
#include "boot/libc/stack_guard.h"

#include "boot/libc/panic.h"

/* Until lb_stack_guard_set(): known, but better than none. */
uintptr_t __stack_chk_guard = (uintptr_t)0x5bd1e9955bd1e900;

/* Spreads every bit over all (the end of MurmurHash3). */
static uint64_t stir(uint64_t x)
{
	x = (x ^ x >> 33) * 0xff51afd7ed558ccd;
	x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53;
	return x ^ x >> 33;
}

LB_NO_STACK_GUARD void lb_stack_guard_set(uint64_t chance)
{
	const uint64_t stirred = stir(chance ^ stir((uintptr_t)&chance));

	/* The lowest byte is 0, so that no string's end can write it back. */
	__stack_chk_guard = (uintptr_t)(stirred & ~(uint64_t)0xff);
}

_Noreturn void __stack_chk_fail(void)
{
	lb_panic("a function's stack frame was overwritten", __FILE__, __LINE__);
}

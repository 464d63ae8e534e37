/* The stack protector's canary. gcc puts it behind the arrays of a function's frame and
 * looks at it before the function returns; a changed one ends in lb_panic(). */
#ifndef LIFEBOAT_LIBC_STACK_GUARD_H
#define LIFEBOAT_LIBC_STACK_GUARD_H

#include <stdint.h>

/* For the function that calls lb_stack_guard_set(), and those that called that one. */
#define LB_NO_STACK_GUARD __attribute__((no_stack_protector))

/**
 * lb_stack_guard_set() - a canary for this boot; call once, as early as there is chance.
 * @chance: as random as can be had; mixed with an address and kept from having a pattern
 *
 * No function with a canary may be on the stack: the caller is LB_NO_STACK_GUARD and does
 * not return to one that is not.
 */
void lb_stack_guard_set(uint64_t chance);

/* What the compiler calls and reads. */
_Noreturn void __stack_chk_fail(void);
extern uintptr_t __stack_chk_guard;

#endif

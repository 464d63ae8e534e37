/* What happens when the loader finds its own mistake. Each back end defines it. */
#ifndef LIFEBOAT_LIBC_PANIC_H
#define LIFEBOAT_LIBC_PANIC_H

/**
 * lb_panic() - say what broke on every output there is, then reset. Never returns.
 * Called by assert() and by corrupted use of the heap; never for bad input.
 */
_Noreturn void lb_panic(const char *what, const char *file, int line);

#endif

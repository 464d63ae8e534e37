/* assert() of the firmware builds: our own mistakes only, never input. */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition)                                                                \
	((condition) ? (void)0 : lb_panic(#condition, __FILE__, __LINE__))
#endif

#ifndef LIFEBOAT_LIBC_ASSERT_H
#define LIFEBOAT_LIBC_ASSERT_H
#include "boot/libc/panic.h"
#define static_assert _Static_assert
#endif

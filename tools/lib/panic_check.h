/* What becomes of a system that panics? Shared by sign and verify. */
#ifndef LIFEBOAT_TOOLS_PANIC_CHECK_H
#define LIFEBOAT_TOOLS_PANIC_CHECK_H

#include <stdbool.h>

/** tool_panic_restarts() - the command line makes the kernel restart after a panic:
 * the last panic= is a number other than 0. */
bool tool_panic_restarts(const char *cmdline);

#endif

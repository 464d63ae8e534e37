/* What becomes of a system that panics?
 *
 * Spec: Linux, "The kernel's command-line parameters": panic=SECONDS, below 0 at
 * once, 0 (the usual default) never. */
#include "tools/lib/panic_check.h"

#include <stdlib.h>
#include <string.h>

#include "boot/kernel/cmdline_args.h"

/* As the kernel reads a number: an empty or strange one is refused and changes
 * nothing. */
static bool parse(const struct kernel_argument *a, long *out)
{
	char text[32], *end;

	if (a->value == NULL || a->value_len == 0 || a->value_len >= sizeof(text))
		return false;
	memcpy(text, a->value, a->value_len);
	text[a->value_len] = '\0';
	*out = strtol(text, &end, 0);
	return *end == '\0';
}

bool tool_panic_restarts(const char *cmdline)
{
	struct kernel_argument argument;
	long seconds = 0, value;

	while (kernel_argument_next(&cmdline, &argument))
		if (kernel_argument_is(&argument, "panic") && parse(&argument, &value))
			seconds = value;
	return seconds != 0;
}

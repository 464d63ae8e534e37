/* A kernel command line as Linux splits it: for whoever judges what a kernel will make of
 * one. Pure, no copies.
 *
 * Spec: Linux, "The kernel's command-line parameters": blanks outside double quotes end
 * an argument; quotes round a whole argument or a whole value are taken off; in names '-'
 * and '_' are the same; what follows a lone "--" is for init. */
#ifndef LIFEBOAT_BOOT_KERNEL_CMDLINE_ARGS_H
#define LIFEBOAT_BOOT_KERNEL_CMDLINE_ARGS_H

#include <stdbool.h>
#include <stddef.h>

/* Points into the text. */
struct kernel_argument {
	const char *name;
	size_t name_len;
	const char *value; /* NULL: there is no '=' */
	size_t value_len;
};

/** kernel_argument_next() - the argument at *text, which moves behind it. False at the
 * end, and at a lone "--". */
bool kernel_argument_next(const char **text, struct kernel_argument *out);

/** kernel_argument_next_within() - the same for a text that ends at @limit; no NUL is in
 * it or needed. */
bool kernel_argument_next_within(const char **text, const char *limit,
				 struct kernel_argument *out);

/** kernel_argument_is() - is that its name? */
bool kernel_argument_is(const struct kernel_argument *argument, const char *name);

#endif

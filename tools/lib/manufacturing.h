/* Manufacturing files (recovery/manufacturing.h): made, and judged before they go onto a
 * medium. */
#ifndef LIFEBOAT_TOOLS_MANUFACTURING_H
#define LIFEBOAT_TOOLS_MANUFACTURING_H

#include <stdbool.h>

#include "tools/lib/buffer.h"

struct tool_manufacturing_plan {
	const char *words;    /* the file with model, wipe and end */
	const char *key;      /* the devices' recovery key, public */
	const char *keyblock; /* of a recovery kernel, signed by it */
	const char *data_key; /* private, of the keyblock */
	const char *signer;   /* a program that holds it, or NULL */
};

/** tool_manufacturing_make() - a signed file; words that no device would take, and keys
 * that do not belong together, are messages. */
bool tool_manufacturing_make(const struct tool_manufacturing_plan *plan,
			     struct tool_buffer *out);

/** tool_manufacturing_check() - would a device take the file @path?
 * @key, @profile: whose recovery key it must be for; NULL: any */
bool tool_manufacturing_check(const char *path, const char *key, const char *profile);

#endif

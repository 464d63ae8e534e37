/* Signing as a whole: from what was asked for to the bytes of a kernel partition. */
#ifndef LIFEBOAT_TOOLS_SIGN_H
#define LIFEBOAT_TOOLS_SIGN_H

#include <stdbool.h>

#include "tools/lib/buffer.h"
#include "tools/lib/sign_input.h"
#include "tools/lib/sign_root.h"

struct tool_sign {
	struct tool_sign_input input;
	struct tool_sign_root root;
	const char *keyblock, *data_key;
	const char *signer; /* a program that holds data_key; NULL: none */
	const char *key;    /* the device's, to check with; NULL: none */
	uint32_t version;
};

struct tool_signed {
	struct tool_buffer partition;
	enum kernel_kind kind;
	uint32_t key_version;
	char *cmdline;
	enum tool_root root;
	bool has_initrd; /* was given one, or it may be in the UKI or FIT */
	bool stands;     /* after a panic: see tool_sign_note() */
	/* With --root: made, and put in its place by the caller when all else is written
	 * (tool_root_commit()); tool_signed_free() lets go of it otherwise. */
	struct tool_root_output root_image;
};

/** tool_sign_make() - verified by the loader's own code before it comes back.
 * @name: what it is for, in messages */
bool tool_sign_make(const struct tool_sign *sign, const char *name,
		    struct tool_signed *out);
void tool_signed_free(struct tool_signed *made);

#endif

/* The root file system and the command line of what is signed. */
#ifndef LIFEBOAT_TOOLS_SIGN_ROOT_H
#define LIFEBOAT_TOOLS_SIGN_ROOT_H

#include <stdbool.h>

#include "tools/lib/root_check.h"
#include "tools/lib/sign_input.h"
#include "tools/lib/verity.h"

struct tool_sign_root {
	const char *image, *output, *salt;
	bool no_verity;
};

/**
 * tool_root_prepare() - a root image with a dm-verity tree.
 * @output: NULL: @image itself is replaced, all at once; an image that has a tree already
 *          is checked and left as it is (copied to @output)
 * @salt:   hex, "-" for none, NULL for the preset
 */
bool tool_root_prepare(const char *image, const char *output, const char *salt,
		       struct tool_verity *out);

/**
 * tool_sign_cmdline() - the text for the configuration page.
 *
 * Refuses a root that nothing verifies, unless no_verity says so, and two command lines.
 */
bool tool_sign_cmdline(const struct tool_sign_input *input,
		       const struct tool_sign_root *root,
		       const struct tool_sign_kernel *kernel, char **out);

/** tool_sign_root_of() - what the command line in force says about the root. */
enum tool_root tool_sign_root_of(const struct tool_sign_kernel *kernel,
				 const char *cmdline);

/** tool_salt_parse() - hex digits to bytes. */
bool tool_salt_parse(const char *hex, struct tool_buffer *out);

#endif

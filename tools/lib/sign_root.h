/* The root file system and the command line of what is signed. */
#ifndef LIFEBOAT_TOOLS_SIGN_ROOT_H
#define LIFEBOAT_TOOLS_SIGN_ROOT_H

#include <stdbool.h>

#include "tools/lib/file.h"
#include "tools/lib/root_check.h"
#include "tools/lib/sign_input.h"
#include "tools/lib/verity.h"

struct tool_sign_root {
	const char *image, *output, *salt;
	bool no_verity;
};

/* A root image that is made and does not yet stand under its name. */
struct tool_root_output {
	struct host_output file;
	bool pending;  /* there is one */
	bool in_place; /* takes the place of the image it was made of */
};

/**
 * tool_root_begin() - a root image with a dm-verity tree.
 * @output: NULL: @image itself is replaced, all at once; an image that has a tree already
 *          is checked and left as it is (copied to @output)
 * @salt:   hex, "-" for none, NULL for the preset
 * @out:    for tool_root_commit() or tool_root_abort(); until then nothing has changed
 */
bool tool_root_begin(const char *image, const char *output, const char *salt,
		     struct tool_verity *verity, struct tool_root_output *out);
bool tool_root_commit(struct tool_root_output *root);
void tool_root_abort(struct tool_root_output *root);

/** tool_root_prepare() - tool_root_begin() and tool_root_commit(). */
bool tool_root_prepare(const char *image, const char *output, const char *salt,
		       struct tool_verity *verity);

/**
 * tool_sign_cmdline() - the text for the configuration page.
 *
 * Refuses a root that nothing verifies, unless no_verity says so, and two command lines.
 * @made: the root's image, if one is made; for tool_root_commit() or tool_root_abort(),
 *        also on an error
 */
bool tool_sign_cmdline(const struct tool_sign_input *input,
		       const struct tool_sign_root *root,
		       const struct tool_sign_kernel *kernel, char **out,
		       struct tool_root_output *made);

/** tool_sign_root_of() - what the command line in force says about the root. */
enum tool_root tool_sign_root_of(const struct tool_sign_kernel *kernel,
				 const char *cmdline);

/** tool_salt_parse() - hex digits to bytes. */
bool tool_salt_parse(const char *hex, struct tool_buffer *out);

#endif

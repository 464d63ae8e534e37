/* Making flattened image trees: kernel, initrd, device trees with overlays, and one
 * configuration per device tree. The same input always gives the same bytes.
 *
 * Format: docs/formats/fit.md. */
#ifndef LIFEBOAT_TOOLS_FIT_MAKE_H
#define LIFEBOAT_TOOLS_FIT_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/lib/buffer.h"

#define TOOL_FIT_MAX_TREES    64u
#define TOOL_FIT_MAX_OVERLAYS 16u

struct tool_fit_tree {
	struct tool_buffer dtb;
	const char *compatible; /* the board this tree is for; owned, by free() */
	size_t overlay_count;
	struct tool_buffer overlay[TOOL_FIT_MAX_OVERLAYS];
};

struct tool_fit_parts {
	const char *arch;        /* "x86_64" or "arm64" */
	const char *compression; /* of the kernel: "none", "gzip", "lz4" or "zstd" */
	struct tool_buffer kernel;
	struct tool_buffer initrd; /* len 0: none */
	size_t tree_count;
	struct tool_fit_tree *tree; /* TOOL_FIT_MAX_TREES; NULL: none */
};

/** tool_fit_make() - the tree as bytes; refuses what does not fit into 2 GiB. */
bool tool_fit_make(const struct tool_fit_parts *parts, struct tool_buffer *out);

/** tool_dtb_check() - a device tree or overlay: size and structure. @name: for
 * messages */
bool tool_dtb_check(const struct tool_buffer *dtb, const char *name);

/** tool_dtb_compatible() - the first string of the root's compatible; NULL when none. */
const char *tool_dtb_compatible(const struct tool_buffer *dtb);

/** tool_gzip() - deterministic: no name, no time. */
bool tool_gzip(const struct tool_buffer *in, struct tool_buffer *out);

#endif

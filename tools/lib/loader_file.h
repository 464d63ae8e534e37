/* Loaders as files: where the profile is in a UEFI loader or a bare-metal image. */
#ifndef LIFEBOAT_TOOLS_LOADER_FILE_H
#define LIFEBOAT_TOOLS_LOADER_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/lib/buffer.h"
#include "tools/lib/pe_file.h"

enum tool_loader_kind {
	TOOL_LOADER_NONE, /* neither */
	TOOL_LOADER_UEFI,
	TOOL_LOADER_BARE,
};

struct tool_loader {
	enum tool_loader_kind kind;
	struct tool_pe pe; /* UEFI */
	size_t profile_offset;
	size_t profile_bytes; /* room for it */
};

/** tool_loader_find() - recognise a loader; NONE (and true) when @file is something else.
 * False with a message when it looks like one and is damaged. */
bool tool_loader_find(const struct tool_buffer *file, const char *name,
		      struct tool_loader *out);

/** tool_loader_install() - put a profile into a loader; @profile as tool_profile_make()
 * gives it. */
bool tool_loader_install(struct tool_buffer *file, const char *name,
			 struct tool_loader *loader, const struct tool_buffer *profile,
			 bool strip_signature);

#endif

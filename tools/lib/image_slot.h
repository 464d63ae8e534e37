/* The content of one slot of an image: a root with its tree, a signed kernel. */
#ifndef LIFEBOAT_TOOLS_IMAGE_SLOT_H
#define LIFEBOAT_TOOLS_IMAGE_SLOT_H

#include <stdbool.h>

#include "tools/lib/buffer.h"
#include "tools/lib/image_plan.h"
#include "tools/lib/root_check.h"

struct tool_slot_content {
	bool filled;
	struct tool_buffer kernel;
	char *root; /* file to copy; NULL: none */
	uint64_t root_bytes;
	enum tool_root root_state;
};

/**
 * tool_slot_content_make() - make or take what goes into a slot.
 * @folder: for temporary files
 * @name:   "slot A"
 */
bool tool_slot_content_make(struct tool_image_slot *slot, const char *name,
			    const char *folder, struct tool_slot_content *out);
void tool_slot_content_free(struct tool_slot_content *content);

#endif

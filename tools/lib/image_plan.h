/* What a disk image is to hold: from an ini file and the command line to a plan. */
#ifndef LIFEBOAT_TOOLS_IMAGE_PLAN_H
#define LIFEBOAT_TOOLS_IMAGE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/options.h"
#include "tools/lib/sign.h"

#define TOOL_IMAGE_SLOTS 2u

struct tool_image_slot {
	bool copy;                 /* slot B: the same as A */
	const char *signed_kernel; /* ready partition; else it is signed here */
	struct tool_sign sign;     /* root.image: image or folder */
	struct tool_optional_number version;
	const char *root_type; /* for a folder: "squashfs" or "ext4" */
	struct tool_optional_number priority, remaining_attempts, bootable;
};

/* All texts live as long as the plan. */
struct tool_image_plan {
	struct tool_optional_number sector_size, size;
	const char *seed;
	struct tool_optional_number efi_size;
	struct tool_list loaders;   /* UEFI loaders */
	struct tool_list efi_files; /* "FILE=TARGET" */
	const char *profile;        /* put into the loaders */
	struct tool_optional_number kernel_size, root_size;
	struct tool_image_slot slot[TOOL_IMAGE_SLOTS];
	struct tool_optional_number state_size;
	const char *state_type; /* "ext4" or "none" */
	struct tool_optional_number history_size;

	char **text; /* owned strings */
	size_t text_count;
};

/** tool_image_plan_file() - take an ini file; its paths count from its folder. */
bool tool_image_plan_file(struct tool_image_plan *plan, const char *path);

/** tool_image_plan_set() - one "SECTION.KEY=VALUE"; paths count from here. A later value
 * replaces an earlier one, but for the keys that may be repeated. */
bool tool_image_plan_set(struct tool_image_plan *plan, const char *setting);

void tool_image_plan_free(struct tool_image_plan *plan);

#endif

/* Would the loaders of an image take the kernels that are put beside them? */
#ifndef LIFEBOAT_TOOLS_IMAGE_CHECK_H
#define LIFEBOAT_TOOLS_IMAGE_CHECK_H

#include "tools/lib/image_plan.h"

/**
 * tool_image_check() - says on stderr which kernel the image's own profile refuses.
 * @kernel: kernel partition of each slot; empty ones are passed over
 *
 * Only signatures, flags and versions are looked at, since the machine is not known; and
 * only words come of it, since a developer's or another model's image may be meant. Does
 * nothing where the plan names no profile, or several (lifeboat verify --board judges
 * those). False: the profile cannot be read.
 */
bool tool_image_check(const struct tool_image_plan *plan,
		      const struct tool_buffer *const kernel[TOOL_IMAGE_SLOTS]);

#endif

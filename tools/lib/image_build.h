/* Building a disk image from a plan. */
#ifndef LIFEBOAT_TOOLS_IMAGE_BUILD_H
#define LIFEBOAT_TOOLS_IMAGE_BUILD_H

#include <jansson.h>
#include <stdbool.h>

#include "tools/lib/image_plan.h"

/** tool_image_build() - write the image all or nothing; @report describes it (may be
 * NULL). */
bool tool_image_build(struct tool_image_plan *plan, const char *output, json_t **report);

#endif

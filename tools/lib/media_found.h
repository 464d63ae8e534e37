/* Is a disk recovery media? */
#ifndef LIFEBOAT_TOOLS_MEDIA_FOUND_H
#define LIFEBOAT_TOOLS_MEDIA_FOUND_H

#include <stdbool.h>

#include "base/platform.h"
#include "gpt/gpt_slot.h"
#include "gpt/gpt_table.h"

/**
 * tool_media_found() - true when there is a kernel partition, and all of them are for
 * recovery: by their keyblock's flags, or, where there is none, by the name that
 * `lifeboat recovery-media` gives. Such a kernel is no slot of anybody.
 */
bool tool_media_found(const struct platform *plat, const struct platform_disk *disk,
		      const struct gpt *gpt, const struct gpt_slot *slot, size_t count);

#endif

/* Recovery media as images: a FAT partition that any computer reads, with loaders and
 * files, and signed recovery kernels behind it.
 *
 * Design: DESIGN 6, 12; docs/formats/recovery-media.md. */
#ifndef LIFEBOAT_TOOLS_MEDIA_MAKE_H
#define LIFEBOAT_TOOLS_MEDIA_MAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "tools/lib/media_plan.h"

/** tool_media_make() - write the image all or nothing; @report describes it. */
bool tool_media_make(const struct tool_media_plan *plan, const char *output,
		     json_t **report);

#endif

/* Recovery media as images: a FAT partition that any computer reads, with loaders and
 * files, and signed recovery kernels behind it.
 *
 * Design: DESIGN 6, 12; docs/formats/recovery-media.md. */
#ifndef LIFEBOAT_TOOLS_MEDIA_MAKE_H
#define LIFEBOAT_TOOLS_MEDIA_MAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "tools/lib/options.h"

/* All texts are the caller's. */
struct tool_media_plan {
	struct tool_list kernels; /* signed partitions, any order */
	struct tool_list loaders, files;
	const char *key;     /* recovery key, to judge by */
	const char *profile; /* put into the loaders, and judged by */
	const char *seed;
	struct tool_list payloads; /* --payload and --developer-payload */
	const char *network, *manufacturing, *language;
	struct tool_optional_number piece_size;
	struct tool_optional_number sector_size, size, data_size;
};

/** tool_media_make() - write the image all or nothing; @report describes it. */
bool tool_media_make(const struct tool_media_plan *plan, const char *output,
		     json_t **report);

#endif

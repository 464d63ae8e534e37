/* What a recovery medium is to be made from. */
#ifndef LIFEBOAT_TOOLS_MEDIA_PLAN_H
#define LIFEBOAT_TOOLS_MEDIA_PLAN_H

#include "tools/lib/options.h"

/* All texts are the caller's. */
struct tool_media_plan {
	struct tool_list kernels; /* signed partitions, any order */
	struct tool_list loaders, files;
	const char *key;     /* recovery key, to judge by */
	const char *profile; /* put into the loaders, and judged by */
	const char *seed;
	struct tool_list payloads; /* --payload and --developer-payload */
	const char *network, *server_ca, *manufacturing, *language;
	struct tool_optional_number piece_size;
	struct tool_optional_number sector_size, size, data_size;
};

#endif

/* What lies on the data partition of a recovery medium for the recovery program.
 *
 * Names: docs/formats/recovery-media.md. */
#ifndef LIFEBOAT_TOOLS_MEDIA_DATA_H
#define LIFEBOAT_TOOLS_MEDIA_DATA_H

#include <jansson.h>

#include "tools/lib/media_plan.h"

/* Released by tool_media_data_free(). */
struct tool_media_data {
	struct tool_list files; /* "FILE=TARGET", the plan's own ones first */
	char *text[TOOL_LIST_MAX];
	size_t text_count;
	uint64_t bytes; /* of all of them */
	json_t *payloads;
};

/**
 * tool_media_data_make() - judge the payloads and lay out the files.
 * @folder: for pieces of payloads that FAT32 cannot hold whole
 *
 * A payload that is damaged, or that no device of the plan's profile would install, is an
 * error. Developer payloads are judged as developer mode does.
 */
bool tool_media_data_make(const struct tool_media_plan *plan, const char *folder,
			  struct tool_media_data *out);
void tool_media_data_free(struct tool_media_data *data);

#endif

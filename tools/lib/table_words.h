/* A partition table in words: which field or entry is wrong, what it says, what was
 * expected, and the likely cause. Only words; what counts is gpt/gpt_table.h's to say. */
#ifndef LIFEBOAT_TOOLS_TABLE_WORDS_H
#define LIFEBOAT_TOOLS_TABLE_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/platform.h"

/** tool_table_fault() - what is wrong with the copy whose header lies at @lba; by
 * free(). NULL: nothing. */
char *tool_table_fault(struct host_platform *plat, const struct platform_disk *disk,
		       uint64_t lba);

/** tool_table_words() - both copies' faults in one line, for a refusal; by free(). */
char *tool_table_words(struct host_platform *plat, const struct platform_disk *disk);

/** tool_table_fields() - adds the fields of the header at @lba to @object as they stand;
 * false when there is no header. */
bool tool_table_fields(struct host_platform *plat, const struct platform_disk *disk,
		       uint64_t lba, json_t *object);

#endif

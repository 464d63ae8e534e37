/* A new partition table: protective MBR, both GPT copies, 128 entries as cgpt wants
 * them. */
#ifndef LIFEBOAT_TOOLS_GPT_MAKE_H
#define LIFEBOAT_TOOLS_GPT_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gpt/gpt_make.h"

#define TOOL_GPT_ENTRIES GPT_MAKE_ENTRIES

struct tool_gpt_partition {
	uint32_t number; /* 1..TOOL_GPT_ENTRIES; 0: unused */
	const uint8_t *type;
	uint8_t guid[16];
	uint64_t first_lba;
	uint64_t sectors;
	uint64_t attributes;
	const char *name; /* ASCII, at most 36 characters */
};

/** tool_gpt_table_sectors() - sectors of one table of entries. */
uint64_t tool_gpt_table_sectors(uint32_t sector_bytes);

/**
 * tool_gpt_write() - write the whole table to an open file.
 * @partition: they must not overlap and must lie in the usable range; that is the
 *             caller's
 */
bool tool_gpt_write(int fd, const char *path, const struct gpt_geometry *disk,
		    const uint8_t disk_guid[16],
		    const struct tool_gpt_partition *partition, size_t count);

#endif

/* Disk images: partitions one after the other, each on a whole MiB, and their table.
 * What lies in them is the caller's. */
#ifndef LIFEBOAT_TOOLS_IMAGE_LAYOUT_H
#define LIFEBOAT_TOOLS_IMAGE_LAYOUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gpt/gpt_header.h"
#include "tools/lib/options.h"

#define TOOL_IMAGE_MAX_PARTS 16u
#define TOOL_IMAGE_MIB       ((uint64_t)1 << 20)

struct tool_image_part {
	const char *name;
	const char *identity; /* its GUID is made from this; NULL: from the name */
	uint32_t number;
	const uint8_t *type;
	uint64_t bytes; /* rounded up to a MiB by tool_image_place() */
	uint64_t offset;
	uint64_t attributes;
};

struct tool_image_layout {
	struct gpt_geometry disk;
	const char *seed; /* the caller's; everything random is made from it */
	size_t count;
	struct tool_image_part part[TOOL_IMAGE_MAX_PARTS]; /* as they lie on the disk */
	int fd;                                            /* the open image */
	const char *path;
};

/** tool_image_round() - up to a MiB. */
uint64_t tool_image_round(uint64_t bytes);

/** tool_image_sector_size() - 512 when it is not given; a message for anything odd. */
bool tool_image_sector_size(const struct tool_optional_number *wanted, uint32_t *out);

/**
 * tool_image_place() - give each partition its place and the disk its size.
 * @size:  of the whole disk; not given: as small as it can be
 * @grows: index of the partition that gets what is left of @size; SIZE_MAX: none
 */
bool tool_image_place(struct tool_image_layout *layout,
		      const struct tool_optional_number *size, size_t grows);

/** tool_image_guid() - of a partition. */
void tool_image_guid(const struct tool_image_layout *layout, size_t part,
		     uint8_t out[16]);

/** tool_image_serial() - for a FAT file system. */
uint32_t tool_image_serial(const struct tool_image_layout *layout);

/** tool_image_copy_file() - a file's bytes into a partition that is all zero. */
bool tool_image_copy_file(const struct tool_image_layout *layout, const char *file,
			  size_t part);

/** tool_image_write_table() - both copies. */
bool tool_image_write_table(const struct tool_image_layout *layout);

/** tool_image_describe() - "file", "bytes", "sector_bytes" as JSON. */
json_t *tool_image_describe(const struct tool_image_layout *layout, const char *output);

/** tool_image_describe_part() - "number", "name", "guid", "offset", "bytes". */
json_t *tool_image_describe_part(const struct tool_image_layout *layout, size_t part);

/** tool_image_seed() - a new string: @wanted, or made from the content of @count kernels
 * (their signatures cover everything that they start). */
struct tool_buffer;
char *tool_image_seed(const char *wanted, const struct tool_buffer *const *kernel,
		      size_t count);

#endif

/* What a payload is made of: a signed kernel and a root, as files or in a disk image. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_INPUT_H
#define LIFEBOAT_TOOLS_PAYLOAD_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/buffer.h"
#include "tools/lib/options.h"
#include "update/statement.h"

#define TOOL_PAYLOAD_PARTS 3u

struct tool_payload_part {
	const char *name; /* "kernel", "root", "firmware" */
	int fd;
	const char *path;
	uint64_t offset;  /* in the file */
	uint64_t present; /* bytes that are there */
	uint64_t bytes;   /* rounded up to blocks; the rest is zero */
};

/* As on the command line; NULL is not given. */
struct tool_payload_source {
	const char *image, *slot; /* a disk image and which of its slots */
	const char *kernel, *root, *firmware;
	struct tool_optional_number kernel_size, root_size, efi_size, state_size,
		sector_size;
};

struct tool_payload_input {
	size_t count;
	struct tool_payload_part part[TOOL_PAYLOAD_PARTS];
	struct tool_buffer kernel;     /* the signed partition: headers and body */
	struct crypto_headers headers; /* points into kernel */
	enum platform_cpu cpu;
	size_t place_count;
	struct update_place place[UPDATE_MAX_PLACES]; /* of an empty disk */
	char place_name[UPDATE_MAX_PLACES][40];
};

/** tool_payload_input_open() - the layout is the image's, or made as `lifeboat image`
 * does. */
bool tool_payload_input_open(const struct tool_payload_source *source,
			     struct tool_payload_input *out);
void tool_payload_input_close(struct tool_payload_input *input);

/** tool_payload_read() - @len bytes of a part, zeros behind its end. */
bool tool_payload_read(const struct tool_payload_part *part, uint64_t offset, void *out,
		       size_t len);

#endif

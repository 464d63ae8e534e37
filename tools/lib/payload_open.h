/* Payload files, whole or in parts, through the update engine. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_OPEN_H
#define LIFEBOAT_TOOLS_PAYLOAD_OPEN_H

#include <stdbool.h>

#include "tools/lib/platform.h"
#include "update/payload.h"

#define TOOL_PAYLOAD_MAX_PIECES 100u

struct tool_payload_file {
	const char *path;
	size_t count; /* pieces: PATH alone, or PATH, then the same name with .001, ... */
	int fd[TOOL_PAYLOAD_MAX_PIECES];
	uint64_t end[TOOL_PAYLOAD_MAX_PIECES]; /* offset behind each piece */
	bool borrowed;                         /* the descriptor is the caller's */
	struct lb_source source;
	struct host_platform plat;
	struct update_memory memory;
	struct update_payload payload;
	bool open;
};

/** tool_payload_file_open() - @path, and if it ends in ".000", the pieces that follow.
 * Large: allocate it or make it static; do not move it. */
bool tool_payload_file_open(const char *path, struct tool_payload_file *out);
/** tool_payload_file_fd() - an open file, which stays the caller's. */
bool tool_payload_file_fd(int fd, const char *path, struct tool_payload_file *out);
void tool_payload_file_close(struct tool_payload_file *file);

/** tool_payload_open() - update_payload_open(), with a message when it is refused. */
bool tool_payload_open(struct tool_payload_file *file,
		       const struct update_device *device);

/** tool_update_error() - "PATH: words: detail [name]" on standard error. Returns
 * false. */
bool tool_update_error(const char *path, const struct update_verdict *why);

/** tool_update_answers() - the reason is a device's answer, and no fault of this
 * machine's. */
bool tool_update_answers(enum update_reason reason);

/** tool_update_refuse() - tool_update_error() of what a device was asked about: an
 * answer makes tool_failed() TOOL_NO. */
bool tool_update_refuse(const char *path, const struct update_verdict *why);

#endif

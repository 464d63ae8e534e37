/* Reading files whole, and writing them so that nothing half-written ever stands under
 * the final name: temporary file beside it, fsync, rename, fsync of the folder. */
#ifndef LIFEBOAT_TOOLS_FILE_H
#define LIFEBOAT_TOOLS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/lib/buffer.h"

/** tool_read_file() - a whole file of at most @limit bytes, appended to @out. */
bool tool_read_file(const char *path, size_t limit, struct tool_buffer *out);

#define TOOL_FILE_LIMIT ((size_t)4 << 30)

enum tool_overwrite {
	TOOL_REPLACE, /* an existing regular file is replaced at once */
	TOOL_NEVER_OVERWRITE,
};

struct tool_output {
	char *path;
	char *temporary;
	int fd; /* to write to by any means */
	enum tool_overwrite overwrite;
};

/**
 * tool_output_begin() - open a temporary file beside @path.
 *
 * The temporary file goes away on tool_output_abort(), at exit and on SIGINT, SIGTERM or
 * SIGHUP. What exists under @path and is not a regular file (a device) is refused.
 */
bool tool_output_begin(struct tool_output *out, const char *path, mode_t mode,
		       enum tool_overwrite overwrite);
bool tool_output_write(const struct tool_output *out, const void *data, size_t len,
		       uint64_t offset);
/** tool_output_commit() - make it the file of its final name. Ends @out either way. */
bool tool_output_commit(struct tool_output *out);
void tool_output_abort(struct tool_output *out);

/** tool_write_file() - all of the above for bytes in memory. */
bool tool_write_file(const char *path, const void *data, size_t len, mode_t mode,
		     enum tool_overwrite overwrite);

/** tool_pread(), tool_pwrite() - exactly @len bytes; the message names @path and
 * offset. */
bool tool_pread(int fd, const char *path, void *data, size_t len, uint64_t offset);
bool tool_pwrite(int fd, const char *path, const void *data, size_t len, uint64_t offset);

/** tool_file_bytes() - size of an open file or block device. */
bool tool_file_bytes(int fd, const char *path, uint64_t *bytes);

/** tool_path_join() - "folder/name"; a @name that is absolute, or a NULL folder, gives
 * @name. */
char *tool_path_join(const char *folder, const char *name);
/** tool_path_folder() - the folder @path lies in, "." when it names none. */
char *tool_path_folder(const char *path);

#endif

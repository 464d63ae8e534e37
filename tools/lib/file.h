/* Files as host/file.h and host/output.h read and write them, for the command: what goes
 * wrong is a message, and memory never runs out quietly. */
#ifndef LIFEBOAT_TOOLS_FILE_H
#define LIFEBOAT_TOOLS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/output.h"
#include "tools/lib/buffer.h"

/** tool_read_file() - a whole file of at most @limit bytes, appended to @out. */
bool tool_read_file(const char *path, size_t limit, struct tool_buffer *out);

#define TOOL_FILE_LIMIT ((size_t)4 << 30)

/** tool_output_begin() - host_output_begin(), refusing to take an input's place
 * (tools/lib/inputs.h); the temporary file goes away on host_output_abort(), at exit and
 * on signals that end the program. */
bool tool_output_begin(struct host_output *out, const char *path, mode_t mode,
		       enum host_overwrite overwrite);
/** tool_output_begin_over() - the same where the output is one of the inputs, changed:
 * tool_input_replaceable() must come before tool_output_commit(). */
bool tool_output_begin_over(struct host_output *out, const char *path, mode_t mode,
			    enum host_overwrite overwrite);
bool tool_output_write(const struct host_output *out, const void *data, size_t len,
		       uint64_t offset);
/** tool_output_commit() - make it the file of its final name. Ends @out either way. */
bool tool_output_commit(struct host_output *out);

/** tool_write_file() - all of the above for bytes in memory. */
bool tool_write_file(const char *path, const void *data, size_t len, mode_t mode,
		     enum host_overwrite overwrite);

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

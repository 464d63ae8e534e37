/* Files: read whole, written all or nothing, with messages. */
#include "tools/lib/file.h"

#include <stdlib.h>

#include "host/file.h"
#include "tools/lib/inputs.h"
#include "tools/lib/temporary.h"
#include "tools/lib/tool.h"

bool tool_file_bytes(int fd, const char *path, uint64_t *bytes)
{
	struct host_error err;

	return tool_check(host_file_bytes(fd, path, bytes, &err), &err);
}

bool tool_pread(int fd, const char *path, void *data, size_t len, uint64_t offset)
{
	struct host_error err;

	return tool_check(host_read_at(fd, path, data, len, offset, &err), &err);
}

bool tool_pwrite(int fd, const char *path, const void *data, size_t len, uint64_t offset)
{
	struct host_error err;

	return tool_check(host_write_at(fd, path, data, len, offset, &err), &err);
}

bool tool_read_file(const char *path, size_t limit, struct tool_buffer *out)
{
	struct host_error err;
	uint8_t *data;
	size_t len;

	if (!tool_check(host_read_file(path, limit, &data, &len, &err), &err))
		return false;
	tool_input_add(path);
	if (out->data == NULL) {
		*out = (struct tool_buffer){ .data = data, .len = len, .room = len };
		return true;
	}
	tool_buffer_append(out, data, len);
	free(data);
	return true;
}

bool tool_output_begin(struct host_output *out, const char *path, mode_t mode,
		       enum host_overwrite overwrite)
{
	return tool_input_spared(path) &&
	       tool_output_begin_over(out, path, mode, overwrite);
}

bool tool_output_begin_over(struct host_output *out, const char *path, mode_t mode,
			    enum host_overwrite overwrite)
{
	struct host_error err;

	return tool_check(
		host_output_begin(out, path, mode, overwrite, &tool_temporary, &err),
		&err);
}

bool tool_output_write(const struct host_output *out, const void *data, size_t len,
		       uint64_t offset)
{
	struct host_error err;

	return tool_check(host_output_write(out, data, len, offset, &err), &err);
}

bool tool_output_commit(struct host_output *out)
{
	struct host_error err;

	/* Once more: some inputs are read after the output was begun. */
	if (!tool_input_spared(out->path)) {
		host_output_abort(out);
		return false;
	}
	return tool_check(host_output_commit(out, &err), &err);
}

bool tool_write_file(const char *path, const void *data, size_t len, mode_t mode,
		     enum host_overwrite overwrite)
{
	struct host_error err;

	return tool_input_spared(path) &&
	       tool_check(host_write_file(path, data, len, mode, overwrite,
					  &tool_temporary, &err),
			  &err);
}

char *tool_path_join(const char *folder, const char *name)
{
	if (folder == NULL || name[0] == '/')
		return tool_strdup(name);
	return tool_format("%s/%s", folder, name);
}

char *tool_path_folder(const char *path)
{
	char *folder = host_path_folder(path);

	if (folder == NULL)
		tool_fatal("out of memory");
	return folder;
}

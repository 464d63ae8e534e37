/* Files: read whole, written all or nothing. */
#include "tools/lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/temporary.h"
#include "tools/lib/tool.h"

bool tool_file_bytes(int fd, const char *path, uint64_t *bytes)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return tool_error("%s: %s", path, strerror(errno));
	if (S_ISREG(st.st_mode)) {
		*bytes = (uint64_t)st.st_size;
		return true;
	}
	if (!S_ISBLK(st.st_mode))
		return tool_error("%s: neither a file nor a block device", path);
	if (ioctl(fd, BLKGETSIZE64, bytes) != 0)
		return tool_error("%s: size of the device: %s", path, strerror(errno));
	return true;
}

bool tool_pread(int fd, const char *path, void *data, size_t len, uint64_t offset)
{
	uint8_t *at = data;

	while (len > 0) {
		const ssize_t got = pread(fd, at, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tool_error("%s: read at offset %llu: %s", path,
					  (unsigned long long)offset, strerror(errno));
		if (got == 0)
			return tool_error(
				"%s: ends at offset %llu, %zu bytes more expected", path,
				(unsigned long long)offset, len);
		at += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return true;
}

bool tool_pwrite(int fd, const char *path, const void *data, size_t len, uint64_t offset)
{
	const uint8_t *at = data;

	while (len > 0) {
		const ssize_t put = pwrite(fd, at, len, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return tool_error("%s: write at offset %llu: %s", path,
					  (unsigned long long)offset,
					  put < 0 ? strerror(errno) : "nothing written");
		at += put;
		offset += (uint64_t)put;
		len -= (size_t)put;
	}
	return true;
}

/* Pipes have no size: read until the end. */
static bool read_stream(int fd, const char *path, size_t limit, struct tool_buffer *out)
{
	const size_t before = out->len;

	for (;;) {
		uint8_t piece[65536];
		const ssize_t got = read(fd, piece, sizeof(piece));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tool_error("%s: read at offset %zu: %s", path,
					  out->len - before, strerror(errno));
		if (got == 0)
			return true;
		if ((size_t)got > limit - (out->len - before))
			return tool_error("%s: larger than %zu bytes", path, limit);
		tool_buffer_append(out, piece, (size_t)got);
	}
}

static bool read_open_file(int fd, const char *path, size_t limit,
			   struct tool_buffer *out)
{
	struct stat st;
	uint64_t bytes;

	if (fstat(fd, &st) != 0)
		return tool_error("%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return tool_error("%s: is a folder", path);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return read_stream(fd, path, limit, out);
	if (!tool_file_bytes(fd, path, &bytes))
		return false;
	if (bytes > limit)
		return tool_error("%s: %llu bytes, larger than %zu", path,
				  (unsigned long long)bytes, limit);
	return tool_pread(fd, path, tool_buffer_grow(out, (size_t)bytes), (size_t)bytes,
			  0);
}

bool tool_read_file(const char *path, size_t limit, struct tool_buffer *out)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return tool_error("%s: %s", path, strerror(errno));
	const bool good = read_open_file(fd, path, limit, out);

	close(fd);
	return good;
}

static bool may_write(const char *path, enum tool_overwrite overwrite)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT || tool_error("%s: %s", path, strerror(errno));
	if (overwrite == TOOL_NEVER_OVERWRITE)
		return tool_error("%s: exists already, and is not overwritten", path);
	if (!S_ISREG(st.st_mode))
		return tool_error("%s: is not a regular file", path);
	return true;
}

bool tool_output_begin(struct tool_output *out, const char *path, mode_t mode,
		       enum tool_overwrite overwrite)
{
	*out = (struct tool_output){ .fd = -1, .overwrite = overwrite };

	if (!may_write(path, overwrite))
		return false;
	out->temporary = tool_format("%s.tmp-XXXXXX", path);
	out->fd = tool_temporary_file(out->temporary);
	if (out->fd < 0) {
		tool_error("%s: %s", out->temporary, strerror(errno));
		free(out->temporary);
		out->temporary = NULL;
		return false;
	}
	out->path = tool_strdup(path);

	/* mkstemp makes files of mode 0600; others are as the umask wants them. */
	const mode_t mask = umask(0);
	umask(mask);
	if (fchmod(out->fd, mode & ~mask) != 0) {
		tool_error("%s: %s", out->temporary, strerror(errno));
		tool_output_abort(out);
		return false;
	}
	return true;
}

bool tool_output_write(const struct tool_output *out, const void *data, size_t len,
		       uint64_t offset)
{
	return tool_pwrite(out->fd, out->path, data, len, offset);
}

static bool sync_folder(const char *path)
{
	char *folder = tool_path_folder(path);
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

	if (!good)
		tool_error("%s: %s", folder, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(folder);
	return good;
}

static int take_name(const struct tool_output *out)
{
	if (out->overwrite == TOOL_REPLACE)
		return rename(out->temporary, out->path);
	/* link() fails when the name has appeared in the meantime; rename() would not. */
	return link(out->temporary, out->path);
}

bool tool_output_commit(struct tool_output *out)
{
	bool good = fsync(out->fd) == 0 && close(out->fd) == 0;

	if (!good)
		tool_error("%s: %s", out->temporary, strerror(errno));
	else
		out->fd = -1;
	if (good && take_name(out) != 0)
		good = tool_error("%s: %s", out->path, strerror(errno));
	if (good)
		good = sync_folder(out->path);
	tool_output_abort(out);
	return good;
}

void tool_output_abort(struct tool_output *out)
{
	if (out->fd >= 0)
		close(out->fd);
	if (out->temporary != NULL)
		tool_temporary_remove(out->temporary);
	free(out->path);
	free(out->temporary);
	*out = (struct tool_output){ .fd = -1 };
}

bool tool_write_file(const char *path, const void *data, size_t len, mode_t mode,
		     enum tool_overwrite overwrite)
{
	struct tool_output out;

	if (!tool_output_begin(&out, path, mode, overwrite))
		return false;
	if (!tool_output_write(&out, data, len, 0)) {
		tool_output_abort(&out);
		return false;
	}
	return tool_output_commit(&out);
}

char *tool_path_join(const char *folder, const char *name)
{
	if (folder == NULL || name[0] == '/')
		return tool_strdup(name);
	return tool_format("%s/%s", folder, name);
}

char *tool_path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return tool_strdup(".");
	if (slash == path)
		return tool_strdup("/");
	char *folder = tool_strdup(path);

	folder[slash - path] = '\0';
	return folder;
}

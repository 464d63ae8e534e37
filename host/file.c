/* Files: at a place, and whole. */
#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES 65536u

static enum lb_status fail_at(struct host_error *err, const char *path, const char *what,
			      uint64_t offset)
{
	const int number = errno;

	return host_fail(err, host_status(number), "%s: %s at offset %llu: %s", path,
			 what, (unsigned long long)offset, strerror(number));
}

static const char *kind_words(mode_t mode)
{
	return S_ISDIR(mode)    ? "folder"
	       : S_ISFIFO(mode) ? "pipe"
	       : S_ISSOCK(mode) ? "socket"
				: "character device";
}

enum lb_status host_file_bytes(int fd, const char *path, uint64_t *bytes,
			       struct host_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return host_fail_errno(err, path);
	if (S_ISREG(st.st_mode)) {
		*bytes = (uint64_t)st.st_size;
		return LB_OK;
	}
	if (!S_ISBLK(st.st_mode))
		return host_fail(err, LB_ERR_UNSUPPORTED,
				 "%s: is a %s; a file or a block device is needed%s",
				 path, kind_words(st.st_mode),
				 S_ISFIFO(st.st_mode) ? ", because it is read at any "
							"place: write it to a file first"
						      : "");
	if (ioctl(fd, BLKGETSIZE64, bytes) != 0)
		return host_fail(err, host_status(errno), "%s: size of the device: %s",
				 path, strerror(errno));
	return LB_OK;
}

enum lb_status host_read_at(int fd, const char *path, void *data, size_t len,
			    uint64_t offset, struct host_error *err)
{
	uint8_t *at = data;

	while (len > 0) {
		const ssize_t got = pread(fd, at, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_at(err, path, "read", offset);
		if (got == 0)
			return host_fail(
				err, LB_ERR_TRUNCATED,
				"%s: ends at offset %llu, %zu bytes more expected", path,
				(unsigned long long)offset, len);
		at += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return LB_OK;
}

enum lb_status host_write_at(int fd, const char *path, const void *data, size_t len,
			     uint64_t offset, struct host_error *err)
{
	const uint8_t *at = data;

	while (len > 0) {
		const ssize_t put = pwrite(fd, at, len, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail_at(err, path, "write", offset);
		if (put == 0)
			return host_fail(err, LB_ERR_IO,
					 "%s: write at offset %llu: nothing written",
					 path, (unsigned long long)offset);
		at += put;
		offset += (uint64_t)put;
		len -= (size_t)put;
	}
	return LB_OK;
}

/* What a file holds while it is being read. */
struct contents {
	uint8_t *data;
	size_t len, room;
};

static enum lb_status make_room(struct contents *c, size_t room, struct host_error *err)
{
	uint8_t *grown = realloc(c->data, room != 0 ? room : 1);

	if (grown == NULL)
		return host_fail(err, LB_ERR_NOMEM, "out of memory (%zu bytes)", room);
	c->data = grown;
	c->room = room;
	return LB_OK;
}

/* Pipes have no size: read until the end. */
static enum lb_status read_stream(int fd, const char *path, size_t limit,
				  struct contents *c, struct host_error *err)
{
	for (;;) {
		if (c->room - c->len < PIECE_BYTES) {
			const enum lb_status status =
				make_room(c, 2 * c->room + PIECE_BYTES, err);

			if (status != LB_OK)
				return status;
		}
		const ssize_t got = read(fd, c->data + c->len, PIECE_BYTES);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_at(err, path, "read", c->len);
		if (got == 0)
			return LB_OK;
		if ((size_t)got > limit - c->len)
			return host_fail(err, LB_ERR_RANGE, "%s: larger than %zu bytes",
					 path, limit);
		c->len += (size_t)got;
	}
}

static enum lb_status read_open_file(int fd, const char *path, size_t limit,
				     struct contents *c, struct host_error *err)
{
	enum lb_status status;
	struct stat st;
	uint64_t bytes;

	if (fstat(fd, &st) != 0)
		return host_fail_errno(err, path);
	if (S_ISDIR(st.st_mode))
		return host_fail(err, LB_ERR_UNSUPPORTED, "%s: is a folder", path);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return read_stream(fd, path, limit, c, err);
	status = host_file_bytes(fd, path, &bytes, err);
	if (status != LB_OK)
		return status;
	if (bytes > limit)
		return host_fail(err, LB_ERR_RANGE, "%s: %llu bytes, larger than %zu",
				 path, (unsigned long long)bytes, limit);
	/* A file of /proc or /sys has no size, or a page: its end is where it ends. */
	if (S_ISREG(st.st_mode)) {
		status = make_room(c, (size_t)bytes + PIECE_BYTES, err);
		return status == LB_OK ? read_stream(fd, path, limit, c, err) : status;
	}
	status = make_room(c, (size_t)bytes, err);
	if (status != LB_OK)
		return status;
	c->len = (size_t)bytes;
	return host_read_at(fd, path, c->data, c->len, 0, err);
}

enum lb_status host_read_file(const char *path, size_t limit, uint8_t **data, size_t *len,
			      struct host_error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct contents c = { 0 };

	if (fd < 0)
		return host_fail_errno(err, path);
	enum lb_status status = read_open_file(fd, path, limit, &c, err);

	(void)close(fd); /* only read from */
	if (status == LB_OK && c.data == NULL)
		status = make_room(&c, 0, err);
	if (status != LB_OK) {
		free(c.data);
		return status;
	}
	*data = c.data;
	*len = c.len;
	return LB_OK;
}

char *host_path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Files written all or nothing. */
#include "host/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/file.h"

#define RANDOM_LETTERS 6u
#define MAKE_TRIES     100u

/* Another name in place of the X's; the kernel's random source answers at once for so few
 * bytes. 32 letters, so that none is likelier than another. */
static bool next_name(char *x)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	uint8_t byte[RANDOM_LETTERS];

	if (getrandom(byte, sizeof(byte), 0) != (ssize_t)sizeof(byte))
		return false;
	for (size_t i = 0; i < RANDOM_LETTERS; i++)
		x[i] = letters[byte[i] % (sizeof(letters) - 1)];
	return true;
}

int host_temporary_make(char *name_template, mode_t mode)
{
	char *x = name_template + strlen(name_template) - RANDOM_LETTERS;

	for (unsigned int i = 0; i < MAKE_TRIES; i++) {
		if (!next_name(x))
			return -1;
		const int fd =
			open(name_template, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);

		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static void plain_remove(const char *name)
{
	(void)unlink(name); /* it may have been renamed */
}

static const struct host_temporary plain = { host_temporary_make, plain_remove };

static enum lb_status no_memory(struct host_error *err)
{
	return host_fail(err, LB_ERR_NOMEM, "out of memory");
}

static enum lb_status may_write(const char *path, enum host_overwrite overwrite,
				struct host_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT ? LB_OK : host_fail_errno(err, path);
	if (overwrite == HOST_NEVER_OVERWRITE)
		return host_fail(err, LB_ERR_DUPLICATE,
				 "%s: exists already, and is not overwritten", path);
	if (!S_ISREG(st.st_mode))
		return host_fail(err, LB_ERR_UNSUPPORTED, "%s: is not a regular file",
				 path);
	return LB_OK;
}

static enum lb_status make_names(struct host_output *out, const char *path,
				 struct host_error *err)
{
	out->path = strdup(path);
	if (out->path == NULL || asprintf(&out->temporary, "%s.tmp-XXXXXX", path) < 0) {
		out->temporary = NULL;
		return no_memory(err);
	}
	return LB_OK;
}

enum lb_status host_output_begin(struct host_output *out, const char *path, mode_t mode,
				 enum host_overwrite overwrite,
				 const struct host_temporary *names,
				 struct host_error *err)
{
	*out = (struct host_output){ .fd = -1,
				     .overwrite = overwrite,
				     .names = names != NULL ? names : &plain };
	enum lb_status status = may_write(path, overwrite, err);

	if (status == LB_OK)
		status = make_names(out, path, err);
	if (status != LB_OK) {
		free(out->path);
		return status;
	}
	out->fd = out->names->make(out->temporary, mode);
	if (out->fd < 0) {
		/* The name beside it is nothing that anybody has asked for. */
		status = host_fail(err, LB_ERR_IO, "%s: cannot be made: %s", path,
				   strerror(errno));
		/* What has that name is not ours to remove. */
		free(out->temporary);
		out->temporary = NULL;
		host_output_abort(out);
	}
	return status;
}

enum lb_status host_output_write(const struct host_output *out, const void *data,
				 size_t len, uint64_t offset, struct host_error *err)
{
	return host_write_at(out->fd, out->path, data, len, offset, err);
}

static enum lb_status sync_folder(const char *path, struct host_error *err)
{
	char *folder = host_path_folder(path);
	enum lb_status status = LB_OK;

	if (folder == NULL)
		return no_memory(err);
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		status = host_fail_errno(err, folder);
	if (fd >= 0)
		(void)close(fd); /* nothing was written through it */
	free(folder);
	return status;
}

static int take_name(const struct host_output *out)
{
	if (out->overwrite == HOST_REPLACE)
		return rename(out->temporary, out->path);
	/* link() fails when the name has appeared in the meantime; rename() would not. */
	return link(out->temporary, out->path);
}

static enum lb_status commit(struct host_output *out, struct host_error *err)
{
	if (fsync(out->fd) != 0)
		return host_fail_errno(err, out->path);
	const int closed = close(out->fd);

	out->fd = -1;
	if (closed != 0)
		return host_fail_errno(err, out->path);
	if (take_name(out) != 0)
		return host_fail_errno(err, out->path);
	return sync_folder(out->path, err);
}

enum lb_status host_output_commit(struct host_output *out, struct host_error *err)
{
	const enum lb_status status = commit(out, err);

	host_output_abort(out);
	return status;
}

void host_output_abort(struct host_output *out)
{
	if (out->fd >= 0)
		(void)close(out->fd); /* what was written is thrown away */
	if (out->temporary != NULL)
		out->names->remove(out->temporary);
	free(out->path);
	free(out->temporary);
	*out = (struct host_output){ .fd = -1 };
}

enum lb_status host_write_file(const char *path, const void *data, size_t len,
			       mode_t mode, enum host_overwrite overwrite,
			       const struct host_temporary *names, struct host_error *err)
{
	struct host_output out;
	enum lb_status status =
		host_output_begin(&out, path, mode, overwrite, names, err);

	if (status != LB_OK)
		return status;
	status = host_output_write(&out, data, len, 0, err);
	if (status == LB_OK)
		return host_output_commit(&out, err);
	host_output_abort(&out);
	return status;
}

enum lb_status host_folder_make(const char *base, char **out, struct host_error *err)
{
	char *folder;

	if (asprintf(&folder, "%s/lifeboat-XXXXXX", base) < 0)
		return no_memory(err);
	if (mkdtemp(folder) == NULL) {
		const enum lb_status status = host_fail_errno(err, folder);

		free(folder);
		return status;
	}
	*out = folder;
	return LB_OK;
}

void host_folder_remove(const char *folder)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char entries[4096] __attribute__((aligned(8)));
	long bytes;

	/* No opendir(): it must not be called by a signal handler. */
	while (fd >= 0 &&
	       (bytes = syscall(SYS_getdents64, fd, entries, sizeof(entries))) > 0)
		for (long at = 0; at < bytes;) {
			const struct dirent64 *entry = (const void *)(entries + at);

			(void)unlinkat(fd, entry->d_name, 0); /* . and .. stay */
			at += entry->d_reclen;
		}
	if (fd >= 0)
		(void)close(fd);
	(void)rmdir(folder); /* what does not go stays in the folder for such things */
}

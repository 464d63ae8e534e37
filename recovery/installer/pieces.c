/* Files as one source. */
#include "recovery/installer/pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pieces {
	size_t count;
	uint64_t each; /* bytes of every piece but the last */
	int fd[PIECES_MAX];
};

bool pieces_name(const char *name, bool first, size_t *len)
{
	*len = strlen(name);
	if (*len <= PIECES_NUMBER_BYTES)
		return false;
	*len -= PIECES_NUMBER_BYTES;
	const char *end = name + *len;

	return end[0] == '.' && strspn(end + 1, "0123456789") == 3 &&
	       (!first || strcmp(end, ".000") == 0);
}

static enum lb_status read_all(int fd, uint64_t offset, uint8_t *at, size_t len)
{
	while (len > 0) {
		const ssize_t got = pread(fd, at, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0          ? LB_ERR_RANGE
			       : errno == ENODEV ? LB_ERR_REMOVED
						 : LB_ERR_IO;
		at += got, offset += (uint64_t)got, len -= (size_t)got;
	}
	return LB_OK;
}

static enum lb_status read_source(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct pieces *p = ctx;
	uint8_t *at = buf;

	while (len > 0) {
		const uint64_t piece = p->count > 1 ? offset / p->each : 0;
		const uint64_t in = offset - piece * p->each;
		size_t step = len;

		if (piece >= p->count)
			return LB_ERR_RANGE;
		if (piece + 1 < p->count && step > p->each - in)
			step = (size_t)(p->each - in);
		const enum lb_status status = read_all(p->fd[piece], in, at, step);

		if (status != LB_OK)
			return status;
		at += step, offset += step, len -= step;
	}
	return LB_OK;
}

/* One more file; false when there is none of that name. */
static bool add(struct pieces *p, const char *path, uint64_t *bytes)
{
	struct stat st;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	p->fd[p->count++] = fd;
	*bytes = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0
			 ? (uint64_t)st.st_size
			 : 0;
	return true;
}

/* NULL, or what is wrong. */
static const char *add_all(struct pieces *p, const char *path, uint64_t *total)
{
	char name[PIECES_PATH_BYTES + PIECES_NUMBER_BYTES + 1];
	uint64_t bytes, last = 0;

	*total = 0;
	while (p->count < PIECES_MAX) {
		snprintf(name, sizeof name, "%s.%03u", path, (unsigned int)p->count);
		if (!add(p, name, &bytes))
			break;
		if (bytes == 0)
			return "an empty piece";
		if (p->count == 1)
			p->each = bytes;
		else if (last != p->each || bytes > p->each)
			return "a piece of another size than the first";
		last = bytes;
		*total += bytes;
	}
	return p->count > 0 ? NULL : "cannot be opened";
}

static void release(struct pieces *p)
{
	for (size_t i = 0; i < p->count; i++)
		(void)close(p->fd[i]);
	free(p);
}

bool pieces_open(const char *path, struct lb_source *out, const char **why)
{
	struct pieces *p = calloc(1, sizeof *p);
	uint64_t bytes = 0;

	*why = "out of memory";
	if (p == NULL)
		return false;
	if (add(p, path, &bytes))
		*why = bytes > 0 ? NULL : "an empty file";
	else
		*why = add_all(p, path, &bytes);
	if (*why != NULL) {
		release(p);
		return false;
	}
	*out = (struct lb_source){ .ctx = p, .bytes = bytes, .read = read_source };
	return true;
}

void pieces_close(struct lb_source *source)
{
	release(source->ctx);
	*source = (struct lb_source){ 0 };
}

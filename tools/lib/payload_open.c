/* Payload files as sources. */
#include "tools/lib/payload_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tools/lib/file.h"
#include "tools/lib/inputs.h"
#include "tools/lib/tool.h"

#define FIRST_SUFFIX ".000"

bool tool_update_error(const char *path, const struct update_verdict *why)
{
	return tool_error("%s: %s%s%s [%s]", path, update_reason_text(why->reason),
			  why->detail[0] != '\0' ? ": " : "", why->detail,
			  update_reason_name(why->reason));
}

bool tool_update_answers(enum update_reason reason)
{
	switch (reason) {
	case UPDATE_READ:
	case UPDATE_MEMORY:
	case UPDATE_SLOT:
	case UPDATE_DISK_READ:
	case UPDATE_DISK_WRITE:
	case UPDATE_RESULT:
	case UPDATE_TABLE:
	case UPDATE_CANCELLED:
		return false;
	default:
		return true;
	}
}

bool tool_update_refuse(const char *path, const struct update_verdict *why)
{
	if (!tool_update_answers(why->reason))
		return tool_update_error(path, why);
	return tool_refuse("%s: %s%s%s [%s]", path, update_reason_text(why->reason),
			   why->detail[0] != '\0' ? ": " : "", why->detail,
			   update_reason_name(why->reason));
}

static enum lb_status read_pieces(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct tool_payload_file *f = ctx;
	uint8_t *out = buf;

	if (!lb_within(offset, len, f->source.bytes))
		return LB_ERR_RANGE;
	for (size_t i = 0; i < f->count && len > 0; i++) {
		const uint64_t start = i == 0 ? 0 : f->end[i - 1];

		if (offset >= f->end[i])
			continue;
		const uint64_t left = f->end[i] - offset;
		const size_t n = left < len ? (size_t)left : len;

		if (!tool_pread(f->fd[i], f->path, out, n, offset - start))
			return LB_ERR_IO;
		out += n;
		offset += n;
		len -= n;
	}
	return len == 0 ? LB_OK : LB_ERR_IO;
}

static bool add_piece(struct tool_payload_file *f, int fd, const char *path)
{
	uint64_t bytes;

	if (fd < 0)
		return tool_error("%s: %s", path, strerror(errno));
	if (!f->borrowed) /* that one is an output, looked at once more */
		tool_input_add(path);
	f->fd[f->count] = fd;
	if (!tool_file_bytes(fd, path, &bytes))
		return false;
	f->source.bytes += bytes;
	f->end[f->count++] = f->source.bytes;
	return true;
}

static void start(struct tool_payload_file *f, const char *path)
{
	memset(f, 0, sizeof(*f));
	f->path = path;
	f->source = (struct lb_source){ .ctx = f, .read = read_pieces };
	tool_platform_init(&f->plat);
	f->memory =
		(struct update_memory){ .plat = &f->plat.platform, .limit = SIZE_MAX };
}

/* NAME.001 and so on, as long as there are any. */
static bool add_following(struct tool_payload_file *f, size_t stem)
{
	for (unsigned int i = 1; i < TOOL_PAYLOAD_MAX_PIECES; i++) {
		char *path = tool_format("%.*s.%03u", (int)stem, f->path, i);
		const int fd = open(path, O_RDONLY | O_CLOEXEC);
		const bool ends = fd < 0 && errno == ENOENT;
		const bool good = ends || add_piece(f, fd, path);

		free(path);
		if (ends || !good)
			return good;
	}
	return true;
}

bool tool_payload_file_open(const char *path, struct tool_payload_file *out)
{
	const size_t len = strlen(path);

	start(out, path);
	bool good = add_piece(out, open(path, O_RDONLY | O_CLOEXEC), path);

	if (good && len > 4 && strcmp(path + len - 4, FIRST_SUFFIX) == 0)
		good = add_following(out, len - 4);
	if (!good)
		tool_payload_file_close(out);
	return good;
}

bool tool_payload_file_fd(int fd, const char *path, struct tool_payload_file *out)
{
	start(out, path);
	out->borrowed = true;
	return add_piece(out, fd, path);
}

void tool_payload_file_close(struct tool_payload_file *file)
{
	if (file->open)
		update_payload_close(&file->payload);
	file->open = false;
	for (size_t i = 0; i < file->count && !file->borrowed; i++)
		close(file->fd[i]);
	file->count = 0;
	host_platform_close(&file->plat);
}

bool tool_payload_open(struct tool_payload_file *file, const struct update_device *device)
{
	struct update_verdict why;

	if (update_payload_open(&file->source, device, &file->memory, &file->payload,
				&why) != UPDATE_OK)
		return device != NULL ? tool_update_refuse(file->path, &why)
				      : tool_update_error(file->path, &why);
	file->open = true;
	return true;
}

/* Copying with holes. */
#include "tools/lib/copy.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tools/lib/file.h"
#include "tools/lib/tool.h"

#define PIECE_BYTES ((size_t)1 << 20)
#define HOLE_BYTES  4096u

static bool write_blocks(int to, const char *path, uint64_t offset, const uint8_t *data,
			 size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t end = at;

		/* A run of blocks that are not zero. */
		while (end < len) {
			const size_t n = len - end < HOLE_BYTES ? len - end : HOLE_BYTES;

			if (lb_all_zero(data + end, n))
				break;
			end += n;
		}
		if (end > at && !tool_pwrite(to, path, data + at, end - at, offset + at))
			return false;
		at = end + HOLE_BYTES;
		if (end == len)
			break;
	}
	return true;
}

/* The next stretch that may hold data from *at on, before @end; false: only holes are
 * left. Where the file system does not tell, all of it. */
static bool next_data(int fd, uint64_t *at, uint64_t end, uint64_t *data_end)
{
	const off_t data = lseek(fd, (off_t)*at, SEEK_DATA);

	if (data < 0 && errno == ENXIO)
		return false;
	if (data < 0) {
		*data_end = end;
		return true;
	}
	*at = (uint64_t)data;
	if (*at >= end)
		return false;
	const off_t hole = lseek(fd, data, SEEK_HOLE);

	*data_end = hole > data && (uint64_t)hole < end ? (uint64_t)hole : end;
	return true;
}

bool tool_copy_sparse(int from, const char *from_path, uint64_t from_offset,
		      uint64_t bytes, int to, const char *to_path, uint64_t to_offset)
{
	uint8_t *piece = tool_alloc(PIECE_BYTES);
	const uint64_t end = from_offset + bytes;
	uint64_t at = from_offset, data_end = from_offset;
	bool good = true;

	while (good && at < end) {
		if (at == data_end && !next_data(from, &at, end, &data_end))
			break;
		const size_t n = data_end - at < PIECE_BYTES ? (size_t)(data_end - at)
							     : PIECE_BYTES;

		good = tool_pread(from, from_path, piece, n, at) &&
		       write_blocks(to, to_path, to_offset + (at - from_offset), piece,
				    n);
		at += n;
	}
	free(piece);
	return good;
}

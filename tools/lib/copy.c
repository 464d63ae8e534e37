/* Copying with holes. */
#include "tools/lib/copy.h"

#include <stdlib.h>

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

bool tool_copy_sparse(int from, const char *from_path, uint64_t from_offset,
		      uint64_t bytes, int to, const char *to_path, uint64_t to_offset)
{
	uint8_t *piece = tool_alloc(PIECE_BYTES);
	bool good = true;

	for (uint64_t done = 0; good && done < bytes;) {
		const size_t n =
			bytes - done < PIECE_BYTES ? (size_t)(bytes - done) : PIECE_BYTES;

		good = tool_pread(from, from_path, piece, n, from_offset + done) &&
		       write_blocks(to, to_path, to_offset + done, piece, n);
		done += n;
	}
	free(piece);
	return good;
}

/* Copying with holes. */
#include "host/copy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "host/file.h"

#define PIECE_BYTES ((size_t)1 << 20)
#define HOLE_BYTES  4096u

static enum lb_status write_blocks(const struct host_place *to, uint64_t offset,
				   const uint8_t *data, size_t len,
				   struct host_error *err)
{
	enum lb_status status = LB_OK;

	for (size_t at = 0; at < len && status == LB_OK;) {
		size_t end = at;

		/* A run of blocks that are not zero. */
		while (end < len) {
			const size_t n = len - end < HOLE_BYTES ? len - end : HOLE_BYTES;

			if (lb_all_zero(data + end, n))
				break;
			end += n;
		}
		if (end > at)
			status = host_write_at(to->fd, to->path, data + at, end - at,
					       offset + at, err);
		if (end == len)
			break;
		at = end + HOLE_BYTES;
	}
	return status;
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

enum lb_status host_copy_sparse(const struct host_place *from, uint64_t bytes,
				const struct host_place *to, struct host_error *err)
{
	uint8_t *piece = malloc(PIECE_BYTES);
	const uint64_t end = from->offset + bytes;
	uint64_t at = from->offset, data_end = from->offset;
	enum lb_status status = LB_OK;

	if (piece == NULL)
		return host_fail(err, LB_ERR_NOMEM, "out of memory (%zu bytes)",
				 PIECE_BYTES);
	while (status == LB_OK && at < end) {
		if (at == data_end && !next_data(from->fd, &at, end, &data_end))
			break;
		const size_t n = data_end - at < PIECE_BYTES ? (size_t)(data_end - at)
							     : PIECE_BYTES;

		status = host_read_at(from->fd, from->path, piece, n, at, err);
		if (status == LB_OK)
			status = write_blocks(to, to->offset + (at - from->offset), piece,
					      n, err);
		at += n;
	}
	free(piece);
	return status;
}

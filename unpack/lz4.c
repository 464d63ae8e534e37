/* LZ4: the frame format (lz4 -9) and the legacy one (lz4 -l, which Linux's own build
 * uses). Our own: the format is simple, and a library would be one more pinned archive.
 *
 * Spec: lz4_Frame_format.md 1.6.3, lz4_Block_format.md. */
#include <string.h>

#include "base/bytes.h"
#include "unpack/decompress.h"

#define FRAME_MAGIC      0x184d2204u
#define LEGACY_MAGIC     0x184c2102u
#define LEGACY_BLOCK     ((size_t)8 << 20)
#define FLG_VERSION_MASK 0xc0u
#define FLG_VERSION      0x40u
#define FLG_BLOCK_SUM    0x10u
#define FLG_CONTENT_SIZE 0x08u
#define FLG_CONTENT_SUM  0x04u
#define FLG_RESERVED     0x02u
#define FLG_DICTIONARY   0x01u
#define SUM_BYTES        4u
#define BLOCK_PLAIN      0x80000000u
#define MIN_MATCH        4u

static enum kernel_decoded bad(struct kernel_decoding *d, const char *problem)
{
	d->problem = problem;
	return KERNEL_DECODE_BAD;
}

/* One block: in at used.. to end; a match reaches back to @window at most. */
struct block {
	size_t end;
	size_t window;
};

/* A length nibble that may go on in bytes of up to 255. False: the block ends in it. */
static bool read_length(struct kernel_decoding *d, const struct block *b, size_t *length)
{
	uint8_t byte;

	if (*length != 15)
		return true;
	do {
		if (d->used == b->end)
			return false;
		byte = d->in[d->used++];
		*length += byte;
	} while (byte == 255);
	return true;
}

static enum kernel_decoded copy_literals(struct kernel_decoding *d, const struct block *b,
					 size_t length)
{
	if (!lb_within(d->used, length, b->end))
		return bad(d, "lz4 literals run over their block");
	const size_t room = d->out_bytes - d->made;
	const size_t n = length < room ? length : room;
	memcpy(d->out + d->made, d->in + d->used, n);
	d->made += n;
	d->used += n;
	return n == length ? KERNEL_DECODED : KERNEL_DECODE_FULL;
}

static enum kernel_decoded copy_match(struct kernel_decoding *d, const struct block *b,
				      size_t distance, size_t length)
{
	if (distance == 0 || distance > d->made - b->window)
		return bad(d, "lz4 match reaches before the start");
	const size_t room = d->out_bytes - d->made;
	const size_t n = length < room ? length : room;
	uint8_t *to = d->out + d->made;
	const uint8_t *from = to - distance;
	if (distance >= n)
		memcpy(to, from, n);
	else
		for (size_t i = 0; i < n; i++)
			to[i] = from[i];
	d->made += n;
	return n == length ? KERNEL_DECODED : KERNEL_DECODE_FULL;
}

static enum kernel_decoded decode_block(struct kernel_decoding *d, const struct block *b)
{
	for (;;) {
		if (d->used == b->end)
			return bad(d, "lz4 block ends in a match");
		const uint8_t token = d->in[d->used++];
		size_t length = token >> 4;
		if (!read_length(d, b, &length))
			return bad(d, "lz4 block ends in a length");
		enum kernel_decoded result = copy_literals(d, b, length);
		if (result != KERNEL_DECODED || d->used == b->end)
			return result;

		if (b->end - d->used < 2)
			return bad(d, "lz4 block ends in a distance");
		const size_t distance = lb_le16(d->in + d->used);
		d->used += 2;
		length = token & 15;
		if (!read_length(d, b, &length))
			return bad(d, "lz4 block ends in a length");
		result = copy_match(d, b, distance, length + MIN_MATCH);
		if (result != KERNEL_DECODED)
			return result;
	}
}

/* The size word of the next block, or an error. */
static enum kernel_decoded next_size(struct kernel_decoding *d, uint32_t *size)
{
	if (d->in_bytes - d->used < 4)
		return bad(d, "lz4 data ends too early");
	*size = lb_le32(d->in + d->used);
	d->used += 4;
	return KERNEL_DECODED;
}

/* Blocks of at most 8 MiB, each on its own, until the data ends. */
static enum kernel_decoded decode_legacy(struct kernel_decoding *d)
{
	while (d->used < d->in_bytes) {
		uint32_t size;
		enum kernel_decoded result = next_size(d, &size);
		if (result != KERNEL_DECODED)
			return result;
		if (size == 0 || size > d->in_bytes - d->used)
			return bad(d, "lz4 data ends too early");
		const struct block b = { .end = d->used + size, .window = d->made };
		result = decode_block(d, &b);
		if (result != KERNEL_DECODED)
			return result;
		if (d->made - b.window > LEGACY_BLOCK)
			return bad(d, "lz4 block is larger than 8 MiB");
	}
	return KERNEL_DECODED;
}

struct frame {
	bool block_sums, content_sum, content_known;
	uint64_t content;
};

static enum kernel_decoded read_frame(struct kernel_decoding *d, struct frame *f)
{
	if (d->in_bytes - d->used < 3)
		return bad(d, "lz4 data ends too early");
	const uint8_t flg = d->in[d->used];
	if ((flg & FLG_VERSION_MASK) != FLG_VERSION || (flg & FLG_RESERVED) != 0)
		return bad(d, "unknown version of lz4");
	if ((flg & FLG_DICTIONARY) != 0)
		return bad(d, "lz4 with a dictionary");
	*f = (struct frame){
		.block_sums = (flg & FLG_BLOCK_SUM) != 0,
		.content_sum = (flg & FLG_CONTENT_SUM) != 0,
		.content_known = (flg & FLG_CONTENT_SIZE) != 0,
	};
	d->used += 2;
	if (f->content_known) {
		if (d->in_bytes - d->used < 9)
			return bad(d, "lz4 data ends too early");
		f->content = lb_le64(d->in + d->used);
		d->used += 8;
	}
	d->used += 1; /* header checksum */
	return KERNEL_DECODED;
}

static enum kernel_decoded decode_frame_block(struct kernel_decoding *d, uint32_t size,
					      size_t start)
{
	const size_t bytes = size & ~BLOCK_PLAIN;

	if (bytes > d->in_bytes - d->used)
		return bad(d, "lz4 data ends too early");
	/* Blocks may be linked; to allow it for independent ones as well does no harm. */
	const struct block b = { .end = d->used + bytes, .window = start };
	return (size & BLOCK_PLAIN) != 0 ? copy_literals(d, &b, bytes)
					 : decode_block(d, &b);
}

static enum kernel_decoded decode_frame(struct kernel_decoding *d)
{
	const size_t start = d->made;
	struct frame f;
	uint32_t size;

	enum kernel_decoded result = read_frame(d, &f);
	while (result == KERNEL_DECODED) {
		result = next_size(d, &size);
		if (result != KERNEL_DECODED || size == 0)
			break;
		result = decode_frame_block(d, size, start);
		if (result == KERNEL_DECODED && f.block_sums) {
			if (d->in_bytes - d->used < SUM_BYTES)
				return bad(d, "lz4 data ends too early");
			d->used += SUM_BYTES;
		}
	}
	if (result != KERNEL_DECODED)
		return result;
	if (f.content_sum) {
		if (d->in_bytes - d->used < SUM_BYTES)
			return bad(d, "lz4 data ends too early");
		d->used += SUM_BYTES;
	}
	if (f.content_known && f.content != d->made - start)
		return bad(d, "lz4 length does not match");
	return KERNEL_DECODED;
}

enum kernel_decoded kernel_decode_lz4(struct kernel_decoding *d)
{
	uint32_t magic;

	if (next_size(d, &magic) != KERNEL_DECODED)
		return KERNEL_DECODE_BAD;
	if (magic == LEGACY_MAGIC)
		return decode_legacy(d);
	if (magic == FRAME_MAGIC)
		return decode_frame(d);
	d->used = 0;
	return bad(d, "not lz4");
}

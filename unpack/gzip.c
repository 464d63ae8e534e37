/* gzip (RFC 1952): the wrapping here, raw inflate by zlib. One member, no more. */
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"
#include "unpack/decompress.h"

#define HEADER_BYTES  10u
#define TRAILER_BYTES 8u /* CRC-32, length modulo 2^32 */
#define FLAG_HCRC     0x02u
#define FLAG_EXTRA    0x04u
#define FLAG_NAME     0x08u
#define FLAG_COMMENT  0x10u
#define FLAG_RESERVED 0xe0u
#define ARENA_BYTES   65536u /* inflate's state and window: about 43 KiB */
#define ARENA_ALIGN   16u

/* zlib asks twice and frees at the end, so memory is only ever handed out. */
struct arena {
	uint8_t *memory;
	size_t used;
};

static void *arena_alloc(void *ctx, unsigned int items, unsigned int bytes)
{
	struct arena *a = ctx;
	const uint64_t wanted = ((uint64_t)items * bytes + ARENA_ALIGN - 1) &
				~(uint64_t)(ARENA_ALIGN - 1);

	if (!lb_within(a->used, wanted, ARENA_BYTES))
		return Z_NULL;
	void *p = a->memory + a->used;
	a->used += (size_t)wanted;
	return p;
}

static void arena_free(void *ctx, void *memory)
{
	(void)ctx;
	(void)memory;
}

static enum kernel_decoded bad(struct kernel_decoding *d, const char *problem)
{
	d->problem = problem;
	return KERNEL_DECODE_BAD;
}

static bool skip_string(struct kernel_decoding *d)
{
	const uint8_t *end = memchr(d->in + d->used, '\0', d->in_bytes - d->used);

	if (end == NULL)
		return false;
	d->used = (size_t)(end - d->in) + 1;
	return true;
}

static bool skip(struct kernel_decoding *d, size_t bytes)
{
	if (!lb_within(d->used, bytes, d->in_bytes))
		return false;
	d->used += bytes;
	return true;
}

/* Past the header; used is then where the deflate stream starts. */
static enum kernel_decoded read_header(struct kernel_decoding *d)
{
	const uint8_t *h = d->in;

	if (d->in_bytes < HEADER_BYTES + TRAILER_BYTES)
		return bad(d, "gzip data too short");
	if (h[0] != 0x1f || h[1] != 0x8b || h[2] != Z_DEFLATED ||
	    (h[3] & FLAG_RESERVED) != 0)
		return bad(d, "not gzip");
	d->used = HEADER_BYTES;
	if ((h[3] & FLAG_EXTRA) != 0 &&
	    (d->in_bytes - d->used < 2 || !skip(d, 2u + lb_le16(h + d->used))))
		return bad(d, "gzip extra field");
	if ((h[3] & FLAG_NAME) != 0 && !skip_string(d))
		return bad(d, "gzip file name");
	if ((h[3] & FLAG_COMMENT) != 0 && !skip_string(d))
		return bad(d, "gzip comment");
	if ((h[3] & FLAG_HCRC) != 0 && !skip(d, 2))
		return bad(d, "gzip header checksum");
	return KERNEL_DECODED;
}

static uInt piece(size_t bytes)
{
	return bytes < UINT32_MAX ? (uInt)bytes : UINT32_MAX;
}

/* Feeds zlib, whose counters have 32 bits, until an end, an error or no progress. */
static int inflate_all(z_stream *z, struct kernel_decoding *d)
{
	int result;

	do {
		const uInt in = piece(d->in_bytes - d->used);
		const uInt out = piece(d->out_bytes - d->made);

		z->next_in = (z_const Bytef *)(uintptr_t)(d->in + d->used);
		z->avail_in = in;
		z->next_out = d->out + d->made;
		z->avail_out = out;
		/* Z_FINISH spares the window when the output has room for everything. */
		result = inflate(z, Z_FINISH);
		d->used += in - z->avail_in;
		d->made += out - z->avail_out;
		if (in == z->avail_in && out == z->avail_out)
			break;
	} while (result == Z_OK || (result == Z_BUF_ERROR && d->made < d->out_bytes &&
				    d->used < d->in_bytes));
	return result;
}

static enum kernel_decoded read_stream(struct kernel_decoding *d, struct arena *arena)
{
	z_stream z = { .zalloc = arena_alloc, .zfree = arena_free, .opaque = arena };

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return KERNEL_DECODE_NO_MEMORY;
	const int result = inflate_all(&z, d);
	(void)inflateEnd(&z); /* nothing to free: the arena goes as a whole */
	if (result == Z_STREAM_END)
		return KERNEL_DECODED;
	if (result == Z_MEM_ERROR)
		return KERNEL_DECODE_NO_MEMORY;
	if ((result == Z_BUF_ERROR || result == Z_OK) && d->made == d->out_bytes)
		return KERNEL_DECODE_FULL;
	return bad(d,
		   result == Z_BUF_ERROR ? "gzip data ends too early" : "bad gzip data");
}

static enum kernel_decoded read_trailer(struct kernel_decoding *d)
{
	if (!lb_within(d->used, TRAILER_BYTES, d->in_bytes))
		return bad(d, "gzip data ends too early");
	if (lb_le32(d->in + d->used + 4) != (uint32_t)d->made)
		return bad(d, "gzip length does not match");
	d->used += TRAILER_BYTES;
	return KERNEL_DECODED;
}

enum kernel_decoded kernel_decode_gzip(const struct platform *plat,
				       struct kernel_decoding *d)
{
	struct arena arena = { .used = 0 };

	enum kernel_decoded result = read_header(d);
	if (result != KERNEL_DECODED)
		return result;
	arena.memory =
		plat->alloc(plat->ctx, ARENA_BYTES, ARENA_ALIGN, PLATFORM_ANY_ADDRESS);
	if (arena.memory == NULL)
		return KERNEL_DECODE_NO_MEMORY;
	result = read_stream(d, &arena);
	plat->free(plat->ctx, arena.memory, ARENA_BYTES);
	return result == KERNEL_DECODED ? read_trailer(d) : result;
}

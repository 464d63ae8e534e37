/* Encoders: bzip2, xz, zstd. */
#include "tools/lib/payload_pack.h"

#include <bzlib.h>
#include <lzma.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/bytes.h"
#include "tools/lib/tool.h"
#include "update/operation.h"

#define ZSTD_LEVEL(level) ((int)(level)*2 + 1) /* 9: 19 */
#define LEAST_DICTIONARY  (1u << 16)
#define BZ_BLOCK          9

/* Keeps what is smaller than the best so far. */
static void offer(struct tool_packed *best, uint32_t type, const uint8_t *data,
		  size_t len)
{
	if (len >= best->data.len)
		return;
	best->type = type;
	best->data.len = 0;
	tool_buffer_append(&best->data, data, len);
}

static void try_bz(const uint8_t *in, size_t bytes, uint8_t *room,
		   struct tool_packed *best)
{
	unsigned int len = (unsigned int)bytes;
	/* The library only reads; it lacks a const. A result that does not fit is no
	 * use. */
	const int result =
		BZ2_bzBuffToBuffCompress((char *)room, &len, (char *)(uintptr_t)in,
					 (unsigned int)bytes, BZ_BLOCK, 0, 0);

	if (result == BZ_OK)
		offer(best, UPDATE_REPLACE_BZ, room, len);
	else if (result != BZ_OUTBUFF_FULL)
		tool_fatal("bzip2: error %d", result);
}

/* A dictionary no larger than the data: the device takes memory for it. The check inside
 * is CRC-32, which every reader knows; SHA-256 comes from outside. */
static void try_xz(const struct tool_pack_choice *choice, const uint8_t *in, size_t bytes,
		   uint8_t *room, struct tool_packed *best)
{
	lzma_options_lzma options;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options },
				  { LZMA_VLI_UNKNOWN, NULL } };
	const uint32_t preset =
		choice->level >= 9 ? 9 | LZMA_PRESET_EXTREME : choice->level;
	size_t len = 0;

	if (lzma_lzma_preset(&options, preset))
		tool_fatal("xz: no preset %u", choice->level);
	options.dict_size = LEAST_DICTIONARY;
	while (options.dict_size < bytes)
		options.dict_size *= 2;
	const lzma_ret result = lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL,
							  in, bytes, room, &len, bytes);

	if (result == LZMA_OK)
		offer(best, UPDATE_REPLACE_XZ, room, len);
	else if (result != LZMA_BUF_ERROR)
		tool_fatal("xz: error %d", (int)result);
}

static void try_zstd(const struct tool_pack_choice *choice, const uint8_t *in,
		     size_t bytes, uint8_t *room, struct tool_packed *best)
{
	const size_t len =
		ZSTD_compress(room, bytes, in, bytes, ZSTD_LEVEL(choice->level));

	if (!ZSTD_isError(len))
		offer(best, UPDATE_REPLACE_ZSTD, room, len);
}

void tool_pack(const struct tool_pack_choice *choice, const uint8_t *in, size_t bytes,
	       struct tool_packed *out)
{
	*out = (struct tool_packed){ .type = UPDATE_REPLACE };
	if (choice->zero && lb_all_zero(in, bytes)) {
		out->type = UPDATE_ZERO;
		return;
	}
	uint8_t *room = tool_alloc(bytes);

	tool_buffer_append(&out->data, in, bytes);
	if (choice->bz)
		try_bz(in, bytes, room, out);
	if (choice->xz)
		try_xz(choice, in, bytes, room, out);
	if (choice->zstd)
		try_zstd(choice, in, bytes, room, out);
	free(room);
}

/* Decoders: bzip2 and xz by their libraries with our memory, zstd by the loader's own. */
#include "update/decode.h"

#include <bzlib.h>
#include <lzma.h>
#include <string.h>

#include "unpack/decompress.h"

#define XZ_MEMORY_BYTES                                                                  \
	(UINT64_C(9728) << 10) /* a dictionary of 8 MiB, as xz -6 has it */

struct decoding {
	struct update_memory *memory;
	const uint8_t *in;
	size_t in_bytes;
	uint8_t *out;
	size_t out_bytes, made;
};

static enum update_reason raw(struct decoding *d)
{
	if (d->in_bytes > d->out_bytes)
		return UPDATE_DECODE;
	memcpy(d->out, d->in, d->in_bytes);
	d->made = d->in_bytes;
	return UPDATE_OK;
}

static void *bz_take(void *memory, int count, int bytes)
{
	if (count < 0 || bytes < 0)
		return NULL;
	return update_alloc_counted(memory, (size_t)count * (size_t)bytes);
}

static void bz_leave(void *memory, void *p)
{
	update_free_counted(memory, p);
}

static enum update_reason bz(struct decoding *d)
{
	bz_stream s = { .bzalloc = bz_take, .bzfree = bz_leave, .opaque = d->memory };

	if (BZ2_bzDecompressInit(&s, 0, 0) != BZ_OK)
		return UPDATE_MEMORY;
	/* The library only reads from next_in; it lacks a const. Sizes are below 17
	 * MiB. */
	s.next_in = (char *)(uintptr_t)d->in;
	s.avail_in = (unsigned int)d->in_bytes;
	s.next_out = (char *)d->out;
	s.avail_out = (unsigned int)d->out_bytes;
	const int result = BZ2_bzDecompress(&s);

	d->made = d->out_bytes - s.avail_out;
	const bool whole = result == BZ_STREAM_END && s.avail_in == 0;

	(void)BZ2_bzDecompressEnd(&s); /* fails only for a stream that never began */
	return whole ? UPDATE_OK : result == BZ_MEM_ERROR ? UPDATE_MEMORY : UPDATE_DECODE;
}

static void *xz_take(void *memory, size_t count, size_t bytes)
{
	if (bytes != 0 && count > SIZE_MAX / bytes)
		return NULL;
	return update_alloc_counted(memory, count * bytes);
}

static void xz_leave(void *memory, void *p)
{
	update_free_counted(memory, p);
}

static enum update_reason xz(struct decoding *d)
{
	const lzma_allocator allocator = { xz_take, xz_leave, d->memory };
	uint64_t limit = XZ_MEMORY_BYTES;
	size_t used = 0;
	const lzma_ret result =
		lzma_stream_buffer_decode(&limit, 0, &allocator, d->in, &used,
					  d->in_bytes, d->out, &d->made, d->out_bytes);

	if (result == LZMA_MEM_ERROR || result == LZMA_MEMLIMIT_ERROR)
		return UPDATE_MEMORY;
	return result == LZMA_OK && used == d->in_bytes ? UPDATE_OK : UPDATE_DECODE;
}

static enum update_reason zstd(struct decoding *d)
{
	struct kernel_decoding k = { .in = d->in,
				     .in_bytes = d->in_bytes,
				     .out = d->out,
				     .out_bytes = d->out_bytes };
	const enum kernel_decoded result = kernel_decode_zstd(d->memory->plat, &k);

	d->made = k.made;
	if (result == KERNEL_DECODE_NO_MEMORY)
		return UPDATE_MEMORY;
	return result == KERNEL_DECODED && k.used == d->in_bytes ? UPDATE_OK
								 : UPDATE_DECODE;
}

enum update_reason update_decode(struct update_memory *memory, uint32_t type,
				 const uint8_t *in, size_t in_bytes, uint8_t *out,
				 size_t out_bytes, struct update_verdict *why)
{
	static const struct {
		uint32_t type;
		enum update_reason (*run)(struct decoding *d);
	} decoders[] = { { UPDATE_REPLACE, raw },
			 { UPDATE_REPLACE_BZ, bz },
			 { UPDATE_REPLACE_XZ, xz },
			 { UPDATE_REPLACE_ZSTD, zstd } };
	struct decoding d = { memory, in, in_bytes, out, out_bytes, 0 };
	enum update_reason reason = UPDATE_UNSUPPORTED;

	for (size_t i = 0; i < sizeof decoders / sizeof decoders[0]; i++)
		if (decoders[i].type == type)
			reason = decoders[i].run(&d);
	if (reason != UPDATE_OK)
		return update_verdict_set(why, reason, "%s of %zu bytes to %zu",
					  update_operation_name(type) != NULL
						  ? update_operation_name(type)
						  : "unknown operation",
					  in_bytes, out_bytes);
	memset(out + d.made, 0, out_bytes - d.made);
	return UPDATE_OK;
}

uint32_t update_source_dictionary(size_t source_bytes, size_t out_bytes)
{
	const size_t bytes = source_bytes + out_bytes;

	return bytes < LZMA_DICT_SIZE_MIN ? LZMA_DICT_SIZE_MIN : (uint32_t)bytes;
}

enum update_reason update_decode_source(struct update_memory *memory,
					const uint8_t *source, size_t source_bytes,
					const uint8_t *in, size_t in_bytes, uint8_t *out,
					size_t out_bytes, struct update_verdict *why)
{
	const lzma_allocator allocator = { xz_take, xz_leave, memory };
	lzma_options_lzma options = { .dict_size = update_source_dictionary(source_bytes,
									    out_bytes),
				      .preset_dict = source,
				      .preset_dict_size = (uint32_t)source_bytes };
	const lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options },
					{ LZMA_VLI_UNKNOWN, NULL } };
	size_t used = 0, made = 0;
	const lzma_ret result = lzma_raw_buffer_decode(filters, &allocator, in, &used,
						       in_bytes, out, &made, out_bytes);

	if (result == LZMA_OK && used == in_bytes && made == out_bytes)
		return UPDATE_OK;
	return update_verdict_set(
		why, result == LZMA_MEM_ERROR ? UPDATE_MEMORY : UPDATE_DECODE,
		"SOURCE_LZMA of %zu bytes to %zu of %zu, %zu of them used", in_bytes,
		made, out_bytes, used);
}

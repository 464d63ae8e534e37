/* The data of a full operation, unpacked. */
#ifndef LIFEBOAT_UPDATE_DECODE_H
#define LIFEBOAT_UPDATE_DECODE_H

#include "update/memory.h"
#include "update/operation.h"

/**
 * update_decode() - unpack @in to exactly @out_bytes; what is less is filled up with
 * zeros.
 * @type: UPDATE_REPLACE, _BZ, _XZ or _ZSTD; @in was hashed before
 *
 * UPDATE_DECODE, UPDATE_MEMORY, UPDATE_UNSUPPORTED (another type).
 */
enum update_reason update_decode(struct update_memory *memory, uint32_t type,
				 const uint8_t *in, size_t in_bytes, uint8_t *out,
				 size_t out_bytes, struct update_verdict *why);

/**
 * update_decode_source() - unpack a raw LZMA2 stream whose dictionary begins with
 * @source, to exactly @out_bytes.
 *
 * UPDATE_DECODE, UPDATE_MEMORY.
 */
enum update_reason update_decode_source(struct update_memory *memory,
					const uint8_t *source, size_t source_bytes,
					const uint8_t *in, size_t in_bytes, uint8_t *out,
					size_t out_bytes, struct update_verdict *why);

/** update_source_dictionary() - bytes of the dictionary, for both sides. */
uint32_t update_source_dictionary(size_t source_bytes, size_t out_bytes);

#endif

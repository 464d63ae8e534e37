/* The 24-byte signature structure shared by keyblocks and preambles. Pure, inline.
 *
 * Format: docs/formats/kernel-partition.md. */
#ifndef LIFEBOAT_CRYPTO_SIG_H
#define LIFEBOAT_CRYPTO_SIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define CRYPTO_SIG_BYTES 24u

struct crypto_sig {
	uint32_t offset; /* of the signature's bytes, in the structure around */
	uint32_t bytes;
	uint32_t data_bytes; /* how much of the signed data is covered */
};

/**
 * crypto_sig_parse() - decode the structure at @at inside @parent.
 * @limit: what structure and signature bytes must lie in, counted from @parent
 *
 * Structure and bytes inside, bytes behind the structure. false when not; nothing is
 * said about data_bytes.
 */
static inline bool crypto_sig_parse(const uint8_t *parent, uint32_t limit, uint32_t at,
				    struct crypto_sig *out)
{
	if (!lb_within(at, CRYPTO_SIG_BYTES, limit))
		return false;

	const uint64_t offset = (uint64_t)at + lb_le32(parent + at);
	const uint32_t bytes = lb_le32(parent + at + 8);

	if ((bytes != 0 && offset < (uint64_t)at + CRYPTO_SIG_BYTES) ||
	    !lb_within(offset, bytes, limit))
		return false;

	*out = (struct crypto_sig){
		.offset = (uint32_t)offset,
		.bytes = bytes,
		.data_bytes = lb_le32(parent + at + 16),
	};
	return true;
}

#endif

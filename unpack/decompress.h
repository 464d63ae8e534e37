/* Decompression of signed pieces, into memory whose size is known before. Pure but for
 * the decoder's working memory. Checksums inside the formats are not looked at: the bytes
 * have been verified as a whole, and lengths are enough to notice a file that was cut
 * short. */
#ifndef LIFEBOAT_UNPACK_DECOMPRESS_H
#define LIFEBOAT_UNPACK_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/reason.h"

enum kernel_compression {
	KERNEL_PLAIN,
	KERNEL_GZIP,
	KERNEL_LZ4,
	KERNEL_ZSTD,
	KERNEL_COMPRESSIONS
};

struct kernel_packed {
	const uint8_t *data;
	size_t bytes;
	enum kernel_compression how;
};

/* What a decoder says. FULL: the output is full and there is more to come. */
enum kernel_decoded {
	KERNEL_DECODED,
	KERNEL_DECODE_FULL,
	KERNEL_DECODE_BAD,
	KERNEL_DECODE_NO_MEMORY,
};

struct kernel_decoding {
	const uint8_t *in;
	size_t in_bytes;
	size_t used; /* of the input; where it is bad */
	uint8_t *out;
	size_t out_bytes;
	size_t made;         /* of the output */
	const char *problem; /* set for BAD */
};

/** kernel_unpack() - decode everything: exactly all of @in, to at most @room bytes. */
enum lb_reason kernel_unpack(const struct platform *plat, const struct kernel_packed *in,
			     uint8_t *out, size_t room, size_t *made,
			     struct lb_verdict *why);

/** kernel_unpack_head() - the first @room bytes, fewer when there are fewer. */
enum lb_reason kernel_unpack_head(const struct platform *plat,
				  const struct kernel_packed *in, uint8_t *out,
				  size_t room, size_t *made, struct lb_verdict *why);

/* The decoders: in, in_bytes, out, out_bytes are given, used and made start at 0. */
enum kernel_decoded kernel_decode_gzip(const struct platform *plat,
				       struct kernel_decoding *d);
enum kernel_decoded kernel_decode_lz4(struct kernel_decoding *d);
enum kernel_decoded kernel_decode_zstd(const struct platform *plat,
				       struct kernel_decoding *d);

#endif

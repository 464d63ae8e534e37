/* Choosing a decoder, and turning what it says into reasons. */
#include "unpack/decompress.h"

#include <string.h>

static enum kernel_decoded decode_plain(struct kernel_decoding *d)
{
	d->made = d->in_bytes < d->out_bytes ? d->in_bytes : d->out_bytes;
	d->used = d->made;
	memcpy(d->out, d->in, d->made);
	return d->used == d->in_bytes ? KERNEL_DECODED : KERNEL_DECODE_FULL;
}

static enum kernel_decoded decode(const struct platform *plat,
				  enum kernel_compression how, struct kernel_decoding *d)
{
	switch (how) {
	case KERNEL_GZIP:
		return kernel_decode_gzip(plat, d);
	case KERNEL_LZ4:
		return kernel_decode_lz4(d);
	case KERNEL_ZSTD:
		return kernel_decode_zstd(plat, d);
	default:
		return decode_plain(d);
	}
}

static enum lb_reason run(const struct platform *plat, const struct kernel_packed *in,
			  struct kernel_decoding *d, bool full_is_enough,
			  struct lb_verdict *why)
{
	switch (decode(plat, in->how, d)) {
	case KERNEL_DECODED:
		if (d->used == d->in_bytes || full_is_enough)
			return LB_REASON_OK;
		return lb_verdict_set(why, LB_REASON_DECOMPRESSION,
				      "%zu bytes behind the end, offset %zu",
				      d->in_bytes - d->used, d->used);
	case KERNEL_DECODE_FULL:
		if (full_is_enough)
			return LB_REASON_OK;
		return lb_verdict_set(why, LB_REASON_DECOMPRESSION,
				      "more than the %zu bytes its header announces",
				      d->out_bytes);
	case KERNEL_DECODE_NO_MEMORY:
		return lb_verdict_set(why, LB_REASON_TOO_LITTLE_MEMORY,
				      "for decompression");
	default:
		return lb_verdict_set(why, LB_REASON_DECOMPRESSION, "%s at offset %zu",
				      d->problem, d->used);
	}
}

static enum lb_reason unpack(const struct platform *plat, const struct kernel_packed *in,
			     uint8_t *out, size_t room, size_t *made, bool full_is_enough,
			     struct lb_verdict *why)
{
	struct kernel_decoding d = {
		.in = in->data,
		.in_bytes = in->bytes,
		.out = out,
		.out_bytes = room,
		.problem = "damaged data",
	};

	const enum lb_reason reason = run(plat, in, &d, full_is_enough, why);
	*made = d.made;
	return reason;
}

enum lb_reason kernel_unpack(const struct platform *plat, const struct kernel_packed *in,
			     uint8_t *out, size_t room, size_t *made,
			     struct lb_verdict *why)
{
	return unpack(plat, in, out, room, made, false, why);
}

enum lb_reason kernel_unpack_head(const struct platform *plat,
				  const struct kernel_packed *in, uint8_t *out,
				  size_t room, size_t *made, struct lb_verdict *why)
{
	return unpack(plat, in, out, room, made, true, why);
}

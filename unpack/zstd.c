/* zstd: one frame, decoded by the library, without checksums. */
#include <string.h>

#include "base/bytes.h"
#include "unpack/decompress.h"
#include "unpack/zstd_unit.h"

#define FRAME_MAGIC     0xfd2fb528u
#define WORKSPACE_ALIGN 8u
#define BLOCK_BYTES     0x20000u /* no block is larger, and it comes as a whole */
#define SCRATCH_BYTES   ((size_t)2 * BLOCK_BYTES) /* for less than a block of output */

static enum kernel_decoded bad(struct kernel_decoding *d, const char *problem)
{
	d->problem = problem;
	return KERNEL_DECODE_BAD;
}

static enum kernel_decoded decode(struct kernel_decoding *d, void *workspace)
{
	switch (lb_zstd_decode(workspace, d->in, d->in_bytes, &d->used, d->out,
			       d->out_bytes, &d->made)) {
	case LB_ZSTD_DONE:
		return KERNEL_DECODED;
	case LB_ZSTD_FULL:
		return KERNEL_DECODE_FULL;
	case LB_ZSTD_SHORT:
		return bad(d, "zstd data ends too early");
	default:
		return bad(d, "bad zstd data");
	}
}

/* The head of the data, by way of a buffer that whole blocks fit into. */
static enum kernel_decoded decode_head(const struct platform *plat,
				       struct kernel_decoding *d, void *workspace)
{
	uint8_t *const out = d->out;
	const size_t room = d->out_bytes;

	d->out = plat->alloc(plat->ctx, SCRATCH_BYTES, WORKSPACE_ALIGN,
			     PLATFORM_ANY_ADDRESS);
	if (d->out == NULL)
		return KERNEL_DECODE_NO_MEMORY;
	d->out_bytes = SCRATCH_BYTES;
	enum kernel_decoded result = decode(d, workspace);
	/* Damage behind the head is for whoever reads the whole. */
	if (d->made > room) {
		d->made = room;
		result = KERNEL_DECODE_FULL;
	}
	memcpy(out, d->out, d->made);
	plat->free(plat->ctx, d->out, SCRATCH_BYTES);
	d->out = out;
	d->out_bytes = room;
	return result;
}

enum kernel_decoded kernel_decode_zstd(const struct platform *plat,
				       struct kernel_decoding *d)
{
	const size_t bytes = lb_zstd_workspace_bytes();

	if (d->in_bytes < 4 || lb_le32(d->in) != FRAME_MAGIC)
		return bad(d, "not zstd");
	void *workspace =
		plat->alloc(plat->ctx, bytes, WORKSPACE_ALIGN, PLATFORM_ANY_ADDRESS);
	if (workspace == NULL)
		return KERNEL_DECODE_NO_MEMORY;
	const enum kernel_decoded result = d->out_bytes < BLOCK_BYTES
						   ? decode_head(plat, d, workspace)
						   : decode(d, workspace);
	plat->free(plat->ctx, workspace, bytes);
	return result;
}

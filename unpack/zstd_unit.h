/* The zstd library's decoder as it is built into the loader: deps/config/zstd_unit.c
 * makes one object of it in which only this function can be seen, so that host tools can
 * use the system's zstd beside it. */
#ifndef LIFEBOAT_UNPACK_ZSTD_UNIT_H
#define LIFEBOAT_UNPACK_ZSTD_UNIT_H

#include <stddef.h>
#include <stdint.h>

enum lb_zstd_result {
	LB_ZSTD_DONE,  /* one whole frame */
	LB_ZSTD_FULL,  /* the next block does not fit */
	LB_ZSTD_SHORT, /* the data end too early */
	LB_ZSTD_BAD,
};

/** lb_zstd_workspace_bytes() - how much memory decoding needs, aligned to 8. */
size_t lb_zstd_workspace_bytes(void);

/**
 * lb_zstd_decode() - one frame, block by block, straight into @out.
 * @used, @made: how far it came, whatever the result
 */
enum lb_zstd_result lb_zstd_decode(void *workspace, const uint8_t *in, size_t in_bytes,
				   size_t *used, uint8_t *out, size_t out_bytes,
				   size_t *made);

#endif

/* zstd's decoder in one object, with our configuration: no allocation, no assembler, no
 * checksums, small tables. Its functions are made static wherever its headers allow. */
#define DEBUGLEVEL 0
#define MEM_MODULE
#define XXH_NAMESPACE ZSTD_
#define XXH_PRIVATE_API
#define XXH_INLINE_ALL
#define ZSTD_LEGACY_SUPPORT 0
#define ZSTD_STRIP_ERROR_STRINGS
#define ZSTD_TRACE                            0
#define ZSTD_DISABLE_ASM                      1
#define ZSTD_NO_INTRINSICS                    1
#define ZSTD_NO_INLINE                        1
#define HUF_FORCE_DECOMPRESS_X1               1
#define ZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT 1
#define ZSTD_STATIC_LINKING_ONLY
#define ZSTDLIB_VISIBLE      static
#define ZSTDLIB_HIDDEN       static
#define ZSTDLIB_STATIC_API   static
#define ZSTDERRORLIB_VISIBLE static

/* Everything it needs is in the workspace. */
#define ZSTD_DEPS_MALLOC
#define ZSTD_malloc(bytes)        NULL
#define ZSTD_calloc(items, bytes) NULL
#define ZSTD_free(memory)         ((void)(memory))

#include "common/entropy_common.c"
#include "common/error_private.c"
#include "common/fse_decompress.c"
#include "common/zstd_common.c"
#include "decompress/huf_decompress.c"
#include "decompress/zstd_ddict.c"
#include "decompress/zstd_decompress.c"
#include "decompress/zstd_decompress_block.c"

#include "unpack/zstd_unit.h"

size_t lb_zstd_workspace_bytes(void)
{
	return ZSTD_estimateDCtxSize();
}

static ZSTD_DCtx *start(void *workspace)
{
	ZSTD_DCtx *ctx = ZSTD_initStaticDCtx(workspace, ZSTD_estimateDCtxSize());

	if (ctx == NULL ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(ctx, ZSTD_d_forceIgnoreChecksum,
						ZSTD_d_ignoreChecksum)) ||
	    ZSTD_isError(ZSTD_decompressBegin(ctx)))
		return NULL;
	return ctx;
}

enum lb_zstd_result lb_zstd_decode(void *workspace, const uint8_t *in, size_t in_bytes,
				   size_t *used, uint8_t *out, size_t out_bytes,
				   size_t *made)
{
	ZSTD_DCtx *ctx = start(workspace);

	*used = 0;
	*made = 0;
	if (ctx == NULL)
		return LB_ZSTD_BAD;
	for (;;) {
		const size_t wanted = ZSTD_nextSrcSizeToDecompress(ctx);

		if (wanted == 0)
			return LB_ZSTD_DONE;
		if (wanted > in_bytes - *used)
			return LB_ZSTD_SHORT;
		const size_t result = ZSTD_decompressContinue(
			ctx, out + *made, out_bytes - *made, in + *used, wanted);
		if (ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall)
			return LB_ZSTD_FULL;
		if (ZSTD_isError(result))
			return LB_ZSTD_BAD;
		*used += wanted;
		*made += result;
	}
}

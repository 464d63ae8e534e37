/* What a delta is applied to: an installed version that can be read. Several may be asked
 * for the same bytes; the first that has them counts. */
#ifndef LIFEBOAT_UPDATE_ORIGIN_H
#define LIFEBOAT_UPDATE_ORIGIN_H

#include <stddef.h>
#include <stdint.h>

#include "update/reason.h"

struct update_origin {
	const void *ctx;
	/* Of the old partition @name; @offset and @len are multiples of 4096. */
	enum update_reason (*read)(const void *ctx, const char *name, uint64_t offset,
				   void *buf, size_t len, struct update_verdict *why);
};

#endif

/* A source: bytes that can be read by offset - a partition of a disk, a file, a
 * buffer. */
#ifndef LIFEBOAT_BASE_SOURCE_H
#define LIFEBOAT_BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct lb_source {
	void *ctx;
	uint64_t bytes; /* size of the whole */
	/* Reads exactly @len bytes; LB_ERR_RANGE when they do not lie in the source,
	 * otherwise the device's status. Fast when @offset and @len are multiples of
	 * 4096. */
	enum lb_status (*read)(void *ctx, uint64_t offset, void *buf, size_t len);
};

#endif

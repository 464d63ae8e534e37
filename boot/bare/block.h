/* A disk as its driver gives it to the rest of the loader. Drivers embed one in their own
 * state, fill it in when the disk is started, and find their state by ctx. */
#ifndef LIFEBOAT_BARE_BLOCK_H
#define LIFEBOAT_BARE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/**
 * struct block_ops - what every kind of disk can do. All of it is synchronous, every wait
 * ends.
 *
 * start: bring the disk up, also again after it died.
 * read, write: whole sectors. LB_ERR_RANGE: not on the disk; LB_ERR_READ_ONLY; LB_ERR_IO:
 *              the device says so, or its answer is nonsense; LB_ERR_TIMEOUT;
 *              LB_ERR_REMOVED: dead since an earlier call.
 * flush: LB_OK only when everything written is stored.
 * stop:  the device lets go of all memory; LB_ERR_TIMEOUT when it does not say so.
 */
struct block_ops {
	enum lb_status (*start)(void *ctx);
	enum lb_status (*read)(void *ctx, uint64_t lba, size_t sectors, void *buf);
	enum lb_status (*write)(void *ctx, uint64_t lba, size_t sectors, const void *buf);
	enum lb_status (*flush)(void *ctx);
	enum lb_status (*stop)(void *ctx);
};

struct block {
	const struct block_ops *ops;
	void *ctx;
	uint32_t sector_bytes; /* 512..4096, a power of two */
	uint64_t sectors;
	bool read_only;
	bool dead; /* hung or answered nonsense: LB_ERR_REMOVED from then on */
	/* The device was not seen to be reset: it may write to this memory, its driver's,
	 * at any later time. */
	bool holds;
	void *memory;
	size_t memory_bytes;
};

#endif

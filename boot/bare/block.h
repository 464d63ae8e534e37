/* Disks as their drivers give them to the rest of the loader: a driver looks at a device,
 * and says which disks are behind it now. */
#ifndef LIFEBOAT_BARE_BLOCK_H
#define LIFEBOAT_BARE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/status.h"
#include "boot/bare/io.h"

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

/* Drivers embed one in their own state and find that by ctx. What start() finds out is
 * not valid before it said LB_OK. */
struct block {
	const struct block_ops *ops;
	void *ctx;
	const char *kind; /* for people: "virtio" */
	enum platform_attachment attachment;
	uint32_t sector_bytes; /* 512..4096, a power of two */
	uint64_t sectors;
	bool read_only;
	bool dead; /* hung or answered nonsense: LB_ERR_REMOVED from then on */
	/* The device was not seen to be reset: it may write to its memory at any later
	 * time. */
	bool holds;
	struct bare_dma_memory memory;
};

#define BLOCK_WHY_BYTES 128u

/**
 * struct block_driver - one kind of device that disks are behind.
 *
 * probe: what is there? @state: state_bytes of zeros that stay where they are, but after
 *        a failure. @device: copied. LB_ERR_NOT_FOUND: no disk, and none to come; any
 *        other error: one that cannot be used, as @why says (BLOCK_WHY_BYTES).
 * disk:  the disk at a place behind it, from 0; NULL: none there now. Asked again and
 *        again, so it is quick: that is how disks come and go. The same disk is the same
 *        struct; one that went stays readable.
 */
struct block_driver {
	size_t state_bytes;
	size_t places;
	enum lb_status (*probe)(void *state, const struct bare_device *device, char *why);
	struct block *(*disk)(void *state, size_t place);
};

#endif

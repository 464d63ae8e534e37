/* virtio block devices: a disk behind virtio_mmio. Synchronous, one request at a time.
 *
 * Spec: VIRTIO 1.2, 5.2. */
#ifndef LIFEBOAT_BARE_VIRTIO_BLK_H
#define LIFEBOAT_BARE_VIRTIO_BLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/bare/drivers/virtio_mmio.h"

#define VIRTIO_BLK_TIMEOUT_US   10000000u
#define VIRTIO_BLK_BOUNCE_BYTES (256u << 10) /* and of one request */
#define VIRTIO_BLK_SECTOR_MAX   4096u

/* Memory the device works in. Once given it is never taken back: a device that hangs may
 * write there at any later time. */
struct virtio_blk_memory {
	struct virtio_rings rings;
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t header[BARE_DMA_ALIGN_BYTES];
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t status[BARE_DMA_ALIGN_BYTES];
	/* What is read and written. Never the caller's own memory: a request that is
	 * answered after its caller gave up would land in whatever that holds by then. */
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t bounce[VIRTIO_BLK_BOUNCE_BYTES];
};

struct virtio_blk {
	struct virtio_mmio dev;
	struct virtio_blk_memory *memory;
	uint32_t sector_bytes; /* 512..4096, a power of two */
	uint64_t sectors;
	uint32_t max_bytes; /* of one request: whole sectors, at most the bounce buffer */
	bool read_only;
	bool can_flush; /* without it, writes are stored when they are done */
	bool dead;      /* hung or answered nonsense: LB_ERR_REMOVED from then on */
	/* It was not seen to be reset: *memory may be written at any later time. */
	bool holds;
};

/**
 * virtio_blk_start() - bring the disk up. @blk->dev.io, .dma, .clock and @blk->memory are
 * set by the caller, nothing else.
 *
 * LB_ERR_TIMEOUT, LB_ERR_UNSUPPORTED: virtio_mmio_start(); LB_ERR_RANGE: its block size
 * or size makes no sense.
 */
enum lb_status virtio_blk_start(struct virtio_blk *blk);

/**
 * virtio_blk_read(), virtio_blk_write() - whole sectors (of sector_bytes).
 *
 * LB_ERR_RANGE: not on the disk; LB_ERR_READ_ONLY; LB_ERR_IO: the device says so, or its
 * answer is nonsense; LB_ERR_TIMEOUT; LB_ERR_REMOVED: dead since an earlier call.
 */
enum lb_status virtio_blk_read(struct virtio_blk *blk, uint64_t lba, size_t sectors,
			       void *buf);
enum lb_status virtio_blk_write(struct virtio_blk *blk, uint64_t lba, size_t sectors,
				const void *buf);

/** virtio_blk_flush() - returns when everything written is stored. */
enum lb_status virtio_blk_flush(struct virtio_blk *blk);

/** virtio_blk_stop() - the device lets go of all memory, before the kernel takes over. */
enum lb_status virtio_blk_stop(struct virtio_blk *blk);

#endif

/* virtio block devices, however they are reached. Synchronous, one request at a time.
 *
 * Spec: VIRTIO 1.2, 5.2. */
#ifndef LIFEBOAT_BARE_VIRTIO_BLK_H
#define LIFEBOAT_BARE_VIRTIO_BLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/bare/block.h"
#include "boot/bare/drivers/virtio_queue.h"

#define VIRTIO_BLK_TIMEOUT_US   10000000u
#define VIRTIO_BLK_BOUNCE_BYTES (256u << 10) /* and of one request */
#define VIRTIO_BLK_SECTOR_MAX   4096u

/* Memory the device works in. */
struct virtio_blk_memory {
	struct virtio_rings rings;
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t header[BARE_DMA_ALIGN_BYTES];
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t status[BARE_DMA_ALIGN_BYTES];
	/* What is read and written. Never the caller's own memory: a request that is
	 * answered after its caller gave up would land in whatever that holds by then. */
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t bounce[VIRTIO_BLK_BOUNCE_BYTES];
};

struct virtio_blk {
	struct block block;
	struct virtio_queue queue;
	/* Of one request: whole sectors, at most the bounce buffer. */
	uint32_t max_bytes;
	bool can_flush; /* without it, writes are stored when they are done */
};

/**
 * virtio_blk_init() - nothing is asked of the device yet; the disk is dead until
 * block.ops->start() says LB_OK. @blk: its queue has transport and ctx, nothing else.
 *
 * LB_ERR_NOMEM: no memory for the device to work in. start() further gives
 * LB_ERR_TIMEOUT, LB_ERR_UNSUPPORTED: virtio_start(); LB_ERR_RANGE: its block size or
 * size makes no sense.
 */
enum lb_status virtio_blk_init(struct virtio_blk *blk, const struct bare_dma *dma,
			       const struct bare_clock *clock);

#endif

/* A virtio device with one queue that carries one request at a time, polled; however it
 * is reached. Everything the device writes is untrusted: ring indices, ids and lengths
 * are compared with the only values that make sense.
 *
 * Spec: VIRTIO 1.2, 2.7 (split virtqueues), 3.1 (start-up). */
#ifndef LIFEBOAT_BARE_VIRTIO_QUEUE_H
#define LIFEBOAT_BARE_VIRTIO_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "boot/bare/drivers/virtio.h"
#include "boot/bare/io.h"

#define VIRTIO_QUEUE_ENTRIES 4u
#define VIRTIO_RESET_US      500000u

/* Rings of the queue. What the driver writes and what the device writes are apart, so
 * that no cache line is written by both. */
struct virtio_rings {
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t desc[VIRTIO_QUEUE_ENTRIES * 16];
	uint8_t avail[BARE_DMA_ALIGN_BYTES - VIRTIO_QUEUE_ENTRIES * 16];
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t used[BARE_DMA_ALIGN_BYTES];
};
_Static_assert(sizeof(struct virtio_rings) == 2 * BARE_DMA_ALIGN_BYTES, "two parts");

struct virtio_queue {
	const struct virtio_transport *transport;
	const void *ctx; /* the transport's */
	struct bare_dma dma;
	struct bare_clock clock;
	/* For ever the device's; struct virtio_rings is what it begins with. */
	struct bare_dma_memory memory;
	uint16_t requests; /* asked so far: the ring index, wraps */
};

/* One piece of a request: a part of the memory for the device to read or to write. */
struct virtio_piece {
	size_t offset;
	uint32_t bytes;
	enum bare_dma_direction dir;
};

/**
 * virtio_start() - reset the device, agree on features, set up its queue.
 * @wanted:  feature bits the driver knows; VERSION_1 is always demanded
 * @agreed:  those of them the device offers
 *
 * LB_ERR_TIMEOUT (no reset), LB_ERR_UNSUPPORTED (features refused, queue too small). On
 * errors the device is left reset, or marked failed.
 */
enum lb_status virtio_start(struct virtio_queue *queue, uint64_t wanted,
			    uint64_t *agreed);

/**
 * virtio_request() - put one chain of pieces through the queue and wait.
 * @count:    1..VIRTIO_QUEUE_ENTRIES pieces, those to the device first
 * @written:  bytes the device says it wrote, at most the sum of pieces from the device
 *
 * LB_ERR_TIMEOUT: no answer within @timeout_us; LB_ERR_IO: the answer is nonsense. After
 * either the queue is unusable; the memory is the device's until virtio_stop() says
 * LB_OK.
 */
enum lb_status virtio_request(struct virtio_queue *queue,
			      const struct virtio_piece *pieces, size_t count,
			      uint64_t timeout_us, uint32_t *written);

/** virtio_stop() - reset: the device lets go of all memory. LB_ERR_TIMEOUT when it does
 * not say so. */
enum lb_status virtio_stop(struct virtio_queue *queue);

#endif

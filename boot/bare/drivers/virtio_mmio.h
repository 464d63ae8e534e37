/* virtio over memory-mapped registers, version 2 ("modern"): start-up, and one queue that
 * carries one request at a time, polled. Everything the device writes is untrusted: ring
 * indices, ids and lengths are compared with the only values that make sense.
 *
 * Spec: VIRTIO 1.2, 2.7 (split virtqueues), 3.1 (start-up), 4.2 (MMIO). */
#ifndef LIFEBOAT_BARE_VIRTIO_MMIO_H
#define LIFEBOAT_BARE_VIRTIO_MMIO_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "boot/bare/io.h"

#define VIRTIO_MMIO_REGISTER_BYTES 0x200u
#define VIRTIO_MMIO_CONFIG         0x100u

#define VIRTIO_DEVICE_NONE  0u
#define VIRTIO_DEVICE_BLOCK 2u

#define VIRTIO_QUEUE_ENTRIES 4u
#define VIRTIO_RESET_US      500000u

/* Rings of one queue. What the driver writes and what the device writes are apart, so
 * that no cache line is written by both. */
struct virtio_rings {
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t desc[VIRTIO_QUEUE_ENTRIES * 16];
	uint8_t avail[BARE_DMA_ALIGN_BYTES - VIRTIO_QUEUE_ENTRIES * 16];
	_Alignas(BARE_DMA_ALIGN_BYTES) uint8_t used[BARE_DMA_ALIGN_BYTES];
};
_Static_assert(sizeof(struct virtio_rings) == 2 * BARE_DMA_ALIGN_BYTES, "two parts");

struct virtio_mmio {
	struct bare_io io;
	struct bare_dma dma;
	struct bare_clock clock;
	/* BARE_DMA_ALIGN_BYTES aligned, for ever the device's */
	struct virtio_rings *rings;
	uint16_t requests; /* asked so far: the ring index, wraps */
};

/* One piece of a request: memory for the device to read or to write. */
struct virtio_piece {
	void *memory;
	uint32_t bytes;
	enum bare_dma_direction dir;
};

/**
 * virtio_mmio_identify() - what sits behind these registers.
 * @device: VIRTIO_DEVICE_*; NONE for an empty place
 *
 * LB_ERR_MAGIC: not virtio; LB_ERR_VERSION: legacy or unknown transport version.
 */
enum lb_status virtio_mmio_identify(const struct bare_io *io, uint32_t *device,
				    uint32_t *version);

/**
 * virtio_mmio_start() - reset the device, agree on features, set up queue 0.
 * @wanted:  feature bits the driver knows; VERSION_1 is always demanded
 * @agreed:  those of them the device offers
 *
 * LB_ERR_TIMEOUT (no reset), LB_ERR_UNSUPPORTED (features refused, queue too small). On
 * errors the device is left reset, or marked failed.
 */
enum lb_status virtio_mmio_start(struct virtio_mmio *dev, uint64_t wanted,
				 uint64_t *agreed);

/**
 * virtio_mmio_request() - put one chain of pieces through queue 0 and wait.
 * @count:    1..VIRTIO_QUEUE_ENTRIES pieces, those to the device first
 * @written:  bytes the device says it wrote, at most the sum of pieces from the device
 *
 * LB_ERR_TIMEOUT: no answer within @timeout_us; LB_ERR_IO: the answer is nonsense. After
 * either the queue is unusable; the memory is the device's until virtio_mmio_stop() says
 * LB_OK.
 */
enum lb_status virtio_mmio_request(struct virtio_mmio *dev,
				   const struct virtio_piece *pieces, size_t count,
				   uint64_t timeout_us, uint32_t *written);

/** virtio_mmio_stop() - reset: the device lets go of all memory. LB_ERR_TIMEOUT when it
 * does not say so. */
enum lb_status virtio_mmio_stop(struct virtio_mmio *dev);

/* A register of the device's own configuration. */
uint32_t virtio_mmio_config32(const struct virtio_mmio *dev, uint32_t offset);
uint32_t virtio_mmio_generation(const struct virtio_mmio *dev);

#endif

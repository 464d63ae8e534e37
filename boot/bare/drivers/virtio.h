/* How a virtio device is reached: what differs between registers in memory (virtio_mmio)
 * and PCI. What goes through its queue is the same (virtio_queue). */
#ifndef LIFEBOAT_BARE_VIRTIO_H
#define LIFEBOAT_BARE_VIRTIO_H

#include <stdint.h>

#include "base/status.h"

/* Device types. Spec: VIRTIO 1.2, 5. */
#define VIRTIO_DEVICE_NONE  0u
#define VIRTIO_DEVICE_BLOCK 2u

/* Where a queue lies, as the device finds it. */
struct virtio_queue_place {
	uint64_t desc, avail, used;
};

/**
 * struct virtio_transport - nothing here waits.
 *
 * status, set_status: the device's status; 0 written resets it.
 * offered, accept:    feature bits.
 * set_queue:          queue 0 lies there and is ready. LB_ERR_UNSUPPORTED: it is in use,
 *                     or shorter than @entries.
 * notify:             something new is in queue 0.
 * acknowledge:        the interrupts that nobody waited for.
 * config32:           the device's own configuration, consistent while generation stays.
 */
struct virtio_transport {
	uint32_t (*status)(const void *ctx);
	void (*set_status)(const void *ctx, uint32_t status);
	uint64_t (*offered)(const void *ctx);
	void (*accept)(const void *ctx, uint64_t features);
	enum lb_status (*set_queue)(const void *ctx, uint32_t entries,
				    const struct virtio_queue_place *place);
	void (*notify)(const void *ctx);
	void (*acknowledge)(const void *ctx);
	uint32_t (*config32)(const void *ctx, uint32_t offset);
	uint32_t (*generation)(const void *ctx);
};

#endif

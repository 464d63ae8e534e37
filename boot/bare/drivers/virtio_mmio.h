/* virtio over memory-mapped registers, version 2 ("modern").
 *
 * Spec: VIRTIO 1.2, 4.2. */
#ifndef LIFEBOAT_BARE_VIRTIO_MMIO_H
#define LIFEBOAT_BARE_VIRTIO_MMIO_H

#include "boot/bare/drivers/virtio.h"
#include "boot/bare/io.h"

#define VIRTIO_MMIO_REGISTER_BYTES 0x200u
#define VIRTIO_MMIO_CONFIG         0x100u

/* Its ctx is the device's struct bare_io. */
extern const struct virtio_transport virtio_mmio;

/**
 * virtio_mmio_identify() - what sits behind these registers.
 * @device: VIRTIO_DEVICE_*; NONE for an empty place
 *
 * LB_ERR_MAGIC: not virtio; LB_ERR_VERSION: legacy or unknown transport version.
 */
enum lb_status virtio_mmio_identify(const struct bare_io *io, uint32_t *device,
				    uint32_t *version);

#endif

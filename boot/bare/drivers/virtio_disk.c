/* Disks behind virtio over memory-mapped registers. */
#include "boot/bare/drivers/virtio_disk.h"

#include "base/format.h"
#include "boot/bare/drivers/virtio_blk.h"
#include "boot/bare/drivers/virtio_mmio.h"

struct state {
	struct bare_io io;
	struct virtio_blk blk;
};

static enum lb_status probe(void *ctx, const struct bare_device *device, char *why)
{
	struct state *state = ctx;
	uint32_t type, version;
	enum lb_status status = virtio_mmio_identify(&device->io, &type, &version);

	if (type != VIRTIO_DEVICE_BLOCK)
		return LB_ERR_NOT_FOUND;
	if (status != LB_OK) {
		(void)lb_format(why, BLOCK_WHY_BYTES,
				"a disk with virtio transport version %u, only version 2 "
				"is known (QEMU: -global "
				"virtio-mmio.force-legacy=false)",
				version);
		return status;
	}
	state->io = device->io;
	state->blk.queue.transport = &virtio_mmio;
	state->blk.queue.ctx = &state->io;
	status = virtio_blk_init(&state->blk, &device->dma, &device->clock);
	if (status != LB_OK)
		(void)lb_format(why, BLOCK_WHY_BYTES, "no memory for a disk's driver");
	return status;
}

static struct block *disk(void *ctx, size_t place)
{
	struct state *state = ctx;
	uint32_t type, version;

	(void)place; /* there is one */
	if (virtio_mmio_identify(&state->io, &type, &version) != LB_OK ||
	    type != VIRTIO_DEVICE_BLOCK)
		return NULL;
	return &state->blk.block;
}

const struct block_driver virtio_disk = {
	.state_bytes = sizeof(struct state),
	.places = 1,
	.probe = probe,
	.disk = disk,
};

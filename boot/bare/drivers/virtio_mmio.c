/* virtio's registers in memory. */
#include "boot/bare/drivers/virtio_mmio.h"

/* Registers. Spec: 4.2.2. */
#define REG_MAGIC            0x000u
#define REG_VERSION          0x004u
#define REG_DEVICE_ID        0x008u
#define REG_DEVICE_FEATURES  0x010u
#define REG_DEVICE_SELECT    0x014u
#define REG_DRIVER_FEATURES  0x020u
#define REG_DRIVER_SELECT    0x024u
#define REG_QUEUE_SELECT     0x030u
#define REG_QUEUE_MAX        0x034u
#define REG_QUEUE_ENTRIES    0x038u
#define REG_QUEUE_READY      0x044u
#define REG_QUEUE_NOTIFY     0x050u
#define REG_INTERRUPT_STATUS 0x060u
#define REG_INTERRUPT_ACK    0x064u
#define REG_STATUS           0x070u
#define REG_QUEUE_DESC       0x080u /* low, high */
#define REG_QUEUE_AVAIL      0x090u
#define REG_QUEUE_USED       0x0a0u
#define REG_GENERATION       0x0fcu

#define MAGIC      0x74726976u /* "virt" */
#define VERSION    2u
#define INTERRUPTS 3u

static uint32_t get(const struct bare_io *io, uint32_t offset)
{
	return io->read32(io->ctx, offset);
}

static void put(const struct bare_io *io, uint32_t offset, uint32_t value)
{
	io->write32(io->ctx, offset, value);
}

static void put64(const struct bare_io *io, uint32_t offset, uint64_t value)
{
	put(io, offset, (uint32_t)value);
	put(io, offset + 4, (uint32_t)(value >> 32));
}

enum lb_status virtio_mmio_identify(const struct bare_io *io, uint32_t *device,
				    uint32_t *version)
{
	*version = 0;
	*device = VIRTIO_DEVICE_NONE;
	if (get(io, REG_MAGIC) != MAGIC)
		return LB_ERR_MAGIC;
	*version = get(io, REG_VERSION);
	*device = get(io, REG_DEVICE_ID);
	return *version == VERSION ? LB_OK : LB_ERR_VERSION;
}

static uint32_t status(const void *ctx)
{
	return get(ctx, REG_STATUS);
}

static void set_status(const void *ctx, uint32_t value)
{
	put(ctx, REG_STATUS, value);
}

static uint64_t offered(const void *ctx)
{
	put(ctx, REG_DEVICE_SELECT, 0);
	const uint64_t low = get(ctx, REG_DEVICE_FEATURES);
	put(ctx, REG_DEVICE_SELECT, 1);
	return low | (uint64_t)get(ctx, REG_DEVICE_FEATURES) << 32;
}

static void accept(const void *ctx, uint64_t features)
{
	put(ctx, REG_DRIVER_SELECT, 0);
	put(ctx, REG_DRIVER_FEATURES, (uint32_t)features);
	put(ctx, REG_DRIVER_SELECT, 1);
	put(ctx, REG_DRIVER_FEATURES, (uint32_t)(features >> 32));
}

static enum lb_status set_queue(const void *ctx, uint32_t entries,
				const struct virtio_queue_place *place)
{
	put(ctx, REG_QUEUE_SELECT, 0);
	if (get(ctx, REG_QUEUE_READY) != 0 || get(ctx, REG_QUEUE_MAX) < entries)
		return LB_ERR_UNSUPPORTED;
	put(ctx, REG_QUEUE_ENTRIES, entries);
	put64(ctx, REG_QUEUE_DESC, place->desc);
	put64(ctx, REG_QUEUE_AVAIL, place->avail);
	put64(ctx, REG_QUEUE_USED, place->used);
	put(ctx, REG_QUEUE_READY, 1);
	return LB_OK;
}

static void notify(const void *ctx)
{
	put(ctx, REG_QUEUE_NOTIFY, 0);
}

static void acknowledge(const void *ctx)
{
	put(ctx, REG_INTERRUPT_ACK, get(ctx, REG_INTERRUPT_STATUS) & INTERRUPTS);
}

static uint32_t config32(const void *ctx, uint32_t offset)
{
	return get(ctx, VIRTIO_MMIO_CONFIG + offset);
}

static uint32_t generation(const void *ctx)
{
	return get(ctx, REG_GENERATION);
}

const struct virtio_transport virtio_mmio = {
	.status = status,
	.set_status = set_status,
	.offered = offered,
	.accept = accept,
	.set_queue = set_queue,
	.notify = notify,
	.acknowledge = acknowledge,
	.config32 = config32,
	.generation = generation,
};

/* virtio over memory-mapped registers. */
#include "boot/bare/drivers/virtio_mmio.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"

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

#define MAGIC   0x74726976u /* "virt" */
#define VERSION 2u

#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER      2u
#define STATUS_DRIVER_OK   4u
#define STATUS_FEATURES_OK 8u
#define STATUS_FAILED      128u

#define FEATURE_VERSION_1 (UINT64_C(1) << 32)

#define DESC_NEXT          1u
#define DESC_DEVICE_WRITES 2u
#define AVAIL_NO_INTERRUPT 1u

static uint32_t get(const struct virtio_mmio *dev, uint32_t offset)
{
	return dev->io.read32(dev->io.ctx, offset);
}

static void put(const struct virtio_mmio *dev, uint32_t offset, uint32_t value)
{
	dev->io.write32(dev->io.ctx, offset, value);
}

static void put64(const struct virtio_mmio *dev, uint32_t offset, uint64_t value)
{
	put(dev, offset, (uint32_t)value);
	put(dev, offset + 4, (uint32_t)(value >> 32));
}

enum lb_status virtio_mmio_identify(const struct bare_io *io, uint32_t *device,
				    uint32_t *version)
{
	*version = 0;
	*device = VIRTIO_DEVICE_NONE;
	if (io->read32(io->ctx, REG_MAGIC) != MAGIC)
		return LB_ERR_MAGIC;
	*version = io->read32(io->ctx, REG_VERSION);
	*device = io->read32(io->ctx, REG_DEVICE_ID);
	return *version == VERSION ? LB_OK : LB_ERR_VERSION;
}

enum lb_status virtio_mmio_stop(struct virtio_mmio *dev)
{
	const uint64_t start = dev->clock.now_us(dev->clock.ctx);

	put(dev, REG_STATUS, 0);
	while (get(dev, REG_STATUS) != 0) {
		if (dev->clock.now_us(dev->clock.ctx) - start > VIRTIO_RESET_US)
			return LB_ERR_TIMEOUT;
		dev->clock.relax(dev->clock.ctx);
	}
	return LB_OK;
}

static uint64_t offered_features(const struct virtio_mmio *dev)
{
	put(dev, REG_DEVICE_SELECT, 0);
	const uint64_t low = get(dev, REG_DEVICE_FEATURES);
	put(dev, REG_DEVICE_SELECT, 1);
	return low | (uint64_t)get(dev, REG_DEVICE_FEATURES) << 32;
}

static enum lb_status agree(struct virtio_mmio *dev, uint64_t wanted, uint64_t *agreed)
{
	const uint64_t features = offered_features(dev) & (wanted | FEATURE_VERSION_1);

	if ((features & FEATURE_VERSION_1) == 0)
		return LB_ERR_UNSUPPORTED;
	put(dev, REG_DRIVER_SELECT, 0);
	put(dev, REG_DRIVER_FEATURES, (uint32_t)features);
	put(dev, REG_DRIVER_SELECT, 1);
	put(dev, REG_DRIVER_FEATURES, (uint32_t)(features >> 32));

	put(dev, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
	if ((get(dev, REG_STATUS) & STATUS_FEATURES_OK) == 0)
		return LB_ERR_UNSUPPORTED;
	*agreed = features;
	return LB_OK;
}

static enum lb_status set_up_queue(struct virtio_mmio *dev)
{
	struct virtio_rings *rings = dev->rings;

	put(dev, REG_QUEUE_SELECT, 0);
	if (get(dev, REG_QUEUE_READY) != 0 ||
	    get(dev, REG_QUEUE_MAX) < VIRTIO_QUEUE_ENTRIES)
		return LB_ERR_UNSUPPORTED;

	memset(rings, 0, sizeof(*rings));
	lb_put_le16(rings->avail, AVAIL_NO_INTERRUPT);
	dev->requests = 0;

	const uint64_t driver = dev->dma.map(dev->dma.ctx, rings->desc,
					     BARE_DMA_ALIGN_BYTES, BARE_DMA_TO_DEVICE);
	const uint64_t device = dev->dma.map(dev->dma.ctx, rings->used,
					     sizeof(rings->used), BARE_DMA_FROM_DEVICE);
	put(dev, REG_QUEUE_ENTRIES, VIRTIO_QUEUE_ENTRIES);
	put64(dev, REG_QUEUE_DESC, driver);
	put64(dev, REG_QUEUE_AVAIL, driver + sizeof(rings->desc));
	put64(dev, REG_QUEUE_USED, device);
	put(dev, REG_QUEUE_READY, 1);
	return LB_OK;
}

enum lb_status virtio_mmio_start(struct virtio_mmio *dev, uint64_t wanted,
				 uint64_t *agreed)
{
	enum lb_status status = virtio_mmio_stop(dev);

	if (status != LB_OK)
		return status;
	put(dev, REG_STATUS, STATUS_ACKNOWLEDGE);
	put(dev, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);

	status = agree(dev, wanted, agreed);
	if (status == LB_OK)
		status = set_up_queue(dev);
	if (status != LB_OK) {
		put(dev, REG_STATUS, STATUS_FAILED);
		return status;
	}
	put(dev, REG_STATUS,
	    STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
	return LB_OK;
}

/* Hands the pieces over and writes their descriptors. Returns the room for the device. */
static uint64_t describe(struct virtio_mmio *dev, const struct virtio_piece *pieces,
			 size_t count)
{
	uint64_t room = 0;

	for (size_t i = 0; i < count; i++) {
		const struct virtio_piece *piece = &pieces[i];
		uint8_t *desc = dev->rings->desc + 16 * i;
		const bool last = i + 1 == count;
		const bool writes = piece->dir == BARE_DMA_FROM_DEVICE;

		lb_put_le64(desc, dev->dma.map(dev->dma.ctx, piece->memory, piece->bytes,
					       piece->dir));
		lb_put_le32(desc + 8, piece->bytes);
		lb_put_le16(desc + 12, (uint16_t)((last ? 0u : DESC_NEXT) |
						  (writes ? DESC_DEVICE_WRITES : 0u)));
		lb_put_le16(desc + 14, last ? 0 : (uint16_t)(i + 1));
		room += writes ? piece->bytes : 0;
	}
	return room;
}

/* Ring entry first, index after it: the device may look at any moment. */
static void offer(struct virtio_mmio *dev)
{
	struct virtio_rings *rings = dev->rings;
	uint8_t *slot = rings->avail + 4 + 2u * (dev->requests % VIRTIO_QUEUE_ENTRIES);

	lb_put_le16(slot, 0);
	(void)dev->dma.map(dev->dma.ctx, rings->desc, BARE_DMA_ALIGN_BYTES,
			   BARE_DMA_TO_DEVICE);
	dev->dma.barrier(dev->dma.ctx);
	dev->requests++;
	lb_put_le16(rings->avail + 2, dev->requests);
	(void)dev->dma.map(dev->dma.ctx, rings->desc, BARE_DMA_ALIGN_BYTES,
			   BARE_DMA_TO_DEVICE);
	dev->dma.barrier(dev->dma.ctx);
	put(dev, REG_QUEUE_NOTIFY, 0);
}

/* Waits until the used index moves; it can only move to the number of requests. */
static enum lb_status await(struct virtio_mmio *dev, uint64_t timeout_us)
{
	struct virtio_rings *rings = dev->rings;
	const uint64_t start = dev->clock.now_us(dev->clock.ctx);
	const uint16_t before = (uint16_t)(dev->requests - 1);

	for (;;) {
		/* The time first: an answer that came while we were away still counts. */
		const uint64_t waited = dev->clock.now_us(dev->clock.ctx) - start;

		dev->dma.unmap(dev->dma.ctx, rings->used, sizeof(rings->used),
			       BARE_DMA_FROM_DEVICE);
		const uint16_t now = lb_le16(rings->used + 2);
		if (now == dev->requests)
			return LB_OK;
		if (now != before)
			return LB_ERR_IO;
		if (waited > timeout_us)
			return LB_ERR_TIMEOUT;
		dev->clock.relax(dev->clock.ctx);
	}
}

enum lb_status virtio_mmio_request(struct virtio_mmio *dev,
				   const struct virtio_piece *pieces, size_t count,
				   uint64_t timeout_us, uint32_t *written)
{
	if (count == 0 || count > VIRTIO_QUEUE_ENTRIES)
		return LB_ERR_ARGUMENT;

	const uint64_t room = describe(dev, pieces, count);
	offer(dev);
	const enum lb_status status = await(dev, timeout_us);
	if (status != LB_OK)
		return status;

	/* The index was seen; the entry it announces is read after it. */
	dev->dma.barrier(dev->dma.ctx);
	dev->dma.unmap(dev->dma.ctx, dev->rings->used, sizeof(dev->rings->used),
		       BARE_DMA_FROM_DEVICE);
	const uint16_t slot = (uint16_t)(dev->requests - 1) % VIRTIO_QUEUE_ENTRIES;
	const uint8_t *entry = dev->rings->used + 4 + 8u * slot;
	const uint32_t id = lb_le32(entry);
	const uint32_t bytes = lb_le32(entry + 4);

	put(dev, REG_INTERRUPT_ACK, get(dev, REG_INTERRUPT_STATUS) & 3u);
	if (id != 0 || bytes > room)
		return LB_ERR_IO;
	for (size_t i = 0; i < count; i++)
		dev->dma.unmap(dev->dma.ctx, pieces[i].memory, pieces[i].bytes,
			       pieces[i].dir);
	*written = bytes;
	return LB_OK;
}

uint32_t virtio_mmio_config32(const struct virtio_mmio *dev, uint32_t offset)
{
	return get(dev, VIRTIO_MMIO_CONFIG + offset);
}

uint32_t virtio_mmio_generation(const struct virtio_mmio *dev)
{
	return get(dev, REG_GENERATION);
}

/* A virtio disk that answers whatever it likes, in its registers and in the memory that
 * it was given: every call ends in the time that the driver grants, nothing outside that
 * memory changes, and what it says it read it had room for.
 *
 * Each byte of the input is one decision: with its highest bit something odd, else what
 * an honest device would say. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/bare/drivers/virtio_blk.h"
#include "boot/bare/drivers/virtio_mmio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM     (16u * 512u)
#define GUARD    64u
#define MAPPINGS 16u

static const uint8_t *input;
static size_t input_bytes, at;
static uint64_t time_us;
static uint32_t status, selected;
static uint16_t answered;
static struct virtio_blk blk;
static struct virtio_blk_memory memory; /* the device's */
static struct {
	uint8_t *memory;
	size_t bytes;
	enum bare_dma_direction dir;
} mapped[MAPPINGS];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static uint8_t take(void)
{
	return input_bytes == 0 ? 0 : input[at++ % input_bytes];
}

static uint32_t take32(void)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 8 | take();
	return v;
}

static uint32_t honest(uint32_t offset)
{
	switch (offset) {
	case 0x000:
		return 0x74726976; /* "virt" */
	case 0x004:
		return 2;
	case 0x008:
		return VIRTIO_DEVICE_BLOCK;
	case 0x010:
		return selected == 1 ? 1 : 0x240; /* VERSION_1; FLUSH, BLK_SIZE */
	case 0x034:
		return 256;
	case 0x070:
		return status;
	case 0x100:
		return 64; /* sectors */
	case 0x114:
		return 512; /* block size */
	default:
		return 0;
	}
}

static uint32_t read32(void *ctx, uint32_t offset)
{
	(void)ctx;
	must(offset % 4 == 0 && offset < VIRTIO_MMIO_REGISTER_BYTES);
	return (take() & 0x80) != 0 ? take32() : honest(offset);
}

static void write32(void *ctx, uint32_t offset, uint32_t value)
{
	(void)ctx;
	must(offset % 4 == 0 && offset < VIRTIO_MMIO_REGISTER_BYTES);
	if (offset == 0x070)
		status = value;
	if (offset == 0x014)
		selected = value;
}

static enum lb_status alloc(void *ctx, size_t bytes, struct bare_dma_memory *out)
{
	(void)ctx;
	must(bytes == sizeof memory);
	*out = (struct bare_dma_memory){ (uint8_t *)&memory, (uintptr_t)&memory, bytes };
	return LB_OK;
}

static void sync_for_device(void *ctx, const struct bare_dma_memory *m, size_t offset,
			    size_t bytes, enum bare_dma_direction dir)
{
	(void)ctx;
	must(bytes > 0 && lb_within(offset, bytes, m->bytes));
	for (size_t i = 0; i < MAPPINGS; i++)
		if (mapped[i].memory == NULL) {
			mapped[i].memory = m->cpu + offset;
			mapped[i].bytes = bytes;
			mapped[i].dir = dir;
			break;
		}
}

static void sync_for_cpu(void *ctx, const struct bare_dma_memory *m, size_t offset,
			 size_t bytes, enum bare_dma_direction dir)
{
	(void)ctx, (void)dir;
	for (size_t i = 0; i < MAPPINGS; i++)
		if (mapped[i].memory == m->cpu + offset && mapped[i].bytes == bytes)
			mapped[i].memory = NULL;
}

static void barrier(void *ctx)
{
	(void)ctx;
}

static uint64_t now_us(void *ctx)
{
	(void)ctx;
	return time_us += 100;
}

/* The device at work: an answer as it should be, or anything in memory that is its
 * own. */
static void relax(void *ctx)
{
	uint8_t *used = memory.rings.used;
	const uint8_t how = take();

	(void)ctx;
	time_us += 100000;
	if ((how & 0x80) != 0) {
		for (size_t i = 0; i < MAPPINGS; i++)
			if (mapped[i].memory != NULL &&
			    mapped[i].dir == BARE_DMA_FROM_DEVICE)
				mapped[i].memory[take32() % mapped[i].bytes] = take();
		return;
	}
	lb_put_le32(used + 4 + answered % VIRTIO_QUEUE_ENTRIES * 8, 0);
	lb_put_le32(used + 8 + answered % VIRTIO_QUEUE_ENTRIES * 8,
		    (how & 0x40) != 0 ? take32() : 1u + (how & 0x3fu) * 512u);
	memory.status[0] = (how & 0x20) != 0 ? take() : 0;
	lb_put_le16(used + 2, ++answered);
}

static void use(uint8_t *buf)
{
	if (blk.block.ops->start(&blk) != LB_OK)
		return;
	must(blk.block.sector_bytes >= 512 &&
	     blk.block.sector_bytes <= VIRTIO_BLK_SECTOR_MAX);
	must((blk.block.sector_bytes & (blk.block.sector_bytes - 1)) == 0);
	must(blk.block.sectors <= UINT64_MAX / blk.block.sector_bytes);
	must(blk.max_bytes != 0 && blk.max_bytes % blk.block.sector_bytes == 0);
	for (int i = 0; i < 4; i++) {
		const uint64_t lba = take() & 7;
		const size_t sectors = 1 + take() % (ROOM / blk.block.sector_bytes);

		(void)blk.block.ops->read(&blk, lba, sectors, buf + GUARD);
		if ((take() & 3) == 0)
			(void)blk.block.ops->write(&blk, lba, sectors, buf + GUARD);
		(void)blk.block.ops->flush(&blk);
	}
	(void)blk.block.ops->stop(&blk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[GUARD + ROOM + GUARD];

	memset(&blk, 0, sizeof blk);
	memset(&memory, 0, sizeof memory);
	memset(mapped, 0, sizeof mapped);
	memset(buf, 0x5a, sizeof buf);
	input = data;
	input_bytes = size;
	at = 0;
	time_us = 0;
	status = selected = answered = 0;
	const struct bare_io io = { .read32 = read32, .write32 = write32 };
	const struct bare_dma dma = { .alloc = alloc,
				      .sync_for_device = sync_for_device,
				      .sync_for_cpu = sync_for_cpu,
				      .barrier = barrier };
	const struct bare_clock clock = { .now_us = now_us, .relax = relax };

	blk.queue.transport = &virtio_mmio;
	blk.queue.ctx = &io;
	must(virtio_blk_init(&blk, &dma, &clock) == LB_OK);
	use(buf);
	for (size_t i = 0; i < GUARD; i++)
		must(buf[i] == 0x5a && buf[GUARD + ROOM + i] == 0x5a);
	must(time_us < (uint64_t)40 * 2 * VIRTIO_BLK_TIMEOUT_US);
	return 0;
}

/* virtio block devices. */
#include "boot/bare/drivers/virtio_blk.h"

#include <string.h>

#include "base/bytes.h"

/* Feature bits. Spec: 5.2.3. */
#define FEATURE_SIZE_MAX   (UINT64_C(1) << 1)
#define FEATURE_READ_ONLY  (UINT64_C(1) << 5)
#define FEATURE_BLOCK_SIZE (UINT64_C(1) << 6)
#define FEATURE_FLUSH      (UINT64_C(1) << 9)

/* Configuration. Spec: 5.2.4. */
#define CONFIG_CAPACITY   0u /* u64, in units of 512 bytes */
#define CONFIG_SIZE_MAX   8u
#define CONFIG_BLOCK_SIZE 20u
#define CONFIG_TRIES      16

#define UNIT_BYTES 512u /* of capacity and of the sector number in requests */

#define TYPE_READ    0u
#define TYPE_WRITE   1u
#define TYPE_FLUSH   4u
#define HEADER_BYTES 16u
#define STATUS_BYTES 1u

/* Where the parts of the memory lie in it. */
#define HEADER_AT offsetof(struct virtio_blk_memory, header)
#define STATUS_AT offsetof(struct virtio_blk_memory, status)
#define BOUNCE_AT offsetof(struct virtio_blk_memory, bounce)

#define RESULT_OK    0u
#define RESULT_UNSET 0xffu

static struct virtio_blk_memory *memory_of(const struct virtio_blk *blk)
{
	return (struct virtio_blk_memory *)(void *)blk->queue.memory.cpu;
}

struct geometry {
	uint64_t capacity;
	uint32_t size_max;
	uint32_t block_size;
};

/* The configuration can change while it is read (a disk that is resized): the generation
 * must be the same before and after. */
static enum lb_status read_config(const struct virtio_queue *queue, struct geometry *out)
{
	const struct virtio_transport *transport = queue->transport;
	const void *ctx = queue->ctx;

	for (int i = 0; i < CONFIG_TRIES; i++) {
		const uint32_t generation = transport->generation(ctx);

		const uint64_t low = transport->config32(ctx, CONFIG_CAPACITY);
		const uint64_t high = transport->config32(ctx, CONFIG_CAPACITY + 4);

		out->capacity = low | high << 32;
		out->size_max = transport->config32(ctx, CONFIG_SIZE_MAX);
		out->block_size = transport->config32(ctx, CONFIG_BLOCK_SIZE);
		if (transport->generation(ctx) == generation)
			return LB_OK;
	}
	return LB_ERR_IO;
}

static enum lb_status take_geometry(struct virtio_blk *blk, uint64_t features,
				    const struct geometry *g)
{
	const uint32_t block =
		(features & FEATURE_BLOCK_SIZE) != 0 ? g->block_size : UNIT_BYTES;
	uint32_t max = VIRTIO_BLK_BOUNCE_BYTES;

	if (!lb_is_power_of_two(block) || block < UNIT_BYTES ||
	    block > VIRTIO_BLK_SECTOR_MAX)
		return LB_ERR_RANGE;
	if (g->capacity > UINT64_MAX / UNIT_BYTES || g->capacity < block / UNIT_BYTES)
		return LB_ERR_RANGE;
	if ((features & FEATURE_SIZE_MAX) != 0 && g->size_max < max)
		max = g->size_max & ~(block - 1);
	if (max == 0)
		return LB_ERR_RANGE;

	blk->block.sector_bytes = block;
	blk->block.sectors = g->capacity / (block / UNIT_BYTES);
	blk->max_bytes = max;
	blk->block.read_only = (features & FEATURE_READ_ONLY) != 0;
	blk->can_flush = (features & FEATURE_FLUSH) != 0;
	return LB_OK;
}

static enum lb_status stop_disk(void *ctx)
{
	struct virtio_blk *blk = ctx;
	const enum lb_status status = virtio_stop(&blk->queue);

	blk->block.holds = status != LB_OK && blk->block.holds;
	return status;
}

static enum lb_status start_disk(void *ctx)
{
	struct virtio_blk *blk = ctx;
	const uint64_t wanted =
		FEATURE_SIZE_MAX | FEATURE_READ_ONLY | FEATURE_BLOCK_SIZE | FEATURE_FLUSH;
	struct geometry geometry;
	uint64_t features;

	blk->block.dead = true;
	enum lb_status status = stop_disk(blk);
	if (status != LB_OK)
		return status;
	blk->block.holds = true;
	status = virtio_start(&blk->queue, wanted, &features);
	if (status == LB_OK)
		status = read_config(&blk->queue, &geometry);
	if (status == LB_OK)
		status = take_geometry(blk, features, &geometry);
	if (status != LB_OK) {
		(void)stop_disk(blk); /* or it goes on holding, as noted */
		return status;
	}
	blk->block.dead = false;
	return LB_OK;
}

/* A device that hangs or answers nonsense is reset, so that it stops writing to memory,
 * and not asked again. One that is not even reset goes on holding its memory. */
static enum lb_status give_up(struct virtio_blk *blk, enum lb_status why)
{
	blk->block.dead = true;
	(void)stop_disk(blk);
	return why;
}

/* One request; @data has no bytes for a flush. */
static enum lb_status run(struct virtio_blk *blk, uint32_t type, uint64_t unit,
			  const struct virtio_piece *data)
{
	struct virtio_blk_memory *memory = memory_of(blk);
	struct virtio_piece pieces[3];
	size_t count = 0;
	uint32_t written;

	lb_put_le32(memory->header, type);
	lb_put_le32(memory->header + 4, 0);
	lb_put_le64(memory->header + 8, unit);
	memory->status[0] = RESULT_UNSET;

	pieces[count++] =
		(struct virtio_piece){ HEADER_AT, HEADER_BYTES, BARE_DMA_TO_DEVICE };
	if (data->bytes != 0)
		pieces[count++] = *data;
	pieces[count++] =
		(struct virtio_piece){ STATUS_AT, STATUS_BYTES, BARE_DMA_FROM_DEVICE };

	const enum lb_status status = virtio_request(&blk->queue, pieces, count,
						     VIRTIO_BLK_TIMEOUT_US, &written);
	if (status != LB_OK)
		return give_up(blk, status);
	if (memory->status[0] != RESULT_OK)
		return LB_ERR_IO;

	/* "Done" with less written than asked for: what is in the buffer is not the
	 * disk. */
	const uint32_t expected =
		STATUS_BYTES + (data->dir == BARE_DMA_FROM_DEVICE ? data->bytes : 0);
	return written == expected ? LB_OK : give_up(blk, LB_ERR_IO);
}

/* How much of @left bytes goes into the next request. */
static uint32_t next_piece(const struct virtio_blk *blk, uint64_t left)
{
	return left < blk->max_bytes ? (uint32_t)left : blk->max_bytes;
}

static enum lb_status check_range(const struct virtio_blk *blk, uint64_t lba,
				  size_t sectors)
{
	if (blk->block.dead)
		return LB_ERR_REMOVED;
	return lb_within(lba, sectors, blk->block.sectors) ? LB_OK : LB_ERR_RANGE;
}

static enum lb_status read_disk(void *ctx, uint64_t lba, size_t sectors, void *buf)
{
	struct virtio_blk *blk = ctx;
	enum lb_status status = check_range(blk, lba, sectors);
	uint64_t left = (uint64_t)sectors * blk->block.sector_bytes;
	uint64_t unit = lba * (blk->block.sector_bytes / UNIT_BYTES);
	uint8_t *to = buf;

	while (status == LB_OK && left > 0) {
		const uint32_t bytes = next_piece(blk, left);
		const struct virtio_piece data = { BOUNCE_AT, bytes,
						   BARE_DMA_FROM_DEVICE };

		status = run(blk, TYPE_READ, unit, &data);
		if (status == LB_OK)
			memcpy(to, memory_of(blk)->bounce, bytes);
		to += bytes;
		unit += bytes / UNIT_BYTES;
		left -= bytes;
	}
	return status;
}

static enum lb_status write_disk(void *ctx, uint64_t lba, size_t sectors, const void *buf)
{
	struct virtio_blk *blk = ctx;
	enum lb_status status = check_range(blk, lba, sectors);
	uint64_t left = (uint64_t)sectors * blk->block.sector_bytes;
	uint64_t unit = lba * (blk->block.sector_bytes / UNIT_BYTES);
	const uint8_t *from = buf;

	if (status == LB_OK && blk->block.read_only)
		return LB_ERR_READ_ONLY;
	while (status == LB_OK && left > 0) {
		const uint32_t bytes = next_piece(blk, left);
		const struct virtio_piece data = { BOUNCE_AT, bytes, BARE_DMA_TO_DEVICE };

		memcpy(memory_of(blk)->bounce, from, bytes);
		status = run(blk, TYPE_WRITE, unit, &data);
		from += bytes;
		unit += bytes / UNIT_BYTES;
		left -= bytes;
	}
	return status;
}

static enum lb_status flush_disk(void *ctx)
{
	struct virtio_blk *blk = ctx;
	const struct virtio_piece none = { 0, 0, BARE_DMA_TO_DEVICE };

	if (blk->block.dead)
		return LB_ERR_REMOVED;
	if (!blk->can_flush)
		return LB_OK;
	return run(blk, TYPE_FLUSH, 0, &none);
}

static const struct block_ops ops = {
	.start = start_disk,
	.read = read_disk,
	.write = write_disk,
	.flush = flush_disk,
	.stop = stop_disk,
};

enum lb_status virtio_blk_init(struct virtio_blk *blk, const struct bare_dma *dma,
			       const struct bare_clock *clock)
{
	struct virtio_queue *queue = &blk->queue;
	const enum lb_status status =
		dma->alloc(dma->ctx, sizeof(struct virtio_blk_memory), &queue->memory);

	if (status != LB_OK)
		return status;
	queue->dma = *dma;
	queue->clock = *clock;
	blk->block = (struct block){
		.ops = &ops,
		.ctx = blk,
		.kind = "virtio",
		.attachment = PLATFORM_ATTACHED_INTERNAL,
		.dead = true,
		.memory = queue->memory,
	};
	return LB_OK;
}

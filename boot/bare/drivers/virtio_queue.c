/* virtio: start-up and the queue. */
#include "boot/bare/drivers/virtio_queue.h"

#include <string.h>

#include "base/bytes.h"

#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER      2u
#define STATUS_DRIVER_OK   4u
#define STATUS_FEATURES_OK 8u
#define STATUS_FAILED      128u

#define FEATURE_VERSION_1 (UINT64_C(1) << 32)

#define DESC_NEXT          1u
#define DESC_DEVICE_WRITES 2u
#define AVAIL_NO_INTERRUPT 1u

/* The two parts of the rings in the memory. */
#define OURS_AT   offsetof(struct virtio_rings, desc)
#define AVAIL_AT  offsetof(struct virtio_rings, avail)
#define THEIRS_AT offsetof(struct virtio_rings, used)

static struct virtio_rings *rings_of(const struct virtio_queue *queue)
{
	return (struct virtio_rings *)(void *)queue->memory.cpu;
}

static void set_status(const struct virtio_queue *queue, uint32_t status)
{
	queue->transport->set_status(queue->ctx, status);
}

/* What the driver wrote into the rings. */
static void sync_ours(const struct virtio_queue *queue)
{
	const struct bare_dma *dma = &queue->dma;

	dma->sync_for_device(dma->ctx, &queue->memory, OURS_AT, BARE_DMA_ALIGN_BYTES,
			     BARE_DMA_TO_DEVICE);
}

/* What the device wrote into them. */
static void sync_theirs(const struct virtio_queue *queue)
{
	const struct bare_dma *dma = &queue->dma;

	dma->sync_for_cpu(dma->ctx, &queue->memory, THEIRS_AT, BARE_DMA_ALIGN_BYTES,
			  BARE_DMA_FROM_DEVICE);
}

enum lb_status virtio_stop(struct virtio_queue *queue)
{
	const struct bare_clock *clock = &queue->clock;
	const uint64_t start = clock->now_us(clock->ctx);

	set_status(queue, 0);
	while (queue->transport->status(queue->ctx) != 0) {
		if (clock->now_us(clock->ctx) - start > VIRTIO_RESET_US)
			return LB_ERR_TIMEOUT;
		clock->relax(clock->ctx);
	}
	return LB_OK;
}

static enum lb_status agree(struct virtio_queue *queue, uint64_t wanted, uint64_t *agreed)
{
	const struct virtio_transport *transport = queue->transport;
	const uint64_t features =
		transport->offered(queue->ctx) & (wanted | FEATURE_VERSION_1);

	if ((features & FEATURE_VERSION_1) == 0)
		return LB_ERR_UNSUPPORTED;
	transport->accept(queue->ctx, features);
	set_status(queue, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
	if ((transport->status(queue->ctx) & STATUS_FEATURES_OK) == 0)
		return LB_ERR_UNSUPPORTED;
	*agreed = features;
	return LB_OK;
}

static enum lb_status set_up_rings(struct virtio_queue *queue)
{
	const struct bare_dma *dma = &queue->dma;
	const uint64_t at = queue->memory.device;
	const struct virtio_queue_place place = { at + OURS_AT, at + AVAIL_AT,
						  at + THEIRS_AT };

	memset(rings_of(queue), 0, sizeof(struct virtio_rings));
	lb_put_le16(rings_of(queue)->avail, AVAIL_NO_INTERRUPT);
	queue->requests = 0;
	sync_ours(queue);
	dma->sync_for_device(dma->ctx, &queue->memory, THEIRS_AT, BARE_DMA_ALIGN_BYTES,
			     BARE_DMA_FROM_DEVICE);
	return queue->transport->set_queue(queue->ctx, VIRTIO_QUEUE_ENTRIES, &place);
}

enum lb_status virtio_start(struct virtio_queue *queue, uint64_t wanted, uint64_t *agreed)
{
	enum lb_status status = virtio_stop(queue);

	if (status != LB_OK)
		return status;
	set_status(queue, STATUS_ACKNOWLEDGE);
	set_status(queue, STATUS_ACKNOWLEDGE | STATUS_DRIVER);

	status = agree(queue, wanted, agreed);
	if (status == LB_OK)
		status = set_up_rings(queue);
	if (status != LB_OK) {
		set_status(queue, STATUS_FAILED);
		return status;
	}
	set_status(queue, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK |
				  STATUS_DRIVER_OK);
	return LB_OK;
}

/* Hands the pieces over and writes their descriptors. Returns the room for the device. */
static uint64_t describe(struct virtio_queue *queue, const struct virtio_piece *pieces,
			 size_t count)
{
	const struct bare_dma *dma = &queue->dma;
	uint64_t room = 0;

	for (size_t i = 0; i < count; i++) {
		const struct virtio_piece *piece = &pieces[i];
		uint8_t *desc = rings_of(queue)->desc + 16 * i;
		const bool last = i + 1 == count;
		const bool writes = piece->dir == BARE_DMA_FROM_DEVICE;

		dma->sync_for_device(dma->ctx, &queue->memory, piece->offset,
				     piece->bytes, piece->dir);
		lb_put_le64(desc, queue->memory.device + piece->offset);
		lb_put_le32(desc + 8, piece->bytes);
		lb_put_le16(desc + 12, (uint16_t)((last ? 0u : DESC_NEXT) |
						  (writes ? DESC_DEVICE_WRITES : 0u)));
		lb_put_le16(desc + 14, last ? 0 : (uint16_t)(i + 1));
		room += writes ? piece->bytes : 0;
	}
	return room;
}

/* Ring entry first, index after it: the device may look at any moment. */
static void offer(struct virtio_queue *queue)
{
	uint8_t *avail = rings_of(queue)->avail;
	const struct bare_dma *dma = &queue->dma;

	lb_put_le16(avail + 4 + 2u * (queue->requests % VIRTIO_QUEUE_ENTRIES), 0);
	sync_ours(queue);
	dma->barrier(dma->ctx);
	queue->requests++;
	lb_put_le16(avail + 2, queue->requests);
	sync_ours(queue);
	dma->barrier(dma->ctx);
	queue->transport->notify(queue->ctx);
}

/* Waits until the used index moves; it can only move to the number of requests. */
static enum lb_status await(struct virtio_queue *queue, uint64_t timeout_us)
{
	const struct bare_clock *clock = &queue->clock;
	const uint64_t start = clock->now_us(clock->ctx);
	const uint16_t before = (uint16_t)(queue->requests - 1);

	for (;;) {
		/* The time first: an answer that came while we were away still counts. */
		const uint64_t waited = clock->now_us(clock->ctx) - start;

		sync_theirs(queue);
		const uint16_t now = lb_le16(rings_of(queue)->used + 2);
		if (now == queue->requests)
			return LB_OK;
		if (now != before)
			return LB_ERR_IO;
		if (waited > timeout_us)
			return LB_ERR_TIMEOUT;
		clock->relax(clock->ctx);
	}
}

/* The entry that the index announced. */
static enum lb_status read_answer(struct virtio_queue *queue, uint64_t room,
				  uint32_t *written)
{
	const uint16_t slot = (uint16_t)(queue->requests - 1) % VIRTIO_QUEUE_ENTRIES;
	const uint8_t *entry = rings_of(queue)->used + 4 + 8u * slot;

	/* The index was seen; the entry is read after it. */
	queue->dma.barrier(queue->dma.ctx);
	sync_theirs(queue);

	const uint32_t id = lb_le32(entry);
	const uint32_t bytes = lb_le32(entry + 4);

	queue->transport->acknowledge(queue->ctx);
	if (id != 0 || bytes > room)
		return LB_ERR_IO;
	*written = bytes;
	return LB_OK;
}

enum lb_status virtio_request(struct virtio_queue *queue,
			      const struct virtio_piece *pieces, size_t count,
			      uint64_t timeout_us, uint32_t *written)
{
	const struct bare_dma *dma = &queue->dma;

	if (count == 0 || count > VIRTIO_QUEUE_ENTRIES)
		return LB_ERR_ARGUMENT;

	const uint64_t room = describe(queue, pieces, count);

	offer(queue);
	enum lb_status status = await(queue, timeout_us);
	if (status == LB_OK)
		status = read_answer(queue, room, written);
	if (status != LB_OK)
		return status;
	for (size_t i = 0; i < count; i++)
		dma->sync_for_cpu(dma->ctx, &queue->memory, pieces[i].offset,
				  pieces[i].bytes, pieces[i].dir);
	return LB_OK;
}

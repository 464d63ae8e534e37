/* virtio-blk against a fake device: registers, memory with separate views of CPU and
 * device (shadow_dma), a disk with a volatile cache, and faults.
 * Expected behaviour is that of VIRTIO 1.2, 2.7, 4.2 and 5.2. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/bare/drivers/virtio_blk.h"
#include "boot/bare/drivers/virtio_disk.h"
#include "boot/bare/drivers/virtio_mmio.h"
#include "tests/host/shadow_dma.h"

#define DISK_BYTES (4u << 20)
#define STEP_US    100

enum fault {
	NO_FAULT,
	NEVER_RESETS,
	NO_VERSION_1,
	FEATURES_REFUSED,
	SHORT_QUEUE,
	QUEUE_IN_USE,
	CONFIG_NEVER_STILL,
	NEVER_ANSWERS,
	HANGS, /* neither answers nor resets */
	SLOW_ANSWER,
	INDEX_JUMPS,
	WRONG_ID,
	LENGTH_TOO_LARGE,
	LENGTH_TOO_SMALL,
	LENGTH_ZERO,
	STATUS_IO_ERROR,
	STATUS_UNSUPPORTED,
	STATUS_NOT_WRITTEN,
};

struct fake {
	/* what it is */
	uint32_t magic, version, device_id;
	uint64_t features, capacity;
	uint32_t block_size, size_max;
	enum fault fault;
	int fault_after; /* requests that still work */

	/* registers */
	uint32_t status, select, driver_select, generation;
	uint64_t accepted, desc, avail, used;
	uint32_t ready, entries;

	/* ring */
	uint16_t seen, answered;
	bool pending;
	uint64_t due_us;

	struct shadow_dma dma;
	uint64_t now_us;
	uint8_t *cached,
		*stable; /* the disk as reads see it; as it is after a power cut */
	unsigned requests, flushes, resets;
	uint32_t largest;
};

static uint8_t *device_view(struct fake *f, uint64_t address, size_t bytes, bool writes)
{
	uint8_t *view = shadow_dma_view(&f->dma, address, bytes, writes);

	if (view == NULL)
		fail_msg("the device was told an address that is not its own");
	return view;
}

/* --- the device --------------------------------------------------------------------- */

struct chain {
	uint64_t address[3];
	uint32_t bytes[3];
	bool writes[3];
	size_t count;
	uint16_t head;
};

static struct chain read_chain(struct fake *f, uint16_t head)
{
	struct chain c = { .head = head };
	uint16_t next = head, flags;

	do {
		assert_true(c.count < 3);
		assert_true(next < f->entries);
		const uint8_t *d = device_view(f, f->desc + 16u * next, 16, false);

		c.address[c.count] = lb_le64(d);
		c.bytes[c.count] = lb_le32(d + 8);
		flags = lb_le16(d + 12);
		c.writes[c.count++] = (flags & 2) != 0;
		next = lb_le16(d + 14);
	} while ((flags & 1) != 0);
	return c;
}

/* Performs the request; returns the status byte, and the bytes written in *written. */
static uint8_t perform(struct fake *f, const struct chain *c, uint32_t *written)
{
	assert_true(c->count >= 2);
	assert_int_equal(c->bytes[0], 16);
	assert_int_equal(c->bytes[c->count - 1], 1);
	assert_false(c->writes[0]);
	assert_true(c->writes[c->count - 1]);

	const uint8_t *header = device_view(f, c->address[0], 16, false);
	const uint32_t type = lb_le32(header);
	const uint64_t at = lb_le64(header + 8) * 512;

	*written = 1;
	if (type == 4) {
		assert_true((f->accepted & 1u << 9) != 0);
		assert_int_equal(c->count, 2);
		f->flushes++;
		memcpy(f->stable, f->cached, DISK_BYTES);
		return 0;
	}
	assert_int_equal(c->count, 3);
	assert_true(lb_within(at, c->bytes[1], f->capacity * 512));
	if (c->bytes[1] > f->largest)
		f->largest = c->bytes[1];
	uint8_t *data = device_view(f, c->address[1], c->bytes[1], type == 0);

	assert_int_equal(c->writes[1], type == 0);
	if (type == 0) {
		memcpy(data, f->cached + at, c->bytes[1]);
		*written += c->bytes[1];
	} else {
		assert_int_equal(type, 1);
		memcpy(f->cached + at, data, c->bytes[1]);
	}
	return 0;
}

static void answer(struct fake *f)
{
	const uint32_t slot = f->answered % f->entries;
	const uint8_t *avail = device_view(f, f->avail, 4 + 2 * f->entries, false);
	const struct chain c = read_chain(f, lb_le16(avail + 4 + 2 * slot));
	const enum fault fault = f->fault_after > 0 ? NO_FAULT : f->fault;
	uint32_t written;
	uint8_t status = perform(f, &c, &written);
	uint32_t id = c.head;

	f->fault_after--;
	f->pending = false;
	f->requests++;
	if (fault == STATUS_IO_ERROR)
		status = 1;
	if (fault == STATUS_UNSUPPORTED)
		status = 2;
	if (fault != STATUS_NOT_WRITTEN)
		*device_view(f, c.address[c.count - 1], 1, true) = status;
	if (fault == WRONG_ID)
		id = 7;
	if (fault == LENGTH_TOO_LARGE)
		written = (1u << 20) + 4096;
	if (fault == LENGTH_TOO_SMALL)
		written--;
	if (fault == LENGTH_ZERO)
		written = 0;

	uint8_t *used = device_view(f, f->used, 4 + 8 * f->entries, true);
	lb_put_le32(used + 4 + 8 * slot, id);
	lb_put_le32(used + 4 + 8 * slot + 4, written);
	f->answered = (uint16_t)(f->answered + (fault == INDEX_JUMPS ? 2 : 1));
	lb_put_le16(used + 2, f->answered);
}

static void notified(struct fake *f)
{
	const uint8_t *avail = device_view(f, f->avail, 4 + 2 * f->entries, false);
	const uint16_t index = lb_le16(avail + 2);

	assert_int_equal(f->status, 15);
	assert_int_equal((uint16_t)(f->seen + 1), index);
	f->seen = index;
	f->pending = true;
	f->due_us = f->now_us + 3 * STEP_US;
	if (f->fault_after <= 0 && (f->fault == NEVER_ANSWERS || f->fault == HANGS))
		f->pending = false;
	if (f->fault_after <= 0 && f->fault == SLOW_ANSWER)
		f->due_us = f->now_us + VIRTIO_BLK_TIMEOUT_US / 2;
}

static uint64_t now_us(void *ctx)
{
	struct fake *f = ctx;

	f->now_us += STEP_US;
	if (f->pending && f->now_us >= f->due_us)
		answer(f);
	return f->now_us;
}

static void relax(void *ctx)
{
	((struct fake *)ctx)->now_us += STEP_US;
}

static uint32_t config_read(struct fake *f, uint32_t offset)
{
	if (f->fault == CONFIG_NEVER_STILL)
		f->generation++;
	switch (offset) {
	case 0:
		return (uint32_t)f->capacity;
	case 4:
		return (uint32_t)(f->capacity >> 32);
	case 8:
		return f->size_max;
	case 20:
		return f->block_size;
	default:
		fail_msg("no such configuration field");
		return 0;
	}
}

static uint32_t read32(void *ctx, uint32_t offset)
{
	struct fake *f = ctx;

	if (offset >= 0x100)
		return config_read(f, offset - 0x100);
	switch (offset) {
	case 0x00:
		return f->magic;
	case 0x04:
		return f->version;
	case 0x08:
		return f->device_id;
	case 0x10:
		return (uint32_t)(f->features >> (32 * f->select));
	case 0x34:
		return f->fault == SHORT_QUEUE ? 2 : 1024;
	case 0x44:
		return f->fault == QUEUE_IN_USE ? 1 : f->ready;
	case 0x60:
		return 1;
	case 0x70:
		return f->status;
	case 0xfc:
		return f->generation;
	default:
		fail_msg("register %x is not for reading", offset);
		return 0;
	}
}

static void set_half(uint64_t *where, bool high, uint32_t value)
{
	const unsigned shift = high ? 32 : 0;

	*where = (*where & ~((uint64_t)UINT32_MAX << shift)) | (uint64_t)value << shift;
}

static void set_status(struct fake *f, uint32_t value)
{
	if (value == 0 && (f->fault == NEVER_RESETS || f->fault == HANGS))
		return; /* it goes on with what it has */
	if (value == 0) {
		f->resets++;
		f->ready = 0;
		f->seen = f->answered = 0;
		f->pending = false;
		f->used = f->desc = 0;
		shadow_dma_reset(&f->dma);
	}
	if ((value & 8) != 0 && f->fault == FEATURES_REFUSED)
		value &= ~8u;
	if ((value & 4) != 0)
		assert_int_equal(f->ready, 1);
	f->status = value;
}

static void write32(void *ctx, uint32_t offset, uint32_t value)
{
	struct fake *f = ctx;

	switch (offset) {
	case 0x14:
		f->select = value;
		break;
	case 0x20:
		set_half(&f->accepted, f->driver_select != 0, value);
		break;
	case 0x24:
		f->driver_select = value;
		break;
	case 0x30:
		assert_int_equal(value, 0);
		break;
	case 0x38:
		f->entries = value;
		break;
	case 0x44:
		f->ready = value;
		break;
	case 0x50:
		assert_int_equal(value, 0);
		notified(f);
		break;
	case 0x64:
		assert_int_equal(value, 1);
		break;
	case 0x70:
		set_status(f, value);
		break;
	case 0x80:
	case 0x84:
		set_half(&f->desc, offset == 0x84, value);
		break;
	case 0x90:
	case 0x94:
		set_half(&f->avail, offset == 0x94, value);
		break;
	case 0xa0:
	case 0xa4:
		set_half(&f->used, offset == 0xa4, value);
		f->dma.kept[1] = f->used;
		break;
	default:
		fail_msg("register %x is not for writing", offset);
	}
}

/* --- set-up ------------------------------------------------------------------------- */

struct rig {
	struct fake fake;
	struct bare_device device;
	struct virtio_blk blk;
	uint8_t *buffer; /* 2 MiB, aligned, and more behind it */
};

#define BUFFER_BYTES (3u << 20)

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct fake *f = &rig->fake;

	*f = (struct fake){ .magic = 0x74726976,
			    .version = 2,
			    .device_id = 2,
			    .features = UINT64_C(1) << 32 | 1u << 9 | 1u << 6 | 1u << 28,
			    .capacity = DISK_BYTES / 512,
			    .block_size = 512,
			    .status = 4,
			    .cached = malloc(DISK_BYTES),
			    .stable = malloc(DISK_BYTES) };
	for (uint32_t i = 0; i < DISK_BYTES; i++)
		f->cached[i] = (uint8_t)(i * 2654435761u >> 23);
	memcpy(f->stable, f->cached, DISK_BYTES);
	rig->device.io =
		(struct bare_io){ .ctx = f, .read32 = read32, .write32 = write32 };
	rig->device.dma = shadow_dma(&f->dma);
	rig->device.clock = (struct bare_clock){ f, now_us, relax };
	rig->blk.queue.transport = &virtio_mmio;
	rig->blk.queue.ctx = &rig->device.io;
	assert_int_equal(virtio_blk_init(&rig->blk, &rig->device.dma, &rig->device.clock),
			 LB_OK);
	rig->buffer = aligned_alloc(4096, BUFFER_BYTES);
	memset(rig->buffer, 0xee, BUFFER_BYTES);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	shadow_dma_free(&rig->fake.dma);
	free(rig->fake.cached);
	free(rig->fake.stable);
	free(rig->buffer);
	free(rig);
	return 0;
}

static enum lb_status disk_start(struct virtio_blk *blk)
{
	return blk->block.ops->start(blk->block.ctx);
}

static enum lb_status disk_stop(struct virtio_blk *blk)
{
	return blk->block.ops->stop(blk->block.ctx);
}

static enum lb_status disk_flush(struct virtio_blk *blk)
{
	return blk->block.ops->flush(blk->block.ctx);
}

static enum lb_status disk_read(struct virtio_blk *blk, uint64_t lba, size_t sectors,
				void *buf)
{
	return blk->block.ops->read(blk->block.ctx, lba, sectors, buf);
}

static enum lb_status disk_write(struct virtio_blk *blk, uint64_t lba, size_t sectors,
				 const void *buf)
{
	return blk->block.ops->write(blk->block.ctx, lba, sectors, buf);
}

/* --- tests -------------------------------------------------------------------------- */

static void tells_what_sits_there(void **state)
{
	struct rig *rig = *state;
	uint32_t device, version;

	assert_int_equal(virtio_mmio_identify(&rig->device.io, &device, &version), LB_OK);
	assert_int_equal(device, VIRTIO_DEVICE_BLOCK);
	rig->fake.version = 1;
	assert_int_equal(virtio_mmio_identify(&rig->device.io, &device, &version),
			 LB_ERR_VERSION);
	assert_int_equal(device, VIRTIO_DEVICE_BLOCK);
	assert_int_equal(version, 1);
	rig->fake.magic = 0;
	assert_int_equal(virtio_mmio_identify(&rig->device.io, &device, &version),
			 LB_ERR_MAGIC);
	assert_int_equal(device, VIRTIO_DEVICE_NONE);
}

static void starts_with_what_it_knows(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(disk_start(&rig->blk), LB_OK);
	assert_int_equal(rig->blk.block.sector_bytes, 512);
	assert_int_equal(rig->blk.block.sectors, DISK_BYTES / 512);
	assert_true(rig->blk.can_flush);
	assert_false(rig->blk.block.read_only);
	/* Bit 28 (indirect descriptors) was offered and is not ours. */
	assert_true(rig->fake.accepted == (UINT64_C(1) << 32 | 1u << 9 | 1u << 6));
}

static void reads_any_memory(void **state)
{
	static const struct {
		const char *name;
		uint64_t lba;
		size_t sectors, offset;
	} rows[] = {
		{ "one sector, aligned", 0, 1, 0 },
		{ "one sector, one byte off", 1, 1, 1 },
		{ "the last sector", DISK_BYTES / 512 - 1, 1, 0 },
		{ "more than one request", 3, 2500, 0 },
		{ "more than the bounce buffer, unaligned", 5, 400, 77 },
		{ "exactly the bounce buffer", 0, VIRTIO_BLK_BOUNCE_BYTES / 512, 4 },
		{ "nothing", 0, 0, 0 },
	};
	struct rig *rig = *state;

	assert_int_equal(disk_start(&rig->blk), LB_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const size_t bytes = rows[i].sectors * 512;
		uint8_t *to = rig->buffer + rows[i].offset;

		print_message("%s\n", rows[i].name);
		memset(rig->buffer, 0xee, BUFFER_BYTES);
		assert_int_equal(disk_read(&rig->blk, rows[i].lba, rows[i].sectors, to),
				 LB_OK);
		assert_memory_equal(to, rig->fake.cached + rows[i].lba * 512, bytes);
		assert_int_equal(to[bytes], 0xee);
		if (rows[i].offset > 0)
			assert_int_equal(to[-1], 0xee);
	}
	assert_int_equal(rig->fake.largest, VIRTIO_BLK_BOUNCE_BYTES);
}

static void keeps_to_the_disk(void **state)
{
	struct rig *rig = *state;
	const uint64_t end = DISK_BYTES / 512;

	assert_int_equal(disk_start(&rig->blk), LB_OK);
	assert_int_equal(disk_read(&rig->blk, end, 1, rig->buffer), LB_ERR_RANGE);
	assert_int_equal(disk_read(&rig->blk, end - 1, 2, rig->buffer), LB_ERR_RANGE);
	assert_int_equal(disk_read(&rig->blk, UINT64_MAX, 2, rig->buffer), LB_ERR_RANGE);
	assert_int_equal(disk_write(&rig->blk, end, 1, rig->buffer), LB_ERR_RANGE);
	assert_int_equal(disk_read(&rig->blk, 1, SIZE_MAX, rig->buffer), LB_ERR_RANGE);
	assert_int_equal(rig->fake.requests, 0);
}

static void writes_are_stored_by_flush(void **state)
{
	struct rig *rig = *state;
	const size_t bytes = 300 * 512;

	assert_int_equal(disk_start(&rig->blk), LB_OK);
	memset(rig->buffer, 0x5a, BUFFER_BYTES);
	assert_int_equal(disk_write(&rig->blk, 7, 300, rig->buffer + 3), LB_OK);
	assert_memory_equal(rig->fake.cached + 7 * 512, rig->buffer, bytes);
	assert_memory_not_equal(rig->fake.stable + 7 * 512, rig->buffer, bytes);
	assert_int_equal(disk_flush(&rig->blk), LB_OK);
	assert_int_equal(rig->fake.flushes, 1);
	assert_memory_equal(rig->fake.stable + 7 * 512, rig->buffer, bytes);
	/* Nothing beside it. */
	assert_true(rig->fake.stable[7 * 512 - 1] ==
		    (uint8_t)((7 * 512 - 1) * 2654435761u >> 23));
	assert_true(rig->fake.stable[307 * 512] ==
		    (uint8_t)(307u * 512 * 2654435761u >> 23));
}

static void without_flush_there_is_nothing_to_flush(void **state)
{
	struct rig *rig = *state;

	rig->fake.features &= ~(uint64_t)(1u << 9);
	assert_int_equal(disk_start(&rig->blk), LB_OK);
	assert_int_equal(disk_flush(&rig->blk), LB_OK);
	assert_int_equal(rig->fake.requests, 0);
}

static void read_only_is_not_written(void **state)
{
	struct rig *rig = *state;

	rig->fake.features |= 1u << 5;
	assert_int_equal(disk_start(&rig->blk), LB_OK);
	assert_true(rig->blk.block.read_only);
	assert_int_equal(disk_write(&rig->blk, 0, 1, rig->buffer), LB_ERR_READ_ONLY);
	assert_int_equal(rig->fake.requests, 0);
	assert_int_equal(disk_read(&rig->blk, 0, 1, rig->buffer), LB_OK);
}

static void large_sectors(void **state)
{
	struct rig *rig = *state;

	rig->fake.block_size = 4096;
	assert_int_equal(disk_start(&rig->blk), LB_OK);
	assert_int_equal(rig->blk.block.sector_bytes, 4096);
	assert_int_equal(rig->blk.block.sectors, DISK_BYTES / 4096);
	assert_int_equal(disk_read(&rig->blk, 3, 2, rig->buffer), LB_OK);
	assert_memory_equal(rig->buffer, rig->fake.cached + 3 * 4096, 8192);
	assert_int_equal(disk_read(&rig->blk, DISK_BYTES / 4096, 1, rig->buffer),
			 LB_ERR_RANGE);
}

static void small_pieces_when_the_device_wants_them(void **state)
{
	struct rig *rig = *state;

	rig->fake.features |= 1u << 1;
	rig->fake.size_max = 2000;
	assert_int_equal(disk_start(&rig->blk), LB_OK);
	assert_int_equal(disk_read(&rig->blk, 0, 100, rig->buffer), LB_OK);
	assert_memory_equal(rig->buffer, rig->fake.cached, 100 * 512);
	assert_int_equal(rig->fake.largest, 1536);
	assert_int_equal(disk_write(&rig->blk, 0, 100, rig->buffer), LB_OK);
	assert_int_equal(rig->fake.largest, 1536);
}

static void geometry_that_makes_no_sense(void **state)
{
	static const struct {
		const char *name;
		uint32_t block_size, size_max;
		uint64_t capacity;
	} rows[] = {
		{ "block size 0", 0, 4096, 8192 },
		{ "block size 256", 256, 4096, 8192 },
		{ "block size 513", 513, 4096, 8192 },
		{ "block size 8192", 8192, 8192, 8192 },
		{ "empty", 512, 4096, 0 },
		{ "less than one sector", 4096, 4096, 7 },
		{ "bytes do not fit 64 bits", 512, 4096, UINT64_C(1) << 56 },
		{ "pieces smaller than a sector", 4096, 2048, 8192 },
	};
	struct rig *rig = *state;

	rig->fake.features |= 1u << 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		rig->fake.block_size = rows[i].block_size;
		rig->fake.size_max = rows[i].size_max;
		rig->fake.capacity = rows[i].capacity;
		assert_int_equal(disk_start(&rig->blk), LB_ERR_RANGE);
		assert_int_equal(rig->fake.status, 0);
		assert_int_equal(disk_read(&rig->blk, 0, 1, rig->buffer), LB_ERR_REMOVED);
	}
}

static void faults_at_start(void **state)
{
	static const struct {
		const char *name;
		enum fault fault;
		enum lb_status want;
	} rows[] = {
		{ "does not reset", NEVER_RESETS, LB_ERR_TIMEOUT },
		{ "does not offer version 1", NO_VERSION_1, LB_ERR_UNSUPPORTED },
		{ "refuses the features", FEATURES_REFUSED, LB_ERR_UNSUPPORTED },
		{ "queue too short", SHORT_QUEUE, LB_ERR_UNSUPPORTED },
		{ "queue in use after reset", QUEUE_IN_USE, LB_ERR_UNSUPPORTED },
		{ "configuration keeps changing", CONFIG_NEVER_STILL, LB_ERR_IO },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		rig->fake.fault = rows[i].fault;
		rig->fake.status = 4;
		rig->fake.features = UINT64_C(1) << 9 | 1u << 6;
		if (rows[i].fault != NO_VERSION_1)
			rig->fake.features |= UINT64_C(1) << 32;
		assert_int_equal(disk_start(&rig->blk), rows[i].want);
		assert_true(rig->blk.block.dead);
		assert_int_equal(rig->fake.requests, 0);
	}
}

static void faults_in_a_request(void **state)
{
	static const struct {
		const char *name;
		enum fault fault;
		enum lb_status read, write, flush;
		bool dies;
	} rows[] = {
		{ "no fault", NO_FAULT, LB_OK, LB_OK, LB_OK, false },
		{ "slow", SLOW_ANSWER, LB_OK, LB_OK, LB_OK, false },
		{ "never answers", NEVER_ANSWERS, LB_ERR_TIMEOUT, LB_ERR_TIMEOUT,
		  LB_ERR_TIMEOUT, true },
		{ "used index jumps", INDEX_JUMPS, LB_ERR_IO, LB_ERR_IO, LB_ERR_IO,
		  true },
		{ "unknown id", WRONG_ID, LB_ERR_IO, LB_ERR_IO, LB_ERR_IO, true },
		{ "wrote more than there is", LENGTH_TOO_LARGE, LB_ERR_IO, LB_ERR_IO,
		  LB_ERR_IO, true },
		{ "wrote less than asked", LENGTH_TOO_SMALL, LB_ERR_IO, LB_ERR_IO,
		  LB_ERR_IO, true },
		{ "wrote nothing", LENGTH_ZERO, LB_ERR_IO, LB_ERR_IO, LB_ERR_IO, true },
		{ "says error", STATUS_IO_ERROR, LB_ERR_IO, LB_ERR_IO, LB_ERR_IO, false },
		{ "says unsupported", STATUS_UNSUPPORTED, LB_ERR_IO, LB_ERR_IO, LB_ERR_IO,
		  false },
		{ "says nothing", STATUS_NOT_WRITTEN, LB_ERR_IO, LB_ERR_IO, LB_ERR_IO,
		  false },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int what = 0; what < 3; what++) {
			struct virtio_blk *blk = &rig->blk;
			enum lb_status got, want;

			print_message("%s, %d\n", rows[i].name, what);
			rig->fake.fault = NO_FAULT;
			assert_int_equal(disk_start(blk), LB_OK);
			assert_int_equal(disk_read(blk, 0, 1, rig->buffer), LB_OK);
			rig->fake.fault = rows[i].fault;
			rig->fake.fault_after = 0;
			if (what == 0) {
				got = disk_read(blk, 0, 8, rig->buffer);
				want = rows[i].read;
			} else if (what == 1) {
				got = disk_write(blk, 0, 8, rig->buffer);
				want = rows[i].write;
			} else {
				got = disk_flush(blk);
				want = rows[i].flush;
			}
			assert_int_equal(got, want);
			assert_int_equal(blk->block.dead, rows[i].dies);
			/* A device that died was reset, and is not asked again. */
			rig->fake.fault = NO_FAULT;
			if (rows[i].dies)
				assert_int_equal(rig->fake.status, 0);
			assert_int_equal(disk_read(blk, 0, 1, rig->buffer),
					 rows[i].dies ? LB_ERR_REMOVED : LB_OK);
		}
	}
}

static void gives_up_in_time(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(disk_start(&rig->blk), LB_OK);
	rig->fake.fault = NEVER_ANSWERS;
	const uint64_t before = rig->fake.now_us;
	assert_int_equal(disk_read(&rig->blk, 0, 1, rig->buffer), LB_ERR_TIMEOUT);
	assert_in_range(rig->fake.now_us - before, VIRTIO_BLK_TIMEOUT_US,
			VIRTIO_BLK_TIMEOUT_US + 10 * STEP_US);
}

/* Hangs, does not let itself be reset, and answers when nobody waits any more. Whoever
 * had asked may have given his memory to something that was verified since. */
static void a_late_answer_finds_only_the_drivers_memory(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(disk_start(&rig->blk), LB_OK);
	rig->fake.fault = HANGS;
	assert_int_equal(disk_read(&rig->blk, 0, 64, rig->buffer), LB_ERR_TIMEOUT);
	assert_true(rig->blk.block.holds);
	shadow_dma_scribble(&rig->fake.dma);
	for (size_t i = 0; i < BUFFER_BYTES; i++)
		assert_int_equal(rig->buffer[i], 0xee);

	/* Tried again, it still does not let go; then it does. */
	assert_int_equal(disk_start(&rig->blk), LB_ERR_TIMEOUT);
	assert_int_equal(disk_stop(&rig->blk), LB_ERR_TIMEOUT);
	assert_true(rig->blk.block.holds);
	rig->fake.fault = NO_FAULT;
	assert_int_equal(disk_stop(&rig->blk), LB_OK);
	assert_false(rig->blk.block.holds);
}

/* The second request of a long read fails: the error comes through. */
static void fault_in_the_middle(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(disk_start(&rig->blk), LB_OK);
	rig->fake.fault = STATUS_IO_ERROR;
	rig->fake.fault_after = 1;
	assert_int_equal(disk_read(&rig->blk, 0, 5000, rig->buffer), LB_ERR_IO);
	assert_int_equal(rig->fake.requests, 2);
}

static void ring_indices_wrap(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(disk_start(&rig->blk), LB_OK);
	rig->fake.features = 0;
	for (uint32_t i = 0; i < 66000; i++)
		if (disk_read(&rig->blk, i % 8192, 1, rig->buffer) != LB_OK)
			fail_msg("request %u", i);
	assert_memory_equal(rig->buffer, rig->fake.cached + (65999 % 8192) * 512, 512);
}

static void stop_resets(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(disk_start(&rig->blk), LB_OK);
	assert_int_equal(rig->fake.status, 15);
	assert_int_equal(disk_stop(&rig->blk), LB_OK);
	assert_int_equal(rig->fake.status, 0);
	rig->fake.status = 15;
	rig->fake.fault = NEVER_RESETS;
	assert_int_equal(disk_stop(&rig->blk), LB_ERR_TIMEOUT);
}

/* The place in the device tree: what a driver says of it, whatever sits there. */
static void a_place_with_and_without_a_disk(void **state)
{
	static const struct {
		const char *name;
		uint32_t magic, version, device_id;
		bool no_memory;
		enum lb_status want;
		const char *why; /* begins so */
	} rows[] = {
		{ "a disk", 0x74726976, 2, 2, false, LB_OK, "" },
		{ "empty", 0x74726976, 2, 0, false, LB_ERR_NOT_FOUND, "" },
		{ "a network card", 0x74726976, 2, 1, false, LB_ERR_NOT_FOUND, "" },
		{ "nothing", 0xffffffff, 0, 2, false, LB_ERR_NOT_FOUND, "" },
		{ "an older network card", 0x74726976, 1, 1, false, LB_ERR_NOT_FOUND,
		  "" },
		{ "an older disk", 0x74726976, 1, 2, false, LB_ERR_VERSION,
		  "a disk with virtio transport version 1, only version 2 is known" },
		{ "no memory", 0x74726976, 2, 2, true, LB_ERR_NOMEM, "no memory" },
	};
	struct rig *rig = *state;
	void *driver = calloc(1, virtio_disk.state_bytes);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char why[BLOCK_WHY_BYTES] = "";

		print_message("%s\n", rows[i].name);
		shadow_dma_free(&rig->fake.dma);
		memset(driver, 0, virtio_disk.state_bytes);
		rig->fake.magic = rows[i].magic;
		rig->fake.version = rows[i].version;
		rig->fake.device_id = rows[i].device_id;
		rig->fake.dma.no_memory = rows[i].no_memory;
		assert_int_equal(virtio_disk.probe(driver, &rig->device, why),
				 rows[i].want);
		assert_memory_equal(why, rows[i].why, strlen(rows[i].why));
		if (rows[i].want == LB_OK)
			assert_string_equal(why, "");
	}
	free(driver);
}

static void a_disk_goes_and_comes(void **state)
{
	struct rig *rig = *state;
	void *driver = calloc(1, virtio_disk.state_bytes);
	char why[BLOCK_WHY_BYTES];

	shadow_dma_free(&rig->fake.dma);
	assert_int_equal(virtio_disk.places, 1);
	assert_int_equal(virtio_disk.probe(driver, &rig->device, why), LB_OK);

	struct block *block = virtio_disk.disk(driver, 0);

	assert_non_null(block);
	assert_true(block->dead); /* nobody started it */
	assert_int_equal(block->attachment, PLATFORM_ATTACHED_INTERNAL);
	assert_string_equal(block->kind, "virtio");
	assert_int_equal(block->ops->start(block->ctx), LB_OK);
	assert_int_equal(block->ops->read(block->ctx, 1, 1, rig->buffer), LB_OK);
	assert_memory_equal(rig->buffer, rig->fake.cached + 512, 512);
	rig->fake.device_id = 0;
	assert_null(virtio_disk.disk(driver, 0));
	rig->fake.device_id = 2;
	assert_ptr_equal(virtio_disk.disk(driver, 0), block);
	free(driver);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_what_sits_there),
		TEST(starts_with_what_it_knows),
		TEST(reads_any_memory),
		TEST(keeps_to_the_disk),
		TEST(writes_are_stored_by_flush),
		TEST(without_flush_there_is_nothing_to_flush),
		TEST(read_only_is_not_written),
		TEST(large_sectors),
		TEST(small_pieces_when_the_device_wants_them),
		TEST(geometry_that_makes_no_sense),
		TEST(faults_at_start),
		TEST(faults_in_a_request),
		TEST(gives_up_in_time),
		TEST(a_late_answer_finds_only_the_drivers_memory),
		TEST(fault_in_the_middle),
		TEST(ring_indices_wrap),
		TEST(stop_resets),
		TEST(a_place_with_and_without_a_disk),
		TEST(a_disk_goes_and_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The recording disk in memory. */
#include "tests/host/mem_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static void *need(void *memory)
{
	if (memory == NULL) {
		fputs("mem_disk: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void mem_disk_init(struct mem_disk *disk, uint32_t sector_bytes, uint64_t sectors)
{
	*disk = (struct mem_disk){ .sector_bytes = sector_bytes, .sectors = sectors };
	disk->now = need(calloc((size_t)sectors + 1, sector_bytes));
}

static void forget_events(struct mem_disk *disk)
{
	for (size_t i = 0; i < disk->event_count; i++)
		free(disk->events[i].data);
	free(disk->events);
	free(disk->before);
	disk->events = NULL;
	disk->before = NULL;
	disk->event_count = disk->event_room = 0;
	disk->recording = false;
}

void mem_disk_release(struct mem_disk *disk)
{
	forget_events(disk);
	free(disk->now);
	*disk = (struct mem_disk){ 0 };
}

void mem_disk_resize(struct mem_disk *disk, uint64_t sectors)
{
	const uint64_t keep = sectors < disk->sectors ? sectors : disk->sectors;
	uint8_t *now = need(calloc((size_t)sectors + 1, disk->sector_bytes));

	forget_events(disk);
	memcpy(now, disk->now, (size_t)keep * disk->sector_bytes);
	free(disk->now);
	disk->now = now;
	disk->sectors = sectors;
}

size_t mem_disk_bytes(const struct mem_disk *disk)
{
	return (size_t)disk->sectors * disk->sector_bytes;
}

uint8_t *mem_disk_sector(struct mem_disk *disk, uint64_t lba)
{
	return disk->now + (size_t)lba * disk->sector_bytes;
}

/* --- faults ------------------------------------------------------------------------ */

void mem_disk_fail(struct mem_disk *disk, struct mem_fault fault)
{
	if (disk->fault_count == MEM_DISK_MAX_FAULTS) {
		fputs("mem_disk: too many faults\n", stderr);
		abort();
	}
	disk->faults[disk->fault_count++] = fault;
}

void mem_disk_heal(struct mem_disk *disk)
{
	disk->fault_count = 0;
}

static bool touches(const struct mem_fault *f, enum mem_op op, uint64_t lba,
		    size_t sectors)
{
	if (f->op != op)
		return false;
	return op == MEM_FLUSH ||
	       (sectors > 0 && lba <= f->last_lba && lba + sectors - 1 >= f->first_lba);
}

/* Written again, and readable from here on. */
static void replace_sectors(struct mem_disk *disk, uint64_t lba, size_t sectors)
{
	for (size_t i = 0; i < disk->fault_count; i++) {
		struct mem_fault *f = &disk->faults[i];

		if (f->until_written && touches(f, MEM_READ, lba, sectors))
			f->skip = UINT32_MAX;
	}
}

/* The fault that strikes now, or NULL. A used-up fault has skip == UINT32_MAX. */
static const struct mem_fault *strike(struct mem_disk *disk, enum mem_op op, uint64_t lba,
				      size_t sectors)
{
	for (size_t i = 0; i < disk->fault_count; i++) {
		struct mem_fault *f = &disk->faults[i];

		if (!touches(f, op, lba, sectors) || f->skip == UINT32_MAX)
			continue;
		if (f->skip > 0) {
			f->skip--;
			continue;
		}
		if (f->times == 1)
			f->skip = UINT32_MAX;
		else if (f->times > 1)
			f->times--;
		return f;
	}
	return NULL;
}

/* --- access ------------------------------------------------------------------------ */

static enum lb_status allowed(const struct mem_disk *disk, uint64_t lba, size_t sectors)
{
	if (disk->removed)
		return LB_ERR_REMOVED;
	return lb_within(lba, sectors, disk->sectors) ? LB_OK : LB_ERR_RANGE;
}

enum lb_status mem_disk_read(struct mem_disk *disk, uint64_t lba, size_t sectors,
			     void *buf)
{
	const enum lb_status status = allowed(disk, lba, sectors);

	if (status != LB_OK)
		return status;
	const size_t bytes = sectors * disk->sector_bytes;
	const struct mem_fault *fault = strike(disk, MEM_READ, lba, sectors);

	disk->reads++;
	if (fault != NULL && fault->status != LB_OK)
		return fault->status;
	memcpy(buf, mem_disk_sector(disk, lba), bytes);
	disk->bytes_read += bytes;
	if (fault != NULL && bytes > 0)
		*(uint8_t *)buf ^= 0xff;
	return LB_OK;
}

static void record(struct mem_disk *disk, enum mem_op op, uint64_t lba, size_t sectors,
		   const void *data)
{
	if (!disk->recording)
		return;
	if (disk->event_count == disk->event_room) {
		disk->event_room = disk->event_room * 2 + 16;
		disk->events = need(
			realloc(disk->events, disk->event_room * sizeof *disk->events));
	}
	struct mem_event *e = &disk->events[disk->event_count++];

	*e = (struct mem_event){ .op = op, .lba = lba, .sectors = sectors };
	if (data != NULL) {
		e->data = need(malloc(sectors * disk->sector_bytes + 1));
		memcpy(e->data, data, sectors * disk->sector_bytes);
	}
}

static void store(struct mem_disk *disk, uint64_t lba, size_t sectors, const void *buf)
{
	record(disk, MEM_WRITE, lba, sectors, buf);
	memcpy(mem_disk_sector(disk, lba), buf, sectors * disk->sector_bytes);
}

static void store_half_sector(struct mem_disk *disk, uint64_t lba, const void *buf)
{
	uint8_t mixed[4096];

	memcpy(mixed, mem_disk_sector(disk, lba), disk->sector_bytes);
	memcpy(mixed, buf, disk->sector_bytes / 2);
	store(disk, lba, 1, mixed);
}

enum lb_status mem_disk_write(struct mem_disk *disk, uint64_t lba, size_t sectors,
			      const void *buf)
{
	const enum lb_status status = allowed(disk, lba, sectors);

	if (status != LB_OK)
		return status;
	if (disk->read_only)
		return LB_ERR_READ_ONLY;
	const struct mem_fault *fault = strike(disk, MEM_WRITE, lba, sectors);

	disk->writes++;
	if (fault == NULL) {
		store(disk, lba, sectors, buf);
		replace_sectors(disk, lba, sectors);
	} else if (fault->partly)
		store_half_sector(disk, lba, buf);
	return fault == NULL ? LB_OK : fault->status;
}

enum lb_status mem_disk_flush(struct mem_disk *disk)
{
	if (disk->removed)
		return LB_ERR_REMOVED;
	const struct mem_fault *fault = strike(disk, MEM_FLUSH, 0, 0);

	disk->flushes++;
	if (fault != NULL)
		return fault->status;
	if (!disk->volatile_flush)
		record(disk, MEM_FLUSH, 0, 0, NULL);
	return LB_OK;
}

/* --- power cuts -------------------------------------------------------------------- */

void mem_disk_record(struct mem_disk *disk)
{
	forget_events(disk);
	disk->before = need(malloc(mem_disk_bytes(disk) + 1));
	memcpy(disk->before, disk->now, mem_disk_bytes(disk));
	disk->recording = true;
}

/* The first event that the last flush among the first @events does not cover. */
static size_t first_pending(const struct mem_disk *disk, size_t events)
{
	while (events > 0 && disk->events[events - 1].op != MEM_FLUSH)
		events--;
	return events;
}

size_t mem_disk_pending(const struct mem_disk *disk, size_t events)
{
	size_t sectors = 0;

	for (size_t i = first_pending(disk, events); i < events; i++)
		sectors += disk->events[i].sectors;
	return sectors;
}

static void apply(const struct mem_disk *disk, const struct mem_event *e,
		  const bool *lost, uint8_t *out)
{
	const size_t size = disk->sector_bytes;

	for (size_t s = 0; s < e->sectors; s++)
		if (lost == NULL || !lost[s])
			memcpy(out + ((size_t)e->lba + s) * size, e->data + s * size,
			       size);
}

static void apply_torn(const struct mem_disk *disk, const struct mem_event *e,
		       const struct mem_cut *cut, uint8_t *out)
{
	const size_t size = disk->sector_bytes;
	uint8_t *to = out + (size_t)e->lba * size;
	const size_t whole = cut->torn_sectors * size;

	memcpy(to, e->data, whole);
	if (cut->torn_sectors == e->sectors)
		return;
	memcpy(to + whole, e->data + whole, cut->torn_bytes);
	for (size_t i = cut->torn_bytes; cut->garbage && i < size; i++)
		to[whole + i] = (uint8_t)(i * 151 + 37);
}

void mem_disk_after_cut(const struct mem_disk *disk, const struct mem_cut *cut,
			uint8_t *out)
{
	const size_t pending = first_pending(disk, cut->events);
	const bool *lost = cut->lost;

	memcpy(out, disk->before, mem_disk_bytes(disk));
	for (size_t i = 0; i < cut->events; i++) {
		const struct mem_event *e = &disk->events[i];

		if (e->op != MEM_WRITE)
			continue;
		apply(disk, e, i >= pending ? lost : NULL, out);
		if (i >= pending && lost != NULL)
			lost += e->sectors;
	}
	if (cut->torn)
		apply_torn(disk, &disk->events[cut->events], cut, out);
}

/* --- all cuts ---------------------------------------------------------------------- */

struct cutter {
	const struct mem_disk *disk;
	uint64_t random;
	void (*check)(void *ctx, const struct mem_cut *cut, const uint8_t *image);
	void *ctx;
	uint8_t *image;
	bool *lost;
	size_t count;
};

static uint64_t next_random(struct cutter *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return c->random;
}

static void try_cut(struct cutter *c, const struct mem_cut *cut)
{
	mem_disk_after_cut(c->disk, cut, c->image);
	c->check(c->ctx, cut, c->image);
	c->count++;
}

/* @cut with every subset of its @pending sectors lost, or with a sample of them. */
static void try_subsets(struct cutter *c, struct mem_cut cut, size_t pending)
{
	const bool all = pending <= MEM_CUT_SUBSET_BITS;
	const size_t subsets = (size_t)1 << (all ? pending : MEM_CUT_SUBSET_BITS);

	for (size_t n = 0; n < subsets; n++) {
		for (size_t s = 0; s < pending; s++)
			c->lost[s] =
				all ? (n >> s & 1) != 0 : (next_random(c) >> 33 & 1) != 0;
		cut.lost = c->lost;
		try_cut(c, &cut);
	}
}

static void try_torn(struct cutter *c, size_t event, const bool *lost)
{
	const struct mem_event *e = &c->disk->events[event];
	const size_t size = c->disk->sector_bytes;
	const size_t offsets[] = { 0,   1,   8,   16,       17,       18,      19, 20,
				   48,  54,  55,  56,       64,       88,      90, 92,
				   176, 182, 184, size / 2, size - 8, size - 1 };

	for (size_t s = 0; s < e->sectors; s++) {
		if (s >= 2 && s + 2 < e->sectors)
			continue;
		for (size_t o = 0; o < sizeof offsets / sizeof offsets[0]; o++)
			for (int garbage = 0; garbage < 2; garbage++)
				try_cut(c, &(struct mem_cut){ .events = event,
							      .torn = true,
							      .torn_sectors = s,
							      .torn_bytes = offsets[o],
							      .garbage = garbage != 0,
							      .lost = lost });
	}
}

size_t mem_disk_each_cut(const struct mem_disk *disk, uint64_t seed,
			 void (*check)(void *ctx, const struct mem_cut *cut,
				       const uint8_t *image),
			 void *ctx)
{
	struct cutter c = {
		.disk = disk, .random = seed | 1, .check = check, .ctx = ctx
	};

	size_t most = 1;

	for (size_t n = 0; n < disk->event_count; n++)
		most += disk->events[n].sectors;
	c.image = need(malloc(mem_disk_bytes(disk) + 1));
	c.lost = need(calloc(most, sizeof *c.lost));
	for (size_t n = 0; n <= disk->event_count; n++) {
		const size_t pending = mem_disk_pending(disk, n);

		try_subsets(&c, (struct mem_cut){ .events = n }, pending);
		if (n == disk->event_count || disk->events[n].op != MEM_WRITE)
			continue;
		try_torn(&c, n, NULL);
		if (pending > 0) { /* the torn write reached the disk first */
			memset(c.lost, true, pending);
			try_torn(&c, n, c.lost);
		}
	}
	free(c.image);
	free(c.lost);
	return c.count;
}

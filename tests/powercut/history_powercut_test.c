/* Power cut at every write of the boot history: the next boot finds a history, with
 * everything that was stored before, and a number that no earlier boot had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "boot/history/history.h"
#include "tests/host/history_image.h"
#include "tests/host/host_platform.h"

#define SEED UINT64_C(20261121)

static struct host_platform recorded, replayed;

/* What was on the disk before the boot that is cut, and what that boot writes. */
struct scene {
	uint64_t boot;
	uint32_t writes;
	/* events of the recording that are whole in the cut being looked at */
	size_t seen;
};

static struct host_disk *add_disk(struct host_platform *host, uint32_t sector_bytes)
{
	host_init(host);
	return host_add_disk(host, PLATFORM_ATTACHED_INTERNAL, sector_bytes,
			     history_image_sectors(sector_bytes));
}

static struct boot_history opened(struct host_platform *host)
{
	struct host_disk *disk = &host->disks[0];
	struct boot_history history = { 0 };
	struct lb_verdict why;
	struct gpt gpt;

	assert_int_equal(gpt_load(&host->plat, &disk->info, &gpt, &why), LB_OK);
	boot_history_open(&host->plat, &disk->info, &gpt, &history);
	gpt_unload(&host->plat, &gpt);
	return history;
}

static void write_records(struct host_platform *host, struct boot_history *history,
			  uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct history_record record = {
			.stage = (uint8_t)(i + 1), .version = (uint32_t)history->now.boot
		};

		assert_int_equal(boot_history_write(&host->plat, history, record), LB_OK);
	}
}

/* Every record is whole, and about one that was really written. */
static void check_kept(const struct boot_history *h, const struct scene *scene)
{
	for (size_t i = 0; i < h->kept_count; i++) {
		assert_true(h->kept[i].boot <= scene->boot);
		assert_int_equal(h->kept[i].version, h->kept[i].boot);
		assert_int_equal(h->kept[i].stage, h->kept[i].update + 1);
		assert_true(h->kept[i].update < 3);
	}
}

static void check_cut(void *ctx, const struct mem_cut *cut, const uint8_t *image)
{
	const struct scene *scene = ctx;
	struct mem_disk *disk = &replayed.disks[0].mem;

	memcpy(disk->now, image, mem_disk_bytes(disk));
	const struct boot_history h = opened(&replayed);
	/* Each record is a write and a flush: this many are sure. */
	const size_t sure = cut->events / 2;

	assert_true(h.usable);
	check_kept(&h, scene);
	if (sure > 0) {
		assert_int_equal(h.kept[0].boot, scene->boot);
		assert_true(h.kept[0].update + 1 >= sure);
	} else if (scene->boot > 1) {
		assert_true(h.kept[0].boot >= scene->boot - 1);
	}
	/* The boot before keeps its newest record, whatever happens to this one. */
	for (size_t i = 0; scene->boot > 1; i++) {
		assert_true(i < h.kept_count);
		if (h.kept[i].boot == scene->boot - 1)
			break;
	}
	assert_true(h.now.boot == scene->boot || h.now.boot == scene->boot + 1);
}

static size_t cut_boot(uint32_t sector_bytes, uint64_t earlier, uint32_t writes)
{
	struct scene scene = { .boot = earlier + 1, .writes = writes };
	struct host_disk *disk = add_disk(&recorded, sector_bytes);

	history_image_make(&disk->mem, HISTORY_PARTITION_BYTES);
	for (uint64_t boot = 1; boot <= earlier; boot++) {
		struct boot_history h = opened(&recorded);

		write_records(&recorded, &h, (uint32_t)(boot % 3 + 1));
	}
	(void)add_disk(&replayed, sector_bytes);
	mem_disk_record(&disk->mem);
	struct boot_history h = opened(&recorded);

	assert_int_equal(h.now.boot, scene.boot);
	write_records(&recorded, &h, writes);
	assert_int_equal(disk->mem.event_count, 2 * writes);
	const size_t cuts = mem_disk_each_cut(&disk->mem, SEED, check_cut, &scene);

	assert_int_equal(host_release(&replayed), 0);
	assert_int_equal(host_release(&recorded), 0);
	return cuts;
}

static void test_cuts(void **state)
{
	static const uint32_t sector_sizes[] = { 512, 4096 };
	static const uint64_t earlier[] = { 0, 1, 2, 31, 32, 33, 70 };
	size_t cuts = 0;

	(void)state;
	for (size_t s = 0; s < 2; s++)
		for (size_t e = 0; e < sizeof earlier / sizeof earlier[0]; e++)
			for (uint32_t writes = 1; writes <= 3; writes++)
				cuts += cut_boot(sector_sizes[s], earlier[e], writes);
	print_message("%zu cuts\n", cuts);
	assert_true(cuts > 500);
}

/* --- the system's records --------------------------------------------------------- */

static const uint8_t slot_a[16] = { 0xa0, 0xa1 };

/* Where power is cut in what the system writes: the start is remembered in any case,
 * and a mark that was there stays. */
struct told {
	bool marked_before;
	size_t seen_marked, seen_unmarked;
};

static void check_told(void *ctx, const struct mem_cut *cut, const uint8_t *image)
{
	struct told *told = ctx;
	struct mem_disk *disk = &replayed.disks[0].mem;

	memcpy(disk->now, image, mem_disk_bytes(disk));
	const struct boot_history h = opened(&replayed);
	const struct history_record *r = &h.kept[0];
	const bool marked = (r->flags & HISTORY_FLAG_MARKED) != 0;

	assert_true(h.kept_count > 0);
	assert_int_equal(r->boot, 1);
	assert_true(history_is_start(r));
	assert_memory_equal(r->slot, slot_a, sizeof slot_a);
	assert_int_equal(r->version, 77);
	assert_true(marked || !told->marked_before);
	assert_true(marked || cut->events < 2); /* written and flushed */
	told->seen_marked += marked;
	told->seen_unmarked += !marked;
}

/* @records: of the loader, the last of them the start; @set: somebody sets the slot
 * by hand before or after its mark, and power is cut in the last of what is written. */
static void cut_system(uint32_t sector_bytes, uint32_t records, bool mark_first, bool set)
{
	struct history_record start = { .stage = HISTORY_STAGE_HANDOFF, .version = 77 };
	struct told told = { .marked_before = mark_first && set };
	struct host_disk *disk = add_disk(&recorded, sector_bytes);

	history_image_make(&disk->mem, HISTORY_PARTITION_BYTES);
	struct boot_history h = opened(&recorded);

	write_records(&recorded, &h, records - 1);
	memcpy(start.slot, slot_a, sizeof slot_a);
	assert_int_equal(boot_history_write(&recorded.plat, &h, start), LB_OK);
	h = opened(&recorded);
	if (set && mark_first)
		assert_int_equal(boot_history_mark(&recorded.plat, &h, slot_a), LB_OK);
	else if (set)
		assert_int_equal(boot_history_set(&recorded.plat, &h, slot_a), LB_OK);
	(void)add_disk(&replayed, sector_bytes);
	mem_disk_record(&disk->mem);
	if (set && mark_first)
		assert_int_equal(boot_history_set(&recorded.plat, &h, slot_a), LB_OK);
	else
		assert_int_equal(boot_history_mark(&recorded.plat, &h, slot_a), LB_OK);
	assert_int_equal(disk->mem.event_count, 2);
	assert_true(mem_disk_each_cut(&disk->mem, SEED, check_told, &told) > 2);
	assert_true(told.seen_marked > 0);
	assert_true((told.seen_unmarked > 0) == !told.marked_before);
	assert_int_equal(host_release(&replayed), 0);
	assert_int_equal(host_release(&recorded), 0);
}

static void test_cuts_of_the_system(void **state)
{
	(void)state;
	for (uint32_t sector_bytes = 512; sector_bytes <= 4096; sector_bytes *= 8)
		for (uint32_t records = 1; records <= 3; records++)
			for (int how = 0; how < 4; how++)
				cut_system(sector_bytes, records, how & 1, how & 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_cuts_of_the_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

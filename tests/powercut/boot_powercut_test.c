/* Power cut at every write of a whole boot: whatever was stored, torn or lost, the next
 * boot starts a verified slot, and no slot ever has more attempts than before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/host/boot_rig.h"

#define SECTOR        512u
#define TABLE_SECTORS 32u

enum wound {
	NO_WOUND,
	PRIMARY_HEADER_ZEROED,
	PRIMARY_ENTRIES_TORN,
	BACKUP_HEADER_ZEROED,
	BACKUP_ENTRIES_TORN,
	DISK_GROWN,
};

static const struct scenario {
	const char *name;
	struct test_slot slot[2]; /* A carries mark 'A' unless damaged */
	bool damaged[2];          /* one body byte is flipped */
	bool unreadable[2];       /* in the recorded boot only */
	enum wound wound;
	enum gpt_slot_order order;
} scenarios[] = {
	{ "charge",
	  { { 1, 0, 1, NULL, 0 }, { 2, 6, 0, NULL, 0 } },
	  { 0 },
	  { 0 },
	  NO_WOUND,
	  0 },
	{ "last charge",
	  { { 1, 0, 1, NULL, 0 }, { 2, 1, 0, NULL, 0 } },
	  { 0 },
	  { 0 },
	  NO_WOUND,
	  0 },
	{ "charge, priority order",
	  { { 1, 0, 1, NULL, 0 }, { 2, 1, 0, NULL, 0 } },
	  { 0 },
	  { 0 },
	  NO_WOUND,
	  GPT_ORDER_PRIORITY },
	{ "reject, then start",
	  { { 1, 0, 1, NULL, 0 }, { 2, 6, 0, NULL, 0 } },
	  { false, true },
	  { 0 },
	  NO_WOUND,
	  0 },
	{ "reject, then charge",
	  { { 2, 3, 0, NULL, 0 }, { 9, 6, 0, NULL, 0 } },
	  { false, true },
	  { 0 },
	  NO_WOUND,
	  0 },
	{ "read error, then start",
	  { { 1, 0, 1, NULL, 0 }, { 2, 6, 0, NULL, 0 } },
	  { 0 },
	  { false, true },
	  NO_WOUND,
	  0 },
	{ "repair primary header",
	  { { 1, 0, 1, NULL, 0 }, { 2, 6, 0, NULL, 0 } },
	  { 0 },
	  { 0 },
	  PRIMARY_HEADER_ZEROED,
	  0 },
	{ "repair primary entries",
	  { { 1, 0, 1, NULL, 0 }, { 2, 6, 0, NULL, 0 } },
	  { 0 },
	  { 0 },
	  PRIMARY_ENTRIES_TORN,
	  0 },
	{ "repair backup header",
	  { { 1, 0, 1, NULL, 0 }, { 2, 6, 0, NULL, 0 } },
	  { 0 },
	  { 0 },
	  BACKUP_HEADER_ZEROED,
	  0 },
	{ "repair backup entries",
	  { { 1, 0, 1, NULL, 0 }, { 2, 6, 0, NULL, 0 } },
	  { 0 },
	  { 0 },
	  BACKUP_ENTRIES_TORN,
	  0 },
	{ "repair only",
	  { { 1, 0, 1, NULL, 0 }, { 2, 0, 1, NULL, 0 } },
	  { 0 },
	  { 0 },
	  PRIMARY_ENTRIES_TORN,
	  0 },
	{ "grown disk",
	  { { 1, 0, 1, NULL, 0 }, { 2, 6, 0, NULL, 0 } },
	  { 0 },
	  { 0 },
	  DISK_GROWN,
	  0 },
};

static struct boot_rig first, again;

static void wound(struct mem_disk *disk, enum wound how)
{
	const uint64_t last = disk->sectors - 1;

	switch (how) {
	case NO_WOUND:
		break;
	case PRIMARY_HEADER_ZEROED:
		memset(mem_disk_sector(disk, 1), 0, SECTOR);
		break;
	case PRIMARY_ENTRIES_TORN:
		memset(mem_disk_sector(disk, 2) + 100, 0xff, 200);
		break;
	case BACKUP_HEADER_ZEROED:
		memset(mem_disk_sector(disk, last), 0, SECTOR);
		break;
	case BACKUP_ENTRIES_TORN:
		memset(mem_disk_sector(disk, last - TABLE_SECTORS) + 100, 0xff, 200);
		break;
	case DISK_GROWN:
		mem_disk_resize(disk, disk->sectors + 100);
		break;
	}
}

static void prepare(struct boot_rig *rig, const struct scenario *s)
{
	struct test_slot slots[2] = { s->slot[0], s->slot[1] };

	rig_init(rig, s->order);
	for (size_t i = 0; i < 2; i++)
		slots[i].kernel =
			rig_kernel((uint8_t)('A' + i), 1, &slots[i].kernel_bytes);
	struct host_disk *disk = rig_disk(rig, PLATFORM_ATTACHED_INTERNAL, slots, 2);

	for (size_t i = 0; i < 2; i++)
		if (s->damaged[i])
			mem_disk_sector(&disk->mem,
					test_disk_slot_lba(SECTOR, i) + 130)[3] ^= 1;
	wound(&disk->mem, s->wound);
}

static void boot_after_cut(void *ctx, const struct mem_cut *cut, const uint8_t *image)
{
	const struct scenario *s = ctx;
	struct mem_disk *disk = &again.host.disks[0].mem;

	(void)cut;
	memcpy(disk->now, image, mem_disk_bytes(disk));
	for (size_t i = 0; i < 2; i++)
		assert_true(rig_slot(&again, 0, i).remaining_attempts <=
			    s->slot[i].attempts);
	assert_int_equal(rig_boot(&again), HOST_END_STARTED);
	assert_true(again.started == 'A' || again.started == 'B');
	assert_false(s->damaged[again.started - 'A']);
	for (size_t i = 0; i < 2; i++)
		assert_true(rig_slot(&again, 0, i).remaining_attempts <=
			    s->slot[i].attempts);
}

static void record(const struct scenario *s)
{
	struct mem_disk *disk;

	prepare(&first, s);
	disk = &first.host.disks[0].mem;
	for (size_t i = 0; i < 2; i++) {
		const uint64_t lba = test_disk_slot_lba(SECTOR, i) + 130;

		if (s->unreadable[i])
			mem_disk_fail(disk, (struct mem_fault){ .op = MEM_READ,
								.first_lba = lba,
								.last_lba = lba,
								.status = LB_ERR_IO });
	}
	mem_disk_record(disk);
	assert_int_equal(rig_boot(&first), HOST_END_STARTED);
}

static void test_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
		struct scenario s = scenarios[i];

		record(&s);
		prepare(&again, &s);
		const size_t cuts = mem_disk_each_cut(&first.host.disks[0].mem, 1,
						      boot_after_cut, &s);

		print_message("%s: %zu cuts\n", scenarios[i].name, cuts);
		assert_true(cuts > 10);
		(void)rig_release(&first);
		(void)rig_release(&again);
	}
}

/* What a charge that was reported stored means: with everything flushed, power lost right
 * after the start must leave the attempt spent. */
static void test_charge_survives(void **state)
{
	(void)state;
	record(&scenarios[0]);
	const struct mem_disk *disk = &first.host.disks[0].mem;
	const struct mem_cut end = { .events = disk->event_count };

	assert_int_equal(mem_disk_pending(disk, disk->event_count), 0);
	prepare(&again, &scenarios[0]);
	mem_disk_after_cut(disk, &end, again.host.disks[0].mem.now);
	assert_int_equal(rig_slot(&again, 0, 1).remaining_attempts, 5);
	(void)rig_release(&first);
	(void)rig_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_charge_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the running system writes into the history: bytes of its records, the mark of
 * a start, slots set by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "boot/history/history.h"
#include "tests/host/history_image.h"
#include "tests/host/host_platform.h"

static struct host_platform host;
static struct host_disk *disk;
static struct gpt gpt;

static const uint8_t slot_a[16] = { 0xa0, 0xa1 }, slot_b[16] = { 0xb0, 0xb1 };

/* --- bytes ------------------------------------------------------------------------ */

static const struct history_record full = {
	.boot = 3,
	.update = 1,
	.stage = HISTORY_STAGE_MARKED,
	.slot = { 0xa0, 0xa1 },
	.flags = HISTORY_FLAG_PANIC | HISTORY_FLAG_MARKED,
	.started_as = HISTORY_START_LAST_RESORT,
	.behind = 0x01020304,
	.dump_count = 2,
	.dump = { 0x11121314, 0x21222324 },
	.marking = { 1, { 0x31323334 } },
	.set = { 2, { 0x41424344, 0x51525354 } },
};

/* docs/formats/boot-history.md, by hand. */
static void test_bytes(void **state)
{
	uint8_t cell[HISTORY_RECORD_BYTES], want[HISTORY_RECORD_BYTES] = { 0 };
	struct history_record back;

	(void)state;
	memcpy(want, "LBHIST\0\1", 8);
	want[8] = 3, want[16] = 1, want[20] = 4;
	want[32] = 0xa0, want[33] = 0xa1, want[48] = 0x18;
	want[49] = 3, want[50] = 2, want[51] = 1, want[52] = 2;
	memcpy(want + 64, "\4\3\2\1", 4);
	memcpy(want + 68, "\x14\x13\x12\x11\x24\x23\x22\x21", 8);
	memcpy(want + 196, "\x34\x33\x32\x31", 4);
	memcpy(want + 300, "\x44\x43\x42\x41\x54\x53\x52\x51", 8);
	lb_put_le32(want + 508, lb_crc32(0, want, 508));
	history_encode(&full, cell);
	assert_memory_equal(cell, want, sizeof cell);
	assert_int_equal(history_decode(cell, &back), LB_OK);
	assert_memory_equal(&back, &full, sizeof full);
}

static void test_counts_that_are_none(void **state)
{
	static const struct {
		size_t at;
		uint8_t most;
	} rows[] = { { 50, 32 }, { 51, 26 }, { 52, 26 } };
	struct history_record back;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (unsigned int value = 0; value < 256; value++) {
			uint8_t cell[HISTORY_RECORD_BYTES];
			const bool good = value <= rows[i].most ||
					  (i == 0 && value == HISTORY_DUMPS_UNKNOWN);

			history_encode(&full, cell);
			cell[rows[i].at] = (uint8_t)value;
			lb_put_le32(cell + 508, lb_crc32(0, cell, 508));
			assert_int_equal(history_decode(cell, &back),
					 good ? LB_OK : LB_ERR_RANGE);
		}
}

static void test_sets(void **state)
{
	struct history_slots set = { 0 };
	uint8_t guid[16] = { 0 };

	(void)state;
	assert_false(history_slots_have(&set, slot_a));
	for (int again = 0; again < 2; again++)
		history_slots_add(&set, slot_a);
	assert_int_equal(set.count, 1);
	assert_true(history_slots_have(&set, slot_a));
	for (guid[0] = 0; guid[0] < 40; guid[0]++)
		history_slots_add(&set, guid);
	assert_int_equal(set.count, HISTORY_SLOTS);
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(history_stage_text(HISTORY_STAGE_MARKED), "marked good");
	assert_string_equal(history_stage_text(HISTORY_STAGE_SET), "set by hand");
}

/* --- on a disk -------------------------------------------------------------------- */

static struct boot_history opened(void)
{
	struct boot_history history = { 0 };

	boot_history_open(&host.plat, &disk->info, &gpt, &history);
	return history;
}

static void begin(uint64_t history_bytes)
{
	struct platform_disk info;
	struct lb_verdict why;

	host_init(&host);
	disk = host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, 512,
			     history_image_sectors(512));
	history_image_make(&disk->mem, history_bytes);
	info = disk->info;
	info.sector_bytes = disk->mem.sector_bytes;
	info.sectors = disk->mem.sectors;
	assert_int_equal(gpt_load(&host.plat, &info, &gpt, &why), LB_OK);
}

static void end(void)
{
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

/* A boot of the loader, with its records: "r" recovery, "a" or "b" a start. */
static void boots(const char *records)
{
	struct boot_history h = opened();

	for (; *records != '\0'; records++) {
		struct history_record r = { .stage = HISTORY_STAGE_HANDOFF,
					    .started_as = HISTORY_START_PROVEN,
					    .flags = HISTORY_FLAG_WATCHDOG,
					    .version = 9 };

		if (*records == 'r')
			r.stage = HISTORY_STAGE_RECOVERY;
		else
			memcpy(r.slot, *records == 'a' ? slot_a : slot_b, sizeof r.slot);
		assert_int_equal(boot_history_write(&host.plat, &h, r), LB_OK);
	}
}

static enum lb_status mark(const uint8_t slot[16])
{
	struct boot_history h = opened();

	return boot_history_mark(&host.plat, &h, slot);
}

static enum lb_status set(const uint8_t slot[16])
{
	struct boot_history h = opened();

	return boot_history_set(&host.plat, &h, slot);
}

static struct history_record newest(void)
{
	return opened().kept[0];
}

/* After one record of the loader or many; each keeps its start. */
static void test_mark(void **state)
{
	static const char *const loaders[] = { "a", "ra", "rra", "rbra", "rbaba" };

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		begin(HISTORY_PARTITION_BYTES);
		boots(loaders[i]);
		assert_int_equal(mark(slot_a), LB_OK);
		const struct history_record r = newest();

		assert_int_equal(r.boot, 1);
		assert_int_equal(r.update, i + 1);
		assert_int_equal(r.stage, HISTORY_STAGE_MARKED);
		assert_int_equal(r.version, 9);
		assert_int_equal(r.started_as, HISTORY_START_PROVEN);
		assert_int_equal(r.flags, HISTORY_FLAG_WATCHDOG | HISTORY_FLAG_MARKED);
		assert_memory_equal(r.slot, slot_a, 16);
		assert_true(history_slots_have(&r.marking, slot_a));
		/* Said once is enough, and the start itself is still there. */
		const uint64_t writes = disk->mem.writes;

		assert_int_equal(mark(slot_a), LB_OK);
		assert_int_equal(disk->mem.writes, writes);
		assert_int_equal(opened().kept[1].stage, HISTORY_STAGE_HANDOFF);
		assert_int_equal(opened().now.boot, 2);
		end();
	}
}

static void test_no_mark(void **state)
{
	(void)state;
	begin(HISTORY_PARTITION_BYTES);
	assert_int_equal(mark(slot_a), LB_ERR_NOT_FOUND);
	boots("a");
	assert_int_equal(mark(slot_b), LB_ERR_ARGUMENT);
	boots("ar"); /* the start came back */
	assert_int_equal(mark(slot_a), LB_ERR_NOT_FOUND);
	assert_int_equal(disk->mem.writes, 3);
	end();
	begin(0);
	assert_int_equal(mark(slot_a), LB_ERR_NOT_FOUND);
	end();
}

/* At the end of the numbers, where only a forged record gets. */
static void test_no_room(void **state)
{
	struct history_record r = { .boot = 1 };

	(void)state;
	begin(HISTORY_PARTITION_BYTES);
	memcpy(r.slot, slot_a, sizeof r.slot);
	r.stage = HISTORY_STAGE_SET;
	r.update = UINT32_MAX;
	history_encode(&r, history_image_cell(&disk->mem, history_cell(1, r.update)));
	assert_int_equal(mark(slot_a), LB_ERR_FULL);
	assert_int_equal(set(slot_a), LB_ERR_FULL);
	assert_int_equal(disk->mem.writes, 0);
	end();
}

/* Both slots are set before and after the mark: nothing of it is lost. */
static void test_set_by_hand(void **state)
{
	(void)state;
	begin(HISTORY_PARTITION_BYTES);
	assert_int_equal(set(slot_a), LB_OK); /* nothing to forget */
	assert_int_equal(disk->mem.writes, 0);
	boots("a");
	assert_int_equal(set(slot_b), LB_OK);
	assert_int_equal(newest().stage, HISTORY_STAGE_SET);
	assert_int_equal(mark(slot_a), LB_OK);
	assert_int_equal(set(slot_a), LB_OK);
	const struct history_record r = newest();

	assert_int_equal(r.update, 3);
	assert_true((r.flags & HISTORY_FLAG_MARKED) != 0);
	assert_memory_equal(r.slot, slot_a, 16);
	assert_true(history_slots_have(&r.set, slot_a) &&
		    history_slots_have(&r.set, slot_b));
	const uint64_t writes = disk->mem.writes;

	assert_int_equal(set(slot_a), LB_OK);
	assert_int_equal(mark(slot_a), LB_OK);
	assert_int_equal(disk->mem.writes, writes);
	end();
}

static void test_failing_disks(void **state)
{
	(void)state;
	begin(HISTORY_PARTITION_BYTES);
	boots("a");
	for (int op = 0; op < 2; op++) {
		mem_disk_fail(&disk->mem,
			      (struct mem_fault){ .op = op == 0 ? MEM_WRITE : MEM_FLUSH,
						  .last_lba = UINT64_MAX,
						  .times = 1,
						  .status = LB_ERR_IO });
		assert_int_equal(mark(slot_a), LB_ERR_IO);
	}
	disk->info.read_only = true;
	assert_int_equal(set(slot_a), LB_ERR_READ_ONLY);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_counts_that_are_none),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_no_mark),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_set_by_hand),
		cmocka_unit_test(test_failing_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

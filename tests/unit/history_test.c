/* The boot history: cells byte by byte, and a partition of them on disks in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/crc32.h"
#include "boot/history/history.h"
#include "tests/host/history_image.h"
#include "tests/host/host_platform.h"

static struct host_platform host;
static struct host_disk *disk;
static struct gpt gpt;

/* --- cells -------------------------------------------------------------------------- */

static const struct history_record sample = {
	.boot = UINT64_C(0x1122334455667788),
	.update = 2,
	.stage = HISTORY_STAGE_HANDOFF,
	.mode = 1,
	.reason = 0x0304,
	.version = 0x00010002,
	.floor = 0x00010001,
	.slot = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab,
		  0xac, 0xad, 0xae, 0xaf },
	.flags = HISTORY_FLAG_DEVELOPER,
};

/* docs/formats/boot-history.md, by hand. The CRC is zlib's: python3 -c "import zlib;
 * ..." */
static const uint8_t sample_bytes[49] = {
	'L',  'B',  'H',  'I',  'S',  'T',  0,    1,    0x88, 0x77, 0x66, 0x55, 0x44,
	0x33, 0x22, 0x11, 2,    0,    0,    0,    2,    1,    4,    3,    2,    0,
	1,    0,    1,    0,    1,    0,    0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6,
	0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 1,
};
static const uint8_t sample_crc[4] = { 0x2f, 0xec, 0x66, 0x90 };

static void assert_same(const struct history_record *a, const struct history_record *b)
{
	assert_int_equal(a->boot, b->boot);
	assert_int_equal(a->update, b->update);
	assert_int_equal(a->stage, b->stage);
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->reason, b->reason);
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->floor, b->floor);
	assert_int_equal(a->flags, b->flags);
	assert_memory_equal(a->slot, b->slot, sizeof a->slot);
}

static void test_bytes(void **state)
{
	uint8_t cell[HISTORY_RECORD_BYTES], zeros[459] = { 0 };
	struct history_record back;

	(void)state;
	memset(cell, 0xff, sizeof cell);
	history_encode(&sample, cell);
	assert_memory_equal(cell, sample_bytes, sizeof sample_bytes);
	assert_memory_equal(cell + 49, zeros, sizeof zeros);
	assert_memory_equal(cell + 508, sample_crc, 4);
	assert_int_equal(history_decode(cell, &back), LB_OK);
	assert_same(&back, &sample);
}

static void test_every_flipped_bit_is_found(void **state)
{
	uint8_t cell[HISTORY_RECORD_BYTES];
	struct history_record back, untouched;

	(void)state;
	memset(&untouched, 0x5a, sizeof untouched);
	history_encode(&sample, cell);
	for (size_t bit = 0; bit < 8 * sizeof cell; bit++) {
		memcpy(&back, &untouched, sizeof back);
		cell[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(history_decode(cell, &back),
				 bit / 8 < 8 ? LB_ERR_MAGIC : LB_ERR_CRC);
		assert_memory_equal(&back, &untouched, sizeof back);
		cell[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
}

static void test_unused_cells(void **state)
{
	uint8_t cell[HISTORY_RECORD_BYTES] = { 0 };
	struct history_record back;

	(void)state;
	assert_int_equal(history_decode(cell, &back), LB_ERR_MAGIC);
	memset(cell, 0xff, sizeof cell);
	assert_int_equal(history_decode(cell, &back), LB_ERR_MAGIC);
}

static void test_places(void **state)
{
	static const struct {
		uint64_t boot;
		uint32_t update, cell;
	} rows[] = {
		{ 1, 0, 2 },           { 1, 1, 3 },           { 1, 2, 2 },
		{ 31, 0, 62 },         { 31, 1, 63 },         { 32, 0, 0 },
		{ 32, 1, 1 },          { 33, 0, 2 },          { 64, 0, 0 },
		{ UINT64_MAX, 0, 62 }, { UINT64_MAX, 3, 63 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(history_cell(rows[i].boot, rows[i].update),
				 rows[i].cell);
}

static void test_newer(void **state)
{
	struct history_record a = { .boot = 7, .update = 1 }, b = a;

	(void)state;
	assert_false(history_newer(&a, &b));
	b.update = 0;
	assert_true(history_newer(&a, &b));
	b.boot = 8;
	assert_false(history_newer(&a, &b));
	assert_true(history_newer(&b, &a));
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(history_stage_text(HISTORY_STAGE_MODE), "mode switched");
	assert_string_equal(history_stage_text(HISTORY_STAGE_HANDOFF), "slot started");
	assert_string_equal(history_stage_text(HISTORY_STAGE_RECOVERY), "recovery");
	assert_string_equal(history_stage_text(0), "unknown");
	assert_string_equal(history_stage_text(255), "unknown");
}

/* --- a partition -------------------------------------------------------------------- */

static void load_table(void)
{
	struct platform_disk info = disk->info;
	struct lb_verdict why;

	info.sector_bytes = disk->mem.sector_bytes;
	info.sectors = disk->mem.sectors;
	assert_int_equal(gpt_load(&host.plat, &info, &gpt, &why), LB_OK);
}

static void begin(uint32_t sector_bytes)
{
	host_init(&host);
	disk = host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, sector_bytes,
			     history_image_sectors(sector_bytes));
	history_image_make(&disk->mem, HISTORY_PARTITION_BYTES);
	load_table();
}

static void end(void)
{
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

/* As the loader of the next boot sees it. */
static struct boot_history opened(void)
{
	struct boot_history history = { 0 };

	boot_history_open(&host.plat, &disk->info, &gpt, &history);
	assert_true(history.looked);
	return history;
}

static void put(uint64_t boot, uint32_t update)
{
	const struct history_record record = { .boot = boot, .update = update };

	history_encode(&record,
		       history_image_cell(&disk->mem, history_cell(boot, update)));
}

static const uint32_t sector_sizes[] = { 512, 1024, 2048, 4096 };

static void test_write_and_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		begin(sector_sizes[i]);
		for (uint64_t boot = 1; boot <= 100; boot++) {
			struct boot_history h = opened();
			const uint32_t updates = (uint32_t)(boot % 3 + 1);

			assert_true(h.usable);
			assert_int_equal(h.now.boot, boot);
			assert_int_equal(h.now.update, 0);
			for (uint32_t u = 0; u < updates; u++) {
				struct history_record r = sample;

				r.version = (uint32_t)boot;
				assert_int_equal(boot_history_write(&host.plat, &h, r),
						 LB_OK);
			}
			const struct boot_history after = opened();

			assert_int_equal(after.kept[0].boot, boot);
			assert_int_equal(after.kept[0].update, updates - 1);
			assert_int_equal(after.kept[0].version, boot);
		}
		end();
	}
}

/* All of them, whatever the order they lie in. */
static void test_all_are_kept_newest_first(void **state)
{
	(void)state;
	begin(512);
	for (uint64_t boot = 5; boot < 5 + 32; boot++) {
		put(boot, 0);
		put(boot, 1);
	}
	put(36, 2);
	const struct boot_history h = opened();

	assert_int_equal(h.kept_count, HISTORY_CELLS);
	assert_int_equal(h.kept[0].boot, 36);
	assert_int_equal(h.kept[0].update, 2);
	assert_int_equal(h.kept[1].update, 1);
	for (size_t i = 2; i < HISTORY_CELLS; i++) {
		assert_int_equal(h.kept[i].boot, 36 - i / 2);
		assert_int_equal(h.kept[i].update, 1 - i % 2);
	}
	assert_int_equal(h.now.boot, 37);
	end();
}

static void test_three_writes_a_boot(void **state)
{
	(void)state;
	begin(512);
	struct boot_history h = opened();

	for (int i = 0; i < 3; i++)
		assert_int_equal(boot_history_write(&host.plat, &h, sample), LB_OK);
	const uint64_t writes = disk->mem.writes;

	assert_int_equal(writes, 3);
	assert_int_equal(disk->mem.flushes, 3);
	struct history_record more = sample;

	more.stage = HISTORY_STAGE_MODE;
	assert_int_equal(boot_history_write(&host.plat, &h, more), LB_ERR_FULL);
	assert_int_equal(disk->mem.writes, writes);
	/* What runs, or stands, is the newest record whatever came before. */
	for (more.stage = HISTORY_STAGE_HANDOFF; more.stage <= HISTORY_STAGE_RECOVERY;
	     more.stage++)
		assert_int_equal(boot_history_write(&host.plat, &h, more), LB_OK);
	assert_int_equal(opened().kept[0].stage, HISTORY_STAGE_RECOVERY);
	assert_int_equal(opened().kept[0].update, 4);
	assert_int_equal(disk->mem.writes, writes + 2);
	end();
}

/* The number of a boot is never believed to be right, only different. */
/* It said that it has written. */
static void test_lost_writes(void **state)
{
	(void)state;
	begin(512);
	struct boot_history h = opened();

	mem_disk_fail(&disk->mem, (struct mem_fault){ .op = MEM_WRITE,
						      .last_lba = disk->mem.sectors,
						      .status = LB_OK });
	assert_int_not_equal(boot_history_write(&host.plat, &h, sample), LB_OK);
	mem_disk_heal(&disk->mem);
	assert_int_equal(boot_history_write(&host.plat, &h, sample), LB_OK);
	assert_int_equal(opened().kept[0].update, 1);
	end();
}

/* A boot writes one of its two cells, or both: what a boot of long ago has left in the
 * other one is no memory of then. */
static void test_stragglers(void **state)
{
	(void)state;
	begin(512);
	put(5, 0);
	put(5, 1);
	for (uint64_t boot = 6; boot <= 40; boot++)
		put(boot, 0);
	const struct boot_history h = opened();

	assert_int_equal(h.kept[0].boot, 40);
	assert_int_equal(h.kept[h.kept_count - 1].boot, 9);
	assert_int_equal(h.kept_count, 32);
	end();
}

static void test_numbers_at_the_end_of_their_range(void **state)
{
	static const struct {
		uint64_t newest, next;
	} rows[] = {
		{ 0, 1 },
		{ UINT64_MAX - 1, UINT64_MAX },
		{ UINT64_C(1) << 63, (UINT64_C(1) << 63) + 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(512);
		put(rows[i].newest, UINT32_MAX);
		struct boot_history h = opened();

		assert_int_equal(h.now.boot, rows[i].next);
		assert_int_equal(boot_history_write(&host.plat, &h, sample), LB_OK);
		end();
	}
}

/* Forged records cannot keep a history from going on. */
static void test_forged_last_numbers(void **state)
{
	(void)state;
	begin(512);
	put(40, 0);
	put(UINT64_MAX, UINT32_MAX);
	put(UINT64_MAX, UINT32_MAX - 1);
	for (int boot = 0; boot < 2; boot++) {
		struct boot_history h = opened();

		assert_int_equal(h.now.boot, 31);
		assert_int_equal(boot_history_write(&host.plat, &h, sample), LB_OK);
	}
	const struct boot_history h = opened();

	assert_int_equal(h.kept[0].boot, 40);
	assert_int_equal(h.now.boot, 41);
	end();
}

static void test_records_in_other_cells_do_not_count(void **state)
{
	const struct history_record record = { .boot = 900 };

	(void)state;
	begin(512);
	put(7, 0);
	for (uint32_t cell = 0; cell < HISTORY_CELLS; cell++)
		if (cell != history_cell(7, 0) && cell != history_cell(900, 0))
			history_encode(&record, history_image_cell(&disk->mem, cell));
	assert_int_equal(opened().now.boot, 8);
	end();
}

static void test_torn_cells_do_not_count(void **state)
{
	(void)state;
	begin(512);
	put(7, 0);
	put(8, 0);
	put(9, 0);
	history_image_cell(&disk->mem, history_cell(9, 0))[300] ^= 1;
	const struct boot_history h = opened();

	assert_int_equal(h.kept_count, 2);
	assert_int_equal(h.kept[0].boot, 8);
	assert_int_equal(h.now.boot, 9);
	end();
}

static void test_unreadable_cells_are_forgotten(void **state)
{
	(void)state;
	begin(512);
	put(7, 0);
	put(8, 0);
	const uint64_t lba = history_image_lba(&disk->mem, history_cell(8, 0));

	mem_disk_fail(&disk->mem, (struct mem_fault){ .op = MEM_READ,
						      .first_lba = lba,
						      .last_lba = lba,
						      .status = LB_ERR_IO });
	struct boot_history h = opened();

	assert_true(h.usable);
	assert_int_equal(h.kept[0].boot, 7);
	assert_int_equal(h.now.boot, 8);
	end();
}

/* Without a history nothing is written, and nothing fails but the write. */
static void test_no_history(void **state)
{
	(void)state;
	for (uint64_t bytes = 0; bytes <= HISTORY_PARTITION_BYTES - 512; bytes += 65024) {
		host_init(&host);
		disk = host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, 512,
				     history_image_sectors(512));
		history_image_make(&disk->mem, bytes);
		load_table();
		struct boot_history h = opened();

		assert_false(h.usable);
		assert_int_equal(boot_history_write(&host.plat, &h, sample),
				 LB_ERR_NOT_FOUND);
		assert_int_equal(disk->mem.writes, 0);
		end();
	}
}

static void test_opened_once(void **state)
{
	(void)state;
	begin(512);
	struct boot_history h = opened();
	const uint64_t reads = disk->mem.reads;

	put(50, 0);
	boot_history_open(&host.plat, &disk->info, &gpt, &h);
	assert_int_equal(disk->mem.reads, reads);
	assert_int_equal(h.now.boot, 1);
	end();
}

static void test_failing_disks(void **state)
{
	static const struct {
		enum mem_op op;
		enum lb_status status;
	} rows[] = { { MEM_WRITE, LB_ERR_IO },
		     { MEM_FLUSH, LB_ERR_IO },
		     { MEM_WRITE, LB_ERR_REMOVED } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		begin(512);
		struct boot_history h = opened();

		mem_disk_fail(&disk->mem, (struct mem_fault){ .op = rows[i].op,
							      .last_lba = UINT64_MAX,
							      .times = 1,
							      .status = rows[i].status });
		assert_int_equal(boot_history_write(&host.plat, &h, sample),
				 rows[i].status);
		/* The other cell gets its turn. */
		assert_int_equal(boot_history_write(&host.plat, &h, sample), LB_OK);
		assert_int_equal(opened().kept[0].update, 1);
		end();
	}
	begin(512);
	disk->info.read_only = disk->mem.read_only = true;
	struct boot_history h = opened();

	assert_int_equal(boot_history_write(&host.plat, &h, sample), LB_ERR_READ_ONLY);
	assert_int_equal(disk->mem.writes, 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_every_flipped_bit_is_found),
		cmocka_unit_test(test_unused_cells),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_newer),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_write_and_read_back),
		cmocka_unit_test(test_all_are_kept_newest_first),
		cmocka_unit_test(test_three_writes_a_boot),
		cmocka_unit_test(test_lost_writes),
		cmocka_unit_test(test_stragglers),
		cmocka_unit_test(test_numbers_at_the_end_of_their_range),
		cmocka_unit_test(test_forged_last_numbers),
		cmocka_unit_test(test_records_in_other_cells_do_not_count),
		cmocka_unit_test(test_torn_cells_do_not_count),
		cmocka_unit_test(test_unreadable_cells_are_forgotten),
		cmocka_unit_test(test_no_history),
		cmocka_unit_test(test_opened_once),
		cmocka_unit_test(test_failing_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

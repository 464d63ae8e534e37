/* Storing attributes: the order of writes, and what is told when a write goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "gpt/gpt_table.h"
#include "tests/host/gpt_image.h"
#include "tests/host/host_platform.h"

#define SECTORS 300u
#define LAST    (SECTORS - 1)
#define INDEX   5u /* entry 5 is in the second of 32 entry sectors */
#define OLD     GPT_IMAGE_ATTR(2, 3, 0)
#define NEW     GPT_IMAGE_ATTR(2, 2, 0)

static struct host_platform host;
static enum lb_status second;

static struct mem_disk *open_disk(uint32_t sector_bytes, uint32_t entry_bytes)
{
	const struct gpt_image_part parts[] = {
		{ 0, 0, 0, 0 },       { 0, 0, 0, 0 },       { 0, 0, 0, 0 },
		{ 'd', 142, 150, 0 }, { 'r', 136, 141, 1 }, { 'k', 132, 135, OLD },
	};
	struct host_disk *disk;

	host_init(&host);
	disk = host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, sector_bytes, SECTORS);
	gpt_image_make(&disk->mem, 128, entry_bytes, parts, 6);
	return &disk->mem;
}

static enum lb_status load(struct gpt *gpt)
{
	struct lb_verdict why;

	host.disks[0].info.sectors = host.disks[0].mem.sectors;
	return gpt_load(&host.plat, &host.disks[0].info, gpt, &why);
}

static enum lb_status store(struct gpt *gpt, uint32_t index, uint64_t attributes)
{
	second = LB_ERR_INTERNAL;
	return gpt_store_attributes(&host.plat, &host.disks[0].info, gpt, index,
				    attributes, &second);
}

static uint64_t attributes_in(const struct gpt *gpt)
{
	struct gpt_entry e;

	assert_int_equal(gpt_entry_get(gpt, INDEX, &e), LB_OK);
	return e.attributes;
}

/* What the next boot sees. */
static uint64_t attributes_on_disk(void)
{
	struct gpt gpt;

	assert_int_equal(load(&gpt), LB_OK);
	const uint64_t found = attributes_in(&gpt);

	gpt_unload(&host.plat, &gpt);
	return found;
}

static void expect_write(const struct mem_disk *disk, size_t event, uint64_t lba)
{
	assert_int_equal(disk->events[event].op, MEM_WRITE);
	assert_int_equal(disk->events[event].lba, lba);
	assert_int_equal(disk->events[event].sectors, 1);
}

static void check_order(uint32_t sector_bytes, uint32_t entry_bytes,
			uint64_t entry_sector)
{
	struct mem_disk *disk = open_disk(sector_bytes, entry_bytes);
	const uint64_t last = disk->sectors - 1;
	const uint64_t table = 128 * entry_bytes / sector_bytes;
	struct mem_disk wanted;
	struct gpt gpt;

	assert_int_equal(load(&gpt), LB_OK);
	mem_disk_record(disk);
	assert_int_equal(store(&gpt, INDEX, NEW), LB_OK);
	assert_int_equal(second, LB_OK);
	assert_int_equal(disk->event_count, 6);
	expect_write(disk, 0, 2 + entry_sector);
	expect_write(disk, 1, 1);
	assert_int_equal(disk->events[2].op, MEM_FLUSH);
	expect_write(disk, 3, last - table + entry_sector);
	expect_write(disk, 4, last);
	assert_int_equal(disk->events[5].op, MEM_FLUSH);

	/* Nothing else has changed. */
	mem_disk_init(&wanted, sector_bytes, disk->sectors);
	memcpy(wanted.now, disk->before, mem_disk_bytes(disk));
	gpt_image_set_attributes(&wanted, 0, INDEX, NEW);
	gpt_image_set_attributes(&wanted, 1, INDEX, NEW);
	assert_memory_equal(disk->now, wanted.now, mem_disk_bytes(disk));
	mem_disk_release(&wanted);
	assert_int_equal(attributes_in(&gpt), NEW);
	assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);

	assert_int_equal(store(&gpt, INDEX, NEW), LB_OK); /* as it is: nothing to write */
	assert_int_equal(disk->event_count, 6);
	assert_int_equal(store(&gpt, INDEX, OLD), LB_OK);
	assert_int_equal(disk->event_count, 12);
	assert_memory_equal(disk->now, disk->before, mem_disk_bytes(disk));
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

/* The last entry's sector is the last there is to read back. */
static void test_last_entry(void **state)
{
	struct gpt gpt;

	(void)state;
	(void)open_disk(512, 128);
	assert_int_equal(load(&gpt), LB_OK);
	assert_int_equal(store(&gpt, 127, NEW), LB_OK);
	assert_int_equal(second, LB_OK);
	assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

static void test_order(void **state)
{
	(void)state;
	check_order(512, 128, 1);
	check_order(512, 256, 2);
	check_order(512, 512, 5);
	check_order(4096, 128, 0);
	check_order(4096, 1024, 1);
}

static void test_arguments(void **state)
{
	struct mem_disk *disk = open_disk(512, 128);
	struct gpt gpt;

	(void)state;
	assert_int_equal(load(&gpt), LB_OK);
	assert_int_equal(store(&gpt, 128, NEW), LB_ERR_RANGE);
	assert_int_equal(store(&gpt, UINT32_MAX, NEW), LB_ERR_RANGE);
	host.disks[0].info.read_only = true;
	assert_int_equal(store(&gpt, INDEX, NEW), LB_ERR_READ_ONLY);
	host.disks[0].info.read_only = false;
	disk->read_only = true; /* the device itself */
	assert_int_equal(store(&gpt, INDEX, NEW), LB_ERR_READ_ONLY);
	assert_int_equal(attributes_in(&gpt), OLD);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

/* --- trouble with the first copy: not stored ---------------------------------------- */

static const struct {
	const char *name;
	struct mem_fault fault;
	enum lb_status want;
} first_copy[] = {
	{ "entries",
	  { .op = MEM_WRITE, .first_lba = 3, .last_lba = 3, .status = LB_ERR_IO },
	  LB_ERR_IO },
	{ "half the entries",
	  { .op = MEM_WRITE,
	    .first_lba = 3,
	    .last_lba = 3,
	    .status = LB_ERR_IO,
	    .partly = true },
	  LB_ERR_IO },
	{ "entries lost", { .op = MEM_WRITE, .first_lba = 3, .last_lba = 3 }, LB_ERR_IO },
	{ "header",
	  { .op = MEM_WRITE, .first_lba = 1, .last_lba = 1, .status = LB_ERR_TIMEOUT },
	  LB_ERR_TIMEOUT },
	{ "half the header",
	  { .op = MEM_WRITE,
	    .first_lba = 1,
	    .last_lba = 1,
	    .status = LB_ERR_IO,
	    .partly = true },
	  LB_ERR_IO },
	{ "header lost", { .op = MEM_WRITE, .first_lba = 1, .last_lba = 1 }, LB_ERR_IO },
	{ "flush", { .op = MEM_FLUSH, .times = 1, .status = LB_ERR_IO }, LB_ERR_IO },
	{ "read back",
	  { .op = MEM_READ,
	    .first_lba = 1,
	    .last_lba = 1,
	    .times = 1,
	    .status = LB_ERR_IO },
	  LB_ERR_IO },
	{ "read back differs",
	  { .op = MEM_READ, .first_lba = 3, .last_lba = 3, .times = 1 },
	  LB_ERR_IO },
	{ "gone",
	  { .op = MEM_WRITE, .first_lba = 0, .last_lba = LAST, .status = LB_ERR_REMOVED },
	  LB_ERR_REMOVED },
};

static void test_first_copy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof first_copy / sizeof first_copy[0]; i++) {
		struct mem_disk *disk = open_disk(512, 128);
		struct gpt gpt;

		print_message("row: %s\n", first_copy[i].name);
		assert_int_equal(load(&gpt), LB_OK);
		mem_disk_record(disk);
		mem_disk_fail(disk, first_copy[i].fault);
		assert_int_equal(store(&gpt, INDEX, NEW), first_copy[i].want);
		assert_int_equal(attributes_in(&gpt), OLD);
		/* The backup is the table now; the primary is as bad as it may be. */
		assert_int_equal(gpt.in_use, GPT_BACKUP);
		assert_int_equal(gpt.entries_from, GPT_BACKUP);
		assert_int_equal(gpt.copy[GPT_PRIMARY].status, LB_ERR_IO);
		assert_int_equal(gpt.copy[GPT_PRIMARY].header_status, LB_ERR_IO);
		assert_false(gpt.copy[GPT_PRIMARY].in_step);
		for (size_t e = 0; e < disk->event_count;
		     e++) /* the second is untouched */
			if (disk->events[e].op == MEM_WRITE)
				assert_in_range(disk->events[e].lba, 1, 33);
		mem_disk_heal(disk);
		assert_true(attributes_on_disk() == OLD || attributes_on_disk() == NEW);

		assert_int_equal(store(&gpt, INDEX, NEW), LB_OK); /* a later try */
		assert_int_equal(second, LB_OK);
		assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);
		assert_int_equal(attributes_on_disk(), NEW);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

/* --- trouble with the second copy: stored ------------------------------------------- */

static void test_second_copy(void **state)
{
	static const struct {
		const char *name;
		uint64_t lba;
		enum lb_status status, want;
	} rows[] = {
		{ "entries", LAST - 31, LB_ERR_IO, LB_ERR_IO },
		{ "header", LAST, LB_ERR_TIMEOUT, LB_ERR_TIMEOUT },
		{ "header lost", LAST, LB_OK, LB_ERR_IO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct mem_disk *disk = open_disk(512, 128);
		struct gpt gpt;

		print_message("row: %s\n", rows[i].name);
		assert_int_equal(load(&gpt), LB_OK);
		mem_disk_fail(disk, (struct mem_fault){ .op = MEM_WRITE,
							.first_lba = rows[i].lba,
							.last_lba = rows[i].lba,
							.status = rows[i].status });
		assert_int_equal(store(&gpt, INDEX, NEW), LB_OK);
		assert_int_equal(second, rows[i].want);
		assert_int_equal(gpt.copy[GPT_BACKUP].status, rows[i].want);
		assert_int_equal(gpt.copy[GPT_BACKUP].header_status, rows[i].want);
		assert_int_equal(attributes_in(&gpt), NEW);
		assert_int_equal(attributes_on_disk(), NEW);

		/* The backup may hold the old attributes: nothing more is stored before
		 * it can be brought up to date, or a cut would bring them back. */
		const uint8_t header = mem_disk_sector(disk, 1)[16];

		assert_int_not_equal(store(&gpt, INDEX, GPT_IMAGE_ATTR(2, 1, 0)), LB_OK);
		assert_int_equal(mem_disk_sector(disk, 1)[16], header);
		assert_int_equal(attributes_on_disk(), NEW);
		mem_disk_heal(disk);
		assert_int_equal(store(&gpt, INDEX, GPT_IMAGE_ATTR(2, 1, 0)), LB_OK);
		assert_int_equal(second, LB_OK);
		assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

/* --- copies that are not in step ---------------------------------------------------- */

static void test_repairs_first(void **state)
{
	(void)state;
	for (int copy = 0; copy < 2; copy++) {
		struct mem_disk *disk = open_disk(512, 128);
		struct gpt gpt;

		gpt_image_spoil_header(disk, copy);
		assert_int_equal(load(&gpt), LB_OK);
		mem_disk_record(disk);
		assert_int_equal(store(&gpt, INDEX, NEW), LB_OK);
		assert_int_equal(second, LB_OK);
		/* Header of the damaged copy, flush, flush (its entries were right); then
		 * primary and backup as always. */
		assert_int_equal(disk->event_count, 3 + 6);
		expect_write(disk, 0, copy == 0 ? 1 : LAST);
		expect_write(disk, 3, 3);
		expect_write(disk, 6, LAST - 31);
		assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

/* A copy that cannot be repaired: with only one there is no safe way to store. */
static void test_refuses_without_second(void **state)
{
	(void)state;
	for (int copy = 0; copy < 2; copy++) {
		struct mem_disk *disk = open_disk(512, 128);
		const uint64_t lba = copy == 0 ? 1 : LAST;
		struct gpt gpt;

		gpt_image_spoil_header(disk, copy);
		assert_int_equal(load(&gpt), LB_OK);
		mem_disk_fail(disk, (struct mem_fault){ .op = MEM_WRITE,
							.first_lba = lba,
							.last_lba = lba,
							.status = LB_ERR_IO });
		assert_int_equal(store(&gpt, INDEX, NEW), LB_ERR_IO);
		assert_int_equal(attributes_in(&gpt), OLD);
		assert_int_equal(attributes_on_disk(), OLD);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

static void test_foreign(void **state)
{
	(void)state;
	for (int copy = 0; copy < 2; copy++) {
		struct mem_disk *disk = open_disk(512, 128);
		struct gpt gpt;

		gpt_image_sign(disk, copy, "CHROMEOS");
		assert_int_equal(load(&gpt), LB_OK);
		assert_int_equal(store(&gpt, INDEX, NEW), LB_ERR_READ_ONLY);
		assert_int_equal(disk->writes, 0);
		assert_int_equal(attributes_in(&gpt), OLD);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

/* One table for both headers: between writing it and them no copy would be whole. */
static void test_shared_table(void **state)
{
	struct mem_disk *disk = open_disk(512, 128);
	struct gpt gpt;

	(void)state;
	gpt_image_put(disk, 0, GPT_AT_ENTRIES_LBA, 8, LAST - 32);
	assert_int_equal(load(&gpt), LB_OK);
	assert_int_equal(store(&gpt, INDEX, NEW), LB_ERR_READ_ONLY);
	assert_int_equal(disk->writes, 0);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

/* The other copy is marked to be ignored: the only one is written, and put back when
 * that fails. */
static void test_only_copy(void **state)
{
	(void)state;
	for (int ignored = 0; ignored < 2; ignored++) {
		struct mem_disk *disk = open_disk(512, 128);
		const uint64_t header = ignored == 0 ? LAST : 1;
		uint8_t kept[512];
		struct gpt gpt;

		gpt_image_sign(disk, ignored, "IGNOREME");
		memcpy(kept, gpt_image_header(disk, ignored), 512);
		assert_int_equal(load(&gpt), LB_OK);
		mem_disk_fail(disk, (struct mem_fault){ .op = MEM_WRITE,
							.first_lba = header,
							.last_lba = header,
							.times = 1,
							.status = LB_ERR_IO });
		assert_int_equal(store(&gpt, INDEX, NEW), LB_ERR_IO);
		assert_int_equal(attributes_on_disk(), OLD);

		mem_disk_record(disk);
		assert_int_equal(store(&gpt, INDEX, NEW), LB_OK);
		assert_int_equal(second, LB_OK);
		assert_int_equal(disk->event_count, 3);
		assert_int_equal(attributes_on_disk(), NEW);
		assert_memory_equal(gpt_image_header(disk, ignored), kept, 512);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_entry),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_first_copy),
		cmocka_unit_test(test_second_copy),
		cmocka_unit_test(test_repairs_first),
		cmocka_unit_test(test_refuses_without_second),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_shared_table),
		cmocka_unit_test(test_only_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

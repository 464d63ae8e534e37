/* Repair: every state of the copies, what is done to it in which order, and what is
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "gpt/gpt_table.h"
#include "tests/host/gpt_image.h"
#include "tests/host/host_platform.h"

#define SECTORS 100u
#define LAST    (SECTORS - 1)
#define GROWTH  50u

static struct host_platform host;
static char fixed[200];

static struct mem_disk *open_disk_with(char first, char second)
{
	const struct gpt_image_part parts[] = {
		{ first, 34, 36, 0 },
		{ second, 40, 45, GPT_IMAGE_ATTR(2, 3, 1) },
		{ 'r', 46, 65, 1 },
	};
	struct host_disk *disk;

	host_init(&host);
	disk = host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, 512, SECTORS);
	gpt_image_make(&disk->mem, 128, 128, parts, 3);
	return &disk->mem;
}

static struct mem_disk *open_disk(char kind)
{
	return open_disk_with('d', kind);
}

static enum lb_status load(struct gpt *gpt)
{
	struct lb_verdict why;

	host.disks[0].info.sectors = host.disks[0].mem.sectors;
	return gpt_load(&host.plat, &host.disks[0].info, gpt, &why);
}

static enum lb_status repair(struct gpt *gpt)
{
	memset(fixed, '?', sizeof fixed - 1);
	return gpt_repair(&host.plat, &host.disks[0].info, gpt, fixed, sizeof fixed);
}

/* What is said about the copies is what a fresh load would say. */
static void assert_whole(const struct gpt *gpt)
{
	assert_int_equal(gpt_state(gpt), GPT_STATE_GOOD);
	assert_false(gpt->copies_differ);
	for (int i = 0; i < GPT_COPIES; i++) {
		assert_true(gpt->copy[i].in_step);
		assert_int_equal(gpt->copy[i].status, LB_OK);
		assert_int_equal(gpt->copy[i].entries_status, LB_OK);
	}
}

static void no_primary(struct mem_disk *d)
{
	gpt_image_spoil_header(d, 0);
}
static void no_backup(struct mem_disk *d)
{
	gpt_image_spoil_header(d, 1);
}
static void primary_entries(struct mem_disk *d)
{
	gpt_image_spoil_entries(d, 0);
}
static void backup_entries(struct mem_disk *d)
{
	gpt_image_spoil_entries(d, 1);
}
static void stale_backup(struct mem_disk *d)
{
	gpt_image_set_attributes(d, 1, 1, 0);
}
static void mixed(struct mem_disk *d)
{
	gpt_image_put(d, 1, GPT_AT_DISK_GUID, 4, 5);
	primary_entries(d);
}
static void crossed(struct mem_disk *d)
{
	gpt_image_put(d, 0, GPT_AT_ENTRIES_CRC, 4, 1);
	backup_entries(d);
}
static void wrong_links(struct mem_disk *d)
{
	gpt_image_put(d, 0, GPT_AT_ALTERNATE, 8, 7);
	gpt_image_put(d, 1, GPT_AT_ALTERNATE, 8, 7);
}
static void crossed_and_wrong_link(struct mem_disk *d)
{
	crossed(d);
	gpt_image_put(d, 1, GPT_AT_ALTERNATE, 8, 7);
}

/* Tables that must be the same bytes as before the damage, afterwards. */
static const struct {
	const char *name;
	void (*hurt)(struct mem_disk *d);
	const char *fixed;
	size_t events;
} rows[] = {
	{ "no primary", no_primary, "primary rewritten from backup", 3 },
	{ "no backup", no_backup, "backup rewritten from primary", 3 },
	{ "primary entries", primary_entries, "primary entries rewritten from backup",
	  2 },
	{ "backup entries", backup_entries, "backup rewritten from primary", 4 },
	{ "stale backup", stale_backup, "differing backup rewritten from primary", 4 },
	{ "mixed", mixed,
	  "primary entries rewritten from backup; differing backup rewritten from "
	  "primary",
	  5 },
	{ "crossed", crossed,
	  "backup entries rewritten from primary; primary rewritten from backup", 5 },
	{ "wrong links", wrong_links,
	  "place of the other copy corrected; place of the other copy corrected", 4 },
	{ "all at once", crossed_and_wrong_link,
	  "backup entries rewritten from primary; primary rewritten from backup; "
	  "place of the other copy corrected",
	  7 },
};

static void check_row(size_t i)
{
	struct mem_disk *disk = open_disk('k');
	uint8_t *before = malloc(mem_disk_bytes(disk));
	struct gpt gpt;

	assert_non_null(before);
	memcpy(before, disk->now, mem_disk_bytes(disk));
	rows[i].hurt(disk);
	assert_int_equal(load(&gpt), LB_OK);
	mem_disk_record(disk);
	assert_int_equal(repair(&gpt), LB_OK);
	assert_string_equal(fixed, rows[i].fixed);
	assert_whole(&gpt);
	assert_memory_equal(disk->now, before, mem_disk_bytes(disk));
	assert_int_equal(disk->event_count, rows[i].events);
	assert_int_equal(disk->events[disk->event_count - 1].op, MEM_FLUSH);

	assert_int_equal(repair(&gpt), LB_OK); /* nothing is left to do */
	assert_string_equal(fixed, "");
	assert_int_equal(disk->event_count, rows[i].events);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(load(&gpt), LB_OK);
	assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);
	gpt_unload(&host.plat, &gpt);
	free(before);
	assert_int_equal(host_release(&host), 0);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		print_message("row: %s\n", rows[i].name);
		check_row(i);
	}
}

/* The new backup first, and only then the primary's word about it. */
static void test_grown(void **state)
{
	struct mem_disk *disk = open_disk('k');
	struct gpt gpt;

	(void)state;
	mem_disk_resize(disk, SECTORS + GROWTH);
	assert_int_equal(load(&gpt), LB_OK);
	mem_disk_record(disk);
	assert_int_equal(repair(&gpt), LB_OK);
	assert_string_equal(fixed, "backup moved to the end of the disk; "
				   "place of the other copy corrected");
	assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);
	assert_int_equal(disk->events[0].lba, LAST + GROWTH);
	assert_int_equal(disk->events[1].op, MEM_FLUSH);
	for (size_t i = 2; i < disk->event_count - 3; i++)
		assert_in_range(disk->events[i].lba, LAST + GROWTH - 32,
				LAST + GROWTH - 1);
	assert_int_equal(disk->events[disk->event_count - 3].op, MEM_FLUSH);
	assert_int_equal(disk->events[disk->event_count - 2].lba, 1);
	assert_int_equal(disk->events[disk->event_count - 1].op, MEM_FLUSH);
	gpt_unload(&host.plat, &gpt);

	gpt_image_spoil_header(disk, 0); /* the new backup is enough */
	assert_int_equal(load(&gpt), LB_OK);
	assert_int_equal(gpt.in_use, GPT_BACKUP);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

static void ignored_primary(struct mem_disk *d)
{
	gpt_image_sign(d, 0, "IGNOREME");
}
static void ignored_backup(struct mem_disk *d)
{
	gpt_image_sign(d, 1, "IGNOREME");
}
static void legacy_primary(struct mem_disk *d)
{
	gpt_image_sign(d, 0, "CHROMEOS");
	no_backup(d);
}
static void legacy_backup(struct mem_disk *d)
{
	gpt_image_sign(d, 1, "CHROMEOS");
	no_primary(d);
}
static void damaged_legacy_backup(struct mem_disk *d)
{
	gpt_image_sign(d, 1, "CHROMEOS");
	gpt_image_put(d, 1, GPT_AT_CRC, 4, 0);
}
static void table_among_partitions(struct mem_disk *d)
{
	uint8_t table[16384];

	memcpy(table, gpt_image_entry(d, 0, 0), sizeof table);
	gpt_image_put(d, 0, GPT_AT_ENTRIES_LBA, 8, 35);
	memcpy(gpt_image_entry(d, 0, 0), table, sizeof table);
	no_backup(d);
}
/* Both headers vouch for the backup's entries: writing them would leave no whole copy. */
static void shared_table(struct mem_disk *d)
{
	gpt_image_put(d, 0, GPT_AT_ENTRIES_LBA, 8, LAST - 32);
}
/* Only the damaged primary says where the backup is: writing it could lose both. */
static void grown_and_torn(struct mem_disk *d)
{
	gpt_image_put(d, 0, GPT_AT_ENTRIES_CRC, 4, 1);
	primary_entries(d);
	mem_disk_resize(d, SECTORS + GROWTH);
}

static void test_hands_off(void **state)
{
	static const struct {
		const char *name;
		void (*hurt)(struct mem_disk *d);
		char kind;
		enum gpt_state state;
	} left[] = {
		{ "primary ignored", ignored_primary, 'k', GPT_STATE_ONE_IGNORED },
		{ "backup ignored", ignored_backup, 'k', GPT_STATE_ONE_IGNORED },
		{ "CHROMEOS primary", legacy_primary, 'k', GPT_STATE_FOREIGN },
		{ "CHROMEOS backup", legacy_backup, 'k', GPT_STATE_FOREIGN },
		{ "damaged CHROMEOS backup", damaged_legacy_backup, 'k',
		  GPT_STATE_FOREIGN },
		{ "table among partitions", table_among_partitions, 'k',
		  GPT_STATE_FOREIGN },
		{ "shared table", shared_table, 'k', GPT_STATE_FOREIGN },
		{ "grown and torn", grown_and_torn, 'k', GPT_STATE_GROWN_TORN },
		{ "no kernel partition", no_primary, 'd', GPT_STATE_PRIMARY_BAD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
		struct mem_disk *disk = open_disk(left[i].kind);
		struct gpt gpt;

		print_message("row: %s\n", left[i].name);
		left[i].hurt(disk);
		assert_int_equal(load(&gpt), LB_OK);
		assert_int_equal(gpt_state(&gpt), left[i].state);
		assert_int_equal(repair(&gpt), LB_OK);
		assert_string_equal(fixed, "");
		assert_int_equal(disk->writes, 0);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

static const struct {
	const char *name;
	struct mem_fault fault;
	enum lb_status want;
} troubles[] = {
	{ "header cannot be written",
	  { .op = MEM_WRITE, .first_lba = 1, .last_lba = 1, .status = LB_ERR_IO },
	  LB_ERR_IO },
	{ "entries cannot be written",
	  { .op = MEM_WRITE, .first_lba = 2, .last_lba = 2, .status = LB_ERR_TIMEOUT },
	  LB_ERR_TIMEOUT },
	{ "half an entry sector",
	  { .op = MEM_WRITE,
	    .first_lba = 2,
	    .last_lba = 2,
	    .status = LB_ERR_IO,
	    .partly = true },
	  LB_ERR_IO },
	{ "a write is lost",
	  { .op = MEM_WRITE, .first_lba = 2, .last_lba = 2 },
	  LB_ERR_IO },
	{ "the first flush", { .op = MEM_FLUSH, .status = LB_ERR_IO }, LB_ERR_IO },
	{ "the second flush",
	  { .op = MEM_FLUSH, .skip = 1, .status = LB_ERR_IO },
	  LB_ERR_IO },
	{ "gone",
	  { .op = MEM_WRITE, .first_lba = 0, .last_lba = LAST, .status = LB_ERR_REMOVED },
	  LB_ERR_REMOVED },
};

/* The table in memory and on disk is as good as before, and a later try succeeds. */
static void test_trouble(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
		struct mem_disk *disk = open_disk('k');
		struct gpt gpt, again;

		print_message("row: %s\n", troubles[i].name);
		gpt_image_spoil_header(disk, 0);
		memset(mem_disk_sector(disk, 2), 0xee, 512);
		assert_int_equal(load(&gpt), LB_OK);
		mem_disk_fail(disk, troubles[i].fault);
		assert_int_equal(repair(&gpt), troubles[i].want);
		assert_int_equal(gpt_state(&gpt), GPT_STATE_PRIMARY_BAD);
		assert_int_equal(load(&again), LB_OK);
		gpt_unload(&host.plat, &again);
		mem_disk_heal(disk);
		assert_int_equal(repair(&gpt), LB_OK);
		assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

/* Each kind of step reads back what it wrote: a write that the disk swallows is no
 * repair. */
static void test_lost_writes(void **state)
{
	static const struct {
		const char *name;
		void (*hurt)(struct mem_disk *d);
		uint64_t lba;
		enum gpt_state state;
	} lost[] = {
		{ "whole copy: header", no_primary, 1, GPT_STATE_PRIMARY_BAD },
		{ "whole copy: differing backup", stale_backup, LAST,
		  GPT_STATE_DIFFERENT },
		{ "entries of the primary", primary_entries, 2, GPT_STATE_TORN_PRIMARY },
		{ "entries of the backup", crossed, LAST - 32, GPT_STATE_TORN_BACKUP },
		{ "a link", wrong_links, 1, GPT_STATE_WRONG_LINK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
		struct mem_disk *disk = open_disk('k');
		struct gpt gpt;

		print_message("row: %s\n", lost[i].name);
		lost[i].hurt(disk);
		assert_int_equal(load(&gpt), LB_OK);
		assert_int_equal(gpt_state(&gpt), lost[i].state);
		mem_disk_fail(disk, (struct mem_fault){ .op = MEM_WRITE,
							.first_lba = lost[i].lba,
							.last_lba = lost[i].lba });
		assert_int_equal(repair(&gpt), LB_ERR_IO);
		assert_int_equal(gpt_state(&gpt), lost[i].state);
		mem_disk_heal(disk);
		assert_int_equal(repair(&gpt), LB_OK);
		assert_whole(&gpt);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

/* A disk of ours is one with a kernel partition, wherever in the table that stands. */
static void test_kernel_is_the_first_entry(void **state)
{
	struct mem_disk *disk = open_disk_with('k', 'd');
	struct gpt gpt;

	(void)state;
	no_primary(disk);
	assert_int_equal(load(&gpt), LB_OK);
	assert_int_equal(repair(&gpt), LB_OK);
	assert_whole(&gpt);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

/* Words that do not fit are cut; what is behind them is not touched. */
static void test_little_room_for_words(void **state)
{
	char *little = malloc(40);
	struct gpt gpt;

	(void)state;
	assert_non_null(little);
	crossed_and_wrong_link(open_disk('k'));
	assert_int_equal(load(&gpt), LB_OK);
	assert_int_equal(gpt_repair(&host.plat, &host.disks[0].info, &gpt, little, 40),
			 LB_OK);
	assert_int_equal(strlen(little), 39);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
	free(little);
}

static void test_read_only(void **state)
{
	struct mem_disk *disk = open_disk('k');
	struct gpt gpt;

	(void)state;
	host.disks[0].info.read_only = true;
	assert_int_equal(load(&gpt), LB_OK);
	assert_int_equal(repair(&gpt), LB_OK); /* nothing to do */
	gpt_unload(&host.plat, &gpt);
	gpt_image_spoil_header(disk, 1);
	assert_int_equal(load(&gpt), LB_OK);
	assert_int_equal(repair(&gpt), LB_ERR_READ_ONLY);
	assert_int_equal(disk->writes, 0);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

static void test_words(void **state)
{
	(void)state;
	for (int s = 0; s < GPT_STATES; s++)
		assert_true(strlen(gpt_state_words((enum gpt_state)s)) > 8);
	assert_string_equal(gpt_state_words(GPT_STATES), "unknown state");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_grown),
		cmocka_unit_test(test_hands_off),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_lost_writes),
		cmocka_unit_test(test_kernel_is_the_first_entry),
		cmocka_unit_test(test_little_room_for_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Loading a partition table: which copy counts, what is refused and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "gpt/gpt_table.h"
#include "tests/host/gpt_image.h"
#include "tests/host/host_platform.h"

#define SECTORS 100u
#define LAST    (SECTORS - 1)

static struct host_platform host;

static const struct gpt_image_part parts[] = {
	{ 'd', 34, 36, 0 },
	{ 0, 0, 0, 0 },
	{ 'k', 40, 45, GPT_IMAGE_ATTR(2, 3, 1) },
	{ 'r', 46, 65, 1 },
};

static struct mem_disk *open_disk(void)
{
	struct host_disk *disk;

	host_init(&host);
	disk = host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, 512, SECTORS);
	gpt_image_make(&disk->mem, 128, 128, parts, sizeof parts / sizeof parts[0]);
	return &disk->mem;
}

static enum lb_status load(struct gpt *gpt, struct lb_verdict *why)
{
	host.disks[0].info.sectors = host.disks[0].mem.sectors;
	host.disks[0].info.sector_bytes = host.disks[0].mem.sector_bytes;
	return gpt_load(&host.plat, &host.disks[0].info, gpt, why);
}

/* --- which copy counts ------------------------------------------------------------- */

static void nothing(struct mem_disk *d)
{
	(void)d;
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
static void differ(struct mem_disk *d)
{
	gpt_image_set_attributes(d, 1, 2, 0);
}
static void other_guid(struct mem_disk *d)
{
	gpt_image_put(d, 1, GPT_AT_DISK_GUID, 4, 5);
}
static void header_and_other_entries(struct mem_disk *d)
{
	other_guid(d);
	primary_entries(d);
}
static void both_bad(struct mem_disk *d)
{
	primary_entries(d);
	no_backup(d);
}
static void both_entries(struct mem_disk *d)
{
	primary_entries(d);
	backup_entries(d);
}
static void crossed(struct mem_disk *d)
{
	gpt_image_put(d, 0, GPT_AT_ENTRIES_CRC, 4, 1);
	backup_entries(d);
}
static void empty(struct mem_disk *d)
{
	no_primary(d);
	no_backup(d);
}
static void grown(struct mem_disk *d)
{
	mem_disk_resize(d, SECTORS + 50);
}
static void grown_bad_entries(struct mem_disk *d)
{
	primary_entries(d);
	grown(d);
}
static void grown_bad_header(struct mem_disk *d)
{
	no_primary(d);
	grown(d);
}
static void grown_torn(struct mem_disk *d)
{
	gpt_image_put(d, 0, GPT_AT_ENTRIES_CRC, 4, 1);
	primary_entries(d);
	grown(d);
}
static void shrunk(struct mem_disk *d)
{
	mem_disk_resize(d, SECTORS - 10);
}
static void ignored_primary(struct mem_disk *d)
{
	gpt_image_sign(d, 0, "IGNOREME");
}
static void ignored_backup(struct mem_disk *d)
{
	gpt_image_sign(d, 1, "IGNOREME");
}
static void ignored_and_bad(struct mem_disk *d)
{
	ignored_primary(d);
	backup_entries(d);
}
static void both_ignored(struct mem_disk *d)
{
	ignored_primary(d);
	ignored_backup(d);
}
static void legacy(struct mem_disk *d) /* as `cgpt legacy` */
{
	gpt_image_sign(d, 0, "CHROMEOS");
	gpt_image_sign(d, 1, "CHROMEOS");
	memset(gpt_image_entry(d, 0, 0), 0, 16384);
}
static void wrong_link(struct mem_disk *d)
{
	gpt_image_put(d, 0, GPT_AT_ALTERNATE, 8, 7);
}
static void among_partitions(struct mem_disk *d)
{
	uint8_t table[16384];

	memcpy(table, gpt_image_entry(d, 0, 0), sizeof table);
	gpt_image_put(d, 0, GPT_AT_ENTRIES_LBA, 8, 35);
	memcpy(gpt_image_entry(d, 0, 0), table, sizeof table);
}
/* cgpt takes only 128 entries: the backup wins though the primary is whole for UEFI. */
static void primary_of_64(struct mem_disk *d)
{
	gpt_image_put(d, 0, GPT_AT_COUNT, 4, 64);
	gpt_image_fix(d, 0);
}
static void both_of_64(struct mem_disk *d)
{
	primary_of_64(d);
	gpt_image_put(d, 1, GPT_AT_COUNT, 4, 64);
	gpt_image_fix(d, 1);
}

static const struct {
	const char *name;
	void (*hurt)(struct mem_disk *d);
	int header, entries; /* -1: refused */
	enum gpt_state state;
	bool differ;
	enum lb_reason reason;
} copies[] = {
	{ "both good", nothing, 0, 0, GPT_STATE_GOOD, false, 0 },
	{ "no primary", no_primary, 1, 1, GPT_STATE_PRIMARY_BAD, false, 0 },
	{ "no backup", no_backup, 0, 0, GPT_STATE_BACKUP_BAD, false, 0 },
	{ "primary entries", primary_entries, 0, 1, GPT_STATE_TORN_PRIMARY, false, 0 },
	{ "backup entries", backup_entries, 0, 0, GPT_STATE_BACKUP_BAD, false, 0 },
	{ "different: primary", differ, 0, 0, GPT_STATE_DIFFERENT, true, 0 },
	{ "other disk GUID", other_guid, 0, 0, GPT_STATE_DIFFERENT, true, 0 },
	{ "mixed as by cgpt", header_and_other_entries, 0, 1, GPT_STATE_TORN_PRIMARY,
	  false, 0 },
	{ "mixed the other way", crossed, 1, 0, GPT_STATE_TORN_BACKUP, false, 0 },
	{ "both bad", both_bad, -1, -1, 0, false, LB_REASON_GPT_DAMAGED },
	{ "both entries bad", both_entries, -1, -1, 0, false, LB_REASON_GPT_DAMAGED },
	{ "nothing there", empty, -1, -1, 0, false, LB_REASON_NO_GPT },
	{ "grown", grown, 0, 0, GPT_STATE_GROWN, false, 0 },
	{ "grown, primary entries", grown_bad_entries, 0, 1, GPT_STATE_TORN_PRIMARY,
	  false, 0 },
	{ "grown, no primary", grown_bad_header, -1, -1, 0, false, LB_REASON_NO_GPT },
	{ "grown, primary stale", grown_torn, 1, 1, GPT_STATE_GROWN_TORN, false, 0 },
	{ "shrunk", shrunk, -1, -1, 0, false, LB_REASON_GPT_DAMAGED },
	{ "primary ignored", ignored_primary, 1, 1, GPT_STATE_ONE_IGNORED, false, 0 },
	{ "backup ignored", ignored_backup, 0, 0, GPT_STATE_ONE_IGNORED, false, 0 },
	{ "ignored and bad", ignored_and_bad, -1, -1, 0, false, LB_REASON_GPT_DAMAGED },
	{ "both ignored", both_ignored, -1, -1, 0, false, LB_REASON_GPT_DAMAGED },
	{ "cgpt legacy", legacy, 0, 1, GPT_STATE_FOREIGN, false, 0 },
	{ "wrong link", wrong_link, 0, 0, GPT_STATE_WRONG_LINK, false, 0 },
	{ "table among partitions", among_partitions, 0, 0, GPT_STATE_FOREIGN, false, 0 },
	{ "primary of 64 entries", primary_of_64, 1, 1, GPT_STATE_PRIMARY_BAD, true, 0 },
	{ "both of 64 entries", both_of_64, 0, 0, GPT_STATE_GOOD, false, 0 },
};

static void check_copies(size_t i)
{
	struct mem_disk *disk = open_disk();
	struct lb_verdict why = { .reason = 4711 };
	struct gpt_entry entry;
	struct gpt gpt;

	copies[i].hurt(disk);
	const enum lb_status status = load(&gpt, &why);

	assert_int_equal(status == LB_OK, copies[i].header >= 0);
	assert_int_equal(disk->writes, 0);
	if (status != LB_OK) {
		assert_int_equal(why.reason, copies[i].reason);
		assert_int_equal(host_release(&host), 0);
		return;
	}
	assert_int_equal(why.reason, 4711); /* untouched */
	assert_int_equal(gpt.in_use, copies[i].header);
	assert_int_equal(gpt.entries_from, copies[i].entries);
	assert_int_equal(gpt_state(&gpt), copies[i].state);
	assert_int_equal(gpt.copies_differ, copies[i].differ);
	assert_int_equal(gpt_entry_get(&gpt, 2, &entry), LB_OK);
	assert_int_equal(entry.first_lba, 40);
	assert_int_equal(entry.attributes, GPT_IMAGE_ATTR(2, 3, 1));
	assert_memory_equal(entry.type, gpt_type_kernel, 16);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

static void test_copies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++) {
		print_message("row: %s\n", copies[i].name);
		check_copies(i);
	}
}

/* An image for one sector size on a disk with another: it is a table, and not one to
 * use. */
static void test_other_sector_size(void **state)
{
	static const uint32_t sizes[] = { 512, 1024, 2048, 4096 };

	(void)state;
	for (size_t image = 0; image < 4; image++) {
		struct host_disk *from;
		uint8_t *bytes;
		size_t len;

		host_init(&host);
		from = host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, sizes[image],
				     256);
		gpt_image_make(&from->mem, 128, 128, parts,
			       sizeof parts / sizeof parts[0]);
		len = (size_t)from->mem.sectors * sizes[image];
		bytes = malloc(len);
		memcpy(bytes, mem_disk_sector(&from->mem, 0), len);
		assert_int_equal(host_release(&host), 0);
		for (size_t disk = 0; disk < 4; disk++) {
			struct lb_verdict why;
			struct gpt gpt;
			char want[64];

			if (disk == image)
				continue;
			host_init(&host);
			from = host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL,
					     sizes[disk], len / sizes[disk]);
			memcpy(mem_disk_sector(&from->mem, 0), bytes, len);
			assert_int_not_equal(load(&gpt, &why), LB_OK);
			assert_int_equal(why.reason, LB_REASON_SECTOR_SIZE);
			snprintf(want, sizeof want,
				 "for sectors of %u bytes, the disk has %u", sizes[image],
				 sizes[disk]);
			assert_non_null(strstr(why.detail, want));
			/* One wrong bit, and it is no table of any kind. */
			mem_disk_sector(&from->mem, 0)[sizes[image] + 17] ^= 1;
			assert_int_not_equal(load(&gpt, &why), LB_OK);
			assert_int_not_equal(why.reason, LB_REASON_SECTOR_SIZE);
			assert_int_equal(host_release(&host), 0);
		}
		free(bytes);
	}
}

/* --- entries ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	struct gpt_image_part parts[3];
	int same_guid; /* entry that gets entry 0's GUID, or 0 */
	enum lb_status want;
} entries[] = {
	{ "none", { { 0, 0, 0, 0 } }, 0, LB_OK },
	{ "whole range", { { 'k', 34, 66, 0 } }, 0, LB_OK },
	{ "one sector", { { 'k', 34, 34, 0 } }, 0, LB_OK },
	{ "before the range", { { 'k', 33, 40, 0 } }, 0, LB_ERR_RANGE },
	{ "behind the range", { { 'k', 34, 67, 0 } }, 0, LB_ERR_RANGE },
	{ "end before start", { { 'k', 41, 40, 0 } }, 0, LB_ERR_RANGE },
	{ "end far away", { { 'k', 41, UINT64_MAX, 0 } }, 0, LB_ERR_RANGE },
	{ "side by side", { { 'k', 40, 41, 0 }, { 'r', 42, 43, 0 } }, 0, LB_OK },
	{ "share a sector",
	  { { 'k', 40, 42, 0 }, { 'r', 42, 43, 0 } },
	  0,
	  LB_ERR_DUPLICATE },
	{ "one inside", { { 'k', 40, 50, 0 }, { 'r', 43, 44, 0 } }, 0, LB_ERR_DUPLICATE },
	{ "one around", { { 'k', 43, 44, 0 }, { 'r', 40, 50, 0 } }, 0, LB_ERR_DUPLICATE },
	{ "the same", { { 'k', 43, 44, 0 }, { 'r', 43, 44, 0 } }, 0, LB_ERR_DUPLICATE },
	{ "wrong order", { { 'k', 50, 51, 0 }, { 'r', 40, 41, 0 } }, 0, LB_OK },
	{ "same GUID", { { 'k', 40, 41, 0 }, { 'r', 42, 43, 0 } }, 1, LB_ERR_DUPLICATE },
	{ "same GUID, one unused", { { 'k', 40, 41, 0 }, { 0, 42, 43, 0 } }, 1, LB_OK },
	{ "third clashes",
	  { { 'k', 40, 41, 0 }, { 'r', 42, 43, 0 }, { 'd', 41, 41, 0 } },
	  0,
	  LB_ERR_DUPLICATE },
};

static void test_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		struct mem_disk *disk = open_disk();
		struct lb_verdict why;
		struct gpt gpt;

		print_message("row: %s\n", entries[i].name);
		gpt_image_make(disk, 128, 128, entries[i].parts, 3);
		if (entries[i].same_guid != 0)
			memcpy(gpt_image_entry(disk, 0, 1) + 16,
			       gpt_image_entry(disk, 0, 0) + 16, 16);
		gpt_image_fix(disk, 0);
		gpt_image_spoil_header(disk, 1);
		const enum lb_status status = load(&gpt, &why);

		assert_int_equal(status, entries[i].want);
		if (status == LB_OK)
			gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

static void test_entry_bytes(void **state)
{
	/* Entry 2 of a table made by `cgpt add -i 2 -b 64 -s 8 -t kernel -l KERN-A
	 * -P 2 -T 3 -S 0 -u 11111111-2222-3333-4444-555555555555`. */
	static const uint8_t by_cgpt[128] = {
		0x5d, 0x2a, 0x3a, 0xfe, 0x32, 0x4f, 0xa7, 0x41, 0xb7, 0x25, 0xac, 0xcc,
		0x32, 0x85, 0xa3, 0x09, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33,
		0x44, 0x44, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x40, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x47, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x32, 0x00, 0x4b, 0x00, 0x45, 0x00,
		0x52, 0x00, 0x4e, 0x00, 0x2d, 0x00, 0x41, 0x00,
	};
	struct gpt_entry e;
	uint8_t made[128];

	(void)state;
	gpt_entry_decode(by_cgpt, &e);
	assert_true(gpt_entry_used(&e));
	assert_memory_equal(e.type, gpt_type_kernel, 16);
	assert_int_equal(e.first_lba, 64);
	assert_int_equal(e.last_lba, 71);
	assert_int_equal(e.attributes, GPT_IMAGE_ATTR(2, 3, 0));
	assert_int_equal(e.name[0], 'K');
	assert_int_equal(e.name[5], 'A');
	assert_int_equal(e.name[6], 0);
	gpt_entry_encode(&e, made);
	assert_memory_equal(made, by_cgpt, sizeof made);

	memset(&e, 0, sizeof e);
	assert_false(gpt_entry_used(&e));
	e.type[15] = 1;
	assert_true(gpt_entry_used(&e));
}

static void test_entry_index(void **state)
{
	struct gpt_entry e;
	struct lb_verdict why;
	struct gpt gpt;

	(void)state;
	open_disk();
	assert_int_equal(load(&gpt, &why), LB_OK);
	assert_int_equal(gpt_entry_get(&gpt, 127, &e), LB_OK);
	assert_false(gpt_entry_used(&e));
	assert_int_equal(gpt_entry_get(&gpt, 128, &e), LB_ERR_RANGE);
	assert_int_equal(gpt_entry_get(&gpt, UINT32_MAX, &e), LB_ERR_RANGE);
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

static void test_by_type(void **state)
{
	struct gpt_entry e, same;
	struct lb_verdict why;
	struct gpt gpt;
	uint32_t index = 0, found = 0;

	(void)state;
	open_disk();
	assert_int_equal(load(&gpt, &why), LB_OK);
	for (; gpt_find_type(&gpt, gpt_type_kernel, &index, &e); index++) {
		assert_int_equal(gpt_entry_get(&gpt, index, &same), LB_OK);
		assert_memory_equal(&e, &same, sizeof e);
		assert_memory_equal(e.type, gpt_type_kernel, 16);
		found++;
	}
	assert_true(found > 0);
	index = 128;
	assert_false(gpt_find_type(&gpt, gpt_type_kernel, &index, &e));
	assert_int_equal(index, 128);
	index = 0;
	assert_false(gpt_find_type(&gpt, gpt_type_history, &index, &e));
	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
}

/* --- trouble ----------------------------------------------------------------------- */

static void test_read_errors(void **state)
{
	static const struct {
		const char *name;
		uint64_t first, last;
		uint32_t times;
		enum lb_status status;
		int header, entries; /* -1: refused */
		enum lb_reason reason;
	} rows[] = {
		{ "primary header, once", 1, 1, 1, LB_ERR_IO, 0, 0, 0 },
		{ "primary header", 1, 1, 0, LB_ERR_IO, 1, 1, 0 },
		{ "primary header, slow", 1, 1, 0, LB_ERR_TIMEOUT, 1, 1, 0 },
		{ "primary entries, once", 5, 5, 1, LB_ERR_IO, 0, 0, 0 },
		{ "primary entries", 33, 33, 0, LB_ERR_IO, 0, 1, 0 },
		{ "backup header", LAST, LAST, 0, LB_ERR_IO, 0, 0, 0 },
		{ "backup entries", LAST - 3, LAST - 3, 0, LB_ERR_IO, 0, 0, 0 },
		{ "everything", 0, LAST, 0, LB_ERR_IO, -1, -1,
		  LB_REASON_DISK_UNREADABLE },
		{ "gone", 0, LAST, 0, LB_ERR_REMOVED, -1, -1, LB_REASON_DISK_REMOVED },
		{ "gone after the primary header", 2, LAST, 0, LB_ERR_REMOVED, -1, -1,
		  LB_REASON_DISK_REMOVED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct mem_disk *disk = open_disk();
		struct lb_verdict why;
		struct gpt gpt;

		print_message("row: %s\n", rows[i].name);
		mem_disk_fail(disk, (struct mem_fault){ .op = MEM_READ,
							.first_lba = rows[i].first,
							.last_lba = rows[i].last,
							.times = rows[i].times,
							.status = rows[i].status });
		const enum lb_status status = load(&gpt, &why);

		assert_int_equal(status == LB_OK, rows[i].header >= 0);
		if (status == LB_OK) {
			assert_int_equal(gpt.in_use, rows[i].header);
			assert_int_equal(gpt.entries_from, rows[i].entries);
			gpt_unload(&host.plat, &gpt);
		} else {
			assert_int_equal(status, rows[i].status);
			assert_int_equal(why.reason, rows[i].reason);
		}
		assert_int_equal(host_release(&host), 0);
	}
}

/* Each read is tried twice and no oftener, and not at all again once the disk is gone or
 * what was wanted is there. */
static void test_how_often_is_read(void **state)
{
	static const struct {
		const char *name;
		uint32_t times;
		enum lb_status status;
		int header;
		uint64_t reads;
	} rows[] = {
		{ "nothing is wrong", 0, LB_OK, 0, 4 },
		{ "the first try fails", 1, LB_ERR_IO, 0, 5 },
		{ "both fail", 2, LB_ERR_IO, 1, 4 },
		{ "the disk is gone for a moment", 1, LB_ERR_REMOVED, 1, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct mem_disk *disk = open_disk();
		struct lb_verdict why;
		struct gpt gpt;

		print_message("row: %s\n", rows[i].name);
		if (rows[i].times > 0)
			mem_disk_fail(disk,
				      (struct mem_fault){ .op = MEM_READ,
							  .first_lba = 1,
							  .last_lba = 1,
							  .times = rows[i].times,
							  .status = rows[i].status });
		assert_int_equal(load(&gpt, &why), LB_OK);
		assert_int_equal(gpt.in_use, rows[i].header);
		assert_int_equal(disk->reads, rows[i].reads);
		gpt_unload(&host.plat, &gpt);
		gpt_unload(&host.plat, &gpt); /* empty now, as often as one likes */
		assert_int_equal(host_release(&host), 0);
	}
}

/* A disk that is bad in two ways: what a person can do about it is said. */
static void test_two_faults(void **state)
{
	static const struct {
		enum lb_status status;
		enum lb_reason reason;
	} rows[] = {
		{ LB_ERR_IO, LB_REASON_DISK_UNREADABLE },
		{ LB_ERR_TIMEOUT, LB_REASON_DISK_UNREADABLE },
		{ LB_ERR_REMOVED, LB_REASON_DISK_REMOVED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int copy = 0; copy < 2; copy++) {
			struct mem_disk *disk = open_disk();
			struct lb_verdict why;
			struct gpt gpt;

			gpt_image_spoil_header(disk, 1 - copy);
			mem_disk_fail(disk, (struct mem_fault){
						    .op = MEM_READ,
						    .first_lba = copy == 0 ? 1 : LAST,
						    .last_lba = copy == 0 ? 1 : LAST,
						    .status = rows[i].status });
			assert_int_not_equal(load(&gpt, &why), LB_OK);
			assert_int_equal(why.reason, rows[i].reason);
			assert_int_equal(host_release(&host), 0);
		}
}

/* The backup is where the disk ends; the primary's word for another place counts only
 * where nothing of a backup is. */
static void test_where_the_backup_is(void **state)
{
	enum { AT_END, ELSEWHERE, IGNORED, LEGACY };
	static const struct {
		const char *name;
		int end;
		uint64_t said, found; /* 0: no good one */
	} rows[] = {
		{ "at the end, and named elsewhere", AT_END, 80, LAST },
		{ "nothing at the end", ELSEWHERE, 80, 80 },
		{ "ignored at the end", IGNORED, 80, 0 },
		{ "CHROMEOS at the end", LEGACY, 80, 0 },
		{ "the primary is no backup", ELSEWHERE, 1, 0 },
		{ "nor is what lies before it", ELSEWHERE, 0, 0 },
		{ "nor behind the disk", ELSEWHERE, LAST + 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct mem_disk *disk = open_disk();
		uint8_t backup[512];
		struct lb_verdict why;
		struct gpt gpt;

		print_message("row: %s\n", rows[i].name);
		/* A second backup header in sector 80, good in itself. */
		memcpy(backup, gpt_image_header(disk, 1), sizeof backup);
		gpt_image_put(disk, 1, GPT_AT_MY_LBA, 8, 80);
		gpt_image_put(disk, 1, GPT_AT_ENTRIES_LBA, 8, 48);
		gpt_image_put(disk, 1, GPT_AT_LAST_USABLE, 8, 47);
		memcpy(mem_disk_sector(disk, 80), gpt_image_header(disk, 1), 512);
		memcpy(gpt_image_header(disk, 1), backup, sizeof backup);
		if (rows[i].end == ELSEWHERE)
			gpt_image_spoil_header(disk, 1);
		if (rows[i].end == IGNORED)
			gpt_image_sign(disk, 1, "IGNOREME");
		if (rows[i].end == LEGACY)
			gpt_image_sign(disk, 1, "CHROMEOS");
		gpt_image_put(disk, 0, GPT_AT_ALTERNATE, 8, rows[i].said);
		assert_int_equal(load(&gpt, &why), LB_OK);
		assert_int_equal(gpt.copy[GPT_BACKUP].lba,
				 rows[i].found != 0 ? rows[i].found : LAST);
		gpt_unload(&host.plat, &gpt);
		assert_int_equal(host_release(&host), 0);
	}
}

static void test_words(void **state)
{
	struct mem_disk *disk = open_disk();
	struct lb_verdict why;
	struct gpt gpt;

	(void)state;
	gpt_image_spoil_entries(disk, 0);
	gpt_image_put(disk, 1, GPT_AT_REVISION, 4, 7);
	assert_int_equal(load(&gpt, &why), LB_ERR_CRC);
	assert_string_equal(why.detail, "primary (sector 1): entries: checksum mismatch; "
					"backup (sector 99): header: unknown version");
	gpt_image_sign(disk, 1, "IGNOREME");
	assert_int_equal(load(&gpt, &why), LB_ERR_CRC);
	assert_string_equal(why.detail,
			    "primary (sector 1): entries: checksum mismatch; "
			    "backup (sector 99): header: marked to be ignored");
	assert_int_equal(host_release(&host), 0);
}

static void test_geometry(void **state)
{
	struct lb_verdict why;
	struct gpt gpt;

	(void)state;
	open_disk();
	host.disks[0].info.sectors = 5;
	host.disks[0].info.sector_bytes = 512;
	assert_int_equal(gpt_load(&host.plat, &host.disks[0].info, &gpt, &why),
			 LB_ERR_UNSUPPORTED);
	assert_int_equal(why.reason, LB_REASON_DISK_GEOMETRY);
	assert_string_equal(why.detail, "5 sectors of 512 bytes");
	host.disks[0].info.sectors = SECTORS;
	host.disks[0].info.sector_bytes = 8192;
	assert_int_equal(gpt_load(&host.plat, &host.disks[0].info, &gpt, &why),
			 LB_ERR_UNSUPPORTED);
	assert_int_equal(host_release(&host), 0);
}

static void test_no_memory(void **state)
{
	(void)state;
	for (uint32_t n = 1; n <= 3; n++) {
		struct lb_verdict why = { .reason = LB_REASON_OK };
		struct gpt gpt;

		open_disk();
		host.fail_alloc_at = n;
		assert_int_equal(load(&gpt, &why), LB_ERR_NOMEM);
		assert_int_equal(why.reason, LB_REASON_TOO_LITTLE_MEMORY);
		assert_int_equal(host_release(&host), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_sector_size),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_entry_bytes),
		cmocka_unit_test(test_entry_index),
		cmocka_unit_test(test_by_type),
		cmocka_unit_test(test_read_errors),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_how_often_is_read),
		cmocka_unit_test(test_two_faults),
		cmocka_unit_test(test_where_the_backup_is),
		cmocka_unit_test(test_geometry),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

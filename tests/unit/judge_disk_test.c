/* What a disk is to the recovery program: whose questions and whose data hang on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recovery/installer/judge_disk.h"
#include "tests/host/gpt_image.h"
#include "tests/host/installer_rig.h"

static const struct gpt_image_part data_only[] = { { 'd', 2048, 4095, 0 } };
static const struct gpt_image_part one_slot[] = { { 'k', 2048, 4095, 0 },
						  { 'r', 4096, 6143, 0 } };
static const struct gpt_image_part roots_missing[] = { { 'k', 2048, 4095, 0 },
						       { 'k', 4096, 6143, 0 },
						       { 'r', 6144, 8191, 0 } };
static const struct gpt_image_part two_slots[] = { { 'k', 2048, 4095, 0 },
						   { 'r', 4096, 6143, 0 },
						   { 'k', 6144, 8191, 0 },
						   { 'r', 8192, 10239, 0 } };

#define PARTS(list) list, sizeof(list) / sizeof *(list)

static const struct {
	const char *name;
	const struct gpt_image_part *parts;
	size_t count;
	bool mbr, spoil_primary, spoil_both, file_system;
	enum disk_kind want;
	const char *what;
} rows[] = {
	{ "zeros", NULL, 0, false, false, false, false, DISK_EMPTY, "empty" },
	{ "an MBR", NULL, 0, true, false, false, false, DISK_FOREIGN, "dos" },
	{ "a file system", NULL, 0, false, false, false, true, DISK_FOREIGN, "ext4" },
	{ "slots", PARTS(two_slots), true, false, false, false, DISK_SYSTEM, "system" },
	{ "slots, the MBR is lost", PARTS(two_slots), false, false, false, false,
	  DISK_SYSTEM, "system" },
	{ "somebody's GPT", PARTS(data_only), true, false, false, false, DISK_FOREIGN,
	  "dos" },
	{ "the same, its MBR is lost", PARTS(data_only), false, false, false, false,
	  DISK_FOREIGN, "gpt" },
	{ "of that, only the backup is left", PARTS(data_only), false, true, false, false,
	  DISK_FOREIGN, "gpt" },
	{ "one slot, the MBR is lost", PARTS(one_slot), false, false, false, false,
	  DISK_FOREIGN, "gpt" },
	{ "slots without root, the MBR is lost", PARTS(roots_missing), false, false,
	  false, false, DISK_FOREIGN, "gpt" },
	{ "a GPT whose copies are lost", PARTS(data_only), false, true, true, false,
	  DISK_EMPTY, "empty" },
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct installer_rig *rig = installer_rig_open(24 * RIG_MIB);
		struct mem_disk *mem = &rig->host.disks[0].mem;
		struct disk_choice c;

		if (rows[i].count > 0)
			gpt_image_make(mem, 128, 128, rows[i].parts, rows[i].count);
		memset(mem->now, 0, 512);
		if (rows[i].mbr)
			installer_rig_foreign(rig);
		if (rows[i].spoil_primary)
			gpt_image_spoil_header(mem, 0);
		if (rows[i].spoil_both)
			gpt_image_spoil_header(mem, 1);
		if (rows[i].file_system)
			installer_rig_file_system(mem->now);
		judge_disk(&rig->program, &rig->disk, &c);
		if (c.kind != rows[i].want ||
		    strncmp(c.what, rows[i].what, strlen(rows[i].what)) != 0)
			fail_msg("%s: %d, %s", rows[i].name, c.kind, c.what);
		installer_rig_close(rig);
	}
}

static void test_unfit(void **state)
{
	struct installer_rig *rig = installer_rig_open(8 * RIG_MIB);
	struct disk_choice c;

	(void)state;
	judge_disk(&rig->program, &rig->disk, &c);
	assert_int_equal(c.kind, DISK_UNFIT);
	assert_non_null(strstr(c.what, "too small"));
	rig->disk.disk.read_only = true;
	judge_disk(&rig->program, &rig->disk, &c);
	assert_int_equal(c.kind, DISK_UNFIT);
	assert_string_equal(c.what, "read-only");
	installer_rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_unfit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

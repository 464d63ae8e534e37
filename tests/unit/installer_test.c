/* A whole installation by the recovery program, on disks in memory: what is looked at
 * before the first write, and in which order the writes come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recovery/installer/loader.h"
#include "recovery/installer/state.h"
#include "tests/host/installer_rig.h"

#define ROOT_BYTES 8192u

static struct installer_rig *open_kind(enum disk_kind kind, size_t root_bytes)
{
	struct installer_rig *rig = installer_rig_open(24 * RIG_MIB);

	installer_rig_payload(rig, root_bytes);
	rig->program.target.kind = kind;
	installer_rig_layout(rig);
	if (kind == DISK_SYSTEM)
		installer_rig_system(rig);
	if (kind == DISK_FOREIGN)
		installer_rig_foreign(rig);
	mem_disk_record(&rig->host.disks[0].mem);
	return rig;
}

static bool holds(struct installer_rig *rig, size_t slot)
{
	const struct layout *l = &rig->program.layout;

	return memcmp(installer_rig_bytes(rig, l->kernel[slot].first_lba),
		      rig->plan.kernel, rig->plan.kernel_bytes) == 0 &&
	       memcmp(installer_rig_bytes(rig, l->root[slot].first_lba), rig->plan.root,
		      ROOT_BYTES) == 0;
}

static void test_all_kinds_of_disks(void **state)
{
	static const enum disk_kind kinds[] = { DISK_SYSTEM, DISK_EMPTY, DISK_FOREIGN };

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct installer_rig *rig = open_kind(kinds[i], ROOT_BYTES);

		if (!install_run(&rig->program))
			fail_msg("%d: %s", kinds[i], rig->program.failure);
		assert_true(holds(rig, 0) && holds(rig, 1));
		installer_rig_close(rig);
	}
}

static void test_too_large_is_seen_before_anything_is_erased(void **state)
{
	static const enum disk_kind kinds[] = { DISK_SYSTEM, DISK_EMPTY, DISK_FOREIGN };

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct installer_rig *rig = open_kind(kinds[i], 2 * RIG_MIB);

		assert_false(install_run(&rig->program));
		assert_string_equal(rig->program.code, "P38");
		assert_int_equal(rig->host.disks[0].mem.event_count, 0);
		installer_rig_close(rig);
	}
}

/* The table is what starts something: where its MBR cannot be written, that has a
 * name. */
static void test_the_first_sector_cannot_be_written(void **state)
{
	struct installer_rig *rig = open_kind(DISK_SYSTEM, ROOT_BYTES);
	struct mem_disk *mem = &rig->host.disks[0].mem;

	(void)state;
	memset(mem->now, 0, 512);
	mem_disk_fail(mem, (struct mem_fault){ .op = MEM_WRITE, .status = LB_ERR_IO });
	assert_false(install_run(&rig->program));
	assert_string_equal(rig->program.code, "P50");
	assert_non_null(strstr(rig->program.failure, "first sector"));
	installer_rig_close(rig);
}

/* Erasing what was saved is a stage behind the last one. */
static void test_minutes_of_a_stage_behind_the_last(void **state)
{
	struct installer_rig *rig = installer_rig_open(24 * RIG_MIB);
	struct talk *t = &rig->program.talk;

	(void)state;
	t->shares = 3;
	for (t->share = 0; t->share < 6;) {
		talk_stage(t, "a stage");
		rig->host.now_ms += 60000;
		talk_done(t, UI_STAGE_WRITE, RIG_MIB, 2 * RIG_MIB);
		assert_int_equal(t->person.state.minutes,
				 t->share < 3 ? t->shares - t->share + 1 : 1);
	}
	installer_rig_close(rig);
}

/* Products that do not fit into 64 bits are not said as a few minutes. */
static void test_minutes_do_not_wrap(void **state)
{
	static const struct {
		uint64_t passed_ms, done, total;
		uint32_t minutes;
	} rows[] = {
		{ 3600000, UINT64_C(1) << 40, UINT64_C(2) << 40, 60 + 1 },
		{ UINT64_C(1) << 40, 1024, UINT64_C(1) << 60, 0 },
		{ UINT64_C(1) << 62, 2048, 4096, 0 },
		{ 3600000, 1, UINT64_MAX, 0 },
		{ 3600000, UINT64_MAX, 1, 0 },
	};
	struct installer_rig *rig = installer_rig_open(24 * RIG_MIB);
	struct talk *t = &rig->program.talk;

	(void)state;
	t->shares = 1;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		t->share = 0;
		talk_stage(t, "a stage");
		rig->host.now_ms += rows[i].passed_ms;
		talk_done(t, UI_STAGE_WRITE, rows[i].done, rows[i].total);
		assert_int_equal(t->person.state.minutes, rows[i].minutes);
	}
	installer_rig_close(rig);
}

static void test_the_mediums_language(void **state)
{
	struct installer_rig *rig = installer_rig_open(24 * RIG_MIB);
	struct talk *t = &rig->program.talk;

	(void)state;
	talk_show(t, UI_SCREEN_PROGRESS, "%s", "");
	assert_string_equal(t->person.language, "en");
	talk_language(t, "de");
	assert_string_equal(t->person.language, "de");
	if (ui_outlet_texts(&t->person.outlet) != NULL)
		assert_int_equal(t->person.state.language,
				 ui_text_find(ui_outlet_texts(&t->person.outlet), "de"));
	talk_language(t, "no such language"); /* cut, and English */
	assert_int_equal(t->person.state.language, 0);
	installer_rig_close(rig);
}

static void ask(void *arg)
{
	struct installer_rig *rig = arg;

	assert_false(question_ask(&rig->program, UI_SCREEN_INSTALL_ERASE, "this disk"));
}

/* Whoever pulls the stick has answered. */
static void test_questions_end_with_the_medium(void **state)
{
	struct installer_rig *rig = installer_rig_open(24 * RIG_MIB);

	(void)state;
	rig->host.time_limit_ms = 600000;
	strcpy(rig->stick.device, "none");
	assert_int_equal(host_run(&rig->host, ask, rig), HOST_END_RETURNED);
	assert_string_equal(rig->program.code, "I4");
	installer_rig_close(rig);
}

/* --- order ------------------------------------------------------------------------- */

/* The first write that touches an area, from @from on; the last + 1 of all when none. */
static size_t first_write(const struct mem_disk *mem, struct update_area area,
			  size_t from)
{
	for (; from < mem->event_count; from++) {
		const struct mem_event *e = &mem->events[from];

		if (e->op == MEM_WRITE && e->lba < area.first_lba + area.sectors &&
		    e->lba + e->sectors > area.first_lba)
			break;
	}
	return from;
}

static const struct update_area table = { 0, 34 };

static void test_what_was_saved_goes_before_the_table(void **state)
{
	struct installer_rig *rig = open_kind(DISK_SYSTEM, ROOT_BYTES);
	const struct mem_disk *mem = &rig->host.disks[0].mem;
	const struct update_area area = rig->program.layout.state;
	size_t last = 0;

	(void)state;
	rig->program.talk.wipe = true;
	assert_true(install_run(&rig->program));
	assert_false(rig->program.talk.wipe || rig->program.state_kept);
	for (size_t at = 0; (at = first_write(mem, area, at)) < mem->event_count; at++)
		last = at;
	assert_true(last > first_write(mem, rig->program.layout.root[1], 0));
	assert_true(last < first_write(mem, table, 0));
	installer_rig_close(rig);
}

/* Erasing fails: the table has not been touched, and nothing starts. */
static void test_what_was_saved_cannot_be_erased(void **state)
{
	struct installer_rig *rig = open_kind(DISK_SYSTEM, ROOT_BYTES);
	struct mem_disk *mem = &rig->host.disks[0].mem;
	const uint64_t lba = rig->program.layout.state.first_lba;

	(void)state;
	rig->program.talk.wipe = true;
	mem_disk_fail(mem, (struct mem_fault){ .op = MEM_WRITE,
					       .first_lba = lba,
					       .last_lba = lba,
					       .status = LB_ERR_IO });
	assert_false(install_run(&rig->program));
	assert_string_equal(rig->program.code, "I7");
	assert_int_equal(first_write(mem, table, 0), mem->event_count);
	installer_rig_close(rig);
}

static void test_a_release_that_keeps_nothing(void **state)
{
	struct installer_rig *rig = installer_rig_open(24 * RIG_MIB);
	struct program *p = &rig->program;

	(void)state;
	p->payload.release.keeps_state = false;
	p->payload.release.place[6].type[0] ^= 1; /* of nobody's type: no state */
	installer_rig_system(rig);
	assert_true(state_agreed(p));
	assert_false(p->talk.wipe);
	installer_rig_close(rig);
}

static bool give_loader(struct installer_rig *rig)
{
	struct program *p = &rig->program;

	p->loader_room = p->loader_bytes = 4096;
	p->loader = rig->host.plat.alloc(rig->host.plat.ctx, 4096, 4096,
					 PLATFORM_ANY_ADDRESS);
	if (p->loader != NULL)
		memset(p->loader, 'L', 4096);
	return p->loader != NULL;
}

/* It is looked for while the slots are what they were. */
static void test_a_systems_loader_goes_first(void **state)
{
	struct installer_rig *rig = open_kind(DISK_SYSTEM, ROOT_BYTES);

	(void)state;
	rig->esp.mounts = true;
	assert_true(install_run(&rig->program));
	assert_true(rig->esp.looked);
	assert_int_equal(rig->esp.at_event, 0);
	installer_rig_close(rig);
}

static const struct esp_row {
	const char *name;
	bool mounts, file_system, fat, blind;
	const char *refuses;
	bool yes; /* is typed, when it is asked */
	bool asked, made;
} esp_rows[] = {
	{ .name = "nothing in it", .made = true },
	{ .name = "a FAT that nothing mounts", .fat = true, .made = true },
	{ .name = "another file system", .file_system = true, .asked = true },
	{ .name = "another, agreed",
	  .file_system = true,
	  .yes = true,
	  .asked = true,
	  .made = true },
	{ .name = "it cannot be told", .blind = true, .asked = true },
	{ .name = "it takes no file",
	  .mounts = true,
	  .fat = true,
	  .refuses = "cannot be written",
	  .asked = true },
	{ .name = "it takes no file, agreed",
	  .mounts = true,
	  .fat = true,
	  .refuses = "cannot be written",
	  .yes = true,
	  .asked = true,
	  .made = true },
	{ .name = "it is mounted", .mounts = true, .fat = true },
};

/* The machine is the same each time, and so is its challenge. */
static struct installer_rig *open_esp(const struct esp_row *row, const char *typed)
{
	struct installer_rig *rig = open_kind(DISK_SYSTEM, ROOT_BYTES);
	uint8_t *at = installer_rig_bytes(rig, rig->program.layout.efi.first_lba);

	if (row->file_system)
		installer_rig_file_system(at);
	if (row->fat)
		installer_rig_fat(at);
	rig->blind = row->blind;
	rig->esp.mounts = row->mounts;
	rig->esp.refuses = row->refuses;
	if (typed != NULL)
		host_type(&rig->host, 2000, typed);
	else
		rig->stick.device[0] = '\0'; /* pulled: the answer is no */
	assert_true(give_loader(rig));
	return rig;
}

/* An EFI system partition that holds something is made anew only when somebody says so;
 * and one that starts no device is never the end of an installation. */
static void test_an_efi_partition_that_takes_no_loader(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof esp_rows / sizeof *esp_rows; i++) {
		const struct esp_row *row = &esp_rows[i];
		struct installer_rig *rig = open_esp(row, NULL);
		char challenge[5] = "";
		bool good = loader_install(&rig->program);

		if (row->yes) {
			snprintf(challenge, sizeof challenge, "%s",
				 rig->program.talk.person.state.challenge);
			installer_rig_close(rig);
			rig = open_esp(row, challenge);
			good = loader_install(&rig->program);
		}
		const struct mem_disk *mem = &rig->host.disks[0].mem;
		const size_t at = first_write(mem, rig->program.layout.efi, 0);

		if (good == (row->asked && !row->yes) ||
		    (at < mem->event_count) != row->made)
			fail_msg("%s: %s", row->name, rig->program.failure);
		if (!good)
			assert_string_equal(rig->program.code, "I4");
		installer_rig_close(rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds_of_disks),
		cmocka_unit_test(test_too_large_is_seen_before_anything_is_erased),
		cmocka_unit_test(test_the_first_sector_cannot_be_written),
		cmocka_unit_test(test_minutes_of_a_stage_behind_the_last),
		cmocka_unit_test(test_minutes_do_not_wrap),
		cmocka_unit_test(test_the_mediums_language),
		cmocka_unit_test(test_questions_end_with_the_medium),
		cmocka_unit_test(test_what_was_saved_goes_before_the_table),
		cmocka_unit_test(test_what_was_saved_cannot_be_erased),
		cmocka_unit_test(test_a_release_that_keeps_nothing),
		cmocka_unit_test(test_a_systems_loader_goes_first),
		cmocka_unit_test(test_an_efi_partition_that_takes_no_loader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

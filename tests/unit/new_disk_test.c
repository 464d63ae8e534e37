/* What is kept and what is lost where the recovery program makes a disk its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boot/history/history_cell.h"
#include "recovery/installer/new_disk.h"
#include "tests/host/installer_rig.h"

#define SAVED "what people have saved"

static uint8_t *state_of(struct installer_rig *rig)
{
	return installer_rig_bytes(rig, rig->program.layout.state.first_lba);
}

static struct installer_rig *open_lost_table(void)
{
	struct installer_rig *rig = installer_rig_open(24 * RIG_MIB);

	rig->program.target.kind = DISK_EMPTY;
	installer_rig_layout(rig);
	memcpy(state_of(rig) + 2048, SAVED, sizeof SAVED);
	return rig;
}

static void test_a_state_that_survived_its_table(void **state)
{
	static const struct {
		const char *name;
		bool file_system, blind, kept;
	} rows[] = {
		{ "a file system", true, false, true },
		{ "none", false, false, false },
		{ "it cannot be told", false, true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct installer_rig *rig = open_lost_table();

		if (rows[i].file_system)
			installer_rig_file_system(state_of(rig));
		rig->blind = rows[i].blind;
		assert_true(new_disk_begin(&rig->program));
		assert_true(new_disk_finish(&rig->program));
		if (rig->program.state_kept != rows[i].kept ||
		    (memcmp(state_of(rig) + 2048, SAVED, sizeof SAVED) == 0) !=
			    rows[i].kept)
			fail_msg("%s", rows[i].name);
		installer_rig_close(rig);
	}
}

/* --- a foreign disk ----------------------------------------------------------------- */

#define DISK_BYTES (40 * RIG_MIB)

static const struct history_record somebodys = { .boot = 7, .stage = 2, .tag = { 1 } };

/* A table, a file system and an array's end where our state would be, and a record where
 * our history would be: the disk of another device, say. */
static struct installer_rig *open_foreign(void)
{
	struct installer_rig *rig = installer_rig_open(DISK_BYTES);
	const struct layout *l = &rig->program.layout;

	rig->program.target.kind = DISK_FOREIGN;
	installer_rig_layout(rig);
	installer_rig_foreign(rig);
	installer_rig_file_system(state_of(rig));
	memcpy(installer_rig_bytes(rig, l->state.first_lba + l->state.sectors - 8),
	       "RAID", 4);
	for (uint32_t cell = 0; cell < HISTORY_CELLS; cell++)
		history_encode(&somebodys,
			       installer_rig_bytes(rig, l->history.first_lba) +
				       (size_t)cell * HISTORY_CELL_BYTES);
	return rig;
}

/* The next run: what it calls an empty disk has nothing that it would keep. */
static bool looks_empty(struct installer_rig *rig)
{
	const struct layout *l = &rig->program.layout;
	struct history_record record;
	char what[PROGRAM_WHAT_BYTES];

	if (probe_disk(&rig->disk, what, sizeof what))
		return false;
	assert_int_equal(
		probe_area(&rig->disk, l->state.first_lba * 512, l->state.sectors * 512),
		PROBE_NOTHING);
	for (uint32_t cell = 0; cell < HISTORY_CELLS; cell++)
		assert_int_not_equal(
			history_decode(installer_rig_bytes(rig, l->history.first_lba) +
					       (size_t)cell * HISTORY_CELL_BYTES,
				       &record),
			LB_OK);
	return true;
}

/* Between two events, in the middle of a write, and with what no flush made sure of lost:
 * all, or every other sector. */
static size_t cut_at(struct installer_rig *rig, size_t events)
{
	static bool lost[DISK_BYTES / 512];
	struct mem_disk *mem = &rig->host.disks[0].mem;
	const struct mem_cut cuts[] = {
		{ .events = events },
		{ .events = events, .torn = true, .torn_sectors = 1, .torn_bytes = 100 },
		{ .events = events, .torn = true, .torn_sectors = 3, .garbage = true },
		{ .events = events, .lost = lost },
		{ .events = events, .lost = lost },
	};
	size_t empty = 0;

	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		if (cuts[i].torn &&
		    (events == mem->event_count || mem->events[events].op != MEM_WRITE))
			continue;
		for (size_t n = 0; n < sizeof lost / sizeof *lost; n++)
			lost[n] = i == 3 || n % 2 == 0;
		mem_disk_after_cut(mem, &cuts[i], mem->now);
		empty += looks_empty(rig);
	}
	return empty;
}

static void test_nothing_of_a_foreign_disk_is_kept(void **state)
{
	struct installer_rig *rig = open_foreign();
	struct mem_disk *mem = &rig->host.disks[0].mem;
	size_t empty = 0;

	(void)state;
	mem_disk_record(mem);
	assert_true(new_disk_begin(&rig->program));
	assert_true(looks_empty(rig));
	for (size_t events = 0; events <= mem->event_count; events++)
		empty += cut_at(rig, events);
	assert_true(empty > 5 && empty < mem->event_count * 3);
	assert_true(new_disk_finish(&rig->program));
	assert_false(rig->program.state_kept);
	installer_rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_state_that_survived_its_table),
		cmocka_unit_test(test_nothing_of_a_foreign_disk_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

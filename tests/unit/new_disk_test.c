/* What is kept and what is lost where the recovery program makes a disk its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_state_that_survived_its_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What belongs to the disk with the slots, wherever the loader came from: the
 * history, and the word that tells the disk from its clones; and what is told where
 * variables fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "boot/kernel/told_words.h"
#include "tests/host/flow_machine.h"

#define MARK_A 'A'
#define MARK_R 'R'

static struct boot_rig rig; /* large; every test begins with machine() */

/* The loader lies on a disk without slots. */
static void loader_elsewhere(void)
{
	rig.host.disks[0].info.boot_disk = false;
	rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, NULL, 0)->info.boot_disk = true;
}

static void machine(bool bootable)
{
	flow_machine(&rig, bootable);
	rig.host.time_limit_ms = 20000;
	loader_elsewhere();
}

static void done(void)
{
	(void)rig_release(&rig);
}

static void assert_starts(int mark)
{
	const enum host_end end = rig_boot(&rig);

	if (end != HOST_END_STARTED || rig.started != mark)
		fail_msg("end %d, started %d; log:\n%s", end, rig.started, rig.host.log);
}

static void assert_disk_names(const struct history_record *r)
{
	char tag[2 * HISTORY_TAG_BYTES + 1], want[64];

	lb_format_hex(tag, r->tag, sizeof r->tag);
	snprintf(want, sizeof want, "%u %s host/disk0", (unsigned int)r->boot, tag);
	assert_string_equal(flow_told(&rig, "Disk"), want);
}

/* --- history ------------------------------------------------------------------------ */

static void test_a_start_is_recorded(void **state)
{
	(void)state;
	machine(true);
	assert_starts(MARK_A);
	const struct history_record first = flow_record(&rig, 1, 0);

	assert_int_equal(first.stage, HISTORY_STAGE_HANDOFF);
	assert_disk_names(&first);
	assert_starts(MARK_A);
	const struct history_record second = flow_record(&rig, 2, 0);

	assert_int_equal(second.stage, HISTORY_STAGE_HANDOFF);
	assert_memory_not_equal(first.tag, second.tag, sizeof first.tag);
	assert_disk_names(&second);
	done();
}

static void test_deaths_are_counted(void **state)
{
	(void)state;
	machine(true);
	rig.watchdog_s = 60;
	rig_profile(&rig);
	rig.host.watchdog_status = LB_OK;
	assert_starts(MARK_A);
	for (int i = 0; i < 2; i++) {
		rig.host.watchdog_bit = true;
		assert_starts(MARK_A);
	}
	rig.host.watchdog_bit = true;
	assert_starts('B');
	done();
}

static void test_recovery_is_recorded(void **state)
{
	(void)state;
	machine(false);
	assert_int_equal(rig_boot(&rig), HOST_END_TIME_UP);
	assert_int_equal(flow_record(&rig, 1, 0).stage, HISTORY_STAGE_RECOVERY);
	assert_int_equal(rig.host.disks[1].mem.writes, 0);
	done();
}

/* Asked for before any disk was looked at, the slots' disk not even connected. */
static void test_recovery_that_was_asked_for(void **state)
{
	static const struct rig_image good = { .mark = MARK_R, .version = 3 };

	(void)state;
	machine(true);
	rig.host.disks[0].late = true;
	rig.recovery_requested = true;
	rig_stick(&rig, &good, 1);
	assert_starts(MARK_R);
	const struct history_record r = flow_record(&rig, 1, 0);

	assert_int_equal(r.stage, HISTORY_STAGE_RECOVERY);
	assert_disk_names(&r);
	done();
}

/* By network: no disk holds the loader. */
static void test_no_boot_disk(void **state)
{
	(void)state;
	machine(true);
	rig.host.disks[1].info.boot_disk = false;
	assert_starts(MARK_A);
	assert_int_equal(flow_record(&rig, 1, 0).stage, HISTORY_STAGE_HANDOFF);
	done();
}

/* The first disk's slots are dead, the second's start: the start is the second's, the
 * recovery before it the first's, and each goes on with its own number. */
static void test_two_disks_with_slots(void **state)
{
	struct test_slot slot = { 1, 0, 1, NULL, 0 };

	(void)state;
	flow_machine(&rig, false);
	rig.host.time_limit_ms = 100000;
	slot.kernel = rig_kernel('C', 2, &slot.kernel_bytes);
	rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, &slot, 1)->from_ms = 20000;
	assert_starts('C');
	assert_int_equal(flow_record(&rig, 1, 0).stage, HISTORY_STAGE_RECOVERY);
	assert_int_equal(flow_record(&rig, 1, 1).stage, 0);
	assert_string_equal(flow_told(&rig, "Disk"), "- - host/disk1");
	done();
}

/* A copy of the whole disk, built in, is neither charged nor recorded. */
static void test_a_clone(void **state)
{
	struct test_slot slots[2] = { { 2, 0, 1, NULL, 0 }, { 1, 0, 1, NULL, 0 } };

	(void)state;
	flow_machine(&rig, true);
	flow_set_slot(&rig, 1, 6);
	struct host_disk *copy = rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, slots, 2);

	copy->info.boot_disk = false;
	mem_disk_resize(&copy->mem, rig.host.disks[0].mem.sectors);
	memcpy(copy->mem.now, rig.host.disks[0].mem.now,
	       mem_disk_bytes(&rig.host.disks[0].mem));
	assert_starts('B');
	assert_int_equal(rig_slot(&rig, 0, 1).remaining_attempts, 5);
	assert_int_equal(rig_slot(&rig, 1, 1).remaining_attempts, 6);
	assert_int_equal(copy->mem.writes, 0);
	done();
}

static void test_without_a_history(void **state)
{
	(void)state;
	flow_machine_without_history(&rig);
	assert_starts(MARK_A);
	assert_string_equal(flow_told(&rig, "Disk"), "- - host/disk0");
	done();
}

/* A chip or line that always reads the same must not make two boots look like one. */
static void test_without_chance(void **state)
{
	(void)state;
	machine(true);
	rig.host.random_status = LB_ERR_UNSUPPORTED;
	assert_starts(MARK_A);
	const struct history_record first = flow_record(&rig, 1, 0);

	assert_disk_names(&first);
	assert_starts(MARK_A);
	const struct history_record second = flow_record(&rig, 2, 0);

	assert_memory_not_equal(first.tag, second.tag, sizeof first.tag);
	done();
}

/* --- what is told ------------------------------------------------------------------- */

static void test_every_name(void **state)
{
	(void)state;
	machine(true);
	assert_starts(MARK_A);
	assert_int_equal(rig.host.handed_over.count, LB_HANDOVER_NAMES);
	for (size_t i = 0; i < LB_HANDOVER_NAMES; i++)
		assert_string_not_equal(flow_told(&rig, lb_handover_names[i]),
					"(not told)");
	assert_null(strstr(rig.cmdline, "lifeboat."));
	done();
}

#define ONE_KEY "0101010101010101010101010101010101010101010101010101010101010101"

static void test_developer(void **state)
{
	static const struct {
		const char *name;
		enum profile_developer_mode profile;
		bool on, secure_boot;
		uint8_t keys;
		const char *want;
	} rows[] = {
		{ "off", PROFILE_DEVELOPER_ALLOWED, false, false, 0, "off" },
		{ "on", PROFILE_DEVELOPER_ALLOWED, true, false, 0, "self-signed" },
		{ "forbidden", PROFILE_DEVELOPER_FORBIDDEN, true, false, 0, "off" },
		{ "Secure Boot", PROFILE_DEVELOPER_ALLOWED, true, true, 0, "off" },
		{ "allowed with it", PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT, true, true, 0,
		  "self-signed" },
		{ "one key", PROFILE_DEVELOPER_ALLOWED, true, true, 1, ONE_KEY },
		{ "a key, off", PROFILE_DEVELOPER_ALLOWED, false, false, 1, "off" },
		{ "two keys", PROFILE_DEVELOPER_ALLOWED, true, false, 2,
		  ONE_KEY " " ONE_KEY },
		{ "four", PROFILE_DEVELOPER_ALLOWED, true, false, 4,
		  ONE_KEY " " ONE_KEY " " ONE_KEY " " ONE_KEY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		machine(true);
		rig.host.time_limit_ms = HOST_DEFAULT_TIME_MS;
		rig.developer = rows[i].profile;
		rig_profile(&rig);
		rig.host.machine.secure_boot = rows[i].secure_boot;
		rig.host.state.developer = rows[i].on;
		rig.host.state.dev_key_count = rows[i].keys;
		memset(rig.host.state.dev_key, 1, sizeof rig.host.state.dev_key);
		assert_starts(MARK_A);
		if (strcmp(flow_told(&rig, "Developer"), rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].name, flow_told(&rig, "Developer"));
		done();
	}
}

/* An update that can never start is told to the system that starts instead. */
static void test_refused(void **state)
{
	(void)state;
	machine(true);
	flow_set_slot(&rig, 1, 6);
	rig.host.disks[0].info.read_only = true;
	assert_starts(MARK_A);
	assert_string_equal(flow_told(&rig, "Refused"), "B:slot-charge-failed");
	assert_string_equal(flow_told(&rig, "Disk"), "- - host/disk0");
	done();
}

/* A disk that never had a slot does not speak for the device. */
static void test_the_telling_finding(void **state)
{
	(void)state;
	machine(true);
	for (size_t i = 0; i < 2; i++)
		mem_disk_sector(&rig.host.disks[0].mem,
				test_disk_slot_lba(512, i) + 130)[0] ^= 1;
	assert_int_equal(rig_boot(&rig), HOST_END_TIME_UP);
	if (!host_showed(&rig.host, "host/disk0, slot A") &&
	    !host_showed(&rig.host, "slot A"))
		fail_msg("%s", rig.host.shown);
	done();
}

static void test_on_the_command_line(void **state)
{
	char value[LB_HANDOVER_VALUE_BYTES];

	(void)state;
	machine(true);
	assert_starts(MARK_A); /* raises the floor */
	assert_starts(MARK_A);
	struct lb_handover told = rig.host.handed_over;

	rig.host.hand_over_status = LB_ERR_DENIED;
	assert_starts(MARK_A);
	assert_int_equal(rig.host.handed_over.count, 0);
	for (size_t i = 0; i < told.count; i++) {
		const enum lb_status status = kernel_told_find(
			rig.cmdline, told.item[i].name, value, sizeof value);

		if (told.item[i].value[0] == '\0') {
			assert_int_equal(status, LB_ERR_NOT_FOUND);
			continue;
		}
		assert_int_equal(status, LB_OK);
		if (strcmp(told.item[i].name, "Disk") != 0)
			assert_string_equal(value, told.item[i].value);
	}
	assert_true(host_logged(&rig.host, "said on the command line"));
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_start_is_recorded),
		cmocka_unit_test(test_deaths_are_counted),
		cmocka_unit_test(test_recovery_is_recorded),
		cmocka_unit_test(test_recovery_that_was_asked_for),
		cmocka_unit_test(test_no_boot_disk),
		cmocka_unit_test(test_two_disks_with_slots),
		cmocka_unit_test(test_a_clone),
		cmocka_unit_test(test_without_a_history),
		cmocka_unit_test(test_without_chance),
		cmocka_unit_test(test_every_name),
		cmocka_unit_test(test_developer),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_the_telling_finding),
		cmocka_unit_test(test_on_the_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

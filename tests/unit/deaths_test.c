/* Deaths in the boot flow: when the watchdog is armed and stopped, what is recorded
 * of how a boot ended, and which slots go behind others for it - also when the
 * history is forged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "tests/host/flow_machine.h"
#include "tests/host/gpt_image.h"

#define MARK_A 'A'
#define MARK_B 'B'
#define MARK_R 'R'
#define GUARD  60u

static struct boot_rig rig; /* large; every test begins with machine() */

/* A (first in order) and B proven, a history, and a watchdog that the profile wants. */
static void machine(void)
{
	flow_machine(&rig, true);
	rig.watchdog_s = GUARD;
	rig_profile(&rig);
	rig.host.watchdog_status = LB_OK;
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

/* The boot before was ended by the watchdog. */
static void assert_starts_after_death(int mark)
{
	rig.host.watchdog_bit = true;
	assert_starts(mark);
}

/* --- armed and stopped ------------------------------------------------------------ */

static void test_armed_last(void **state)
{
	(void)state;
	machine();
	assert_starts(MARK_A);
	assert_int_equal(rig.guarded_s, GUARD);
	assert_int_equal(rig.host.watchdog_arms, 1);
	assert_string_equal(flow_told(&rig, "WatchdogDied"), "0");
	done();
}

/* Zero is off: not even the status bit is read, which would clear it. */
static void test_off(void **state)
{
	(void)state;
	machine();
	rig.watchdog_s = 0;
	rig_profile(&rig);
	assert_starts_after_death(MARK_A);
	assert_int_equal(rig.host.watchdog_arms, 0);
	assert_true(rig.host.watchdog_bit);
	assert_false(host_logged(&rig.host, "watchdog"));
	assert_string_equal(flow_told(&rig, "WatchdogDied"), "0");
	done();
}

static void test_cannot_be_armed(void **state)
{
	static const enum lb_status how[] = { LB_ERR_NOT_FOUND, LB_ERR_RANGE,
					      LB_ERR_DENIED, LB_ERR_IO };

	(void)state;
	for (size_t i = 0; i < sizeof how / sizeof how[0]; i++) {
		machine();
		rig.host.watchdog_status = how[i];
		assert_starts(MARK_A);
		assert_int_equal(rig.guarded_s, 0);
		assert_true(host_logged(&rig.host, "watchdog: not armed: "));
		done();
	}
}

static void test_stopped_when_the_start_returns(void **state)
{
	(void)state;
	machine();
	rig.host.start_does = HOST_START_FAILS;
	assert_int_equal(rig_boot(&rig), HOST_END_TIME_UP);
	assert_int_equal(rig.guarded_s, GUARD);
	assert_true(rig.host.watchdog_arms >= 2); /* A, then B */
	assert_int_equal(rig.host.watchdog_s, 0);
	done();
}

static void test_a_developer_is_not_hurried(void **state)
{
	(void)state;
	machine();
	rig.developer = PROFILE_DEVELOPER_ALLOWED;
	rig_profile(&rig);
	rig.host.state.developer = true;
	assert_starts(MARK_A);
	assert_string_equal(flow_told(&rig, "Mode"), "developer");
	assert_int_equal(rig.host.watchdog_arms, 0);
	done();
}

static void test_recovery_is_not_hurried(void **state)
{
	static const struct rig_image stick = { MARK_R, 5,    RIG_BY_RECOVERY_KEY,
						0,      NULL, false };

	(void)state;
	machine();
	rig_stick(&rig, &stick, 1);
	rig_power_off(&rig);
	flow_ask_recovery(&rig);
	assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
	assert_int_equal(rig.started, MARK_R);
	assert_int_equal(rig.host.watchdog_arms, 0);
	done();
}

/* --- recorded --------------------------------------------------------------------- */

static void test_death_is_recorded_and_told(void **state)
{
	(void)state;
	machine();
	assert_starts(MARK_A);
	assert_int_equal(flow_record(&rig, 1, 0).flags, 0);
	assert_starts_after_death(MARK_A);
	assert_int_equal(flow_record(&rig, 2, 0).flags, HISTORY_FLAG_WATCHDOG);
	assert_string_equal(flow_told(&rig, "WatchdogDied"), "1");
	assert_starts(MARK_A);
	assert_int_equal(flow_record(&rig, 3, 0).flags, 0);
	done();
}

/* A trying slot has a mark that can be missed: marked good. Attempts pay for it. */
static void test_missing_mark_is_recorded(void **state)
{
	(void)state;
	machine();
	flow_set_slot(&rig, 1, 3);
	assert_starts(MARK_B);
	assert_int_equal(flow_record(&rig, 1, 0).flags, 0);
	assert_starts(MARK_B);
	assert_int_equal(flow_record(&rig, 2, 0).flags, HISTORY_FLAG_NOT_MARKED);
	assert_starts_after_death(MARK_B); /* the last attempt */
	assert_int_equal(flow_record(&rig, 3, 0).flags,
			 HISTORY_FLAG_WATCHDOG | HISTORY_FLAG_NOT_MARKED);
	assert_starts(MARK_A);
	assert_int_equal(flow_record(&rig, 4, 0).flags, HISTORY_FLAG_NOT_MARKED);
	assert_starts(MARK_A);
	assert_int_equal(flow_record(&rig, 5, 0).flags, 0);
	done();
}

static void test_marked_good_in_time(void **state)
{
	(void)state;
	machine();
	flow_set_slot(&rig, 1, 3);
	assert_starts(MARK_B);
	flow_set_attributes(&rig, 0, 1, GPT_IMAGE_ATTR(5, 0, 1));
	assert_starts(MARK_B);
	assert_int_equal(flow_record(&rig, 2, 0).flags, 0);
	done();
}

/* --- three deaths in a row -------------------------------------------------------- */

/* A is started and dies @times times; then comes the boot that the test looks at. */
static void a_dies(int times)
{
	assert_starts(MARK_A);
	for (int i = 1; i < times; i++)
		assert_starts_after_death(MARK_A);
	rig.host.watchdog_bit = true;
}

static void test_behind_as_long_as_it_is_remembered(void **state)
{
	(void)state;
	machine();
	a_dies(3);
	const uint64_t writes = rig.host.disks[0].mem.writes;

	assert_starts(MARK_B);
	assert_int_equal(rig.guarded_s, GUARD);
	assert_int_equal(rig.host.disks[0].mem.writes, writes + 1); /* the record */
	assert_true(host_logged(&rig.host, "slot A: its last 3 starts ended without its "
					   "system's mark, 3 of them by a panic or"));
	assert_string_equal(flow_told(&rig, "Behind"), "A 3 3");
	assert_string_equal(flow_told(&rig, "Start"), "proven");
	assert_int_equal(flow_record(&rig, 4, 0).behind, 1);
	/* Boot 5 to 32; the first death lies in boot 1, whose cell boot 33 takes. */
	for (int boot = 5; boot <= 33; boot++)
		assert_starts(MARK_B);
	assert_starts(MARK_A);
	assert_string_equal(flow_told(&rig, "Behind"), "");
	/* With each boot one more of the old deaths is forgotten, and one is added. */
	assert_starts_after_death(MARK_A);
	assert_starts_after_death(MARK_A);
	assert_starts_after_death(MARK_B);
	done();
}

static void test_two_are_not_three(void **state)
{
	(void)state;
	machine();
	a_dies(2);
	assert_starts(MARK_A);
	assert_starts(MARK_A); /* ended in order, or by the power button */
	assert_starts_after_death(MARK_A);
	assert_starts_after_death(MARK_A);
	assert_starts(MARK_A);
	done();
}

static void test_recovery_between_them_breaks_the_row(void **state)
{
	(void)state;
	machine();
	a_dies(2);
	rig_power_off(&rig);
	rig.host.watchdog_bit = true;
	flow_ask_recovery(&rig);
	assert_int_equal(rig_boot_on(&rig), HOST_END_TIME_UP);
	assert_starts_after_death(MARK_A);
	done();
}

static void test_trying_slot_still_goes_first(void **state)
{
	(void)state;
	machine();
	a_dies(3);
	flow_set_slot(&rig, 1, 2); /* an update came meanwhile */
	assert_starts(MARK_B);
	assert_false(host_logged(&rig.host, "goes before it"));
	done();
}

static void test_trying_slot_that_dies_pays_by_its_attempts(void **state)
{
	(void)state;
	machine();
	flow_set_slot(&rig, 1, 5);
	assert_starts(MARK_B);
	for (int i = 0; i < 4; i++)
		assert_starts_after_death(MARK_B);
	assert_starts_after_death(MARK_A);
	done();
}

static void test_nothing_better_there(void **state)
{
	(void)state;
	machine();
	flow_set_attributes(&rig, 0, 1, GPT_IMAGE_ATTR(1, 0, 0)); /* B is dead */
	a_dies(3);
	assert_starts(MARK_A);
	assert_true(host_logged(&rig.host, "no proven slot is better"));
	done();
}

static void test_next_one_is_damaged(void **state)
{
	(void)state;
	machine();
	a_dies(3);
	mem_disk_sector(&rig.host.disks[0].mem,
			test_disk_slot_lba(512, 1))[65536 + 5000] ^= 1;
	assert_starts(MARK_A);
	assert_true(host_logged(&rig.host, "body-damaged"));
	assert_true(rig_slot(&rig, 0, 1).bootable);
	done();
}

/* It stays where the floor puts it: refused. */
static void test_next_one_is_below_the_floor(void **state)
{
	static const struct rig_image old = { 'O', 1, RIG_BY_KERNEL_KEY, 0, NULL, false };

	(void)state;
	machine();
	flow_put_kernel(&rig, 1, &old);
	rig.host.floors = (struct platform_floors){ 0x10002, 0, 0 };
	rig.host.floors_stored = true;
	a_dies(3);
	assert_starts(MARK_A);
	assert_true(host_logged(&rig.host, "version-too-old"));
	done();
}

/* ChromeOS's order is ChromeOS's order. */
static void test_not_with_priority_order(void **state)
{
	(void)state;
	machine();
	rig.order = GPT_ORDER_PRIORITY;
	rig_profile(&rig);
	a_dies(5);
	assert_starts(MARK_A);
	assert_string_equal(flow_told(&rig, "Behind"), "");
	done();
}

/* --- starts without a mark, and panics -------------------------------------------- */

/* A has marked itself once and is then started so often; none of these starts does. */
static void a_marks_then_starts(int times)
{
	assert_starts(MARK_A);
	flow_mark(&rig, 0);
	for (int i = 0; i < times; i++)
		assert_starts(MARK_A);
}

/* Power cuts alone: the table is not written, and A is back as soon as it can be. */
static void test_six_power_cuts(void **state)
{
	(void)state;
	machine();
	const uint64_t a = rig_slot(&rig, 0, 0).attributes;

	a_marks_then_starts(6);
	for (int i = 0; i < 2; i++) {
		assert_starts(MARK_B);
		assert_string_equal(flow_told(&rig, "Behind"), "A 6 0");
		flow_mark(&rig, 1);
	}
	assert_int_equal(rig_slot(&rig, 0, 0).attributes, a);
	flow_set_by_hand(&rig, 0); /* somebody has looked at it */
	assert_starts(MARK_A);
	assert_int_equal(flow_record(&rig, 10, 0).flags, 0); /* B was marked */
	done();
}

static void test_five_power_cuts(void **state)
{
	(void)state;
	machine();
	a_marks_then_starts(5);
	assert_starts(MARK_A);
	flow_mark(&rig, 0);
	for (int i = 0; i < 5; i++)
		assert_starts(MARK_A);
	done();
}

/* Both are cut off all the time: neither is better. */
static void test_power_cuts_of_both(void **state)
{
	(void)state;
	machine();
	a_marks_then_starts(6);
	assert_starts(MARK_B);
	flow_mark(&rig, 1);
	for (int i = 0; i < 6; i++)
		assert_starts(MARK_B);
	assert_starts(MARK_A);
	assert_true(host_logged(&rig.host, "no proven slot is better"));
	done();
}

static void test_systems_without_marks(void **state)
{
	(void)state;
	machine();
	for (int i = 0; i < 40; i++)
		assert_starts(MARK_A);
	assert_int_equal(flow_record(&rig, 40, 0).flags, 0);
	done();
}

/* As the record of that boot says, A's system writes marks. */
static bool known_to_mark(uint64_t boot)
{
	const struct history_record r = flow_record(&rig, boot, 0);

	return history_slots_have(&r.marking, rig_slot(&rig, 0, 0).guid);
}

/* The mark itself is forgotten after 32 boots; that A writes marks is not. */
static void test_marks_outlive_the_history(void **state)
{
	(void)state;
	machine();
	a_marks_then_starts(6);
	for (int i = 0; i < 26; i++)
		assert_starts(MARK_B);
	for (int i = 0; i < 6; i++) /* one by one its starts are forgotten */
		assert_starts(i == 0 ? MARK_B : MARK_A);
	assert_true(known_to_mark(39));
	for (int i = 0; i < 40; i++)
		(void)rig_boot(&rig);
	assert_true(known_to_mark(79));
	done();
}

static void panics(uint32_t id)
{
	rig.host.dumps[rig.host.dump_count++] = id;
}

static void test_three_panics(void **state)
{
	(void)state;
	machine();
	panics(1); /* left by somebody long ago */
	assert_starts(MARK_A);
	flow_mark(&rig, 0);
	for (uint32_t i = 2; i < 5; i++) {
		assert_starts(MARK_A);
		assert_int_equal(flow_record(&rig, i, 0).flags,
				 i == 2 ? 0
					: HISTORY_FLAG_PANIC | HISTORY_FLAG_NOT_MARKED);
		panics(i);
	}
	assert_starts(MARK_B);
	assert_string_equal(flow_told(&rig, "Behind"), "A 3 3");
	done();
}

/* The system takes the old one away and leaves a new one under another name; one
 * that was there before does not count again. */
static void test_dumps_that_come_and_go(void **state)
{
	(void)state;
	machine();
	panics(1);
	panics(2);
	assert_starts(MARK_A);
	flow_mark(&rig, 0);
	rig.host.dump_count = 1;
	assert_starts(MARK_A);
	assert_false(host_logged(&rig.host, "left a crash dump"));
	rig.host.dumps[0] = 3;
	assert_starts(MARK_A);
	assert_true(host_logged(&rig.host, "left a crash dump"));
	done();
}

static void test_too_many_dumps(void **state)
{
	(void)state;
	machine();
	assert_starts(MARK_A);
	for (uint32_t i = 0; i <= HISTORY_DUMPS; i++)
		panics(i);
	assert_starts(MARK_A);
	assert_true(host_logged(&rig.host, "33 crash dumps: too many"));
	assert_int_equal(flow_record(&rig, 2, 0).flags, 0);
	rig.host.dump_count = 1;
	assert_starts(MARK_A);
	assert_int_equal(flow_record(&rig, 3, 0).flags, 0);
	rig.host.dump_status = LB_ERR_IO;
	assert_starts(MARK_A);
	assert_true(host_logged(&rig.host, "crash dumps cannot be listed: "));
	done();
}

/* What ended a boot is told by the one after it, also when that goes to recovery at
 * once. */
static void test_panic_before_recovery(void **state)
{
	(void)state;
	machine();
	assert_starts(MARK_A);
	flow_mark(&rig, 0);
	panics(1);
	rig_power_off(&rig);
	flow_ask_recovery(&rig);
	assert_int_equal(rig_boot_on(&rig), HOST_END_TIME_UP);
	assert_int_equal(flow_record(&rig, 2, 0).flags, HISTORY_FLAG_PANIC);
	done();
}

/* An update into A: what it was before does not count any more. */
static void test_installed_anew(void **state)
{
	(void)state;
	machine();
	a_marks_then_starts(6);
	assert_starts(MARK_B);
	flow_set_slot(&rig, 0, 6);
	assert_starts(MARK_A);
	assert_string_equal(flow_told(&rig, "Start"), "trying");
	assert_int_equal(flow_record(&rig, 9, 0).started_as, HISTORY_START_TRYING);
	flow_set_attributes(&rig, 0, 0,
			    GPT_IMAGE_ATTR(5, 0, 1)); /* by a tool that writes no marks */
	for (int i = 0; i < 10; i++)
		assert_starts(MARK_A);
	done();
}

static void test_without_a_history(void **state)
{
	(void)state;
	flow_machine_without_history(&rig);
	rig.watchdog_s = GUARD;
	rig_profile(&rig);
	rig.host.watchdog_status = LB_OK;
	rig.host.dump_status = LB_ERR_IO; /* nothing would follow: it is not asked */
	a_dies(5);
	assert_starts(MARK_A);
	assert_false(host_logged(&rig.host, "crash dumps"));
	assert_string_equal(flow_told(&rig, "WatchdogDied"), "1");
	done();
}

static void test_history_that_cannot_be_read(void **state)
{
	(void)state;
	machine();
	a_dies(3);
	const uint64_t first = (uint64_t)(flow_history_cell(&rig, 0) -
					  mem_disk_sector(&rig.host.disks[0].mem, 0)) /
			       512;

	mem_disk_fail(&rig.host.disks[0].mem, (struct mem_fault){ .op = MEM_READ,
								  .first_lba = first,
								  .last_lba = first + 511,
								  .status = LB_ERR_IO });
	assert_starts(MARK_A);
	done();
}

/* --- forged histories ------------------------------------------------------------- */

static void forge(uint32_t cell, const struct history_record *record)
{
	history_encode(record, flow_history_cell(&rig, cell));
}

/* Numbers close to each other and to the ends of their range, so that they meet. */
static struct history_record random_record(unsigned int *seed)
{
	static const uint64_t bases[] = { 0, 1, 7, 31, UINT64_MAX - 3, UINT64_MAX };
	struct history_record r = {
		.boot = bases[rand_r(seed) % 6] + (uint64_t)(rand_r(seed) % 4),
		.update = rand_r(seed) % 3 == 0 ? UINT32_MAX : (uint32_t)rand_r(seed) % 3,
		.stage = (uint8_t)(rand_r(seed) % 4),
		.mode = (uint8_t)rand_r(seed),
		.flags = (uint8_t)((unsigned int)rand_r(seed) | HISTORY_FLAG_WATCHDOG),
	};

	if (rand_r(seed) % 4 != 0)
		memcpy(r.slot, rig_slot(&rig, 0, (size_t)rand_r(seed) % 2).guid, 16);
	return r;
}

/* A died in so many boots one after the other. */
static void plant_row(uint64_t boot, unsigned int boots)
{
	struct history_record r = { .stage = HISTORY_STAGE_HANDOFF,
				    .flags = HISTORY_FLAG_WATCHDOG };

	memcpy(r.slot, rig_slot(&rig, 0, 0).guid, sizeof r.slot);
	for (r.boot = boot; r.boot < boot + boots; r.boot++)
		forge(history_cell(r.boot, 0), &r);
}

/* Whatever it says: one of the two good slots starts, neither is written, and where
 * only one is good it is that one. */
static void test_forged_history_can_only_reorder(void **state)
{
	unsigned int seed = 1, first_b = 0;

	(void)state;
	for (int round = 0; round < 150; round++) {
		const bool only_a = round % 3 == 0;

		machine();
		if (only_a)
			mem_disk_sector(&rig.host.disks[0].mem,
					test_disk_slot_lba(512, 1))[70000] ^= 1;
		plant_row((uint64_t)rand_r(&seed) % 40, 1 + (unsigned)rand_r(&seed) % 4);
		for (int i = rand_r(&seed) % 6; i > 0; i--) {
			const struct history_record r = random_record(&seed);

			forge(history_cell(r.boot, r.update), &r);
		}
		const uint64_t a = rig_slot(&rig, 0, 0).attributes;
		const uint64_t b = rig_slot(&rig, 0, 1).attributes;

		rig.host.watchdog_bit = true;
		assert_int_equal(rig_boot(&rig), HOST_END_STARTED);
		if (only_a)
			assert_int_equal(rig.started, MARK_A);
		else
			assert_true(rig.started == MARK_A || rig.started == MARK_B);
		first_b += rig.started == MARK_B;
		assert_int_equal(rig_slot(&rig, 0, 0).attributes, a);
		assert_int_equal(rig_slot(&rig, 0, 1).attributes, b);
		done();
	}
	assert_in_range(first_b, 10, 90); /* both were seen */
}

/* Two are all there can be before boot 2, and nothing is before boot 0. */
static void test_row_at_the_first_number(void **state)
{
	(void)state;
	machine();
	plant_row(0, 2);
	assert_starts_after_death(MARK_A);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_armed_last),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_cannot_be_armed),
		cmocka_unit_test(test_stopped_when_the_start_returns),
		cmocka_unit_test(test_a_developer_is_not_hurried),
		cmocka_unit_test(test_recovery_is_not_hurried),
		cmocka_unit_test(test_death_is_recorded_and_told),
		cmocka_unit_test(test_missing_mark_is_recorded),
		cmocka_unit_test(test_marked_good_in_time),
		cmocka_unit_test(test_behind_as_long_as_it_is_remembered),
		cmocka_unit_test(test_two_are_not_three),
		cmocka_unit_test(test_recovery_between_them_breaks_the_row),
		cmocka_unit_test(test_trying_slot_still_goes_first),
		cmocka_unit_test(test_trying_slot_that_dies_pays_by_its_attempts),
		cmocka_unit_test(test_nothing_better_there),
		cmocka_unit_test(test_next_one_is_damaged),
		cmocka_unit_test(test_next_one_is_below_the_floor),
		cmocka_unit_test(test_not_with_priority_order),
		cmocka_unit_test(test_six_power_cuts),
		cmocka_unit_test(test_five_power_cuts),
		cmocka_unit_test(test_power_cuts_of_both),
		cmocka_unit_test(test_systems_without_marks),
		cmocka_unit_test(test_marks_outlive_the_history),
		cmocka_unit_test(test_three_panics),
		cmocka_unit_test(test_dumps_that_come_and_go),
		cmocka_unit_test(test_too_many_dumps),
		cmocka_unit_test(test_panic_before_recovery),
		cmocka_unit_test(test_installed_anew),
		cmocka_unit_test(test_without_a_history),
		cmocka_unit_test(test_history_that_cannot_be_read),
		cmocka_unit_test(test_forged_history_can_only_reorder),
		cmocka_unit_test(test_row_at_the_first_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

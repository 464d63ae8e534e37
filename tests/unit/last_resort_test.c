/* The last resort in the boot flow: a drained slot that still verifies is tried
 * again, by a person at once, with nobody there after 15 minutes and then ever more
 * seldom; what does not verify stays out; and recovery goes on as before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/host/flow_machine.h"
#include "tests/host/gpt_image.h"

#define MARK_A  'A'
#define MARK_B  'B'
#define MARK_R  'R'
#define MINUTES (60u * 1000u)

static struct boot_rig rig; /* large; every test begins with machine() */

/* A and B drained, both good; A has the higher priority. */
static void machine(void)
{
	flow_machine(&rig, false);
	rig.host.time_limit_ms = UINT64_C(50) * 60 * MINUTES;
}

static void done(void)
{
	(void)rig_release(&rig);
}

/* Boots with nobody there: @mark starts in the minute after @minutes. */
static void assert_starts_after(int mark, unsigned int minutes)
{
	const enum host_end end = rig_boot(&rig);
	const uint64_t at = rig.host.now_ms;

	if (end != HOST_END_STARTED || rig.started != mark ||
	    at < UINT64_C(1) * minutes * MINUTES ||
	    at >= UINT64_C(1) * (minutes + 1) * MINUTES)
		fail_msg("end %d, started %d at %llu s; log:\n%s", end, rig.started,
			 (unsigned long long)at / 1000, rig.host.log);
}

/* Somebody presses Escape on the recovery screen, once it stands. */
static enum host_end boot_and_start_normally(void)
{
	rig_power_off(&rig);
	flow_scan(&rig, 20000, PLATFORM_KEY_ESC);
	return rig_boot_on(&rig);
}

static void damage(size_t index, size_t at)
{
	mem_disk_sector(&rig.host.disks[0].mem, test_disk_slot_lba(512, index))[at] ^= 1;
}

static void half_installed(size_t index)
{
	memset(mem_disk_sector(&rig.host.disks[0].mem, test_disk_slot_lba(512, index)), 0,
	       65536);
}

static void test_with_nobody_there(void **state)
{
	(void)state;
	machine();
	const uint64_t a = rig_slot(&rig, 0, 0).attributes;
	const uint64_t b = rig_slot(&rig, 0, 1).attributes;

	assert_starts_after(MARK_A, 15);
	assert_string_equal(flow_told(&rig, "Start"), "last-resort");
	assert_string_equal(flow_told(&rig, "Mode"), "normal");
	assert_true(
		host_showed(&rig.host, "slot A still verifies: tried again in 15 min"));
	assert_true(host_logged(&rig.host, "boot: nothing else starts: a last resort"));
	assert_int_equal(flow_record(&rig, 1, 0).stage, HISTORY_STAGE_RECOVERY);
	assert_int_equal(flow_record(&rig, 1, 1).started_as, HISTORY_START_LAST_RESORT);
	assert_int_equal(rig_slot(&rig, 0, 0).attributes, a);
	assert_int_equal(rig_slot(&rig, 0, 1).attributes, b);
	done();
}

/* Twice as long each time, and each slot gets its turn. */
static void test_growing_intervals(void **state)
{
	static const unsigned int minutes[] = { 15, 30, 60, 120 };

	(void)state;
	machine();
	for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++)
		assert_starts_after(i % 2 == 0 ? MARK_A : MARK_B, minutes[i]);
	flow_mark(&rig, 1); /* the last one runs well */
	assert_starts_after(MARK_A, 15);
	done();
}

/* At last once a day, however often it was tried. */
static void test_longest_interval(void **state)
{
	struct history_record r = { .stage = HISTORY_STAGE_HANDOFF,
				    .started_as = HISTORY_START_LAST_RESORT };

	(void)state;
	machine();
	memcpy(r.slot, rig_slot(&rig, 0, 0).guid, sizeof r.slot);
	for (r.boot = 1; r.boot <= 31; r.boot++)
		history_encode(&r, flow_history_cell(&rig, history_cell(r.boot, 0)));
	assert_starts_after(MARK_B, 24 * 60);
	done();
}

static void test_a_person_starts_it_at_once(void **state)
{
	(void)state;
	machine();
	assert_int_equal(boot_and_start_normally(), HOST_END_STARTED);
	assert_int_equal(rig.started, MARK_A);
	assert_true(rig.host.now_ms < MINUTES);
	assert_int_equal(boot_and_start_normally(), HOST_END_STARTED);
	assert_int_equal(rig.started, MARK_B);
	assert_int_equal(flow_record(&rig, 2, 1).started_as, HISTORY_START_LAST_RESORT);
	done();
}

/* Recovery is where it was: one key at power-on, and a stick starts by itself. */
static void test_recovery_is_still_there(void **state)
{
	static const struct rig_image stick = { MARK_R, 5,    RIG_BY_RECOVERY_KEY,
						0,      NULL, false };

	(void)state;
	machine();
	rig_stick(&rig, &stick, 1);
	rig.host.disks[1].from_ms = 5 * MINUTES;
	assert_int_equal(rig_boot(&rig), HOST_END_STARTED);
	assert_int_equal(rig.started, MARK_R);
	done();
}

static void test_asked_recovery_waits_for_the_person(void **state)
{
	(void)state;
	machine();
	rig_power_off(&rig);
	flow_ask_recovery(&rig);
	flow_scan(&rig, 20000, PLATFORM_KEY_ESC);
	assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
	assert_int_equal(rig.started, MARK_A);
	assert_true(rig.host.now_ms < MINUTES);
	done();
}

/* Somebody is at the screens: nothing starts under their hands. */
static void test_somebody_is_there(void **state)
{
	(void)state;
	machine();
	rig_power_off(&rig);
	for (unsigned int i = 0; i < 10; i += 2) { /* opens the details, closes them */
		flow_key(&rig, (10 + 2 * i) * MINUTES, '\t');
		flow_scan(&rig, (12 + 2 * i) * MINUTES, PLATFORM_KEY_ESC);
	}
	assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
	if (rig.host.now_ms < 43 * MINUTES || rig.host.now_ms >= 60 * MINUTES)
		fail_msg("at %llu s; log:\n%s",
			 (unsigned long long)rig.host.now_ms / 1000, rig.host.log);
	done();
}

static void test_the_other_one_where_one_does_not_verify(void **state)
{
	static const struct rig_image old = { 'O', 1, RIG_BY_KERNEL_KEY, 0, NULL, false };
	static const struct rig_image strange = {
		'S', 9, RIG_BY_STRANGER, 0, NULL, false
	};

	(void)state;
	for (int how = 0; how < 5; how++) {
		machine();
		if (how == 0)
			damage(0, 70000);
		if (how == 1)
			damage(0, 100);
		if (how == 2)
			half_installed(0);
		if (how == 3)
			flow_put_kernel(&rig, 0, &strange);
		if (how == 4) {
			flow_put_kernel(&rig, 0, &old);
			rig.host.floors = (struct platform_floors){ 0x10002, 0, 0 };
			rig.host.floors_stored = true;
		}
		assert_starts_after(MARK_B, 15);
		done();
	}
}

static void test_nothing_verifies(void **state)
{
	(void)state;
	machine();
	rig.host.time_limit_ms = UINT64_C(100) * MINUTES;
	damage(0, 70000); /* the body: known only when it was tried */
	half_installed(1);
	assert_int_equal(rig_boot(&rig), HOST_END_TIME_UP);
	assert_int_equal(rig.host.starts, 0);
	assert_int_equal(rig_slot(&rig, 0, 0).remaining_attempts, 0);
	done();
}

static void test_a_proven_slot_that_is_damaged(void **state)
{
	(void)state;
	machine();
	for (int copy = 0; copy < 2; copy++)
		gpt_image_set_attributes(&rig.host.disks[0].mem, copy, 0,
					 GPT_IMAGE_ATTR(2, 0, 1));
	damage(0, 70000);
	assert_starts_after(MARK_B, 15);
	done();
}

/* ChromeOS's rule takes the priority with the last attempt. */
static void test_priority_order_too(void **state)
{
	(void)state;
	machine();
	rig.order = GPT_ORDER_PRIORITY;
	rig_profile(&rig);
	for (int copy = 0; copy < 2; copy++)
		for (uint32_t i = 0; i < 2; i++)
			gpt_image_set_attributes(&rig.host.disks[0].mem, copy, 2 * i,
						 GPT_IMAGE_ATTR(0, 0, 0));
	assert_starts_after(MARK_A, 15);
	assert_int_equal(boot_and_start_normally(), HOST_END_STARTED);
	assert_int_equal(rig.started, MARK_B);
	done();
}

/* What comes back is followed by the next, and then the waiting begins again,
 * longer. */
static void test_starts_that_come_back(void **state)
{
	(void)state;
	machine();
	rig.host.time_limit_ms = UINT64_C(4) * 60 * MINUTES;
	rig.host.start_does = HOST_START_FAILS;
	assert_int_equal(rig_boot(&rig), HOST_END_TIME_UP);
	/* Both after 15 minutes, and after an hour more. */
	assert_int_equal(rig.host.starts, 4);
	done();
}

static void test_where_media_are_seen_at_power_on_only(void **state)
{
	unsigned int restarts = 0;

	(void)state;
	machine();
	rig.host.machine.media_fixed = true;
	while (rig_boot(&rig) == HOST_END_RESTART && restarts < 20)
		restarts++;
	assert_int_equal(rig.started, MARK_A);
	assert_int_equal(restarts, 5); /* of three minutes each */
	done();
}

static void test_without_a_history(void **state)
{
	(void)state;
	flow_machine_without_history(&rig);
	rig.host.time_limit_ms = UINT64_C(50) * 60 * MINUTES;
	for (int copy = 0; copy < 2; copy++)
		for (uint32_t i = 0; i < 2; i++)
			gpt_image_set_attributes(&rig.host.disks[0].mem, copy, 2 * i,
						 GPT_IMAGE_ATTR(1, 0, 0));
	for (int i = 0; i < 2; i++)
		assert_starts_after(MARK_A, 15);
	done();
}

static void test_an_old_loader_starts_nothing(void **state)
{
	(void)state;
	machine();
	rig.host.time_limit_ms = UINT64_C(100) * MINUTES;
	rig.host.floors = (struct platform_floors){ 0, 0, 7 };
	rig.host.floors_stored = true;
	assert_int_equal(rig_boot(&rig), HOST_END_TIME_UP);
	assert_int_equal(rig.host.starts, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_nobody_there),
		cmocka_unit_test(test_growing_intervals),
		cmocka_unit_test(test_longest_interval),
		cmocka_unit_test(test_a_person_starts_it_at_once),
		cmocka_unit_test(test_recovery_is_still_there),
		cmocka_unit_test(test_asked_recovery_waits_for_the_person),
		cmocka_unit_test(test_somebody_is_there),
		cmocka_unit_test(test_the_other_one_where_one_does_not_verify),
		cmocka_unit_test(test_nothing_verifies),
		cmocka_unit_test(test_a_proven_slot_that_is_damaged),
		cmocka_unit_test(test_priority_order_too),
		cmocka_unit_test(test_starts_that_come_back),
		cmocka_unit_test(test_where_media_are_seen_at_power_on_only),
		cmocka_unit_test(test_without_a_history),
		cmocka_unit_test(test_an_old_loader_starts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

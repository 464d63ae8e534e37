/* What the history goes on saying of a slot: that its system writes marks is known until
 * another system is there, and the record that counts is of what really runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/host/flow_machine.h"
#include "tests/host/gpt_image.h"

#define MARK_A   'A'
#define MARK_B   'B'
#define MARK_NEW 'N'

static struct boot_rig rig; /* large; every test begins with machine() */

/* A new system for slot A, which writes no marks. */
static const struct rig_image newer = { MARK_NEW, 3, RIG_BY_KERNEL_KEY, 0, NULL, false };

static void (*look)(struct host_platform *host);
static int returns; /* so many starts still come back */

static void come_back(struct host_platform *host)
{
	look(host);
	host->start_does = returns > 0 ? HOST_START_FAILS : HOST_START_GOES;
	returns -= returns > 0;
}

static void machine(void)
{
	flow_machine(&rig, true);
	returns = 0;
	look = rig.host.on_start;
	rig.host.on_start = come_back;
	rig.host.start_status = LB_ERR_IO;
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

/* A system whose marks are not known is never judged by missing ones. */
static void assert_not_judged_by_marks(void)
{
	for (int i = 0; i < 9; i++) {
		assert_starts(MARK_NEW);
		assert_string_equal(flow_told(&rig, "Behind"), "");
	}
}

/* Another version, without a trial, as an image that was written onto the device; between
 * the two the other slot ran, whose record says that A's system writes marks. */
static void test_another_version_in_its_place(void **state)
{
	(void)state;
	machine();
	assert_starts(MARK_A);
	flow_mark(&rig, 0);
	flow_set_attributes(&rig, 0, 1, GPT_IMAGE_ATTR(3, 0, 1));
	assert_starts(MARK_B);
	flow_set_attributes(&rig, 0, 0, GPT_IMAGE_ATTR(4, 0, 1));
	flow_put_kernel(&rig, 0, &newer);
	assert_not_judged_by_marks();
	done();
}

/* Its only attempt comes back, and what starts in the same boot records A, which is
 * neither trying nor marked any more. */
static void test_a_trial_that_came_back(void **state)
{
	(void)state;
	machine();
	assert_starts(MARK_A);
	flow_mark(&rig, 0);
	flow_put_kernel(&rig, 0, &newer);
	flow_set_attributes(&rig, 0, 0, GPT_IMAGE_ATTR(5, 1, 0));
	returns = 1;
	assert_starts(MARK_B);
	flow_set_attributes(&rig, 0, 0, GPT_IMAGE_ATTR(5, 0, 1));
	assert_not_judged_by_marks();
	done();
}

/* The same, and recovery is what is recorded last. */
static void test_recovery_after_a_trial(void **state)
{
	(void)state;
	machine();
	flow_set_attributes(&rig, 0, 1, GPT_IMAGE_ATTR(1, 0, 0));
	assert_starts(MARK_A);
	flow_mark(&rig, 0);
	flow_put_kernel(&rig, 0, &newer);
	flow_set_attributes(&rig, 0, 0, GPT_IMAGE_ATTR(5, 1, 0));
	returns = 1;
	assert_int_equal(rig_boot(&rig), HOST_END_TIME_UP);
	assert_int_equal(flow_record(&rig, 2, 1).stage, HISTORY_STAGE_RECOVERY);
	assert_int_equal(flow_record(&rig, 2, 1).marking.count, 0);
	flow_set_attributes(&rig, 0, 0, GPT_IMAGE_ATTR(5, 0, 1));
	assert_not_judged_by_marks();
	done();
}

/* What goes on is remembered, of course. */
static void test_the_same_system(void **state)
{
	(void)state;
	machine();
	assert_starts(MARK_A);
	flow_mark(&rig, 0);
	for (int i = 0; i < 6; i++)
		assert_starts(MARK_A);
	assert_starts(MARK_B);
	assert_string_equal(flow_told(&rig, "Behind"), "A 6 0");
	done();
}

/* Recovery, both slots came back, recovery again, and then one goes well: its mark
 * belongs to what runs. */
static void test_the_newest_record_is_of_what_runs(void **state)
{
	(void)state;
	machine();
	rig_power_off(&rig);
	flow_ask_recovery(&rig);
	flow_scan(&rig, 20000, PLATFORM_KEY_ESC);
	returns = 2;
	assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
	assert_int_equal(rig.started, MARK_A);
	flow_mark(&rig, 0); /* aborts when the newest record is another one */
	assert_starts(MARK_A);
	assert_int_equal(flow_record(&rig, 2, 0).flags & HISTORY_FLAG_NOT_MARKED, 0);
	done();
}

/* A start that comes back again and again is written once each time something else was
 * in between, and ever more seldom. */
static void test_writes_have_a_bound(void **state)
{
	(void)state;
	machine();
	rig.host.time_limit_ms = UINT64_C(24) * 60 * 60 * 1000;
	returns = 100000;
	assert_int_equal(rig_boot(&rig), HOST_END_TIME_UP);
	assert_in_range(rig.host.disks[0].mem.writes, 10, 3 * 110); /* every 16 minutes */
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_another_version_in_its_place),
		cmocka_unit_test(test_a_trial_that_came_back),
		cmocka_unit_test(test_recovery_after_a_trial),
		cmocka_unit_test(test_the_same_system),
		cmocka_unit_test(test_the_newest_record_is_of_what_runs),
		cmocka_unit_test(test_writes_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The last resort on a machine that is ill itself: firmware that sees media at power-on
 * only, histories that are not there or do not keep what is written, disks that cannot
 * be read for a while, kernels that cannot be placed, several disks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/host/flow_machine.h"
#include "tests/host/gpt_image.h"

#define MARK_A       'A'
#define MARK_B       'B'
#define MARK_OTHER   'X'
#define ANY          (-1)
#define MINUTES      (60u * 1000u)
#define RESTARTS_MAX 40u

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

/* Boots until something starts; returns how often recovery restarted the machine. */
static unsigned int restarts_until(int mark)
{
	unsigned int restarts = 0;
	enum host_end end = rig_boot(&rig);

	for (; end == HOST_END_RESTART && restarts < RESTARTS_MAX; restarts++)
		end = rig_boot(&rig);
	if (end != HOST_END_STARTED || (mark != ANY && rig.started != mark))
		fail_msg("end %d, started %d after %u restarts; log:\n%s", end,
			 rig.started, restarts, rig.host.log);
	return restarts;
}

/* Faults in the history's cells. */
static void history_fails(enum mem_op op, enum lb_status status)
{
	struct mem_disk *mem = &rig.host.disks[0].mem;
	const uint64_t first =
		(uint64_t)(flow_history_cell(&rig, 0) - mem_disk_sector(mem, 0)) / 512;

	mem_disk_fail(mem, (struct mem_fault){ .op = op,
					       .first_lba = first,
					       .last_lba = first + 511,
					       .status = status });
}

/* --- media that are seen at power-on only ------------------------------------------ */

/* However often it was tried: what the history remembers is enough to wait for. */
static void test_it_never_ends(void **state)
{
	(void)state;
	machine();
	rig.host.machine.media_fixed = true;
	for (unsigned int i = 0; i < 12; i++) {
		const unsigned int restarts = restarts_until(i == 0 ? MARK_A : ANY);

		assert_in_range(restarts, 4, HISTORY_CELLS / 2);
		if (i == 0)
			assert_int_equal(restarts, 5); /* of three minutes each */
		assert_string_equal(flow_told(&rig, "Start"), "last-resort");
	}
	done();
}

/* Nothing adds the restarts up: then there are none. */
static void test_without_a_history(void **state)
{
	(void)state;
	flow_machine_without_history(&rig);
	rig.host.time_limit_ms = UINT64_C(50) * 60 * MINUTES;
	rig.host.machine.media_fixed = true;
	for (size_t i = 0; i < 2; i++)
		flow_set_attributes(&rig, 0, i, GPT_IMAGE_ATTR(1, 0, 0));
	assert_starts_after(MARK_A, 15);
	done();
}

static void test_histories_that_keep_nothing(void **state)
{
	(void)state;
	for (int how = 0; how < 4; how++) {
		machine();
		rig.host.machine.media_fixed = true;
		if (how == 0)
			history_fails(MEM_WRITE, LB_ERR_IO);
		if (how == 1)
			history_fails(MEM_WRITE, LB_OK); /* says it has, and has not */
		if (how == 2)
			history_fails(MEM_READ, LB_ERR_IO);
		if (how == 3)
			rig.host.disks[0].mem.read_only = true;
		assert_starts_after(MARK_A, 15);
		done();
	}
}

/* Without a last resort it goes on looking for media. */
static void test_nothing_to_wait_for(void **state)
{
	(void)state;
	machine();
	rig.host.machine.media_fixed = true;
	history_fails(MEM_WRITE, LB_ERR_IO);
	for (size_t i = 0; i < 2; i++)
		memset(mem_disk_sector(&rig.host.disks[0].mem,
				       test_disk_slot_lba(512, i)),
		       0, 65536);
	assert_int_equal(rig_boot(&rig), HOST_END_RESTART);
	assert_in_range(rig.host.now_ms, 3 * MINUTES, 4 * MINUTES);
	done();
}

/* What starts and comes back is no start: A at each power-on, and the boot ends in
 * recovery all the same. */
static void (*look)(struct host_platform *host);

static void only_a_comes_back(struct host_platform *host)
{
	look(host);
	host->start_does = rig.started == MARK_A ? HOST_START_FAILS : HOST_START_GOES;
}

static void test_a_proven_slot_that_comes_back(void **state)
{
	(void)state;
	machine();
	flow_set_attributes(&rig, 0, 0, GPT_IMAGE_ATTR(2, 0, 1));
	rig.host.machine.media_fixed = true;
	rig.host.start_status = LB_ERR_IO;
	look = rig.host.on_start;
	rig.host.on_start = only_a_comes_back;
	assert_int_equal(restarts_until(MARK_B), 5);
	done();
}

/* --- what passes ------------------------------------------------------------------- */

/* The body, not the headers: those were good when recovery looked. */
static void body_fails(size_t index, uint32_t times)
{
	const uint64_t first = test_disk_slot_lba(512, index) + 128;

	mem_disk_fail(&rig.host.disks[0].mem, (struct mem_fault){ .op = MEM_READ,
								  .first_lba = first,
								  .last_lba = first + 63,
								  .times = times,
								  .status = LB_ERR_IO });
}

static void test_a_disk_that_comes_back(void **state)
{
	(void)state;
	machine();
	flow_set_attributes(&rig, 0, 1, GPT_IMAGE_ATTR(1, 0, 0));
	memset(mem_disk_sector(&rig.host.disks[0].mem, test_disk_slot_lba(512, 1)), 0,
	       65536);
	body_fails(0, 2);
	/* After 15 minutes, after 30 more, and after an hour more it can be read. */
	assert_starts_after(MARK_A, 15 + 30 + 60);
	done();
}

static enum lb_status (*real_prepare)(void *ctx, const struct prepared_kernel *kernel,
				      struct lb_verdict *why);
static int refusals;

static enum lb_status refuse_first(void *ctx, const struct prepared_kernel *kernel,
				   struct lb_verdict *why)
{
	if (refusals == 0)
		return real_prepare(ctx, kernel, why);
	refusals--;
	(void)lb_verdict_set(why, LB_REASON_PREPARE_FAILED, "for now");
	return LB_ERR_NOMEM;
}

/* Each try makes the waiting longer, whatever it failed of. */
static void test_kernels_that_cannot_be_placed(void **state)
{
	(void)state;
	machine();
	real_prepare = rig.host.plat.prepare_start;
	rig.host.plat.prepare_start = refuse_first;
	refusals = 2; /* A and B after 15 minutes */
	assert_starts_after(MARK_A, 15 + 60);
	done();
}

/* --- several disks ----------------------------------------------------------------- */

/* A second internal disk with one drained slot, looked at last; it has no history. */
static void second_disk(void)
{
	struct test_slot slot = { .priority = 1 };

	slot.kernel = rig_kernel(MARK_OTHER, 2, &slot.kernel_bytes);
	rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, &slot, 1)->info.boot_disk = false;
}

/* The waiting follows from the history of the device's own disk. */
static void test_another_disk_is_looked_at_last(void **state)
{
	(void)state;
	machine();
	second_disk();
	memset(mem_disk_sector(&rig.host.disks[1].mem, test_disk_slot_lba(512, 0)), 0,
	       65536);
	assert_starts_after(MARK_A, 15);
	assert_starts_after(MARK_B, 30);
	assert_starts_after(MARK_A, 60);
	done();
}

/* The device's own slots are damaged, and the last resort lies elsewhere: it is tried
 * more and more seldom, too, and not at once after each restart. */
static void test_it_lies_on_another_disk(void **state)
{
	(void)state;
	machine();
	for (size_t i = 0; i < 2; i++)
		memset(mem_disk_sector(&rig.host.disks[0].mem,
				       test_disk_slot_lba(512, i)),
		       0, 65536);
	second_disk();
	assert_starts_after(MARK_OTHER, 15);
	assert_starts_after(MARK_OTHER, 30);
	done();
}

static void test_it_lies_on_another_disk_with_fixed_media(void **state)
{
	(void)state;
	machine();
	rig.host.machine.media_fixed = true;
	for (size_t i = 0; i < 2; i++)
		memset(mem_disk_sector(&rig.host.disks[0].mem,
				       test_disk_slot_lba(512, i)),
		       0, 65536);
	second_disk();
	assert_int_equal(restarts_until(MARK_OTHER), 5);
	assert_in_range(restarts_until(MARK_OTHER), 5, 10);
	done();
}

/* A is behind on the first disk; what starts from the second one is told nothing of
 * that: letters belong to a disk. */
static void test_behind_belongs_to_a_disk(void **state)
{
	struct history_record r = { .stage = HISTORY_STAGE_HANDOFF,
				    .started_as = HISTORY_START_PROVEN,
				    .flags = HISTORY_FLAG_WATCHDOG };

	(void)state;
	machine();
	rig.watchdog_s = 60;
	rig_profile(&rig);
	rig.host.watchdog_status = LB_OK;
	rig.host.watchdog_bit = true;
	for (size_t i = 0; i < 2; i++)
		flow_set_attributes(&rig, 0, i, GPT_IMAGE_ATTR(2 - i, 0, 1));
	memcpy(r.slot, rig_slot(&rig, 0, 0).guid, sizeof r.slot);
	for (r.boot = 1; r.boot <= 4; r.boot++)
		history_encode(&r, flow_history_cell(&rig, history_cell(r.boot, 0)));
	for (size_t i = 0; i < 2; i++) /* and neither verifies any more */
		mem_disk_sector(&rig.host.disks[0].mem,
				test_disk_slot_lba(512, i))[70000] ^= 1;
	second_disk();
	assert_starts_after(MARK_OTHER, 15);
	assert_true(host_logged(&rig.host, "the other proven slots go first"));
	assert_string_equal(flow_told(&rig, "Behind"), "");
	done();
}

/* A boot entry that asks for recovery at every power-on: when nobody comes it ends, and
 * what then finds no system waits, too. */
static void test_asked_for_at_each_power_on(void **state)
{
	(void)state;
	machine();
	rig.host.machine.media_fixed = true;
	rig.recovery_requested = true;
	assert_starts_after(MARK_A, 15);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_never_ends),
		cmocka_unit_test(test_without_a_history),
		cmocka_unit_test(test_histories_that_keep_nothing),
		cmocka_unit_test(test_nothing_to_wait_for),
		cmocka_unit_test(test_a_proven_slot_that_comes_back),
		cmocka_unit_test(test_asked_for_at_each_power_on),
		cmocka_unit_test(test_a_disk_that_comes_back),
		cmocka_unit_test(test_kernels_that_cannot_be_placed),
		cmocka_unit_test(test_another_disk_is_looked_at_last),
		cmocka_unit_test(test_it_lies_on_another_disk),
		cmocka_unit_test(test_it_lies_on_another_disk_with_fixed_media),
		cmocka_unit_test(test_behind_belongs_to_a_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What starts is what was judged and announced: whole boots from disks and sticks that
 * answer differently from read to read, in every mode, for every pair of images, against
 * a list of what may start (tests/host/flow_oracle.c). A sample; all of it with
 * LIFEBOAT_LONG=1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/host/boot_rig.h"
#include "tests/host/flow_machine.h"
#include "tests/host/flow_oracle.h"
#include "tests/host/lying_disk.h"
#include "tests/host/media_image.h"

#define SAMPLE 17u /* every so many-th in a short run */

static struct boot_rig rig;

enum medium { PROVEN_SLOT, TRYING_SLOT, STICK };

static const struct machine {
	const char *name;
	enum medium medium;
	bool developer, recovery, secure_boot, trusted;
	enum profile_developer_mode allowed;
} machines[] = {
	{ "a proven slot", PROVEN_SLOT, 0, 0, 1, 0, PROFILE_DEVELOPER_FORBIDDEN },
	{ "a trying slot", TRYING_SLOT, 0, 0, 0, 0, PROFILE_DEVELOPER_ALLOWED },
	{ "recovery", STICK, 0, 1, 1, 0, PROFILE_DEVELOPER_ALLOWED },
	{ "recovery of a developer", STICK, 1, 1, 0, 1, PROFILE_DEVELOPER_ALLOWED },
	{ "developer's slot", PROVEN_SLOT, 1, 0, 0, 0, PROFILE_DEVELOPER_ALLOWED },
	{ "developer's slot, a key", TRYING_SLOT, 1, 0, 1, 1, PROFILE_DEVELOPER_ALLOWED },
	{ "stick", STICK, 1, 0, 0, 0, PROFILE_DEVELOPER_ALLOWED },
	{ "stick, Secure Boot", STICK, 1, 0, 1, 0, PROFILE_DEVELOPER_ALLOWED },
	{ "stick, Secure Boot, a key", STICK, 1, 0, 1, 1, PROFILE_DEVELOPER_ALLOWED },
	{ "stick, Secure Boot, hash-only", STICK, 1, 0, 1, 0,
	  PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT },
};

/* Which read calls get the second image; those of a stick are one more, its scan. */
static const uint64_t patterns[] = {
	~UINT64_C(1),
	~UINT64_C(3),
	~UINT64_C(7),
	0x2,
	0x4,
	0x8,
	0xaaaaaaaaaaaaaaaa,
	0x6,
	0xcccccccccccccccc,
	~UINT64_C(0) << 5,
};

static void make(const struct machine *m)
{
	flow_machine(&rig, m->medium != STICK);
	rig.developer = m->allowed;
	rig_profile(&rig);
	rig_power_off(&rig);
	rig.recovery_requested = m->recovery;
	rig.host.state.developer = m->developer;
	rig.host.machine.secure_boot = m->secure_boot;
	rig.host.floors = (struct platform_floors){ FLOW_FLOOR, FLOW_FLOOR, 0 };
	rig.host.floors_stored = true;
	rig.host.time_limit_ms = 40000;
	if (m->trusted)
		flow_oracle_trust(&rig);
}

static void put(const struct machine *m, const struct rig_image *first,
		const struct rig_image *second, uint64_t pattern)
{
	struct host_disk *disk = &rig.host.disks[0];
	uint64_t lba = test_disk_slot_lba(512, 0);
	size_t bytes;
	const uint8_t *lie = rig_image_bytes(second, &bytes);

	if (m->medium == STICK) {
		disk = rig_stick(&rig, first, 1);
		lba = media_image_lba(512, 0);
		if (m->developer && !m->recovery)
			flow_ctrl(&rig, 1000, 'u');
	} else {
		flow_put_kernel(&rig, 0, first);
		flow_put_kernel(&rig, 1, &flow_images[FLOW_OLD]);
	}
	if (m->medium == TRYING_SLOT)
		flow_set_slot(&rig, 0, 3);
	lying_init(&rig.host);
	lying_add(disk, lba, lie, bytes, pattern);
}

static unsigned int boot(const struct machine *m, enum flow_image first,
			 enum flow_image second, uint64_t pattern)
{
	make(m);
	put(m, &flow_images[first], &flow_images[second], pattern);

	const struct platform_state before = rig.host.state;

	(void)rig_boot_on(&rig);
	const char *wrong = flow_oracle_wrong(&rig, &before, false);

	if (wrong != NULL)
		fail_msg("%s: first '%c', then '%c' (pattern 0x%llx): started '%c': %s; "
			 "log:\n%s",
			 m->name, flow_images[first].mark, flow_images[second].mark,
			 (unsigned long long)pattern, rig.started, wrong, rig.host.log);
	const unsigned int started = rig.started != RIG_NOTHING;

	(void)rig_release(&rig);
	return started;
}

static void run_all(const struct machine *m, unsigned int *n)
{
	const size_t count = sizeof patterns / sizeof patterns[0];
	const unsigned int step = getenv("LIFEBOAT_LONG") != NULL ? 1 : SAMPLE;
	unsigned int tried = 0, started = 0;

	for (unsigned int f = 0; f < FLOW_IMAGES; f++)
		for (unsigned int s = 0; s < FLOW_IMAGES; s++)
			for (size_t p = 0; p < count; p++)
				if (f != s && (*n)++ % step == 0) {
					started += boot(m, (enum flow_image)f,
							(enum flow_image)s, patterns[p]);
					tried++;
				}
	print_message("%s: %u tried, %u started\n", m->name, tried, started);
	assert_int_not_equal(tried, 0);
}

static void test_what_starts_was_judged(void **state)
{
	unsigned int n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		run_all(&machines[i], &n);
}

/* The honest ones do start: the list above is not of refusals only. */
static void test_honest_media_start(void **state)
{
	static const struct {
		size_t machine;
		enum flow_image image;
	} rows[] = {
		{ 0, FLOW_OFFICIAL }, { 1, FLOW_OFFICIAL },  { 2, FLOW_RECOVERY },
		{ 3, FLOW_RECOVERY }, { 4, FLOW_STRANGERS }, { 5, FLOW_OWN },
		{ 6, FLOW_DEV_ONLY }, { 7, FLOW_OFFICIAL },  { 8, FLOW_OWN },
		{ 9, FLOW_OFFICIAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(
			boot(&machines[rows[i].machine], rows[i].image, rows[i].image, 0),
			1);
}

/* A stick that showed an enrolled developer's image and has a stranger's now: said as
 * such. */
static void test_says_that_reads_disagree(void **state)
{
	(void)state;
	make(&machines[8]);
	put(&machines[8], &flow_images[FLOW_OWN], &flow_images[FLOW_STRANGERS],
	    ~UINT64_C(1));
	(void)rig_boot_on(&rig);
	assert_int_equal(rig.started, RIG_NOTHING);
	assert_true(host_logged(&rig.host, "reads-disagree: version 1.3 by data key "));
	(void)rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_honest_media_start),
		cmocka_unit_test(test_what_starts_was_judged),
		cmocka_unit_test(test_says_that_reads_disagree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

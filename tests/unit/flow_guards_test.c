/* The boot flow's second barriers: what must hold also when the check before it has
 * failed, which is why whole machines cannot show it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/flow/details.h"
#include "boot/flow/flow.h"
#include "boot/flow/media_flow.h"
#include "boot/kernel/prepared.h"
#include "tests/host/flow_machine.h"

static struct boot_rig rig; /* large, like the next; every test begins with begin() */
static struct boot_ctx ctx;
static struct boot_config config;

static void begin(bool bootable, enum profile_developer_mode developer)
{
	flow_machine(&rig, bootable);
	rig.developer = developer;
	rig_profile(&rig);
	rig_power_off(&rig);
	config = (struct boot_config){ .profile = rig.profile,
				       .profile_bytes = rig.profile_bytes,
				       .version = "test" };
	assert_int_equal(boot_init(&ctx, &rig.host.plat, &config), LB_OK);
}

/* The same, up to where slot A is verified and nothing was decided a second time. */
static void begin_verified(enum profile_developer_mode developer)
{
	begin(true, developer);
	for (int steps = 0; ctx.state != BOOT_PREPARE; steps++) {
		assert_true(steps < 10);
		boot_step(&ctx);
	}
	assert_non_null(ctx.verified);
}

static void done(void)
{
	boot_let_go(&ctx);
	(void)rig_release(&rig);
}

/* --- the start needs the second decision -------------------------------------------- */

static void test_no_start_without_proof(void **state)
{
	struct prepared_kernel prepared = { 0 };

	(void)state;
	begin_verified(PROFILE_DEVELOPER_FORBIDDEN);
	rig.host.start_does = HOST_START_RETURNS;
	rig.host.on_start = NULL;

	assert_null(ctx.prepared);
	assert_int_equal(boot_start(&ctx), LB_ERR_SIGNATURE);
	ctx.prepared = &prepared; /* without a verified kernel */
	assert_int_equal(boot_start(&ctx), LB_ERR_SIGNATURE);
	prepared.verified = ctx.verified; /* verified, not confirmed */
	assert_int_equal(boot_start(&ctx), LB_ERR_SIGNATURE);
	assert_int_equal(rig.host.starts, 0);

	ctx.prepared = NULL;
	assert_int_equal(boot_prepare_kernel(&ctx, 'A', ctx.target.slot->guid),
			 LB_REASON_OK);
	assert_int_equal(boot_start(&ctx), LB_OK);
	assert_int_equal(rig.host.starts, 1);
	done();
}

/* --- the mode must fit where the flow is -------------------------------------------- */

#define FORBIDDEN PROFILE_DEVELOPER_FORBIDDEN
#define ALLOWED   PROFILE_DEVELOPER_ALLOWED

static const struct {
	enum crypto_mode mode;
	enum boot_state where;
	enum profile_developer_mode profile;
	bool in_force, stored; /* developer mode */
	bool fits;
} modes[] = {
	{ CRYPTO_MODE_NORMAL, BOOT_PREPARE, FORBIDDEN, false, false, true },
	{ CRYPTO_MODE_NORMAL, BOOT_RECOVERY, FORBIDDEN, false, false, false },
	{ CRYPTO_MODE_RECOVERY, BOOT_RECOVERY, FORBIDDEN, false, false, true },
	{ CRYPTO_MODE_RECOVERY, BOOT_PREPARE, FORBIDDEN, false, false, false },
	{ CRYPTO_MODE_RECOVERY, BOOT_WARN, ALLOWED, true, true, false },
	{ CRYPTO_MODE_DEVELOPER, BOOT_PREPARE, ALLOWED, true, true, true },
	{ CRYPTO_MODE_DEVELOPER, BOOT_PREPARE, FORBIDDEN, true, true, false },
	{ CRYPTO_MODE_DEVELOPER, BOOT_PREPARE, ALLOWED, false, true, false },
	{ CRYPTO_MODE_DEVELOPER, BOOT_PREPARE, ALLOWED, true, false, false },
	{ CRYPTO_MODE_DEVELOPER, BOOT_RECOVERY, ALLOWED, true, true, false },
	{ CRYPTO_MODES, BOOT_PREPARE, ALLOWED, true, true, false },
	{ CRYPTO_MODES, BOOT_RECOVERY, ALLOWED, true, true, false },
};

static void test_mode_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		begin_verified(modes[i].profile);
		ctx.state = modes[i].where;
		ctx.policy.mode = ctx.media.policy.mode = modes[i].mode;
		ctx.developer = modes[i].in_force;
		ctx.stored.developer = modes[i].stored;

		const enum lb_reason reason = boot_confirm(&ctx);
		const bool refused = reason == LB_REASON_KEYBLOCK_FLAGS &&
				     strstr(ctx.verdict.detail, "does not fit") != NULL;

		if (refused == modes[i].fits)
			fail_msg("row %zu: %s: %s", i, lb_reason_name(reason),
				 ctx.verdict.detail);
		if (refused)
			assert_int_not_equal(crypto_kernel_proof(ctx.verified),
					     HARDEN_PROOF);
		done();
	}
}

/* --- lists end where their memory does ---------------------------------------------- */

static void test_findings_end(void **state)
{
	const struct lb_verdict verdict = { LB_REASON_READ_ERROR, "first" };
	const struct lb_verdict late = { LB_REASON_NO_DISK, "late" };

	(void)state;
	begin(true, FORBIDDEN);
	for (size_t i = 0; i < BOOT_MAX_FINDINGS; i++)
		boot_find(&ctx, &rig.host.disks[0].info, NULL, &verdict);
	for (size_t i = 0; i < 3; i++)
		boot_find(&ctx, &rig.host.disks[0].info, NULL, &late);
	assert_int_equal(ctx.finding_count, BOOT_MAX_FINDINGS);
	for (size_t i = 0; i < BOOT_MAX_FINDINGS; i++)
		assert_string_equal(ctx.findings[i].verdict.detail, "first");
	assert_true(host_logged(&rig.host, "late")); /* said, if not kept */
	done();
}

/* As details.c has them; memory of exactly this size, so that the sanitizer sees one
 * more. */
#define DETAILS_BYTES 32768u
#define DETAILS_LINES 400u

static struct boot_details new_details(void)
{
	struct boot_details d = { 0 };

	d.text = malloc(DETAILS_BYTES);
	d.lines = malloc(DETAILS_LINES * sizeof *d.lines);
	assert_non_null(d.text);
	assert_non_null(d.lines);
	return d;
}

static void free_details(struct boot_details *d)
{
	free(d->text);
	free(d->lines);
}

static void test_details_lines_end(void **state)
{
	struct boot_details d = new_details();

	(void)state;
	for (unsigned int i = 0; i < DETAILS_LINES + 20; i++)
		details_line(&d, "line %u", i);
	assert_int_equal(d.count, DETAILS_LINES);
	assert_string_equal(d.lines[0], "line 0");
	assert_string_equal(d.lines[DETAILS_LINES - 1], "line 399");
	free_details(&d);
}

/* Lines of every length, so that the end of the memory is met in every way. */
static void test_details_text_ends(void **state)
{
	char words[400];

	(void)state;
	memset(words, 'w', sizeof words);
	for (int len = 80; len < 399; len++) {
		struct boot_details d = new_details();

		for (unsigned int i = 0; i < DETAILS_LINES; i++)
			details_line(&d, "%.*s", len, words);
		assert_true(d.used <= DETAILS_BYTES);
		assert_true(d.count > 0);
		for (size_t i = 0; i + 1 < d.count; i++)
			assert_int_equal(strlen(d.lines[i]), len);
		assert_true(strlen(d.lines[d.count - 1]) <= (size_t)len);
		free_details(&d);
	}
}

/* --- developer mode is for a person who asked --------------------------------------- */

static enum lb_status (*real_read_key)(void *ctx, struct platform_key *out);

/* The offer on the screen, turned on where it may not be. */
static enum lb_status read_key_with_offer(void *host, struct platform_key *out)
{
	ctx.person.state.developer_offer = true;
	return real_read_key(host, out);
}

static void wait_for_media(void *arg)
{
	(void)arg;
	(void)boot_media_wait(&ctx);
}

static const struct {
	enum rec_reason reason;
	enum profile_developer_mode profile;
	const char *refused; /* NULL: it is not */
} askers[] = {
	{ REC_REASON_KEY, ALLOWED, NULL },
	{ REC_REASON_KEY, FORBIDDEN, "the profile forbids it" },
	{ REC_REASON_OS_REQUEST, ALLOWED, "no person asked for recovery" },
	{ REC_REASON_BOOT_ENTRY, ALLOWED, "no person asked for recovery" },
	{ REC_REASON_NO_SLOT, ALLOWED, "no person asked for recovery" },
	{ REC_REASON_NO_SLOT, FORBIDDEN, "the profile forbids it" },
};

static void test_developer_mode_needs_a_person(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof askers / sizeof askers[0]; i++) {
		begin(false, askers[i].profile);
		ctx.state = BOOT_RECOVERY;
		ctx.reason = askers[i].reason;
		real_read_key = rig.host.plat.read_key;
		rig.host.plat.read_key = read_key_with_offer;
		flow_ctrl(&rig, 1000, 'd');
		rig.host.time_limit_ms = 5000;
		(void)host_run(&rig.host, wait_for_media, NULL);

		assert_int_equal(ctx.person.state.screen,
				 askers[i].refused != NULL ? UI_SCREEN_DEV_REFUSED
							   : UI_SCREEN_DEV_CONFIRM_ON);
		if (askers[i].refused != NULL)
			assert_true(host_logged(&rig.host, askers[i].refused));
		assert_false(ctx.developer);
		done();
	}
}

/* --- keys are named where there is a keyboard --------------------------------------- */

/* Plugged in after two seconds, pulled after four. */
static enum lb_status read_key_of_guest(void *host, struct platform_key *out)
{
	rig.host.machine.keyboard = rig.host.now_ms >= 2000 && rig.host.now_ms < 4000;
	return real_read_key(host, out);
}

static void test_keyboard_that_comes_and_goes(void **state)
{
	(void)state;
	for (uint32_t end = 1000; end <= 5000; end += 2000) {
		begin(false, ALLOWED);
		ctx.state = BOOT_RECOVERY;
		ctx.reason = REC_REASON_NO_SLOT;
		rig.host.machine.keyboard = false;
		real_read_key = rig.host.plat.read_key;
		rig.host.plat.read_key = read_key_of_guest;
		rig.host.time_limit_ms = end;
		(void)host_run(&rig.host, wait_for_media, NULL);
		assert_int_equal(ctx.person.state.no_keyboard, end != 3000);
		done();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_start_without_proof),
		cmocka_unit_test(test_mode_fits),
		cmocka_unit_test(test_findings_end),
		cmocka_unit_test(test_details_lines_end),
		cmocka_unit_test(test_details_text_ends),
		cmocka_unit_test(test_developer_mode_needs_a_person),
		cmocka_unit_test(test_keyboard_that_comes_and_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Developer mode on whole machines: how it is switched on and off, the warning at each
 * start, what then starts, sticks, trusted keys, and what a serial line may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "boot/person/person.h"
#include "crypto/kernel_verify.h"
#include "tests/host/boot_rig.h"
#include "tests/host/flow_machine.h"
#include "tests/host/tpm_model.h"

#define MARK_A 'A'
#define MARK_B 'B'
#define MARK_D 'D' /* a developer's own kernel in slot A */
#define MARK_E 'E' /* another one, signed with another key */
#define MARK_O 'O' /* an official kernel on a stick */
#define MARK_S 'S' /* a developer's own kernel on a stick */

#define WARNING_MS 30000u

static struct boot_rig rig; /* large; every test begins with machine() */

static const struct rig_image own = { MARK_D, 9, RIG_BY_DEVELOPER, 0, NULL, false };
static const struct rig_image others = { MARK_E, 9, RIG_BY_STRANGER, 0, NULL, false };
static const struct rig_image own_stick = { MARK_S, 1, RIG_BY_DEVELOPER, 0, NULL, false };
static const struct rig_image others_stick = {
	MARK_E, 1, RIG_BY_STRANGER, 0, NULL, false
};
static const struct rig_image official_stick = { MARK_O, 3,    RIG_BY_KERNEL_KEY,
						 0,      NULL, false };

static void machine(enum profile_developer_mode allowed)
{
	flow_machine(&rig, true);
	rig.developer = allowed;
	rig_profile(&rig);
	rig_power_off(&rig);
}

/* The same, and developer mode is on; slot A holds a developer's own kernel. */
static void developer(enum profile_developer_mode allowed)
{
	machine(allowed);
	rig.host.state.developer = true;
	flow_put_kernel(&rig, 0, &own);
}

static void again(void)
{
	rig_power_off(&rig);
}

static void assert_ends(enum host_end end, int mark)
{
	const enum host_end got = rig_boot_on(&rig);

	if (got != end || rig.started != mark)
		fail_msg("end %d, started %d; log:\n%s", got, rig.started, rig.host.log);
	for (size_t i = 1; i < rig.host.disk_count; i++)
		assert_int_equal(rig.host.disks[i].mem.writes, 0);
}

static void assert_starts(int mark)
{
	assert_ends(HOST_END_STARTED, mark);
}

static void done(void)
{
	(void)rig_release(&rig);
}

static void trust(size_t at, const struct test_key *key)
{
	struct crypto_key parsed;

	assert_int_equal(crypto_key_parse(key->packed, key->packed_bytes, 0, &parsed),
			 LB_OK);
	crypto_key_id(&parsed, rig.host.state.dev_key[at]);
	rig.host.state.dev_key_count = (uint8_t)(at + 1);
}

/* --- switching it on ---------------------------------------------------------------- */

/* The four characters that this machine asks for after the key for recovery and
 * Ctrl-D. */
static void learn_challenge(char out[5])
{
	again();
	rig.host.random_seed = 77;
	rig.host.time_limit_ms = 3000;
	flow_ask_recovery(&rig);
	flow_ctrl(&rig, 1000, 'd');
	(void)rig_boot_on(&rig);
	const char *at = strstr(rig.host.shown, "To switch it on, type:\n");

	assert_non_null(at);
	memcpy(out, strchr(at, '\n') + 1, 4);
	out[4] = '\0';
	again();
	rig.host.random_seed = 77;
	rig.host.time_limit_ms = HOST_DEFAULT_TIME_MS;
	flow_ask_recovery(&rig);
	flow_ctrl(&rig, 1000, 'd');
}

static void test_switched_on_by_typing(void **state)
{
	char challenge[5];

	(void)state;
	machine(PROFILE_DEVELOPER_ALLOWED);
	flow_put_kernel(&rig, 0, &own);
	learn_challenge(challenge);
	host_type(&rig.host, 2000, challenge);
	flow_ctrl(&rig, 5000, 'd'); /* at the warning */
	assert_starts(MARK_D);
	assert_in_range(rig.host.now_ms, 5000, 5200);
	assert_true(rig.host.state.developer);
	assert_true(host_showed(&rig.host, "Developer mode is on"));
	assert_string_equal(flow_told(&rig, "Mode"), "developer");
	/* Remembered. */
	again();
	flow_ctrl(&rig, 100, 'd');
	assert_starts(MARK_D);
	done();
}

static void test_lower_case_counts_too(void **state)
{
	char challenge[5];

	(void)state;
	machine(PROFILE_DEVELOPER_ALLOWED);
	learn_challenge(challenge);
	for (size_t i = 0; i < 4; i++)
		flow_key(&rig, 2000 + 200 * i, (char)(challenge[i] | 0x20));
	assert_starts(MARK_A); /* after the warning */
	assert_true(rig.host.state.developer);
	done();
}

static void test_wrong_characters_do_nothing(void **state)
{
	char challenge[5];

	(void)state;
	machine(PROFILE_DEVELOPER_ALLOWED);
	learn_challenge(challenge);
	for (size_t i = 0; i < 4; i++)
		flow_key(&rig, 2000 + 200 * i, challenge[i] == 'B' ? 'C' : 'B');
	flow_key(&rig, 3500, '\r');
	flow_scan(&rig, 6000, PLATFORM_KEY_ESC); /* back to recovery */
	flow_scan(&rig, 7000, PLATFORM_KEY_ESC); /* start normally */
	assert_starts(MARK_A);
	assert_false(rig.host.state.developer);
	assert_true(host_logged(&rig.host, "wrong characters, try 1 of 3"));
	assert_int_equal(rig.host.state_writes, 0);
	assert_string_equal(flow_told(&rig, "Mode"), "normal");
	done();
}

/* A cat on the keyboard: every key once, but the right four in the right order. */
static void test_challenges_differ(void **state)
{
	char one[5], two[5];

	(void)state;
	machine(PROFILE_DEVELOPER_ALLOWED);
	learn_challenge(one);
	again();
	rig.host.random_seed = 78;
	rig.host.time_limit_ms = 3000;
	flow_ask_recovery(&rig);
	flow_ctrl(&rig, 1000, 'd');
	(void)rig_boot_on(&rig);
	memcpy(two, strchr(strstr(rig.host.shown, "To switch it on, type:\n"), '\n') + 1,
	       4);
	two[4] = '\0';
	assert_string_not_equal(one, two);
	for (size_t i = 0; i < 4; i++)
		assert_in_range(two[i], 'A', 'Z');
	done();
}

/* What can be foreseen confirms nothing: bits of the clock were 101 guesses. The TPM's
 * generator will do. */
static void test_without_a_random_source(void **state)
{
	static struct tpm_model model;

	(void)state;
	for (int tpm = 0; tpm < 2; tpm++) {
		machine(PROFILE_DEVELOPER_ALLOWED);
		memset(&model, 0, sizeof model);
		rig.host.random_status = LB_ERR_UNSUPPORTED;
		rig.host.tpm = tpm == 1 ? tpm_model_submit : NULL;
		rig.host.tpm_ctx = &model;
		flow_ask_recovery(&rig);
		flow_ctrl(&rig, 1000, 'd');
		flow_answer(&rig, 2000, false);
		rig.host.time_limit_ms = 60000;
		assert_ends(tpm == 1 ? HOST_END_STARTED : HOST_END_TIME_UP,
			    tpm == 1 ? MARK_A : RIG_NOTHING);
		assert_int_equal(rig.host.state.developer, tpm == 1);
		if (tpm == 0)
			assert_true(host_showed(&rig.host, "no source of randomness"));
		done();
	}
}

/* Where nothing can be stored it lasts for this boot. */
static void test_on_for_one_boot(void **state)
{
	char challenge[5];

	(void)state;
	machine(PROFILE_DEVELOPER_ALLOWED);
	rig.host.write_state_status = LB_ERR_UNSUPPORTED;
	flow_put_kernel(&rig, 0, &own);
	learn_challenge(challenge);
	host_type(&rig.host, 2000, challenge);
	assert_starts(MARK_D);
	again();
	assert_starts(MARK_B);
	done();
}

/* --- where it is not offered -------------------------------------------------------- */

static void test_forbidden_by_the_profile(void **state)
{
	(void)state;
	machine(PROFILE_DEVELOPER_FORBIDDEN);
	flow_ask_recovery(&rig);
	flow_ctrl(&rig, 1000, 'd');
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_false(host_showed(&rig.host, "developer mode"));
	assert_int_equal(rig.host.state_writes, 0);
	done();
}

/* Stored by whatever means, a profile that forbids it wins. */
static void test_stored_but_forbidden(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_FORBIDDEN);
	assert_starts(MARK_B);
	assert_int_equal(rig.host.shown_len, 0);
	assert_string_equal(flow_told(&rig, "Mode"), "normal");
	done();
}

/* Only a person at the machine may open that way. */
static void test_not_offered_when_the_os_asked(void **state)
{
	(void)state;
	machine(PROFILE_DEVELOPER_ALLOWED);
	rig.host.request = PLATFORM_REQUEST_RECOVERY;
	flow_ctrl(&rig, 1000, 'd');
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_false(host_showed(&rig.host, "Developer mode"));
	done();
}

/* Operating systems can write boot entries. */
static void test_not_offered_by_a_boot_entry(void **state)
{
	(void)state;
	machine(PROFILE_DEVELOPER_ALLOWED);
	rig.recovery_requested = true;
	flow_ctrl(&rig, 1000, 'd');
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_false(host_showed(&rig.host, "Developer mode"));
	done();
}

static void test_not_offered_when_nobody_asked(void **state)
{
	(void)state;
	flow_machine(&rig, false);
	rig.developer = PROFILE_DEVELOPER_ALLOWED;
	rig_profile(&rig);
	again();
	flow_ctrl(&rig, 1000, 'd');
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_false(host_showed(&rig.host, "Developer mode"));
	done();
}

/* --- the warning -------------------------------------------------------------------- */

static void test_warning_lasts_30_seconds(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	assert_starts(MARK_D);
	assert_in_range(rig.host.now_ms, WARNING_MS, WARNING_MS + 200);
	assert_true(host_showed(&rig.host, "Developer mode is on"));
	done();
}

static void test_ctrl_d_starts_at_once(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	flow_ctrl(&rig, 300, 'd');
	assert_starts(MARK_D);
	assert_in_range(rig.host.now_ms, 300, 450);
	done();
}

/* The key for recovery, at power-on and on the warning's menu. */
static void test_recovery_from_developer_mode(void **state)
{
	static const struct rig_image recovery = { 'R', 5,    RIG_BY_RECOVERY_KEY,
						   0,   NULL, false };

	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig_stick(&rig, &recovery, 1);
	flow_ask_recovery(&rig);
	assert_starts('R');
	assert_string_equal(flow_told(&rig, "Mode"), "recovery");
	again();
	flow_scan(&rig, 1000, PLATFORM_KEY_ESC); /* the menu */
	flow_scan(&rig, 1200, PLATFORM_KEY_DOWN);
	flow_scan(&rig, 1400, PLATFORM_KEY_DOWN);
	flow_key(&rig, 1600, '\r'); /* Recovery */
	assert_starts('R');
	assert_string_equal(flow_told(&rig, "Reason"), "7");
	done();
}

/* A menu stands as long as it is needed; leaving it, time runs on. */
static void test_menu_stops_the_time(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	flow_scan(&rig, 1000, PLATFORM_KEY_ESC);
	flow_scan(&rig, 50000, PLATFORM_KEY_ESC);
	assert_starts(MARK_D);
	assert_in_range(rig.host.now_ms, 50000, 81000);
	done();
}

/* What is left open does not keep the device from starting. */
static void test_nobody_at_the_menu(void **state)
{
	static const char keys[] = { '\t', 's', 'u' };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		developer(PROFILE_DEVELOPER_ALLOWED);
		rig.host.time_limit_ms = 20u * 60u * 1000u;
		if (i == 3)
			flow_scan(&rig, 1000, PLATFORM_KEY_ESC);
		else if (keys[i] == '\t')
			flow_key(&rig, 1000, keys[i]);
		else
			flow_ctrl(&rig, 1000, keys[i]);
		assert_starts(MARK_D);
		assert_in_range(rig.host.now_ms, 1000 + BOOT_IDLE_MS + WARNING_MS,
				2000 + BOOT_IDLE_MS + WARNING_MS);
		done();
	}
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig_stick(&rig, &own_stick, 1);
	rig.host.time_limit_ms = 40u * 60u * 1000u;
	flow_ctrl(&rig, 1000, 'u'); /* "Trust this developer key?" */
	assert_starts(MARK_D);
	assert_int_equal(rig.host.state.dev_key_count, 0);
	done();
}

/* --- what starts from slots --------------------------------------------------------- */

static void test_official_slots_still_start(void **state)
{
	(void)state;
	machine(PROFILE_DEVELOPER_ALLOWED);
	rig.host.state.developer = true;
	assert_starts(MARK_A);
	assert_string_equal(flow_told(&rig, "Mode"), "developer");
	assert_int_equal(rig.host.raises, 0); /* floors rise in normal mode only */
	done();
}

/* In slot order: an official slot behind a developer's own does not go first. */
static void test_slot_order_stays(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	flow_ctrl(&rig, 100, 'd');
	assert_starts(MARK_D);
	done();
	machine(PROFILE_DEVELOPER_ALLOWED);
	rig.host.state.developer = true;
	flow_put_kernel(&rig, 1, &own);
	flow_ctrl(&rig, 100, 'd');
	assert_starts(MARK_A);
	done();
}

static const struct {
	enum profile_developer_mode profile;
	bool secure_boot;
	size_t keys; /* 1: the developer's own, 2: another one */
	int starts;
} slot_rows[] = {
	{ PROFILE_DEVELOPER_ALLOWED, false, 0, MARK_D },
	{ PROFILE_DEVELOPER_ALLOWED, false, 1, MARK_D },
	{ PROFILE_DEVELOPER_ALLOWED, false, 2, MARK_B },
	{ PROFILE_DEVELOPER_ALLOWED, true, 0, MARK_B },
	{ PROFILE_DEVELOPER_ALLOWED, true, 1, MARK_D },
	{ PROFILE_DEVELOPER_ALLOWED, true, 2, MARK_B },
	{ PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT, true, 0, MARK_D },
	{ PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT, true, 2, MARK_B },
};

static void test_self_signed_slots(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof slot_rows / sizeof slot_rows[0]; i++) {
		print_message("row %zu\n", i);
		developer(slot_rows[i].profile);
		rig.host.machine.secure_boot = slot_rows[i].secure_boot;
		if (slot_rows[i].keys != 0)
			trust(0, slot_rows[i].keys == 1 ? &rig.keys->developer
							: &rig.keys->recovery);
		flow_ctrl(&rig, 100, 'd');
		assert_starts(slot_rows[i].starts);
		done();
	}
}

/* DESIGN 5: a developer's image that returns causes a reset. */
static void test_image_that_returns(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig.host.start_does = HOST_START_RETURNS;
	flow_ctrl(&rig, 100, 'd');
	assert_ends(HOST_END_RESTART, MARK_D);
	done();
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig_stick(&rig, &official_stick, 1);
	rig.host.start_does = HOST_START_RETURNS;
	flow_ctrl(&rig, 100, 'u');
	assert_ends(HOST_END_RESTART, MARK_O);
	done();
}

/* --- sticks ------------------------------------------------------------------------- */

static void test_official_stick(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig_stick(&rig, &official_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	assert_starts(MARK_O);
	assert_in_range(rig.host.now_ms, 1000, 1200);
	assert_string_equal(flow_told(&rig, "Mode"), "developer");
	done();
}

/* Not without being asked to. */
static void test_stick_alone_does_nothing(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig_stick(&rig, &official_stick, 1);
	assert_starts(MARK_D);
	assert_int_equal(rig.host.disks[1].mem.reads, 0);
	done();
}

static void test_official_beats_self_signed(void **state)
{
	const struct rig_image both[] = { own_stick, official_stick };

	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig_stick(&rig, both, 2);
	flow_ctrl(&rig, 1000, 'u');
	assert_starts(MARK_O);
	done();
}

static void test_stick_put_in_later(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig_stick(&rig, &official_stick, 1)->from_ms = 7000;
	flow_ctrl(&rig, 1000, 'u');
	assert_starts(MARK_O);
	assert_in_range(rig.host.now_ms, 7000, 7500);
	assert_true(host_showed(&rig.host, "No stick or card found"));
	done();
}

static void test_back_to_the_warning(void **state)
{
	static const struct rig_image recovery = { 'R', 5,    RIG_BY_KERNEL_KEY,
						   27,  NULL, false };

	(void)state;
	for (int bad = 0; bad < 2; bad++) {
		developer(PROFILE_DEVELOPER_ALLOWED);
		if (bad != 0)
			rig_stick(&rig, &recovery, 1);
		flow_ctrl(&rig, 1000, 'u');
		flow_scan(&rig, 5000, PLATFORM_KEY_ESC);
		assert_starts(MARK_D);
		assert_in_range(rig.host.now_ms, 5000 + WARNING_MS, 5200 + WARNING_MS);
		assert_true(host_showed(&rig.host,
					bad != 0 ? "It was not made for this purpose."
						 : "No stick or card found"));
		done();
	}
}

/* --- keys that a developer trusts --------------------------------------------------- */

static void test_enrol_yes(void **state)
{
	struct platform_state before;

	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	before = rig.host.state;
	trust(0, &rig.keys->developer);
	const struct platform_state want = rig.host.state;

	rig.host.state = before;
	rig_stick(&rig, &own_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	flow_key(&rig, 4000, '\r');
	flow_answer(&rig, 5000, false);
	assert_starts(MARK_S);
	assert_in_range(rig.host.now_ms, 5600, 6000);
	assert_true(host_showed(&rig.host, "Trust this developer key?"));
	assert_int_equal(rig.host.state.dev_key_count, 1);
	assert_memory_equal(rig.host.state.dev_key[0], want.dev_key[0], 32);
	/* Nobody is asked twice, and other developers' keys are refused from now on. */
	again();
	flow_ctrl(&rig, 1000, 'u');
	assert_starts(MARK_S);
	assert_in_range(rig.host.now_ms, 1000, 1200);
	again();
	flow_put_kernel(&rig, 0, &others);
	flow_ctrl(&rig, 1000, 'd');
	assert_starts(MARK_B);
	assert_true(host_logged(&rig.host, "dev-key-unknown"));
	done();
}

/* The screen shows the SHA-256 of the key that will be trusted. */
static void test_digest_is_shown(void **state)
{
	char hex[65];

	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	trust(0, &rig.keys->developer);
	for (size_t i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", rig.host.state.dev_key[0][i]);
	rig.host.state.dev_key_count = 0;
	rig_stick(&rig, &own_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	rig.host.time_limit_ms = 10000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, hex));
	done();
}

/* No is no: what nobody wants to trust does not start from a stick. */
static void test_enrol_no(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig_stick(&rig, &own_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	flow_scan(&rig, 4000, PLATFORM_KEY_ESC);
	flow_scan(&rig, 9000, PLATFORM_KEY_ESC);
	assert_starts(MARK_D);
	assert_int_equal(rig.host.state.dev_key_count, 0);
	assert_int_equal(rig.host.state_writes, 0);
	assert_in_range(rig.host.now_ms, 9000 + WARNING_MS, 9300 + WARNING_MS);
	done();
}

/* Without trusting it for good, where no key is trusted and Secure Boot does not ask for
 * one. */
static void test_start_once(void **state)
{
	(void)state;
	for (int row = 0; row < 3; row++) {
		developer(PROFILE_DEVELOPER_ALLOWED);
		rig.host.machine.secure_boot = row == 1;
		if (row == 2)
			trust(0, &rig.keys->recovery);
		const size_t keys = rig.host.state.dev_key_count;

		rig_stick(&rig, &own_stick, 1);
		flow_ctrl(&rig, 1000, 'u');
		flow_ctrl(&rig, 4000, 'd');
		flow_answer(&rig, 5000, false);
		rig.host.time_limit_ms = 20000;
		assert_ends(row == 0 ? HOST_END_STARTED : HOST_END_TIME_UP,
			    row == 0 ? MARK_S : RIG_NOTHING);
		assert_int_equal(host_showed(&rig.host, "Ctrl D = Start now\n"),
				 row == 0);
		assert_int_equal(rig.host.state.dev_key_count, keys);
		assert_int_equal(rig.host.state_writes, 0);
		done();
	}
}

/* Yes where nothing can be stored (bare metal without a TPM): started, and asked
 * again. */
static void test_yes_where_nothing_can_be_stored(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig.host.write_state_status = LB_ERR_UNSUPPORTED;
	rig_stick(&rig, &own_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	flow_key(&rig, 4000, '\r');
	flow_answer(&rig, 5000, false);
	assert_starts(MARK_S);
	assert_int_equal(rig.host.state.dev_key_count, 0);
	done();
}

static void test_stick_pulled_while_the_question_stands(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig_stick(&rig, &own_stick, 1)->until_ms = 6000;
	flow_ctrl(&rig, 1000, 'u');
	flow_key(&rig, 8000, '\r'); /* too late */
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_int_equal(rig.host.state.dev_key_count, 0);
	assert_true(host_showed(&rig.host, "No stick or card found"));
	done();
}

static void test_enrol_under_secure_boot(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig.host.machine.secure_boot = true;
	rig_stick(&rig, &own_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	flow_key(&rig, 4000, '\r');
	flow_answer(&rig, 5000, false);
	assert_starts(MARK_S);
	/* And now the same key starts slots. */
	again();
	flow_ctrl(&rig, 1000, 'd');
	assert_starts(MARK_D);
	done();
}

static void test_enrolment_that_cannot_be_stored(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig.host.machine.secure_boot = true;
	rig.host.write_state_status = LB_ERR_IO;
	rig_stick(&rig, &own_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	flow_key(&rig, 4000, '\r');
	flow_answer(&rig, 5000, false);
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_int_equal(rig.host.starts, 0);
	assert_int_equal(rig.host.state.dev_key_count, 0);
	done();
}

static void test_four_keys_at_most(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	for (size_t i = 0; i < 4; i++) {
		trust(i, &rig.keys->recovery);
		rig.host.state.dev_key[i][0] ^= (uint8_t)i;
	}
	rig_stick(&rig, &own_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	flow_key(&rig, 4000, '\r');
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_false(host_showed(&rig.host, "Trust this developer key?"));
	assert_int_equal(rig.host.state.dev_key_count, 4);
	done();
}

/* A second key beside the first. */
static void test_second_key(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	trust(0, &rig.keys->developer);
	rig_stick(&rig, &others_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	flow_key(&rig, 4000, '\r');
	flow_answer(&rig, 5000, false);
	assert_starts(MARK_E);
	assert_int_equal(rig.host.state.dev_key_count, 2);
	again();
	flow_ctrl(&rig, 1000, 'd');
	assert_starts(MARK_D);
	done();
}

/* --- switching it off --------------------------------------------------------------- */

static void test_switched_off_at_the_warning(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	trust(0, &rig.keys->developer);
	flow_ctrl(&rig, 1000, 's');
	flow_key(&rig, 2000, '\r');
	assert_starts(MARK_B); /* this boot already */
	assert_string_equal(flow_told(&rig, "Mode"), "normal");
	assert_false(rig.host.state.developer);
	assert_int_equal(rig.host.state.dev_key_count, 0);
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(rig.host.state.dev_key[0][i], 0);
	again();
	assert_starts(MARK_B);
	assert_int_equal(rig.host.shown_len, 0);
	done();
}

static void test_not_switched_off_after_all(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	flow_ctrl(&rig, 1000, 's');
	flow_scan(&rig, 2000, PLATFORM_KEY_ESC);
	assert_starts(MARK_D);
	assert_true(rig.host.state.developer);
	done();
}

/* Also from a recovery screen, whoever asked for it; recovery goes on. */
static void test_switched_off_in_recovery(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	flow_ask_recovery(&rig);
	flow_ctrl(&rig, 1000, 's');
	flow_key(&rig, 2000, '\r');
	flow_scan(&rig, 5000, PLATFORM_KEY_ESC);
	assert_starts(MARK_B);
	assert_in_range(rig.host.now_ms, 5000, 5300);
	assert_false(rig.host.state.developer);
	assert_string_equal(flow_told(&rig, "Mode"), "normal");
	done();
}

static void test_recovery_stays_recovery_after_switching_off(void **state)
{
	static const struct rig_image recovery = { 'R', 5,    RIG_BY_RECOVERY_KEY,
						   0,   NULL, false };

	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	flow_ask_recovery(&rig);
	flow_ctrl(&rig, 1000, 's');
	flow_key(&rig, 2000, '\r');
	rig_stick(&rig, &recovery, 1)->from_ms = 6000;
	assert_starts('R');
	assert_string_equal(flow_told(&rig, "Mode"), "recovery");
	done();
}

/* What cannot be stored counts for this boot; the next one warns again. */
static void test_off_that_cannot_be_stored(void **state)
{
	(void)state;
	developer(PROFILE_DEVELOPER_ALLOWED);
	rig.host.write_state_status = LB_ERR_IO;
	flow_ctrl(&rig, 1000, 's');
	flow_key(&rig, 2000, '\r');
	assert_starts(MARK_B);
	again();
	assert_starts(MARK_D);
	assert_true(host_showed(&rig.host, "Developer mode is on"));
	done();
}

/* --- serial lines ------------------------------------------------------------------- */

static const struct {
	enum profile_serial_input input;
	bool keys, modes; /* what counts */
} serial_rows[] = {
	{ PROFILE_SERIAL_RECOVERY, true, false },
	{ PROFILE_SERIAL_FULL, true, true },
	{ PROFILE_SERIAL_NONE, false, false },
};

static void serial(enum profile_serial_input input)
{
	rig.serial = input;
	rig_profile(&rig);
}

static void test_serial_lines_and_modes(void **state)
{
	char challenge[5];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		/* Switching it on: Ctrl-D by serial line. */
		machine(PROFILE_DEVELOPER_ALLOWED);
		serial(serial_rows[i].input);
		rig.host.random_seed = 77;
		flow_ask_recovery(&rig);
		flow_serial_ctrl(&rig, 1000, 'd');
		rig.host.time_limit_ms = 5000;
		assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
		assert_int_equal(host_showed(&rig.host, "To switch it on"),
				 serial_rows[i].modes);
		/* Asked for by keyboard, typed by serial line. */
		rig.host.time_limit_ms = HOST_DEFAULT_TIME_MS;
		learn_challenge(challenge);
		for (size_t c = 0; c < 4; c++)
			flow_serial(&rig, 2000 + 200 * c, challenge[c]);
		rig.host.time_limit_ms = 60000;
		assert_ends(serial_rows[i].modes ? HOST_END_STARTED : HOST_END_TIME_UP,
			    serial_rows[i].modes ? MARK_A : RIG_NOTHING);
		assert_int_equal(rig.host.state.developer, serial_rows[i].modes);
		done();
	}
}

static void test_serial_lines_at_the_warning(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		developer(PROFILE_DEVELOPER_ALLOWED);
		serial(serial_rows[i].input);
		flow_serial_ctrl(&rig, 1000, 'd');
		assert_starts(MARK_D);
		assert_int_equal(rig.host.now_ms < 2000, serial_rows[i].keys);
		/* Off. */
		again();
		flow_serial_ctrl(&rig, 1000, 's');
		flow_serial(&rig, 2000, '\r');
		flow_ctrl(&rig, 9000, 'd');
		rig.host.time_limit_ms = 60000;
		(void)rig_boot_on(&rig);
		assert_int_equal(rig.host.state.developer, !serial_rows[i].modes);
		done();
	}
}

static void test_serial_lines_and_enrolment(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		developer(PROFILE_DEVELOPER_ALLOWED);
		serial(serial_rows[i].input);
		rig_stick(&rig, &own_stick, 1);
		flow_ctrl(&rig, 1000, 'u');
		flow_serial(&rig, 2000, '\r');
		flow_answer(&rig, 3000, true);
		rig.host.time_limit_ms = 10000;
		assert_ends(serial_rows[i].modes ? HOST_END_STARTED : HOST_END_TIME_UP,
			    serial_rows[i].modes ? MARK_S : RIG_NOTHING);
		assert_int_equal(rig.host.state.dev_key_count, serial_rows[i].modes);
		done();
	}
}

/* --- what is remembered ------------------------------------------------------------- */

static void test_history(void **state)
{
	char challenge[5];
	struct history_record r;

	(void)state;
	machine(PROFILE_DEVELOPER_ALLOWED);
	learn_challenge(challenge); /* boot 1 */
	host_type(&rig.host, 2000, challenge);
	assert_starts(MARK_A);
	r = flow_record(&rig, 2, 1);
	assert_int_equal(r.stage, HISTORY_STAGE_MODE);
	assert_int_equal(r.mode, CRYPTO_MODE_DEVELOPER);
	assert_int_equal(r.flags, HISTORY_FLAG_DEVELOPER);
	r = flow_record(&rig, 2, 2);
	assert_int_equal(r.stage, HISTORY_STAGE_HANDOFF);
	assert_int_equal(r.mode, CRYPTO_MODE_DEVELOPER);
	again();
	flow_ctrl(&rig, 1000, 's');
	flow_key(&rig, 2000, '\r');
	assert_starts(MARK_A);
	r = flow_record(&rig, 3, 0);
	assert_int_equal(r.stage, HISTORY_STAGE_MODE);
	assert_int_equal(r.mode, CRYPTO_MODE_NORMAL);
	assert_int_equal(r.flags, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_switched_on_by_typing),
		cmocka_unit_test(test_lower_case_counts_too),
		cmocka_unit_test(test_wrong_characters_do_nothing),
		cmocka_unit_test(test_challenges_differ),
		cmocka_unit_test(test_without_a_random_source),
		cmocka_unit_test(test_on_for_one_boot),
		cmocka_unit_test(test_forbidden_by_the_profile),
		cmocka_unit_test(test_stored_but_forbidden),
		cmocka_unit_test(test_not_offered_when_the_os_asked),
		cmocka_unit_test(test_not_offered_by_a_boot_entry),
		cmocka_unit_test(test_not_offered_when_nobody_asked),
		cmocka_unit_test(test_warning_lasts_30_seconds),
		cmocka_unit_test(test_ctrl_d_starts_at_once),
		cmocka_unit_test(test_recovery_from_developer_mode),
		cmocka_unit_test(test_menu_stops_the_time),
		cmocka_unit_test(test_nobody_at_the_menu),
		cmocka_unit_test(test_official_slots_still_start),
		cmocka_unit_test(test_slot_order_stays),
		cmocka_unit_test(test_self_signed_slots),
		cmocka_unit_test(test_image_that_returns),
		cmocka_unit_test(test_official_stick),
		cmocka_unit_test(test_stick_alone_does_nothing),
		cmocka_unit_test(test_official_beats_self_signed),
		cmocka_unit_test(test_stick_put_in_later),
		cmocka_unit_test(test_back_to_the_warning),
		cmocka_unit_test(test_enrol_yes),
		cmocka_unit_test(test_digest_is_shown),
		cmocka_unit_test(test_enrol_no),
		cmocka_unit_test(test_start_once),
		cmocka_unit_test(test_yes_where_nothing_can_be_stored),
		cmocka_unit_test(test_stick_pulled_while_the_question_stands),
		cmocka_unit_test(test_enrol_under_secure_boot),
		cmocka_unit_test(test_enrolment_that_cannot_be_stored),
		cmocka_unit_test(test_four_keys_at_most),
		cmocka_unit_test(test_second_key),
		cmocka_unit_test(test_switched_off_at_the_warning),
		cmocka_unit_test(test_not_switched_off_after_all),
		cmocka_unit_test(test_switched_off_in_recovery),
		cmocka_unit_test(test_recovery_stays_recovery_after_switching_off),
		cmocka_unit_test(test_off_that_cannot_be_stored),
		cmocka_unit_test(test_serial_lines_and_modes),
		cmocka_unit_test(test_serial_lines_at_the_warning),
		cmocka_unit_test(test_serial_lines_and_enrolment),
		cmocka_unit_test(test_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

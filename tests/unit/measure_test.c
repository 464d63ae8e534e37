/* Measured boot on whole machines: which events, in which order, with which bytes; and
 * what starts when the TPM does not take them. Expected bytes come from the signed
 * partition as it lies on the disk, by the offsets of
 * docs/formats/kernel-partition.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/flow/flow.h"
#include "boot/judge/measure.h"
#include "tests/host/boot_rig.h"
#include "tests/host/flow_machine.h"

#define MARK_A 'A'
#define MARK_B 'B'
#define MARK_D 'D'
#define MARK_O 'O'
#define MARK_R 'R'

#define EVENTS 7u /* of one start */

static struct boot_rig rig; /* large; every test begins with machine() */

static const struct rig_image own = { MARK_D, 9, RIG_BY_DEVELOPER, 0, NULL, false };
static const struct rig_image good_stick = { MARK_R, 5,    RIG_BY_RECOVERY_KEY,
					     0,      NULL, false };
static const struct rig_image official_stick = { MARK_O, 3,    RIG_BY_KERNEL_KEY,
						 0,      NULL, false };

static void machine(enum crypto_mode mode)
{
	flow_machine(&rig, true);
	rig.developer = PROFILE_DEVELOPER_ALLOWED;
	rig_profile(&rig);
	rig.host.has_tpm = true;
	rig.host.measure_status = LB_ERR_IO;
	rig.host.state.developer = mode == CRYPTO_MODE_DEVELOPER;
	rig_power_off(&rig);
	if (mode == CRYPTO_MODE_RECOVERY) {
		rig_stick(&rig, &good_stick, 1);
		flow_ask_recovery(&rig);
	}
}

static void assert_ends(enum host_end end, int mark)
{
	const enum host_end got = rig_boot_on(&rig);

	if (got != end || rig.started != mark)
		fail_msg("end %d, started %d; log:\n%s", got, rig.started, rig.host.log);
}

static void assert_logged(const char *text)
{
	if (!host_logged(&rig.host, text))
		fail_msg("not logged: %s; log:\n%s", text, rig.host.log);
}

static void done(void)
{
	(void)rig_release(&rig);
}

/* --- events ------------------------------------------------------------------------- */

static void assert_event(size_t at, uint32_t type, const void *data, size_t len,
			 const void *text, size_t text_len)
{
	assert_true(at < rig.host.event_count);
	const struct host_event *e = &rig.host.events[at];

	if (e->type != type || e->len != len || memcmp(e->data, data, len) != 0)
		fail_msg("event %zu (%s): type %u, %zu bytes, expected %u and %zu", at,
			 e->text, e->type, e->len, type, len);
	if (e->text_len != text_len || memcmp(e->text, text, text_len) != 0)
		fail_msg("event %zu: text '%s', expected '%s'", at, e->text,
			 (const char *)text);
}

/* Event @number of a start: its tag, the size of its text, its text. */
static void assert_tagged(size_t at, uint8_t number, const void *data, size_t len,
			  const char *text)
{
	uint8_t tagged[512] = { number, 0, 0x42, 0x4c };

	lb_put_le32(tagged + 4, (uint32_t)strlen(text));
	memcpy(tagged + 8, text, strlen(text));
	assert_event(at, 6, data, len, tagged, 8 + strlen(text));
}

static void assert_separator(size_t at, uint8_t value)
{
	const uint8_t data[4] = { value };

	assert_event(at, 4, data, 4, data, 4);
}

static void hex_of(char *out, const uint8_t digest[32])
{
	for (size_t i = 0; i < 32; i++)
		sprintf(out + 2 * i, "%02x", digest[i]);
}

/* The events of one start, from number @at on, for the signed partition @p. */
static void assert_start(size_t at, const uint8_t *p, const char *mode,
			 const char *version)
{
	const uint8_t *key = p + 80 + lb_le64(p + 80);
	const size_t key_bytes = (size_t)lb_le64(p + 88);
	const uint8_t *preamble = p + lb_le32(p + 16);
	const uint8_t *body = preamble + lb_le32(preamble);
	uint8_t digest[32];
	char text[sizeof rig.cmdline + 64], hex[65];

	assert_tagged(at, 1, rig.profile, rig.profile_bytes, "lifeboat profile");
	snprintf(text, sizeof text, "lifeboat mode: %s", mode);
	assert_tagged(at + 1, 2, mode, strlen(mode), text);
	SHA256(key, key_bytes, digest);
	hex_of(hex, digest);
	snprintf(text, sizeof text, "lifeboat key: %s", hex);
	assert_tagged(at + 2, 3, key, key_bytes, text);
	snprintf(text, sizeof text, "lifeboat preamble: version %s", version);
	assert_tagged(at + 3, 4, preamble, (size_t)lb_le64(preamble + 24), text);
	SHA256(body, (size_t)lb_le64(preamble + 88), digest);
	hex_of(hex, digest);
	snprintf(text, sizeof text, "lifeboat body: %s", hex);
	assert_tagged(at + 4, 5, digest, 32, text);
	snprintf(text, sizeof text, "lifeboat command line: %s", rig.cmdline);
	assert_tagged(at + 5, 6, rig.cmdline, strlen(rig.cmdline) + 1, text);
	assert_separator(at + 6, 0);
}

static const uint8_t *kernel(uint8_t mark)
{
	size_t bytes;

	return rig_kernel(mark, 2, &bytes);
}

static const uint8_t *image(const struct rig_image *which)
{
	size_t bytes;

	return rig_image_bytes(which, &bytes);
}

static void test_normal(void **state)
{
	(void)state;
	machine(CRYPTO_MODE_NORMAL);
	assert_ends(HOST_END_STARTED, MARK_A);
	assert_int_equal(rig.host.event_count, EVENTS);
	assert_start(0, kernel(MARK_A), "normal", "1.2");
	assert_true(strlen(rig.cmdline) > 0);
	assert_logged("boot: CHARGE -> MEASURE");
	assert_logged("boot: MEASURE -> HANDOFF");
	assert_logged("measure: PCR 8 names this start");
	done();
}

static void test_same_every_boot(void **state)
{
	static struct host_event first[EVENTS];

	(void)state;
	machine(CRYPTO_MODE_NORMAL);
	assert_ends(HOST_END_STARTED, MARK_A);
	memcpy(first, rig.host.events, sizeof first);
	rig_power_off(&rig);
	rig.host.random_seed = 77;
	assert_ends(HOST_END_STARTED, MARK_A);
	assert_int_equal(rig.host.event_count, EVENTS);
	assert_memory_equal(first, rig.host.events, sizeof first);
	done();
}

static void test_developer(void **state)
{
	(void)state;
	machine(CRYPTO_MODE_DEVELOPER);
	assert_ends(HOST_END_STARTED, MARK_A);
	assert_int_equal(rig.host.event_count, EVENTS);
	assert_start(0, kernel(MARK_A), "developer", "1.2");
	rig_power_off(&rig);
	flow_put_kernel(&rig, 0, &own);
	assert_ends(HOST_END_STARTED, MARK_D);
	assert_int_equal(rig.host.event_count, EVENTS);
	assert_start(0, image(&own), "developer", "1.9");
	done();
}

static void test_sticks(void **state)
{
	(void)state;
	machine(CRYPTO_MODE_RECOVERY);
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_int_equal(rig.host.event_count, EVENTS);
	assert_start(0, image(&good_stick), "recovery", "1.5");
	assert_logged("media: PREPARE -> MEASURE");
	done();
	machine(CRYPTO_MODE_DEVELOPER);
	rig_stick(&rig, &official_stick, 1);
	flow_ctrl(&rig, 1000, 'u');
	assert_ends(HOST_END_STARTED, MARK_O);
	assert_int_equal(rig.host.event_count, EVENTS);
	assert_start(0, image(&official_stick), "developer", "1.3");
	done();
}

/* Recovery was asked for and left: only what starts counts. */
static void test_recovery_that_was_left(void **state)
{
	(void)state;
	machine(CRYPTO_MODE_NORMAL);
	flow_ask_recovery(&rig);
	flow_key(&rig, 5000, 's');
	rig.host.time_limit_ms = 20u * 60u * 1000u;
	assert_ends(HOST_END_STARTED, MARK_A);
	assert_logged("SCAN -> PICK");
	assert_int_equal(rig.host.event_count, EVENTS);
	assert_start(0, kernel(MARK_A), "normal", "1.2");
	done();
}

/* A slot that is refused, or cannot be prepared or charged, leaves nothing in PCR 8. */
static void test_only_what_starts_is_measured(void **state)
{
	(void)state;
	for (int what = 0; what < 2; what++) {
		machine(CRYPTO_MODE_NORMAL);
		flow_set_slot(&rig, 0, 6);
		if (what == 0) /* damaged */
			mem_disk_sector(&rig.host.disks[0].mem,
					test_disk_slot_lba(512, 0))[70000] ^= 1;
		else /* not charged */
			rig.host.disks[0].info.read_only = true;
		assert_ends(HOST_END_STARTED, MARK_B);
		assert_logged(what == 0 ? "body-damaged" : "slot-charge-failed");
		assert_int_equal(rig.host.event_count, EVENTS);
		assert_start(0, kernel(MARK_B), "normal", "1.2");
		done();
	}
}

/* What ran stays in PCR 8: nothing sealed to the other slot alone opens. */
static void test_image_that_returns(void **state)
{
	(void)state;
	machine(CRYPTO_MODE_NORMAL);
	rig.host.start_does = HOST_START_RETURNS;
	rig.host.time_limit_ms = BOOT_RESCAN_MS / 2;
	assert_ends(HOST_END_TIME_UP, MARK_B); /* both came back */
	assert_int_equal(rig.host.event_count, 2 * EVENTS);
	assert_start(EVENTS, kernel(MARK_B), "normal", "1.2");
	done();
}

static void test_no_tpm(void **state)
{
	(void)state;
	for (int mode = 0; mode < (int)CRYPTO_MODES; mode++) {
		machine((enum crypto_mode)mode);
		rig.host.has_tpm = false;
		assert_ends(HOST_END_STARTED,
			    mode == CRYPTO_MODE_RECOVERY ? MARK_R : MARK_A);
		assert_int_equal(rig.host.event_count, 0);
		assert_logged("measure: no TPM");
		done();
	}
}

/* --- a TPM that fails --------------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t fails_at, recovers_at;
	enum lb_status status;
	const char *event; /* the one that was not measured */
	size_t events;     /* that were, the error separator included */
	bool closed;       /* by the error separator */
} failures[] = {
	{ "from the start", 1, 0, LB_ERR_IO, "profile: input/output error", 0, false },
	{ "slow", 1, 0, LB_ERR_TIMEOUT, "profile: timed out", 0, false },
	{ "half way", 4, 0, LB_ERR_IO, "preamble: ", 3, false },
	{ "one event", 1, 2, LB_ERR_IO, "profile: ", 1, true },
	{ "one event half way", 6, 7, LB_ERR_IO, "command line: ", 6, true },
	{ "the separator", 7, 8, LB_ERR_IO, "separator: ", 7, true },
	{ "gone after the first", 2, 0, LB_ERR_UNSUPPORTED, "mode: ", 1, false },
	{ "gone half way", 3, 0, LB_ERR_UNSUPPORTED, "key: ", 2, false },
	{ "gone at the separator", 7, 0, LB_ERR_UNSUPPORTED, "separator: ", 6, false },
};

static void fail_by(size_t i)
{
	rig.host.measure_fails_at = failures[i].fails_at;
	rig.host.measure_recovers_at = failures[i].recovers_at;
	rig.host.measure_status = failures[i].status;
}

static void test_normal_starts_all_the_same(void **state)
{
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		machine(CRYPTO_MODE_NORMAL);
		fail_by(i);
		assert_ends(HOST_END_STARTED, MARK_A);
		snprintf(text, sizeof text, "measure: failed: PCR 8, %s",
			 failures[i].event);
		assert_logged(text);
		if (rig.host.event_count != failures[i].events)
			fail_msg("%s: %zu events", failures[i].name,
				 rig.host.event_count);
		if (failures[i].closed)
			assert_separator(failures[i].events - 1, 1);
		assert_int_equal(rig.host.raises, 1); /* nothing else is different */
		done();
	}
}

/* Neither slot, though the TPM may be back for the second: then PCR 8 says both. */
static void test_developer_does_not_start(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		machine(CRYPTO_MODE_DEVELOPER);
		fail_by(i);
		const enum host_end end = rig_boot_on(&rig);

		assert_logged("slot A: disk disk0 partition 1: not-measured: the TPM did "
			      "not measure this start: PCR 8, ");
		assert_logged("boot: MEASURE -> PICK");
		if (failures[i].recovers_at == 0) {
			assert_int_equal(end, HOST_END_TIME_UP);
			assert_int_equal(rig.started, RIG_NOTHING);
			assert_logged("slot B: disk disk0 partition 3: not-measured");
		} else {
			assert_int_equal(end, HOST_END_STARTED);
			assert_int_equal(rig.started, MARK_B);
			assert_separator(failures[i].events - 1, 1);
			assert_start(failures[i].events, kernel(MARK_B), "developer",
				     "1.2");
		}
		done();
	}
}

static void test_recovery_does_not_start(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		machine(CRYPTO_MODE_RECOVERY);
		fail_by(i);
		rig.host.time_limit_ms = 60000;
		assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
		assert_logged("not-measured: PCR 8, ");
		assert_logged("media: MEASURE -> PICK");
		assert_true(host_showed(&rig.host, "TPM"));
		done();
	}
}

/* A way out without a working TPM: leave developer mode. */
static void test_developer_mode_can_be_left(void **state)
{
	(void)state;
	machine(CRYPTO_MODE_DEVELOPER);
	fail_by(0);
	flow_ctrl(&rig, 1000, 's');
	flow_key(&rig, 2000, '\r');
	assert_ends(HOST_END_STARTED, MARK_A);
	assert_false(rig.host.state.developer);
	assert_string_equal(flow_told(&rig, "Mode"), "normal");
	done();
}

/* The platform's own measurement of an image, of which prepare_start tells. */
static void test_image_that_the_platform_did_not_measure(void **state)
{
	(void)state;
	for (int mode = 0; mode < (int)CRYPTO_MODES; mode++) {
		machine((enum crypto_mode)mode);
		lb_verdict_set(&rig.host.prepare_start_why, LB_REASON_NOT_MEASURED,
			       "PCR 4, image: input/output error");
		rig.host.time_limit_ms = 60000;
		if (mode == CRYPTO_MODE_NORMAL) {
			assert_ends(HOST_END_STARTED, MARK_A);
			assert_int_equal(rig.host.event_count, EVENTS);
			assert_logged("measure: failed: PCR 4, image");
		} else {
			assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
			assert_int_equal(rig.host.event_count, 0);
			assert_int_equal(rig.host.discards, rig.host.prepares);
			assert_logged(
				"measure: failed: PCR 4, image: input/output error");
			assert_logged("not-measured: ");
		}
		done();
	}
}

/* What a TPM answers that is asked for a PCR. */
static struct answer {
	const char *name;
	enum lb_status status;
	size_t bytes;
	uint8_t rc[4];
	bool dead;
} answers[] = {
	{ "good", LB_OK, 62, { 0, 0, 0, 0 }, false },
	{ "without that bank", LB_OK, 10, { 0, 0, 1, 0xc3 }, false },
	{ "being tested", LB_OK, 10, { 0, 0, 9, 0x0a }, false },
	{ "failure mode", LB_OK, 10, { 0, 0, 1, 1 }, true },
	{ "half an answer", LB_OK, 9, { 0, 0, 0, 0 }, true },
	{ "no answer", LB_ERR_IO, 0, { 0, 0, 0, 0 }, true },
	{ "slow", LB_ERR_TIMEOUT, 0, { 0, 0, 0, 0 }, true },
};

/* Floors ask it too, for which this one has no commands. */
static enum lb_status answer(void *ctx, const uint8_t *command, size_t len,
			     uint8_t *response, size_t *response_len)
{
	static const uint8_t unknown[] = { 0x80, 1, 0, 0, 0, 10, 0, 0, 1, 0x43 };
	const struct answer *a = ctx;

	assert_int_equal(lb_be32(command + 2), len);
	if (lb_be32(command + 6) != 0x17e) {
		memcpy(response, unknown, sizeof unknown);
		*response_len = sizeof unknown;
		return LB_OK;
	}
	assert_int_equal(len, 20);
	assert_in_range(a->bytes, 0, *response_len);
	memset(response, 0xcc, *response_len);
	memcpy(response, unknown, 2);
	lb_put_be32(response + 2, (uint32_t)a->bytes);
	memcpy(response + 6, a->rc, sizeof a->rc);
	*response_len = a->bytes;
	return a->status;
}

/* A dead TPM costs a trying slot no attempt, and normal mode does not ask. */
static void test_dead_tpm_is_noticed_before_the_charge(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		for (int mode = 0; mode < (int)CRYPTO_MODES; mode++) {
			const bool starts =
				!answers[i].dead || mode == CRYPTO_MODE_NORMAL;

			machine((enum crypto_mode)mode);
			flow_set_slot(&rig, 0, 6);
			rig.host.tpm = answer;
			rig.host.tpm_ctx = &answers[i];
			rig.host.time_limit_ms = 60000;
			if ((rig_boot_on(&rig) == HOST_END_STARTED) != starts)
				fail_msg("%s: log:\n%s", answers[i].name, rig.host.log);
			assert_int_equal(rig.host.event_count, starts ? EVENTS : 0);
			assert_int_equal(rig_slot(&rig, 0, 0).remaining_attempts,
					 starts && mode != CRYPTO_MODE_RECOVERY ? 5 : 6);
			done();
		}
}

/* --- bytes -------------------------------------------------------------------------- */

/* The section may be longer than the profile in it, and the digest 64 bytes. */
static void test_bytes(void **state)
{
	static uint8_t section[256], key_data[520], preamble_bytes[300];
	static const uint8_t body_digest[64] = { 1, 2, 3 };
	struct crypto_headers headers = { 0 };
	const struct boot_measured m = {
		.profile = section,
		.profile_bytes = sizeof section,
		.mode = CRYPTO_MODE_NORMAL,
		.headers = &headers,
		.body_digest = body_digest,
		.body_digest_bytes = sizeof body_digest,
		.cmdline = "",
	};
	const char *failed;

	(void)state;
	machine(CRYPTO_MODE_NORMAL);
	memset(section, 0x11, sizeof section);
	lb_put_le32(section + 8, 40);
	headers.keyblock.data_key.data = key_data;
	headers.keyblock.data_key.data_bytes = sizeof key_data;
	headers.preamble_bytes = preamble_bytes;
	headers.preamble.signed_len = 116;
	assert_int_equal(boot_measure(&rig.host.plat, &m, &failed), LB_OK);
	assert_int_equal(rig.host.event_count, EVENTS);
	assert_tagged(0, 1, section, 40, "lifeboat profile");
	assert_int_equal(rig.host.events[2].len, sizeof key_data);
	assert_int_equal(rig.host.events[3].len, 116);
	assert_int_equal(rig.host.events[4].len, 64);
	assert_memory_equal(rig.host.events[4].data, body_digest, 64);
	assert_int_equal(rig.host.events[4].text_len,
			 8 + strlen("lifeboat body: ") + 128);
	assert_tagged(5, 6, "", 1, "lifeboat command line: ");
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normal),
		cmocka_unit_test(test_same_every_boot),
		cmocka_unit_test(test_developer),
		cmocka_unit_test(test_sticks),
		cmocka_unit_test(test_recovery_that_was_left),
		cmocka_unit_test(test_only_what_starts_is_measured),
		cmocka_unit_test(test_image_that_returns),
		cmocka_unit_test(test_no_tpm),
		cmocka_unit_test(test_normal_starts_all_the_same),
		cmocka_unit_test(test_developer_does_not_start),
		cmocka_unit_test(test_recovery_does_not_start),
		cmocka_unit_test(test_developer_mode_can_be_left),
		cmocka_unit_test(test_image_that_the_platform_did_not_measure),
		cmocka_unit_test(test_dead_tpm_is_noticed_before_the_charge),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

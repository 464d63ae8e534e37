/* Keys nobody typed, on whole machines: receivers, modems, scanners and books on the
 * keyboard that never stop; and what only types, without seeing the screen. Long waits
 * are the rig's clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "boot/person/person.h"
#include "tests/host/boot_rig.h"
#include "tests/host/flow_machine.h"

#define MINUTE_MS 60000u
#define FOR_EVER  (24u * 60u * MINUTE_MS)

static struct boot_rig rig;

/* --- what never stops --------------------------------------------------------------- */

static struct stream {
	const char *name, *text; /* over and over */
	bool serial;
	uint16_t scan; /* instead of text */
	bool ctrl;
	uint32_t key_ms;   /* from key to key */
	uint32_t pause_ms; /* behind the text */
	uint64_t from_ms;
} stream;

static uint64_t next_ms;
static size_t at;

static enum lb_status endless(void *ctx, struct platform_key *out)
{
	struct host_platform *host = ctx;

	if (host->now_ms < next_ms || host->now_ms < stream.from_ms) {
		host->now_ms++;
		return LB_ERR_NOT_FOUND;
	}
	*out = (struct platform_key){ .scan = stream.scan,
				      .ctrl = stream.ctrl,
				      .serial = stream.serial };
	next_ms = host->now_ms + stream.key_ms;
	if (stream.scan != 0)
		return LB_OK;
	out->unicode = (uint8_t)stream.text[at++];
	if (stream.text[at] == '\0') {
		at = 0;
		next_ms += stream.pause_ms;
	}
	return LB_OK;
}

static void plug_in(const struct stream *s)
{
	stream = *s;
	next_ms = s->from_ms;
	at = 0;
	rig.host.plat.read_key = endless;
	rig.host.time_limit_ms = FOR_EVER;
}

#define NMEA "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n"

static const struct stream noises[] = {
	{ "a receiver, 5 sentences a second", NMEA, true, 0, 0, 1, 130, 0 },
	{ "a receiver, a sentence a second", NMEA, true, 0, 0, 1, 930, 0 },
	{ "a modem that rings", "RING\r\n", true, 0, 0, 1, 94, 0 },
	{ "a modem that rings every 5 s", "RING\r\n", true, 0, 0, 1, 5000, 0 },
	{ "ERROR ten times a second", "ERROR\r\n", true, 0, 0, 1, 93, 0 },
	{ "a scanner somebody leans on", "partner77\r", false, 0, 0, 50, 0, 0 },
	{ "a scanner, now and then", "partner77\r", false, 0, 0, 12, 3000, 0 },
	{ "R held down", "r", false, 0, 0, 33, 0, 0 },
	{ "a letter a second", "rpl\r", true, 0, 0, 1000, 0, 0 },
	{ "Ctrl-R for ever", "r", true, 0, true, 33, 0, 0 },
	{ "binary noise", "\x1b\x12\x05\x16\x03pR\x1b[A\r", true, 0, 0, 1, 0, 0 },
	{ "a line that sends breaks", "\x1b\x1b\x1b", true, 0, 0, 300, 0, 0 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A device that nobody asked starts, and at once. */
static void test_boots_whatever_comes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(noises); i++) {
		print_message("%s\n", noises[i].name);
		flow_machine(&rig, true);
		rig_power_off(&rig);
		plug_in(&noises[i]);
		assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
		assert_int_equal(rig.started, 'A');
		assert_string_equal(flow_told(&rig, "Mode"), "normal");
		assert_true(rig.host.now_ms < 4000);
		(void)rig_release(&rig);
	}
}

/* In developer mode after the warning. */
static void test_warning_goes_by(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(noises); i++) {
		print_message("%s\n", noises[i].name);
		flow_machine(&rig, true);
		rig.developer = PROFILE_DEVELOPER_ALLOWED;
		rig_profile(&rig);
		rig_power_off(&rig);
		rig.host.state.developer = true;
		plug_in(&noises[i]);
		assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
		assert_int_equal(rig.started, 'A');
		assert_true(rig.host.now_ms < 3 * BOOT_LONGEST_MS);
		assert_true(rig.host.state.developer);
		(void)rig_release(&rig);
	}
}

/* A recovery that the system asked for ends, and the device starts; nothing is stored,
 * and nothing switched off. */
static void test_recovery_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(noises); i++) {
		print_message("%s\n", noises[i].name);
		flow_machine(&rig, true);
		rig_power_off(&rig);
		rig.host.request = PLATFORM_REQUEST_RECOVERY;
		plug_in(&noises[i]);
		assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
		assert_int_equal(rig.started, 'A');
		assert_true(rig.host.now_ms < BOOT_LONGEST_MS + MINUTE_MS);
		assert_int_equal(rig.host.state_writes, 0);
		(void)rig_release(&rig);
	}
}

/* Something lies on the key for recovery: it is asked for, and then the device goes
 * on. */
static void test_escape_held_for_ever(void **state)
{
	const struct stream esc = { "Esc", "", false, PLATFORM_KEY_ESC, 0, 33, 0, 0 };

	(void)state;
	flow_machine(&rig, true);
	rig_power_off(&rig);
	plug_in(&esc);
	assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
	assert_int_equal(rig.started, 'A');
	assert_in_range(rig.host.now_ms, BOOT_IDLE_MS, BOOT_IDLE_MS + MINUTE_MS);
	(void)rig_release(&rig);
}

/* A device without a good slot waits in recovery through all of it, and takes a good
 * stick. */
static void test_stick_still_counts(void **state)
{
	static const struct rig_image good = {
		'R', 5, RIG_BY_RECOVERY_KEY, 0, NULL, false
	};

	(void)state;
	for (size_t i = 0; i < COUNT(noises); i++) {
		flow_machine(&rig, false);
		for (size_t slot = 0; slot < 2; slot++) /* half installed */
			memset(mem_disk_sector(&rig.host.disks[0].mem,
					       test_disk_slot_lba(512, slot)),
			       0, 512);
		rig_power_off(&rig);
		rig_stick(&rig, &good, 1)->from_ms = 100 * MINUTE_MS;
		plug_in(&noises[i]);
		assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
		assert_int_equal(rig.started, 'R');
		(void)rig_release(&rig);
	}
}

/* A stick with a loose contact: it comes and goes every ten seconds. */
static enum lb_status (*real_list)(void *, struct platform_disk *, size_t, size_t *);

static enum lb_status flapping(void *ctx, struct platform_disk *out, size_t max,
			       size_t *count)
{
	struct host_platform *host = ctx;

	host->disks[1].info.id = 200 + (uint32_t)(host->now_ms / 10000);
	return real_list(ctx, out, max, count);
}

static void test_media_that_come_and_go(void **state)
{
	static const struct rig_image bad = { 'X', 5, RIG_BY_STRANGER, 0, NULL, false };

	(void)state;
	for (int who = 0; who < 2; who++) {
		flow_machine(&rig, true);
		rig_power_off(&rig);
		rig_stick(&rig, &bad, 1);
		if (who == 0)
			rig.host.request = PLATFORM_REQUEST_RECOVERY;
		else
			flow_ask_recovery(&rig);
		real_list = rig.host.plat.list_disks;
		rig.host.plat.list_disks = flapping;
		rig.host.time_limit_ms = FOR_EVER;
		assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
		assert_int_equal(rig.started, 'A');
		assert_true(rig.host.now_ms <
			    (who == 0 ? BOOT_IDLE_MS : BOOT_LONGEST_MS) + MINUTE_MS);
		(void)rig_release(&rig);
	}
}

/* keyboard-input: none takes no key at all, recovery no mode changes. */
static void test_keyboard_input(void **state)
{
	(void)state;
	for (int input = PROFILE_KEYBOARD_FULL; input <= PROFILE_KEYBOARD_NONE; input++) {
		flow_machine(&rig, true);
		rig.developer = PROFILE_DEVELOPER_ALLOWED;
		rig.keyboard = (enum profile_keyboard_input)input;
		rig_profile(&rig);
		rig_power_off(&rig);
		flow_ask_recovery(&rig);
		flow_ctrl(&rig, 1000, 'd');
		rig.host.time_limit_ms = 5000;
		(void)rig_boot_on(&rig);
		assert_int_equal(rig.started == 'A', input == PROFILE_KEYBOARD_NONE);
		assert_int_equal(host_showed(&rig.host, "To switch it on"),
				 input == PROFILE_KEYBOARD_FULL);
		assert_int_equal(host_logged(&rig.host, "not taken from a keyboard"),
				 input == PROFILE_KEYBOARD_RECOVERY);
		(void)rig_release(&rig);
	}
}

/* --- what types without seeing the screen ------------------------------------------- */

static uint32_t step, guesses;
static uint32_t blind_ms;

/* Escape twice at power-on, Ctrl-D, then every four letters there are. */
static enum lb_status blind_keyboard(void *ctx, struct platform_key *out)
{
	static const char letters[] = "BCDFGHJKLNPRSTVX";
	struct host_platform *host = ctx;

	if (host->now_ms < next_ms) {
		host->now_ms++;
		return LB_ERR_NOT_FOUND;
	}
	*out = (struct platform_key){ 0 };
	next_ms = host->now_ms + (step < 3 ? 500 : blind_ms);
	if (step < 2) {
		out->scan = PLATFORM_KEY_ESC;
	} else if (step == 2) {
		out->unicode = 'd';
		out->ctrl = true;
	} else {
		const uint32_t n = step - 3, guess = n / 4;

		guesses = guess + 1;
		out->unicode =
			(uint16_t)(uint8_t)letters[guess >> (4 * (3 - n % 4)) & 15];
	}
	step++;
	return LB_OK;
}

/* At the speed of USB and at the speed of people: three tries, and not one more. */
static void test_blind_keyboard(void **state)
{
	(void)state;
	for (int people = 0; people < 2; people++) {
		flow_machine(&rig, true);
		rig.developer = PROFILE_DEVELOPER_ALLOWED;
		rig_profile(&rig);
		rig_power_off(&rig);
		rig.host.random_seed = 77;
		rig.host.time_limit_ms = FOR_EVER / 4;
		rig.host.plat.read_key = blind_keyboard;
		step = guesses = 0;
		next_ms = 0;
		blind_ms = people == 1 ? 120 : 16;
		(void)rig_boot_on(&rig);
		print_message("%u guesses typed\n", guesses);
		assert_false(rig.host.state.developer);
		assert_false(host_logged(&rig.host, "try 4 of"));
		assert_int_equal(host_logged(&rig.host, "try 3 of 3"), people == 1);
		(void)rig_release(&rig);
	}
}

/* A stick that is a keyboard too, in developer mode: Ctrl-U, Enter for its own key, and
 * then it does not know what to type. */
static void test_stick_that_answers_for_itself(void **state)
{
	static const struct rig_image own = { 'X', 5, RIG_BY_STRANGER, 0, NULL, false };

	(void)state;
	for (int once = 0; once < 2; once++) {
		flow_machine(&rig, true);
		rig.developer = PROFILE_DEVELOPER_ALLOWED;
		rig_profile(&rig);
		rig_power_off(&rig);
		rig.host.state.developer = true;
		rig.host.machine.secure_boot = once == 0;
		rig_stick(&rig, &own, 1);
		flow_ctrl(&rig, 1000, 'u');
		for (uint64_t t = 3000; t < 20000; t += 1000)
			if (once == 1)
				flow_ctrl(&rig, t, 'd');
			else
				flow_key(&rig, t, '\r');
		host_type(&rig.host, 20000, "BCDFGHJKLNPRSTVX");
		rig.host.time_limit_ms = 25000;
		(void)rig_boot_on(&rig);
		assert_int_not_equal(rig.started, 'X');
		assert_int_equal(rig.host.state.dev_key_count, 0);
		assert_true(host_showed(&rig.host, "To confirm, type:"));
		(void)rig_release(&rig);
	}
}

/* Somebody asks for a stick and goes away: each kernel of it asked about its key, and
 * waited for 15 minutes; a stick of 32 kept the device for a working day. */
static void test_questions_end_together(void **state)
{
	static const struct rig_image many[] = {
		{ 'X', 5, RIG_BY_STRANGER, 0, NULL, false },
		{ 'Y', 4, RIG_BY_STRANGER, 0, NULL, false },
		{ 'Z', 3, RIG_BY_DEVELOPER, 0, NULL, false },
		{ 'W', 2, RIG_BY_DEVELOPER, 0, NULL, false },
	};

	(void)state;
	flow_machine(&rig, true);
	rig.developer = PROFILE_DEVELOPER_ALLOWED;
	rig_profile(&rig);
	rig_power_off(&rig);
	rig.host.state.developer = true;
	rig_stick(&rig, many, sizeof many / sizeof many[0]);
	flow_ctrl(&rig, 1000, 'u');
	rig.host.time_limit_ms = FOR_EVER;
	assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
	assert_int_equal(rig.started, 'A');
	assert_true(host_showed(&rig.host, "Trust this developer key?"));
	assert_true(rig.host.now_ms < BOOT_IDLE_MS + MINUTE_MS);
	(void)rig_release(&rig);
}

/* New characters after each wrong four. */
static void test_new_characters_each_time(void **state)
{
	const char *at_text;
	char seen[3][5];
	size_t n = 0;

	(void)state;
	flow_machine(&rig, true);
	rig.developer = PROFILE_DEVELOPER_ALLOWED;
	rig_profile(&rig);
	rig_power_off(&rig);
	flow_ask_recovery(&rig);
	flow_ctrl(&rig, 1000, 'd');
	host_type(&rig.host, 3000, "AAAA");
	host_type(&rig.host, 4500, "BCDF"); /* too early: nothing counts yet */
	host_type(&rig.host, 8000, "AAAA");
	rig.host.time_limit_ms = 11000;
	(void)rig_boot_on(&rig);
	for (at_text = rig.host.shown; n < 3; n++) {
		char was[5] = "";

		if (n > 0)
			memcpy(was, seen[n - 1], 5);
		do {
			at_text = strstr(at_text, "type:\n");
			assert_non_null(at_text);
			at_text += strlen("type:\n");
			memcpy(seen[n], at_text, 4);
			seen[n][4] = '\0';
		} while (strcmp(seen[n], was) == 0);
	}
	assert_true(host_logged(&rig.host, "try 2 of 3"));
	(void)rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boots_whatever_comes),
		cmocka_unit_test(test_warning_goes_by),
		cmocka_unit_test(test_recovery_ends),
		cmocka_unit_test(test_escape_held_for_ever),
		cmocka_unit_test(test_stick_still_counts),
		cmocka_unit_test(test_media_that_come_and_go),
		cmocka_unit_test(test_keyboard_input),
		cmocka_unit_test(test_blind_keyboard),
		cmocka_unit_test(test_stick_that_answers_for_itself),
		cmocka_unit_test(test_questions_end_together),
		cmocka_unit_test(test_new_characters_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

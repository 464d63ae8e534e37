/* Recovery on whole machines: who gets there, which stick starts, what a person is told
 * and can do, and what is written meanwhile: one history record on the boot disk, and
 * nothing on any stick. Developer mode: developer_flow_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/flow/flow.h"
#include "boot/history/history_cell.h"
#include "boot/person/person.h"
#include "crypto/kernel_verify.h"
#include "recovery/rec_reason.h"
#include "tests/host/boot_rig.h"
#include "tests/host/flow_machine.h"
#include "tests/host/gpt_image.h"
#include "tests/host/media_image.h"

#define MARK_A 'A'
#define MARK_B 'B'
#define MARK_R 'R' /* recovery images */
#define MARK_S 'S'

#define NOTICED_MS 500u

static struct boot_rig rig; /* large; every test begins with flow_machine() */

static const struct rig_image good = { MARK_R, 5, RIG_BY_RECOVERY_KEY, 0, NULL, false };

/* A good system, and somebody holds the key for recovery. */
static void asked(void)
{
	flow_machine(&rig, true);
	rig_power_off(&rig);
	flow_ask_recovery(&rig);
}

/* No system that starts: nobody asked. */
static void broken(void)
{
	flow_machine(&rig, false);
	rig_power_off(&rig);
}

static void assert_media_untouched(void)
{
	for (size_t i = 1; i < rig.host.disk_count; i++)
		assert_int_equal(
			rig.host.disks[i].mem.writes + rig.host.disks[i].mem.flushes, 0);
}

static void assert_ends(enum host_end end, int mark)
{
	const enum host_end got = rig_boot_on(&rig);

	if (got != end || rig.started != mark)
		fail_msg("end %d, started %d; log:\n%s", got, rig.started, rig.host.log);
	assert_media_untouched();
}

/* Only the history record of the entry is written in a recovery that was asked for. */
static void assert_one_record(void)
{
	assert_int_equal(rig.host.disks[0].mem.writes, 1);
}

static void done(void)
{
	(void)rig_release(&rig);
}

/* --- with a good stick -------------------------------------------------------------- */

static void test_good_stick_starts_and_nothing_is_displayed(void **state)
{
	static uint32_t pixels[640 * 480];

	(void)state;
	asked();
	rig_stick(&rig, &good, 1);
	memset(pixels, 0x5a, sizeof pixels);
	rig.host.display = (struct platform_display){ 640, 480 };
	rig.host.pixels = pixels;
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_int_equal(rig.host.blits, 0);
	assert_int_equal(rig.host.shown_len, 0);
	for (size_t i = 0; i < 640 * 480; i++)
		assert_int_equal(pixels[i], 0x5a5a5a5a);
	assert_in_range(rig.host.now_ms, 200,
			250); /* nothing was waited for but the person */
	assert_one_record();
	assert_int_equal(rig.started_slot, 'R');
	assert_string_equal(flow_told(&rig, "Mode"), "recovery");
	assert_string_equal(flow_told(&rig, "Reason"), "2");
	assert_string_equal(flow_told(&rig, "Slot"),
			    "R 41414141-4141-4141-4141-414141414141");
	assert_string_equal(flow_told(&rig, "Model"), "rig");
	done();
}

static void test_good_stick_when_nothing_else_starts(void **state)
{
	(void)state;
	broken();
	rig_stick(&rig, &good, 1);
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_string_equal(flow_told(&rig, "Reason"), "1");
	assert_int_equal(rig.host.shown_len, 0);
	done();
}

/* A good system starts from its slot, whatever stick is in. */
static void test_stick_does_not_matter_when_the_system_is_good(void **state)
{
	(void)state;
	flow_machine(&rig, true);
	rig_stick(&rig, &good, 1);
	rig_power_off(&rig);
	assert_ends(HOST_END_STARTED, MARK_A);
	assert_int_equal(rig.host.disks[1].mem.reads, 0);
	done();
}

static void test_stick_put_in_later(void **state)
{
	static const uint64_t when[] = { 700, 5000, 5001, 5249, 5250, 45123, 250000 };

	(void)state;
	for (size_t i = 0; i < sizeof when / sizeof when[0]; i++) {
		asked();
		rig_stick(&rig, &good, 1)->from_ms = when[i];
		assert_ends(HOST_END_STARTED, MARK_R);
		assert_in_range(rig.host.now_ms, when[i], when[i] + NOTICED_MS);
		assert_true(host_showed(&rig.host, "Open this address"));
		assert_one_record();
		done();
	}
}

/* Also while internal disks are looked at again every 30 s. */
static void test_stick_put_in_later_when_nobody_asked(void **state)
{
	(void)state;
	for (uint64_t when = 29700; when < 30400; when += 100) {
		broken();
		rig_stick(&rig, &good, 1)->from_ms = when;
		assert_ends(HOST_END_STARTED, MARK_R);
		assert_in_range(rig.host.now_ms, when, when + NOTICED_MS);
		done();
	}
}

static void test_sd_cards_and_fixed_sticks_count_too(void **state)
{
	(void)state;
	asked();
	rig_stick(&rig, &good, 1)->info.removable = false;
	assert_ends(HOST_END_STARTED, MARK_R);
	done();
	asked();
	rig_stick(&rig, &good, 1)->info.attachment = PLATFORM_ATTACHED_SD_SLOT;
	assert_ends(HOST_END_STARTED, MARK_R);
	done();
}

/* A recovery image on an internal disk is none; not even a removable internal disk is. */
static void test_internal_disks_are_no_media(void **state)
{
	(void)state;
	asked();
	struct host_disk *disk = rig_stick(&rig, &good, 1);

	disk->info.attachment = PLATFORM_ATTACHED_INTERNAL;
	disk->info.removable = true;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "Open this address"));
	done();
}

/* The loader itself came from the stick: still media. The one write is the record of
 * it in the history of the disk with the slots. */
static void test_loader_on_the_stick(void **state)
{
	(void)state;
	asked();
	rig.host.disks[0].info.boot_disk = false;
	rig_stick(&rig, &good, 1)->info.boot_disk = true;
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_int_equal(rig.host.disks[0].mem.writes, 1);
	done();
}

static void test_sticks_that_the_firmware_connects_late(void **state)
{
	(void)state;
	asked();
	rig_stick(&rig, &good, 1)->late = true;
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_int_equal(rig.host.connects, 1);
	done();
}

/* --- which stick -------------------------------------------------------------------- */

static const struct choice {
	const char *name;
	struct rig_image stick[2][2]; /* mark 0: not there */
	int starts;
} choices[] = {
	{ "two versions on two sticks",
	  { { { MARK_R, 4, RIG_BY_RECOVERY_KEY, 0, NULL, false } },
	    { { MARK_S, 6, RIG_BY_RECOVERY_KEY, 0, NULL, false } } },
	  MARK_S },
	{ "the same the other way round",
	  { { { MARK_S, 6, RIG_BY_RECOVERY_KEY, 0, NULL, false } },
	    { { MARK_R, 4, RIG_BY_RECOVERY_KEY, 0, NULL, false } } },
	  MARK_S },
	{ "two versions on one stick",
	  { { { MARK_R, 4, RIG_BY_RECOVERY_KEY, 0, NULL, false },
	      { MARK_S, 6, RIG_BY_RECOVERY_KEY, 0, NULL, false } } },
	  MARK_S },
	{ "equal versions: the first",
	  { { { MARK_R, 5, RIG_BY_RECOVERY_KEY, 0, NULL, false } },
	    { { MARK_S, 5, RIG_BY_RECOVERY_KEY, 0, NULL, false } } },
	  MARK_R },
	{ "the newest is damaged: the next",
	  { { { MARK_S, 6, RIG_BY_RECOVERY_KEY, 0, NULL, true } },
	    { { MARK_R, 4, RIG_BY_RECOVERY_KEY, 0, NULL, false } } },
	  MARK_R },
	{ "a newer one for another device",
	  { { { MARK_S, 9, RIG_BY_STRANGER, 27, NULL, false } },
	    { { MARK_R, 4, RIG_BY_RECOVERY_KEY, 0, NULL, false } } },
	  MARK_R },
	{ "one named for another processor goes last",
	  { { { MARK_S, 9, RIG_BY_RECOVERY_KEY, 0, "RECOVERY-AARCH64", false },
	      { MARK_R, 4, RIG_BY_RECOVERY_KEY, 0, "RECOVERY-X86_64", false } } },
	  MARK_R },
	{ "and is tried all the same",
	  { { { MARK_S, 9, RIG_BY_RECOVERY_KEY, 0, "RECOVERY-AARCH64", false } } },
	  MARK_S },
};

static void test_choices(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
		print_message("row: %s\n", choices[i].name);
		asked();
		for (size_t s = 0; s < 2; s++) {
			const struct rig_image *images = choices[i].stick[s];

			if (images[0].mark != 0)
				rig_stick(&rig, images, images[1].mark != 0 ? 2 : 1);
		}
		assert_ends(HOST_END_STARTED, choices[i].starts);
		assert_int_equal(rig.host.shown_len, 0);
		done();
	}
}

/* --- sticks that are refused -------------------------------------------------------- */

static const struct refusal {
	const char *name;
	struct rig_image image;
	uint32_t recovery_floor;
	const char *words, *logged;
} refusals[] = {
	{ "made for another device",
	  { MARK_S, 5, RIG_BY_STRANGER, 27, NULL, false },
	  0,
	  "It was made for another device.",
	  "key-unknown" },
	{ "signed by the kernel key",
	  { MARK_S, 5, RIG_BY_KERNEL_KEY, 27, NULL, false },
	  0,
	  "It was made for another device.",
	  "key-unknown" },
	{ "an image of the system",
	  { MARK_S, 5, RIG_BY_KERNEL_KEY, 0, NULL, false },
	  0,
	  "It is a system image, not a recovery image.",
	  "system-image" },
	{ "a system's kernel",
	  { MARK_S, 5, RIG_BY_RECOVERY_KEY, 23, NULL, false },
	  0,
	  "It was not made for this purpose.",
	  "keyblock-flags" },
	{ "a developer's own",
	  { MARK_S, 5, RIG_BY_DEVELOPER, 27, NULL, false },
	  0,
	  "It was not made for this purpose.",
	  "self-signed" },
	{ "too old",
	  { MARK_R, 5, RIG_BY_RECOVERY_KEY, 0, NULL, false },
	  0x10006,
	  "key 1 kernel 5 < key 1 kernel 6",
	  "version-too-old" },
	{ "damaged",
	  { MARK_R, 5, RIG_BY_RECOVERY_KEY, 0, NULL, true },
	  0,
	  "What is on it is damaged.",
	  "body-damaged" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		const struct refusal *r = &refusals[i];

		print_message("row: %s\n", r->name);
		asked();
		rig.recovery_floor = r->recovery_floor;
		rig_profile(&rig);
		rig_stick(&rig, &r->image, 1);
		assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
		assert_true(host_showed(&rig.host, "This stick or card cannot be used"));
		assert_true(host_showed(&rig.host, r->words));
		assert_true(host_showed(&rig.host, "disk1, partition 2"));
		assert_true(host_logged(&rig.host, r->logged));
		assert_int_equal(rig.host.starts, 0);
		assert_one_record();
		done();
	}
}

/* Developer mode changes nothing in recovery. */
static void test_self_signed_in_developer_mode(void **state)
{
	static const struct rig_image own = {
		MARK_S, 5, RIG_BY_DEVELOPER, 27, NULL, false
	};

	(void)state;
	asked();
	rig.developer = PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT;
	rig_profile(&rig);
	rig.host.state.developer = true;
	rig_stick(&rig, &own, 1);
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_logged(&rig.host, "self-signed"));
	done();
}

static void test_made_for_another_processor(void **state)
{
	(void)state;
	asked();
	rig.host.machine.cpu = PLATFORM_CPU_AARCH64;
	rig_stick(&rig, &good, 1);
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "It was made for another processor."));
	done();
}

static void test_sticks_with_nothing_on_them(void **state)
{
	(void)state;
	asked();
	host_add_disk(&rig.host, PLATFORM_ATTACHED_USB, 512, 4096);
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "There is no recovery system on it."));
	done();
	asked();
	rig_stick(&rig, NULL, 0);
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "There is no recovery system on it."));
	done();
}

static void test_bad_stick_then_good_one(void **state)
{
	(void)state;
	asked();
	rig_stick(&rig, &refusals[0].image, 1);
	rig_stick(&rig, &good, 1)->from_ms = 9000;
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_in_range(rig.host.now_ms, 9000, 9000 + NOTICED_MS);
	assert_true(host_showed(&rig.host, "It was made for another device."));
	assert_one_record();
	done();
}

/* Pulling a bad stick leads back to the screen that says how to make a good one. */
static void test_bad_stick_pulled(void **state)
{
	(void)state;
	asked();
	rig_stick(&rig, &refusals[0].image, 1)->until_ms = 3000;
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	const char *bad = strstr(rig.host.shown, "cannot be used");

	assert_non_null(bad);
	assert_non_null(strstr(bad, "Put it in here"));
	done();
}

static void fail_body(struct host_disk *disk, enum lb_status status)
{
	const uint64_t lba = media_image_lba(512, 0) + 140;

	mem_disk_fail(&disk->mem, (struct mem_fault){ .op = MEM_READ,
						      .first_lba = lba,
						      .last_lba = lba,
						      .status = status });
}

static void test_stick_pulled_while_it_is_read(void **state)
{
	(void)state;
	asked();
	struct host_disk *pulled = rig_stick(&rig, &good, 1);

	fail_body(pulled, LB_ERR_REMOVED);
	pulled->until_ms = 400;
	rig_stick(&rig, &good, 1)->from_ms = 6000; /* put in again */
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_in_range(rig.host.now_ms, 6000, 6000 + NOTICED_MS);
	assert_true(host_logged(&rig.host, "disk-removed"));
	done();
}

/* "Put it in here" would be wrong, and so would "make it again": it stays on the screen
 * that it was pulled out, also where the firmware calls it an error and notices later. */
static void test_it_is_said_that_it_was_pulled(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		asked();
		struct host_disk *pulled = rig_stick(&rig, &good, 1);

		fail_body(pulled, i == 0 ? LB_ERR_REMOVED : LB_ERR_IO);
		pulled->until_ms = i == 0 ? 400 : 1500;
		rig.host.time_limit_ms = 60000;
		assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
		const char *said = strstr(rig.host.shown, "It was pulled out too early.");

		assert_non_null(said);
		assert_null(strstr(rig.host.shown, "cannot be used"));
		assert_null(strstr(rig.host.shown, "It cannot be read."));
		assert_non_null(strstr(said, "Put it in here"));
		assert_null(strstr(said, "Take another computer"));
		done();
	}
}

static uint32_t slow_ms;
static enum lb_status (*real_read)(void *ctx, uint32_t id, uint64_t lba, size_t sectors,
				   void *buf);

static enum lb_status slow_read(void *ctx, uint32_t id, uint64_t lba, size_t sectors,
				void *buf)
{
	rig.host.now_ms += id == rig.host.disks[1].info.id ? slow_ms : 0;
	return real_read(ctx, id, lba, sectors, buf);
}

/* A stick is read in some 5 calls here, of @ms each. */
static void slow_stick(uint32_t ms, uint64_t from_ms)
{
	asked();
	real_read = rig.host.plat.read;
	rig.host.plat.read = slow_read;
	slow_ms = ms;
	rig_stick(&rig, &good, 1)->from_ms = from_ms;
	assert_ends(HOST_END_STARTED, MARK_R);
	rig.host.plat.read = real_read;
}

/* Where a screen stands it says so after a second, and otherwise after five. */
static void test_slow_stick(void **state)
{
	static const struct {
		uint32_t ms;
		uint64_t from_ms;
		bool told;
	} rows[] = {
		{ 0, 3000, false }, { 100, 3000, false }, { 1100, 3000, true },
		{ 1100, 0, false }, { 6000, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		slow_stick(rows[i].ms, rows[i].from_ms);
		if (host_showed(&rig.host, "The stick or card is being read") !=
			    rows[i].told ||
		    host_showed(&rig.host, "Leave it in.") != rows[i].told)
			fail_msg("%u ms from %u: %s", rows[i].ms,
				 (unsigned int)rows[i].from_ms, rig.host.shown);
		if (rows[i].told)
			assert_true(host_logged(&rig.host, "media: reading, "));
		done();
	}
}

/* A card that the system lives on: the profile lacks a line, and this is it. */
static void test_own_slots_on_a_card(void **state)
{
	static const struct rig_image own = {
		MARK_S, 5, RIG_BY_KERNEL_KEY, 0, NULL, false
	};

	(void)state;
	broken();
	rig.host.disks[0].info.boot_disk = false;
	struct host_disk *card = rig_stick(&rig, &own, 1);

	card->info.attachment = PLATFORM_ATTACHED_SD_SLOT;
	card->info.boot_disk = true;
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "It holds this device's own system."));
	assert_true(host_showed(&rig.host, "partition 2: internal-disk = host/disk1"));
	done();
}

static void test_unreadable_stick(void **state)
{
	(void)state;
	asked();
	fail_body(rig_stick(&rig, &good, 1), LB_ERR_IO);
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "It cannot be read."));
	done();
}

/* --- images that do not start ------------------------------------------------------- */

static void test_start_that_returns(void **state)
{
	static const enum host_start how[] = { HOST_START_RETURNS, HOST_START_FAILS };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		asked();
		rig_stick(&rig, &good, 1);
		rig.host.start_does = how[i];
		assert_ends(HOST_END_TIME_UP, MARK_R);
		assert_int_equal(rig.host.starts, 1);
		assert_int_equal(rig.host.discards, rig.host.prepares);
		assert_true(host_showed(&rig.host, "This device cannot start it."));
		assert_true(host_logged(&rig.host, "handoff-returned"));
		done();
	}
}

/* The next best gets its turn when one cannot be prepared or started. */
static void test_next_candidate_after_one_that_returns(void **state)
{
	static const struct rig_image two[] = {
		{ MARK_R, 5, RIG_BY_RECOVERY_KEY, 0, NULL, false },
		{ MARK_S, 6, RIG_BY_RECOVERY_KEY, 0, NULL, false },
	};

	(void)state;
	asked();
	rig_stick(&rig, two, 2);
	rig.host.start_does = HOST_START_RETURNS;
	assert_ends(HOST_END_TIME_UP, MARK_R); /* the last that was tried */
	assert_int_equal(rig.host.starts, 2);
	done();
}

static void test_image_that_cannot_be_prepared(void **state)
{
	(void)state;
	asked();
	rig_stick(&rig, &good, 1);
	rig.host.prepare_start_status = LB_ERR_NOMEM;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "This device cannot start it."));
	done();
}

/* --- who gets to recovery ----------------------------------------------------------- */

static void test_no_stick(void **state)
{
	(void)state;
	broken();
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "No system on this device can be started."));
	assert_true(host_showed(&rig.host, "example.com/recover"));
	assert_true(host_showed(&rig.host, "disk0, slot A"));
	done();
}

static void test_graphics(void **state)
{
	(void)state;
	broken();
	rig.host.display = (struct platform_display){ 640, 480 };
	rig.host.memory_limit = 16u << 20;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(rig.host.blits > 0);
	assert_int_equal(rig.host.shown_len, 0); /* the screen is drawn, not written */
	/* The serial line says the same in words. */
	assert_true(host_logged(&rig.host, "Open this address"));
	done();
}

/* No memory for pixels is no reason to say nothing. */
static struct {
	uint32_t least_x, most_x, whole_lines;
} drawn;

static enum lb_status note_blit(void *ctx, uint32_t x, uint32_t y, uint32_t width,
				uint32_t height, const uint32_t *pixels, size_t stride)
{
	(void)ctx, (void)pixels, (void)stride;
	assert_true(x + width <= rig.host.display.width);
	assert_true(y + height <= rig.host.display.height);
	if (height == 64) { /* a strip of the background */
		drawn.whole_lines += x == 0 ? height : 0;
		return LB_OK;
	}
	drawn.least_x = x < drawn.least_x ? x : drawn.least_x;
	drawn.most_x = x + width > drawn.most_x ? x + width : drawn.most_x;
	return LB_OK;
}

/* A wall of screens: drawn in its middle, and nothing of the firmware's text beside
 * it. */
static void test_a_wall_of_screens(void **state)
{
	(void)state;
	asked();
	rig.host.display.width = 8192;
	rig.host.display.height = 2176;
	rig.host.memory_limit = 256u * 1024u * 1024u;
	rig.host.plat.blit = note_blit;
	rig.host.time_limit_ms = 3000;
	drawn.least_x = UINT32_MAX;
	drawn.most_x = drawn.whole_lines = 0;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_logged(&rig.host, "screen: 8192x2176, graphics"));
	assert_in_range(drawn.least_x, 256, 8192);
	assert_in_range(drawn.most_x, 4096, 7936);
	assert_int_equal(drawn.whole_lines, 2176);
	done();
}

static void test_too_little_memory_for_graphics(void **state)
{
	(void)state;
	broken();
	rig.host.display = (struct platform_display){ 3840, 2160 };
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_int_equal(rig.host.blits, 0);
	assert_true(host_showed(&rig.host, "Open this address"));
	done();
}

static void test_key_after_verification(void **state)
{
	(void)state;
	flow_machine(&rig, true);
	rig_power_off(&rig);
	/* The first look, at entry, costs a millisecond and finds nothing. */
	flow_scan(&rig, 1, PLATFORM_KEY_ESC);
	flow_scan(&rig, 300, PLATFORM_KEY_ESC);
	rig_stick(&rig, &good, 1);
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_string_equal(flow_told(&rig, "Reason"), "2");
	assert_true(host_logged(&rig.host, "PREPARE -> RECOVERY"));
	assert_one_record();
	done();
}

/* Before the charge: a trying slot keeps its attempts. */
static void test_key_costs_no_attempt(void **state)
{
	(void)state;
	for (uint64_t at = 0; at < 2; at++) {
		flow_machine(&rig, true);
		flow_set_slot(&rig, 1, 6);
		rig_power_off(&rig);
		flow_scan(&rig, at, PLATFORM_KEY_ESC);
		flow_scan(&rig, 300, PLATFORM_KEY_ESC);
		rig_stick(&rig, &good, 1);
		assert_ends(HOST_END_STARTED, MARK_R);
		assert_int_equal(rig_slot(&rig, 0, 1).remaining_attempts, 6);
		done();
	}
}

static void test_other_keys_do_nothing(void **state)
{
	(void)state;
	flow_machine(&rig, true);
	rig_power_off(&rig);
	flow_key(&rig, 0, 'x');
	flow_scan(&rig, 0, PLATFORM_KEY_UP);
	flow_ctrl(&rig, 0, 'd');
	assert_ends(HOST_END_STARTED, MARK_A);
	done();
}

static void test_request_of_the_os(void **state)
{
	(void)state;
	flow_machine(&rig, true);
	rig_stick(&rig, &good, 1);
	rig_power_off(&rig);
	rig.host.request = PLATFORM_REQUEST_RECOVERY;
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_string_equal(flow_told(&rig, "Reason"), "3");
	/* Once. */
	assert_int_equal(rig.host.request, 0);
	rig_power_off(&rig);
	assert_ends(HOST_END_STARTED, MARK_A);
	done();
}

static void test_requests_that_do_not_count(void **state)
{
	(void)state;
	for (uint8_t request = 1; request < 4; request++) {
		flow_machine(&rig, true);
		rig_stick(&rig, &good, 1);
		rig_power_off(&rig);
		rig.host.request = request;
		rig.host.request_stays = request == PLATFORM_REQUEST_RECOVERY;
		assert_ends(HOST_END_STARTED, MARK_A);
		done();
	}
}

static void test_boot_entry(void **state)
{
	(void)state;
	flow_machine(&rig, true);
	rig_stick(&rig, &good, 1);
	rig_power_off(&rig);
	rig.recovery_requested = true;
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_string_equal(flow_told(&rig, "Reason"), "4");
	done();
}

static void test_no_profile(void **state)
{
	(void)state;
	flow_machine(&rig, true);
	rig.profile[20] ^= 1;
	rig_stick(&rig, &good, 1);
	rig_power_off(&rig);
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_logged(&rig.host, "no-profile"));
	assert_int_equal(rig.host.disks[0].mem.writes, 0);
	done();
}

/* --- leaving it --------------------------------------------------------------------- */

static void test_start_normally(void **state)
{
	(void)state;
	asked();
	flow_scan(&rig, 8000, PLATFORM_KEY_ESC);
	assert_ends(HOST_END_STARTED, MARK_A);
	assert_in_range(rig.host.now_ms, 8000, 8100);
	assert_string_equal(flow_told(&rig, "Mode"), "normal");
	assert_string_equal(flow_told(&rig, "Reason"), "0");
	done();
}

static void test_start_normally_with_a_bad_stick(void **state)
{
	(void)state;
	asked();
	rig_stick(&rig, &refusals[0].image, 1);
	flow_scan(&rig, 8000, PLATFORM_KEY_ESC);
	assert_ends(HOST_END_STARTED, MARK_A);
	done();
}

/* Nobody asked: a disk that comes late is found, with a bad stick in or not. */
static void test_disk_that_comes_late(void **state)
{
	(void)state;
	for (int bad = 0; bad < 2; bad++) {
		flow_machine(&rig, true);
		rig.host.disks[0].from_ms = 45000;
		if (bad != 0)
			rig_stick(&rig, &refusals[0].image, 1);
		rig_power_off(&rig);
		assert_ends(HOST_END_STARTED, MARK_A);
		assert_in_range(rig.host.now_ms, 60000, 61000);
		done();
	}
}

/* Somebody asked: nothing but media starts by itself. */
static void test_asked_recovery_stays(void **state)
{
	(void)state;
	asked();
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "Recovery was asked for."));
	assert_one_record();
	done();
}

/* Whoever asked: a device whose system is good is not said to have none. */
static void test_screen_says_that_it_was_asked(void **state)
{
	(void)state;
	for (int who = 0; who < 3; who++) {
		flow_machine(&rig, true);
		rig.recovery_requested = who == 1;
		if (who == 0)
			flow_ask_recovery(&rig);
		else if (who == 2)
			rig.host.request = PLATFORM_REQUEST_RECOVERY;
		assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
		assert_true(host_showed(&rig.host, "Recovery was asked for."));
		assert_false(host_showed(&rig.host, "No system on this device"));
		done();
	}
}

/* A stray key or a request leads to recovery, and nobody comes: the good system
 * starts. */
static void test_nobody_comes(void **state)
{
	(void)state;
	for (int who = 0; who < 3; who++) {
		flow_machine(&rig, true);
		rig_power_off(&rig);
		rig.host.time_limit_ms = 40u * 60u * 1000u;
		if (who == 0)
			flow_ask_recovery(&rig);
		else if (who == 1)
			rig.host.request = PLATFORM_REQUEST_RECOVERY;
		else
			rig.recovery_requested = true;
		if (who == 2)
			flow_key(&rig, 60000, '\t'); /* leaves the details open */
		assert_ends(HOST_END_STARTED, MARK_A);
		assert_in_range(rig.host.now_ms, BOOT_IDLE_MS,
				BOOT_IDLE_MS + (who == 2 ? 61000 : 1000));
		done();
	}
}

/* Firmware that sees only what is in at power-on: the words say so, and a device that
 * nobody asked looks again by itself, unless somebody is at its keys. */
static void test_media_seen_at_power_on_only(void **state)
{
	(void)state;
	broken();
	rig.host.machine.media_fixed = true;
	rig.host.time_limit_ms = 60u * 60u * 1000u;
	assert_ends(HOST_END_RESTART, 0);
	assert_in_range(rig.host.now_ms, BOOT_RESTART_MS, BOOT_RESTART_MS + 1000);
	assert_non_null(strstr(rig.host.log, "4. Put it in, then switch off and on"));
	done();

	broken();
	rig.host.machine.media_fixed = true;
	rig.host.time_limit_ms = 60u * 60u * 1000u;
	flow_key(&rig, 100000, '\t');
	assert_ends(HOST_END_RESTART, 0);
	assert_in_range(rig.host.now_ms, 100000 + BOOT_RESTART_MS,
			101000 + BOOT_RESTART_MS);
	done();

	asked();
	rig.host.machine.media_fixed = true;
	rig.host.time_limit_ms = BOOT_RESTART_MS * 3;
	assert_ends(HOST_END_TIME_UP, 0);
	done();
}

/* Details left open keep nobody's disk from being found. */
static void test_details_left_open(void **state)
{
	(void)state;
	flow_machine(&rig, true);
	rig.host.disks[0].from_ms = 45000;
	rig_power_off(&rig);
	rig.host.time_limit_ms = 40u * 60u * 1000u;
	flow_key(&rig, 20000, '\t');
	assert_ends(HOST_END_STARTED, MARK_A);
	assert_in_range(rig.host.now_ms, 20000 + BOOT_IDLE_MS, 51000 + BOOT_IDLE_MS);
	done();
}

/* A stick put in, even a bad one, is a person. */
static void test_somebody_comes_late(void **state)
{
	(void)state;
	asked();
	rig.host.time_limit_ms = 60u * 60u * 1000u;
	rig_stick(&rig, &refusals[0].image, 1)->from_ms = 14u * 60u * 1000u;
	rig_stick(&rig, &good, 1)->from_ms = 28u * 60u * 1000u;
	assert_ends(HOST_END_STARTED, MARK_R);
	done();
}

static void test_power_off(void **state)
{
	(void)state;
	asked();
	flow_key(&rig, 4000, 'p');
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING); /* one letter does not do it */
	rig_power_off(&rig);
	flow_ask_recovery(&rig);
	flow_key(&rig, 4000, 'p');
	flow_key(&rig, 5000, '\r');
	assert_ends(HOST_END_POWER_OFF, RIG_NOTHING);
	done();
}

/* --- a person, and serial lines ----------------------------------------------------- */

static void test_language_is_remembered(void **state)
{
	(void)state;
	asked();
	rig.host.memory_limit = 16u << 20;
	flow_key(&rig, 3000, 'l');
	flow_scan(&rig, 3300, PLATFORM_KEY_DOWN);
	flow_key(&rig, 3600, '\r');
	flow_key(&rig, 4600, '\r'); /* asked in the new language */
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_int_equal(rig.host.state_writes, 1);
	assert_int_not_equal(rig.host.state.language[0], 0);
	assert_string_not_equal(rig.host.state.language, "en");
	done();
}

/* All that the screen has, page by page, on a machine where recovery was asked for: slots
 * are told although none was tried, and nothing is written. */
static void test_details(void **state)
{
	static const char *const told[] = {
		"Lifeboat ",
		"Firmware: Host 1.2",
		"Machine: Lifeboat / Test machine",
		"Model: rig",
		"Display: ",
		"Recovery reason: 2 (a key was pressed at power-on)",
		"Mode: recovery; developer mode off",
		"Floors: kernel 0.0, recovery 0.0",
		"  variable: ",
		"  TPM: none",
		"Kernel key: ",
		"Recovery key: ",
		"Enrolled developer keys: 0",
		"  disk0: ",
		"internal, boot disk",
		"    partition table: ",
		"    slot A: partition ",
		"bootable: booted correctly",
		"      signed headers good, version 1.2",
		"    slot B: partition ",
		"  disk1: ",
		"USB, recovery media",
		"disk1 partition 2: key-unknown",
		"Earlier boots:",
		"Log:",
		"  media: SCAN -> PICK",
	};

	(void)state;
	asked();
	rig_stick(&rig, &refusals[0].image, 1);
	flow_key(&rig, 3000, '\t');
	for (uint64_t page = 1; page < 8; page++)
		flow_key(&rig, 3000 + 200 * page, ' ');
	flow_key(&rig, 5000, '\t');
	flow_key(&rig, 6000, 'p');
	flow_key(&rig, 7000, '\r');
	assert_ends(HOST_END_POWER_OFF, RIG_NOTHING);
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
		if (!host_showed(&rig.host, told[i]))
			fail_msg("\"%s\" is not shown:\n%s", told[i], rig.host.shown);
	assert_true(host_showed(&rig.host, "Switching off"));
	assert_one_record();
	done();
}

/* Each enrolled key, and none that is not. */
static void test_details_of_keys(void **state)
{
	(void)state;
	asked();
	for (uint8_t i = 0; i < PLATFORM_MAX_DEV_KEYS; i++)
		memset(rig.host.state.dev_key[i], 0xa1 + i, CRYPTO_KEY_ID_BYTES);
	rig.host.state.dev_key_count = 2;
	flow_key(&rig, 3000, '\t');
	for (uint64_t page = 1; page < 4; page++)
		flow_key(&rig, 3000 + 200 * page, ' ');
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "Enrolled developer keys: 2"));
	assert_true(host_showed(&rig.host, "  a1a1a1a1a1a1a1a1...\n"));
	assert_true(host_showed(&rig.host, "  a2a2a2a2a2a2a2a2...\n"));
	assert_false(host_showed(&rig.host, "a3a3a3"));
	done();
}

/* A machine without SMBIOS is called by its device tree, in log and details. */
static void test_names_of_machines(void **state)
{
	static const struct {
		const char *vendor;
		size_t compatible;
		const char *log, *details;
	} rows[] = {
		{ "Acme", 0, " on Acme/Test machine, ", "Machine: Acme / Test machine" },
		{ "Acme", 1, " on Acme/Test machine, ", "Machine: Acme / Test machine" },
		{ "", 1, " on acme,board, ", "Machine: acme,board" },
		{ "", 0, " on /Test machine, ", "Machine:  / Test machine" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct platform_machine *m;

		asked();
		m = &rig.host.machine;
		snprintf(m->vendor, sizeof m->vendor, "%s", rows[i].vendor);
		snprintf(m->compatible[0], sizeof m->compatible[0], "acme,board");
		m->compatible_count = rows[i].compatible;
		flow_key(&rig, 3000, '\t');
		rig.host.time_limit_ms = 10000;
		assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
		assert_true(host_logged(&rig.host, rows[i].log));
		assert_true(host_showed(&rig.host, rows[i].details));
		done();
	}
}

/* What was refused, and a disk without a table, stand there with their reasons. */
static void test_details_of_what_is_broken(void **state)
{
	(void)state;
	broken();
	host_add_disk(&rig.host, PLATFORM_ATTACHED_INTERNAL, 512, 4096);
	flow_key(&rig, 3000, '\t');
	flow_key(&rig, 3100, ' ');
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "not bootable: booted incorrectly"));
	assert_true(host_showed(&rig.host, "    no-gpt "));
	assert_true(host_showed(&rig.host, "Refused in this boot:"));
	assert_true(host_showed(&rig.host, " slot A (partition "));
	assert_true(host_showed(&rig.host, "slot-dead 16"));
	done();
}

/* What this device did before stands there too. */
static void test_details_of_earlier_boots(void **state)
{
	(void)state;
	flow_machine(&rig, true);
	rig_power_off(&rig);
	assert_ends(HOST_END_STARTED, MARK_A);
	rig_power_off(&rig);
	flow_ask_recovery(&rig);
	flow_key(&rig, 3000, '\t');
	flow_key(&rig, 3100, ' ');
	flow_key(&rig, 3200, ' ');
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(
		&rig.host, "Earlier boots:\n  1.0 slot started, mode normal, reason 0, "
			   "version 1.2, floor 1.2, "));
	done();
}

/* --- when something is wrong with the loader itself --------------------------------- */

static void show_error(void *arg)
{
	static struct boot_ctx ctx;
	const struct boot_config config = { .version = "test" };

	(void)arg;
	(void)boot_init(&ctx, &rig.host.plat, &config);
	boot_error(&ctx, "a test went wrong");
}

/* Nobody need be there; each key makes it stay for longer. */
static void test_error(void **state)
{
	(void)state;
	flow_machine(&rig, true);
	rig_power_off(&rig);
	assert_int_equal(host_run(&rig.host, show_error, NULL), HOST_END_RETURNED);
	assert_in_range(rig.host.now_ms, BOOT_ERROR_MS, BOOT_ERROR_MS + 200);
	assert_true(host_showed(&rig.host, "Something went wrong"));
	assert_true(host_showed(&rig.host, "a test went wrong"));
	assert_true(host_showed(&rig.host, "Keys: R = Restart, P = Switch off, Tab"));
	done();

	flow_machine(&rig, true);
	rig_power_off(&rig);
	flow_key(&rig, 30000, '\t');
	assert_int_equal(host_run(&rig.host, show_error, NULL), HOST_END_RETURNED);
	assert_in_range(rig.host.now_ms, 30000 + BOOT_ERROR_MS, 30300 + BOOT_ERROR_MS);
	assert_true(host_showed(&rig.host, "Profile: none that is valid"));
	done();

	flow_machine(&rig, true);
	rig_power_off(&rig);
	flow_key(&rig, 5000, 'r');
	assert_int_equal(host_run(&rig.host, show_error, NULL), HOST_END_RESTART);
	done();
}

/* By serial line alone: the codes of the languages are listed, the chosen one is
 * marked. */
static void test_language_by_serial_line(void **state)
{
	(void)state;
	asked();
	rig.host.memory_limit = 16u << 20;
	flow_serial(&rig, 3000, 'l');
	flow_serial(&rig, 4000, '+');
	flow_serial(&rig, 4400, '+');
	flow_serial(&rig, 4800, '-');
	flow_serial(&rig, 5200, '\r');
	flow_serial(&rig, 6000, '\r'); /* asked in the new language */
	rig.host.time_limit_ms = 20000;
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_true(host_showed(&rig.host, "L = Language"));
	assert_true(host_showed(&rig.host, ">en< ar "));
	assert_true(host_showed(&rig.host, " en >ar<"));
	assert_true(host_showed(&rig.host, "+ = Down, - = Up\n"));
	assert_memory_equal(rig.host.state.language, "ar\0\0\0\0\0", 8);
	done();
}

static const struct {
	enum profile_serial_input input;
	bool recovery; /* a serial key leads there */
} serial_rows[] = {
	{ PROFILE_SERIAL_RECOVERY, true },
	{ PROFILE_SERIAL_FULL, true },
	{ PROFILE_SERIAL_NONE, false },
};

static void test_serial_input(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		flow_machine(&rig, true);
		rig.serial = serial_rows[i].input;
		rig_profile(&rig);
		rig_stick(&rig, &good, 1);
		rig_power_off(&rig);
		flow_serial_ctrl(&rig, 0, 'r');
		flow_serial_ctrl(&rig, 300, 'e');
		flow_serial_ctrl(&rig, 600, 'v');
		assert_ends(HOST_END_STARTED, serial_rows[i].recovery ? MARK_R : MARK_A);
		done();

		asked();
		rig.serial = serial_rows[i].input;
		rig_profile(&rig);
		flow_serial(&rig, 4000, 'p');
		flow_serial(&rig, 5000, '\r');
		assert_ends(serial_rows[i].recovery ? HOST_END_POWER_OFF
						    : HOST_END_TIME_UP,
			    RIG_NOTHING);
		done();
	}
}

/* --- what is remembered ------------------------------------------------------------- */

static void test_history_of_a_recovery(void **state)
{
	struct history_record r;

	(void)state;
	asked();
	rig_stick(&rig, &good, 1);
	assert_ends(HOST_END_STARTED, MARK_R);
	r = flow_record(&rig, 1, 0);
	assert_int_equal(r.stage, HISTORY_STAGE_RECOVERY);
	assert_int_equal(r.reason, REC_REASON_KEY);
	assert_int_equal(r.mode, CRYPTO_MODE_NORMAL);
	rig_power_off(&rig);
	assert_ends(HOST_END_STARTED, MARK_A);
	r = flow_record(&rig, 2, 0);
	assert_int_equal(r.stage, HISTORY_STAGE_HANDOFF);
	assert_int_equal(r.version, 0x10002);
	assert_memory_equal(r.slot, rig_slot(&rig, 0, 0).guid, 16);
	done();
}

/* However long it lasts, and however often internal disks are looked at again. */
static void test_recovery_is_recorded_once(void **state)
{
	(void)state;
	broken();
	assert_ends(HOST_END_TIME_UP, RIG_NOTHING);
	assert_int_equal(flow_record(&rig, 1, 0).reason, REC_REASON_NO_SLOT);
	assert_one_record();
	done();
}

static void test_without_a_history(void **state)
{
	(void)state;
	flow_machine_without_history(&rig);
	rig_stick(&rig, &good, 1);
	rig_power_off(&rig);
	flow_ask_recovery(&rig);
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_int_equal(rig.host.disks[0].mem.writes, 0);
	done();
}

/* A disk that cannot be written does not keep anybody from recovering. */
static void test_history_that_cannot_be_written(void **state)
{
	(void)state;
	asked();
	mem_disk_fail(&rig.host.disks[0].mem, (struct mem_fault){ .op = MEM_WRITE,
								  .last_lba = UINT64_MAX,
								  .status = LB_ERR_IO });
	rig_stick(&rig, &good, 1);
	assert_ends(HOST_END_STARTED, MARK_R);
	assert_true(host_logged(&rig.host, "history: "));
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_stick_starts_and_nothing_is_displayed),
		cmocka_unit_test(test_good_stick_when_nothing_else_starts),
		cmocka_unit_test(test_stick_does_not_matter_when_the_system_is_good),
		cmocka_unit_test(test_stick_put_in_later),
		cmocka_unit_test(test_stick_put_in_later_when_nobody_asked),
		cmocka_unit_test(test_sd_cards_and_fixed_sticks_count_too),
		cmocka_unit_test(test_internal_disks_are_no_media),
		cmocka_unit_test(test_loader_on_the_stick),
		cmocka_unit_test(test_sticks_that_the_firmware_connects_late),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_self_signed_in_developer_mode),
		cmocka_unit_test(test_made_for_another_processor),
		cmocka_unit_test(test_sticks_with_nothing_on_them),
		cmocka_unit_test(test_bad_stick_then_good_one),
		cmocka_unit_test(test_bad_stick_pulled),
		cmocka_unit_test(test_stick_pulled_while_it_is_read),
		cmocka_unit_test(test_it_is_said_that_it_was_pulled),
		cmocka_unit_test(test_slow_stick),
		cmocka_unit_test(test_own_slots_on_a_card),
		cmocka_unit_test(test_unreadable_stick),
		cmocka_unit_test(test_start_that_returns),
		cmocka_unit_test(test_next_candidate_after_one_that_returns),
		cmocka_unit_test(test_image_that_cannot_be_prepared),
		cmocka_unit_test(test_no_stick),
		cmocka_unit_test(test_graphics),
		cmocka_unit_test(test_a_wall_of_screens),
		cmocka_unit_test(test_too_little_memory_for_graphics),
		cmocka_unit_test(test_key_after_verification),
		cmocka_unit_test(test_key_costs_no_attempt),
		cmocka_unit_test(test_other_keys_do_nothing),
		cmocka_unit_test(test_request_of_the_os),
		cmocka_unit_test(test_requests_that_do_not_count),
		cmocka_unit_test(test_boot_entry),
		cmocka_unit_test(test_no_profile),
		cmocka_unit_test(test_start_normally),
		cmocka_unit_test(test_start_normally_with_a_bad_stick),
		cmocka_unit_test(test_disk_that_comes_late),
		cmocka_unit_test(test_asked_recovery_stays),
		cmocka_unit_test(test_screen_says_that_it_was_asked),
		cmocka_unit_test(test_nobody_comes),
		cmocka_unit_test(test_media_seen_at_power_on_only),
		cmocka_unit_test(test_details_left_open),
		cmocka_unit_test(test_somebody_comes_late),
		cmocka_unit_test(test_power_off),
		cmocka_unit_test(test_language_is_remembered),
		cmocka_unit_test(test_details_of_keys),
		cmocka_unit_test(test_names_of_machines),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_details_of_what_is_broken),
		cmocka_unit_test(test_details_of_earlier_boots),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_language_by_serial_line),
		cmocka_unit_test(test_serial_input),
		cmocka_unit_test(test_history_of_a_recovery),
		cmocka_unit_test(test_recovery_is_recorded_once),
		cmocka_unit_test(test_without_a_history),
		cmocka_unit_test(test_history_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

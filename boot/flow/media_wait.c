/* Waiting for media, with a person or without one: the recovery screens, and the
 * developer's "put your stick in". */
#include "boot/flow/flow.h"

#include <string.h>

#include "base/format.h"
#include "boot/flow/media_flow.h"
#include "boot/judge/policy.h"

#define LOOK_MS        250u /* a stick put in is noticed within half a second */
#define RESCAN_DOUBLED 5u   /* 16 minutes */

/* The words for a stick that was refused: which one, and why in its case. */
static void describe(struct boot_ctx *ctx, const struct rec_candidate *worst)
{
	struct boot_person *p = &ctx->person;
	char where[24] = "";

	if (worst->partition != 0)
		lb_format(where, sizeof where, ", partition %u", worst->partition);
	p->state.reason = worst->verdict.reason;
	lb_format(p->detail, sizeof p->detail, "%s%s%s%s", worst->disk.name, where,
		  worst->verdict.detail[0] != '\0' ? ": " : "", worst->verdict.detail);
	p->state.detail = p->detail;
}

/* How much a finding says about the device. A disk that never had a slot must not speak
 * for it: a CD, the stick or the small disk that the loader came from. */
static unsigned int telling(const struct boot_finding *f)
{
	switch (f->verdict.reason) {
	case LB_REASON_DISK_GEOMETRY:
	case LB_REASON_NO_GPT:
	case LB_REASON_NO_KERNEL_PARTITION:
	case LB_REASON_DISK_REMOVED:
		return 1;
	case LB_REASON_SLOT_DEAD:
	case LB_REASON_SLOT_PRIORITY_ZERO:
		return 3; /* not even tried */
	default:
		return f->partition != 0 || strcmp(f->disk, BOOT_FINDING_LOADER) == 0 ? 4
										      : 2;
	}
}

/* The finding that says most; of equals the first, which is about the boot disk. */
static const struct boot_finding *telling_finding(const struct boot_ctx *ctx)
{
	const struct boot_finding *most = NULL;

	for (size_t i = 0; i < ctx->finding_count; i++)
		if (most == NULL || telling(&ctx->findings[i]) > telling(most))
			most = &ctx->findings[i];
	return most;
}

static void describe_finding(struct boot_person *p, const struct boot_finding *f)
{
	char slot[12] = "";

	if (f->partition != 0)
		lb_format(slot, sizeof slot, ", slot %c", f->slot);
	p->state.reason = f->verdict.reason;
	lb_format(p->detail, sizeof p->detail, "%s%s%s%s", f->disk, slot,
		  f->verdict.detail[0] != '\0' ? ": " : "", f->verdict.detail);
}

static void describe_device(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;
	const struct boot_finding *finding = telling_finding(ctx);

	p->state.reason = LB_REASON_OK;
	p->detail[0] = '\0';
	p->state.detail = p->detail;
	if (!ctx->profile_valid)
		p->state.reason = LB_REASON_NO_PROFILE;
	else if (!rec_reason_unasked(ctx->reason))
		return;
	else if (finding != NULL)
		describe_finding(p, finding);
	else
		p->state.reason = LB_REASON_NO_DISK;
}

/* A drained slot that will be tried again: when, and which. */
static void describe_resort(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;
	const uint32_t left = ctx->media.developer_stick ? 0 : boot_resort_left_s(ctx);
	const size_t used = strlen(p->detail);

	p->state.countdown_s = left;
	if (left > 0)
		lb_format(p->detail + used, sizeof p->detail - used,
			  "%sslot %c still verifies: tried again in %u min, or at once "
			  "when you start normally",
			  used > 0 ? "; " : "", ctx->resort.letter, (left + 59) / 60);
}

static void show_where_we_are(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;
	const struct rec_candidate *worst = rec_media_worst(&ctx->media.found);

	if (worst == NULL && ctx->media.was_pulled)
		worst = &ctx->media.pulled;
	const bool stick = ctx->media.developer_stick;

	p->state.asked = rec_reason_asked(ctx->reason);
	p->state.media_fixed = ctx->machine->media_fixed;
	p->state.developer_offer = !stick && rec_reason_by_person(ctx->reason) &&
				   !ctx->developer &&
				   boot_developer_allowed(&ctx->profile);
	/* Without a profile no medium is to blame: there is no key to trust any by. */
	if (worst != NULL && ctx->profile_valid) {
		describe(ctx, worst);
		describe_resort(ctx);
		boot_person_show(&ctx->person,
				 stick ? UI_SCREEN_DEV_BAD_MEDIA : UI_SCREEN_BAD_MEDIA);
	} else {
		describe_device(ctx);
		describe_resort(ctx);
		boot_person_show(&ctx->person,
				 stick ? UI_SCREEN_DEV_NO_MEDIA : UI_SCREEN_NO_MEDIA);
	}
}

/* --- developer mode from a recovery screen ------------------------------------------ */

static void ask_developer(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;

	/* DESIGN 5: only in a recovery that a person asked for, not the OS. */
	if (!rec_reason_by_person(ctx->reason) ||
	    !boot_developer_allowed(&ctx->profile)) {
		lb_log(&ctx->log, "developer mode: refused: %s",
		       boot_developer_allowed(&ctx->profile)
			       ? "no person asked for recovery"
			       : "the profile forbids it");
		boot_person_show(&ctx->person, UI_SCREEN_DEV_REFUSED);
		return;
	}
	(void)boot_person_challenge(p, UI_SCREEN_DEV_CONFIRM_ON); /* or refused */
}

static void leave_for(struct boot_ctx *ctx, enum media_end end)
{
	ctx->media.end = end;
}

/* --- a developer's key -------------------------------------------------------------- */

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_ONCE };

/* Four characters confirm the answer: what only types, as a stick that is a keyboard too,
 * could press Enter for its own key. False: the answer is no. */
static bool confirm(struct boot_ctx *ctx)
{
	return boot_person_challenge(&ctx->person, UI_SCREEN_DEV_CONFIRM_KEY);
}

/* A stick that is pulled while the question stands is a no. The time runs for all its
 * kernels together: who has gone does not come back for the next one. */
static enum answer ask_enrol(struct boot_ctx *ctx, const uint8_t id[CRYPTO_KEY_ID_BYTES],
			     bool once)
{
	struct boot_person *p = &ctx->person;
	enum answer answer = ANSWER_NO;
	bool open = true;

	p->state.once_offer = once;
	memcpy(p->state.digest, id, CRYPTO_KEY_ID_BYTES);
	boot_person_show(p, UI_SCREEN_DEV_ENROL_KEY);
	while (open) {
		switch (boot_poll(ctx)) {
		case UI_ACTION_ENROL:
			answer = ANSWER_YES;
			open = confirm(ctx);
			break;
		case UI_ACTION_START:
			answer = ANSWER_ONCE;
			open = confirm(ctx);
			break;
		case UI_ACTION_CHALLENGE_WRONG:
			open = boot_person_challenge_wrong(p);
			break;
		case UI_ACTION_KEY_CONFIRMED:
			return answer;
		case UI_ACTION_CANCEL:
			return ANSWER_NO;
		default:
			break;
		}
		if (boot_media_changed(ctx) || boot_person_idle(p, ctx->media.entered_ms))
			return ANSWER_NO;
	}
	return ANSWER_NO;
}

/* For this boot, where nothing better is allowed or can be stored. */
static bool consent(struct boot_ctx *ctx, const uint8_t id[CRYPTO_KEY_ID_BYTES])
{
	ctx->media.consent.given = true;
	memcpy(ctx->media.consent.key_id, id, CRYPTO_KEY_ID_BYTES);
	return true;
}

bool boot_media_may_start(struct boot_ctx *ctx)
{
	const struct crypto_headers *headers = crypto_kernel_headers(ctx->verified);
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	/* What hash-only images may do without being trusted for good. */
	const bool once = ctx->stored.dev_key_count == 0 &&
			  boot_self_signed_allowed(&ctx->profile, ctx->machine, 0);

	if (boot_signer_of(headers, &ctx->stored) != BOOT_SIGNER_SELF)
		return true;
	if (ctx->stored.dev_key_count == PLATFORM_MAX_DEV_KEYS)
		return false;
	crypto_key_id(&headers->keyblock.data_key, id);
	switch (ask_enrol(ctx, id, once)) {
	case ANSWER_YES:
		return boot_developer_enrol(ctx, id) || (once && consent(ctx, id));
	case ANSWER_ONCE:
		return once && consent(ctx, id);
	default:
		return false;
	}
}

/* --- waiting ------------------------------------------------------------------------ */

/* True when the flow is to be left, with media.end set. */
static bool act(struct boot_ctx *ctx, enum ui_action action)
{
	switch (action) {
	case UI_ACTION_START:
		leave_for(ctx,
			  ctx->media.developer_stick ? MEDIA_END_BACK : MEDIA_END_START);
		return true;
	case UI_ACTION_CANCEL:
		if (ctx->media.developer_stick) {
			leave_for(ctx, MEDIA_END_BACK);
			return true;
		}
		show_where_we_are(ctx);
		return false;
	case UI_ACTION_DEVELOPER_ASK:
		ask_developer(ctx);
		return false;
	case UI_ACTION_CHALLENGE_WRONG:
		(void)boot_person_challenge_wrong(&ctx->person); /* or refused */
		return false;
	case UI_ACTION_DEVELOPER_ON:
		boot_developer_on(ctx);
		leave_for(ctx, MEDIA_END_START);
		return true;
	case UI_ACTION_DEVELOPER_OFF:
		boot_developer_off(ctx);
		boot_mode_set(ctx, CRYPTO_MODE_RECOVERY); /* which this stays */
		show_where_we_are(ctx);
		return false;
	default:
		return false;
	}
}

static bool time_to_rescan(const struct boot_ctx *ctx, uint64_t now)
{
	/* What starts and comes back writes each time. */
	const unsigned int doubled =
		ctx->came_back < RESCAN_DOUBLED ? ctx->came_back : RESCAN_DOUBLED;

	return !ctx->media.developer_stick && rec_reason_unasked(ctx->reason) &&
	       now - ctx->media.entered_ms >= (uint64_t)BOOT_RESCAN_MS << doubled;
}

/* Some firmware sees only the media that are there at power-on: the device looks by
 * itself, unless somebody is at the keys. */
static void restart_to_look(struct boot_ctx *ctx, uint64_t now)
{
	if (!ctx->machine->media_fixed || ctx->media.developer_stick ||
	    boot_resort_holds(ctx) || !rec_reason_unasked(ctx->reason) ||
	    now - ctx->recovery_ms < BOOT_RESTART_MS ||
	    (now - ctx->person.touched_ms < BOOT_RESTART_MS &&
	     now - ctx->recovery_ms < BOOT_LONGEST_MS))
		return;
	lb_log(&ctx->log, "media: this firmware looks for them at power-on: restarting");
	ctx->plat->reset(ctx->plat->ctx, PLATFORM_RESET_RESTART);
}

/* Nobody is there any more: what they left open must not keep the device from starting.
 * True when the flow is to be left. */
static bool give_up_waiting(struct boot_ctx *ctx)
{
	if (!ctx->media.developer_stick && rec_reason_unasked(ctx->reason)) {
		show_where_we_are(ctx); /* and look at internal disks again */
		return false;
	}
	lb_log(&ctx->log, "screen: nobody is there");
	ctx->person.gone = true; /* nor at what presses keys on the way on */
	leave_for(ctx, ctx->media.developer_stick ? MEDIA_END_BACK : MEDIA_END_GIVEN_UP);
	return true;
}

/* The person is in the middle of something that a rescan would take away. */
static bool busy(const struct boot_ctx *ctx)
{
	const enum ui_screen screen = ctx->person.state.screen;

	return screen != UI_SCREEN_NO_MEDIA && screen != UI_SCREEN_BAD_MEDIA;
}

enum boot_media_wait_result boot_media_wait(struct boot_ctx *ctx)
{
	const struct platform *plat = ctx->plat;
	struct boot_media *m = &ctx->media;

	show_where_we_are(ctx);
	m->screen_stands = true;
	for (;;) {
		if (act(ctx, boot_poll(ctx)))
			return MEDIA_WAIT_LEFT;
		const uint64_t now = plat->clock_ms(plat->ctx);

		restart_to_look(ctx, now);
		if (boot_person_idle(&ctx->person, m->entered_ms) && give_up_waiting(ctx))
			return MEDIA_WAIT_LEFT;
		if (!m->developer_stick && boot_resort_due(ctx) && !busy(ctx)) {
			leave_for(ctx, MEDIA_END_LAST_RESORT);
			return MEDIA_WAIT_LEFT;
		}
		if (time_to_rescan(ctx, now) && !busy(ctx)) {
			leave_for(ctx, MEDIA_END_RESCAN);
			return MEDIA_WAIT_LEFT;
		}
		if (now - m->looked_ms < LOOK_MS)
			continue;
		m->looked_ms = now;
		if (!boot_media_changed(ctx))
			continue;
		/* Somebody put it in, or pulled it; or it has a loose contact, which must
		 * not hold a device that no person has stopped. */
		if (m->developer_stick || rec_reason_by_person(ctx->reason))
			ctx->person.touched_ms = now;
		return MEDIA_WAIT_CHANGED;
	}
}

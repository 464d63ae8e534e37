/* The warning at every start in developer mode: 30 seconds, then on; and an easy way
 * back.
 *
 * Design: DESIGN 5. */
#include "boot/flow/flow.h"

#include "boot/flow/media_flow.h"
#include "boot/judge/policy.h"

#define WARNING_MS 30000u

static void start_from_stick(struct boot_ctx *ctx)
{
	ctx->media.developer_stick = true;
	ctx->media.policy = ctx->policy;
	boot_policy_for_stick(&ctx->media.policy);
	(void)boot_media_run(ctx); /* comes back only to the warning */
	ctx->media.developer_stick = false;
}

/* What a person said; EV_COUNT: nothing that ends the warning. */
static enum boot_event act(struct boot_ctx *ctx, enum ui_action action)
{
	switch (action) {
	case UI_ACTION_START:
		return EV_OK;
	case UI_ACTION_START_MEDIA:
		start_from_stick(ctx);
		return EV_NONE; /* the warning again, from its beginning */
	case UI_ACTION_RECOVERY:
		ctx->reason = REC_REASON_SCREEN;
		return EV_BAD;
	case UI_ACTION_DEVELOPER_OFF:
		boot_developer_off(ctx);
		return EV_OK;
	case UI_ACTION_CANCEL:
		boot_person_show(&ctx->person, UI_SCREEN_DEV_WARNING);
		return EV_COUNT;
	default:
		return EV_COUNT;
	}
}

enum boot_event boot_warn(struct boot_ctx *ctx)
{
	const struct platform *plat = ctx->plat;
	struct ui_state *state = &ctx->person.state;
	const uint64_t start = plat->clock_ms(plat->ctx);

	/* Whatever opens menus all the time: after an hour keys do not count any more. */
	if (ctx->warned_ms == 0)
		ctx->warned_ms = start + 1;
	else if (start - ctx->warned_ms >= BOOT_LONGEST_MS)
		ctx->person.deaf_until_ms = UINT64_MAX;
	boot_mode_set(ctx, CRYPTO_MODE_DEVELOPER);
	state->countdown_s = WARNING_MS / 1000;
	boot_person_show(&ctx->person, UI_SCREEN_DEV_WARNING);
	for (;;) {
		const enum boot_event event = act(ctx, boot_poll(ctx));
		const uint64_t passed = plat->clock_ms(plat->ctx) - start;
		const uint32_t left =
			passed < WARNING_MS
				? (uint32_t)((WARNING_MS - passed + 999) / 1000)
				: 0;

		if (event != EV_COUNT)
			return event;
		/* The time runs on only while the warning itself is shown; what is left
		 * open by nobody ends in the warning again. */
		if (state->screen != UI_SCREEN_DEV_WARNING) {
			if (boot_person_idle(&ctx->person, start))
				return EV_NONE;
			continue;
		}
		if (left == 0)
			return EV_OK;
		if (left != state->countdown_s) {
			state->countdown_s = left;
			boot_person_redraw(&ctx->person);
		}
	}
}

/* Recovery: nothing to start from the internal disks, or somebody asked for it.
 *
 * Design: DESIGN 5, 6. */
#include "boot/flow/flow.h"
#include "boot/flow/media_flow.h"

/* All that was found, once, in words: with text only this is the screen. */
static void log_findings(struct boot_ctx *ctx)
{
	lb_log(&ctx->log, "recovery: reason %u (%s), %u findings", ctx->reason,
	       rec_reason_text(ctx->reason), (unsigned int)ctx->finding_count);
}

/* From here on only the recovery key counts, whatever mode was in force. */
static void enter(struct boot_ctx *ctx)
{
	boot_let_go(ctx);
	boot_target_release(ctx);
	if (ctx->reason == REC_REASON_NONE)
		ctx->reason =
			ctx->profile_valid ? REC_REASON_NO_SLOT : REC_REASON_NO_PROFILE;
	/* The one write of recovery: from here on no internal disk is written. Once, or
	 * again when a start was recorded meanwhile and came back. */
	boot_history_of_home(ctx); /* it also says how long a last resort is waited for */
	if (!ctx->recovery_recorded)
		ctx->recovery_ms = ctx->plat->clock_ms(ctx->plat->ctx);
	if (!ctx->recovery_recorded ||
	    ctx->history.written.stage == HISTORY_STAGE_HANDOFF)
		ctx->recovery_counts =
			boot_record(ctx, HISTORY_STAGE_RECOVERY, 0, NULL) &&
			ctx->reason == REC_REASON_NO_SLOT;
	ctx->recovery_recorded = true;
	boot_mode_set(ctx, CRYPTO_MODE_RECOVERY);
	ctx->media.developer_stick = false;
	ctx->media.policy = ctx->policy;
	log_findings(ctx);
	boot_resort_look(ctx);
}

enum boot_event boot_recover(struct boot_ctx *ctx)
{
	enter(ctx);

	const enum media_end end = boot_media_run(ctx);

	ctx->person.wish = (struct key_wish){ 0 }; /* this one was granted */
	ctx->finding_count = 0;
	ctx->visited_count = 0;
	if (!ctx->profile_valid)
		return EV_BAD;
	boot_mode_set(ctx, ctx->developer ? CRYPTO_MODE_DEVELOPER : CRYPTO_MODE_NORMAL);
	ctx->reason = REC_REASON_NONE;
	ctx->resort.wanted = end == MEDIA_END_START || end == MEDIA_END_LAST_RESORT;
	const bool normally = end == MEDIA_END_START || end == MEDIA_END_GIVEN_UP;

	return normally && ctx->developer ? EV_NONE : EV_OK;
}

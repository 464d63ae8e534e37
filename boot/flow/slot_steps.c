/* The steps a slot goes through: picked, verified, prepared, charged, handed off; or
 * rejected on the way.
 *
 * Design: DESIGN 2 "Verify and prepare first, charge later, fall back at once". */
#include "boot/flow/flow.h"

#include "base/format.h"
#include "boot/judge/slot_check.h"

static bool trying(const struct boot_ctx *ctx)
{
	return ctx->target.was == GPT_SLOT_TRYING;
}

enum boot_event boot_pick_slot(struct boot_ctx *ctx)
{
	struct boot_target *t = &ctx->target;

	boot_let_go(ctx);
	if (t->next == t->sequence_count)
		return EV_NONE;
	t->slot = &t->slots[t->sequence[t->next++]];
	t->was = gpt_slot_state(t->slot, ctx->profile.slot_order);
	lb_log(&ctx->log, "slot %c: trying it, disk %s partition %u", t->slot->letter,
	       t->disk.name, t->slot->kernel + 1);
	return EV_OK;
}

enum boot_event boot_verify_slot(struct boot_ctx *ctx)
{
	const enum lb_reason reason =
		boot_slot_verify(ctx->plat, &ctx->target.disk, ctx->target.slot,
				 &ctx->policy, &ctx->verified, &ctx->verdict);

	if (reason != LB_REASON_OK) {
		boot_find(ctx, &ctx->target.disk, ctx->target.slot, &ctx->verdict);
		boot_resort_refused(ctx);
		return lb_reason_class(reason) == LB_CLASS_SKIP ? EV_NONE : EV_BAD;
	}
	char where[8];

	lb_format(where, sizeof where, "slot %c", ctx->target.slot->letter);
	boot_announce(ctx, where);
	return EV_OK;
}

/* The last moment at which a person can change where this goes: all is verified, nothing
 * was written yet. */
enum boot_event boot_prepare_slot(struct boot_ctx *ctx)
{
	const struct gpt_slot *slot = ctx->target.slot;

	if (boot_person_wants_recovery(&ctx->person)) {
		ctx->reason = REC_REASON_KEY;
		return EV_NONE;
	}
	if (boot_prepare_kernel(ctx, slot->letter, slot->guid) == LB_REASON_OK)
		return EV_OK;
	boot_find(ctx, &ctx->target.disk, slot, &ctx->verdict);
	boot_resort_failed(ctx);
	return EV_BAD;
}

/* Stores new attributes of the slot being tried and keeps our copy of it in step. */
static enum lb_status store(struct boot_ctx *ctx, uint64_t attributes)
{
	struct boot_target *t = &ctx->target;
	enum lb_status second = LB_OK;
	enum lb_status status = LB_ERR_READ_ONLY;

	if (!t->disk.read_only)
		status = gpt_store_attributes(ctx->plat, &t->disk, &t->gpt,
					      t->slot->kernel, attributes, &second);
	if (status == LB_OK)
		gpt_slot_decode(t->slot, attributes);
	lb_log(&ctx->log, "slot %c: priority %u, %u attempts stored: %s, other copy: %s",
	       t->slot->letter, t->slot->priority, t->slot->remaining_attempts,
	       lb_status_name(status), lb_status_name(second));
	return status;
}

enum boot_event boot_reject_slot(struct boot_ctx *ctx)
{
	const struct gpt_slot *slot = ctx->target.slot;
	const enum gpt_slot_order order = ctx->profile.slot_order;
	const enum lb_reason_class class = lb_reason_class(ctx->verdict.reason);

	/* A slot that is only bootable is never written: a bad read of a good system must
	 * not wear it out. If storing fails the slot is tried again next boot; no
	 * harm. */
	if (trying(ctx) && class == LB_CLASS_DAMAGED)
		(void)store(ctx, gpt_slot_rejected(slot, order));
	else if (trying(ctx) && class == LB_CLASS_READ &&
		 boot_guids_add(&ctx->read_cost, slot->guid))
		(void)store(ctx, gpt_slot_charged(slot, order));
	return EV_OK;
}

enum boot_event boot_charge_slot(struct boot_ctx *ctx)
{
	if (!trying(ctx))
		return EV_OK;
	const enum lb_status status =
		store(ctx, gpt_slot_charged(ctx->target.slot, ctx->profile.slot_order));

	if (status == LB_OK)
		return EV_OK;
	lb_verdict_set(&ctx->verdict, LB_REASON_SLOT_CHARGE_FAILED, "%s",
		       lb_status_name(status));
	boot_find(ctx, &ctx->target.disk, ctx->target.slot, &ctx->verdict);
	return EV_BAD;
}

/* After the charge, which can fail and lets another slot start: PCR 8 must not have
 * both. Floors before it: what is measured ends the writing of the TPM's indices. In
 * normal mode nothing stops the start any more, so only what starts raises them. */
enum boot_event boot_measure_slot(struct boot_ctx *ctx)
{
	if (ctx->target.was == GPT_SLOT_PROVEN && ctx->policy.mode == CRYPTO_MODE_NORMAL)
		boot_floors_raise(ctx);
	boot_floors_seal(ctx);
	if (boot_measure_kernel(ctx) == LB_REASON_OK)
		return EV_OK;
	boot_find(ctx, &ctx->target.disk, ctx->target.slot, &ctx->verdict);
	boot_resort_failed(ctx);
	return EV_BAD;
}

enum boot_event boot_hand_off(struct boot_ctx *ctx)
{
	const struct gpt_slot *slot = ctx->target.slot;

	(void)boot_record(/* what cannot be recorded starts all the same */
			  ctx, HISTORY_STAGE_HANDOFF,
			  crypto_kernel_headers(kernel_prepared_verified(ctx->prepared))
				  ->version,
			  slot->guid);
	lb_log(&ctx->log, "boot: starting slot %c, disk %s partition %u", slot->letter,
	       ctx->target.disk.name, slot->kernel + 1);

	boot_watchdog_arm(ctx);

	const enum lb_status status = boot_start(ctx);

	boot_watchdog_stop(ctx);
	ctx->came_back++;
	boot_resort_failed(ctx);
	lb_verdict_set(&ctx->verdict, LB_REASON_HANDOFF_RETURNED, "%s",
		       lb_status_name(status));
	boot_find(ctx, &ctx->target.disk, slot, &ctx->verdict);
	if (ctx->policy.mode == CRYPTO_MODE_DEVELOPER && status == LB_OK)
		ctx->plat->reset(ctx->plat->ctx, PLATFORM_RESET_RESTART); /* DESIGN 5 */
	return EV_BAD;
}

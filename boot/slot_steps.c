/* The steps a slot goes through: picked, verified, prepared, charged, handed off; or
 * rejected on the way.
 *
 * Design: DESIGN 2 "Verify and prepare first, charge later, fall back at once". */
#include "boot/flow.h"

#include <string.h>

#include "boot/slot_check.h"

static bool trying(const struct boot_ctx *ctx)
{
	return ctx->target.was == GPT_SLOT_TRYING;
}

static void let_go(struct boot_ctx *ctx)
{
	if (ctx->start_prepared)
		ctx->plat->discard_start(ctx->plat->ctx);
	if (ctx->prepared != NULL)
		kernel_prepared_free(ctx->plat, ctx->prepared);
	if (ctx->verified != NULL)
		crypto_kernel_free(ctx->plat, ctx->verified);
	ctx->start_prepared = false;
	ctx->prepared = NULL;
	ctx->verified = NULL;
}

enum boot_event boot_pick_slot(struct boot_ctx *ctx)
{
	struct boot_target *t = &ctx->target;

	let_go(ctx);
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
		return lb_reason_class(reason) == LB_CLASS_SKIP ? EV_NONE : EV_BAD;
	}
	const uint32_t version = crypto_kernel_headers(ctx->verified)->version;

	lb_log(&ctx->log, "slot %c: verified, version %u.%u", ctx->target.slot->letter,
	       version >> 16, version & 0xffff);
	return EV_OK;
}

static enum lb_reason prepare(struct boot_ctx *ctx)
{
	struct kernel_context context = {
		.machine = ctx->machine,
		.handover = &ctx->handover,
		.extra_args = "",
	};
	char hardware_id[PROFILE_MAX_STRING + 1] = "";

	if (ctx->profile.hardware_id.data != NULL)
		memcpy(hardware_id, ctx->profile.hardware_id.data,
		       ctx->profile.hardware_id.len);
	context.hardware_id = hardware_id;
	memcpy(context.partition_guid, ctx->target.slot->guid,
	       sizeof context.partition_guid);
	boot_handover_make(ctx);

	const enum lb_reason reason = kernel_prepare(ctx->plat, &context, ctx->verified,
						     &ctx->prepared, &ctx->verdict);

	if (reason != LB_REASON_OK)
		return reason;
	ctx->verified = NULL; /* now part of the prepared kernel */
	lb_verdict_set(&ctx->verdict, LB_REASON_OK, NULL);

	const enum lb_status status =
		ctx->plat->prepare_start(ctx->plat->ctx, ctx->prepared, &ctx->verdict);

	ctx->start_prepared = status == LB_OK;
	if (status == LB_OK)
		return LB_REASON_OK;
	/* A refusal without a reason is a refusal all the same. */
	if (ctx->verdict.reason == LB_REASON_OK)
		lb_verdict_set(&ctx->verdict, LB_REASON_PREPARE_FAILED, "%s",
			       lb_status_name(status));
	return ctx->verdict.reason;
}

enum boot_event boot_prepare_slot(struct boot_ctx *ctx)
{
	if (prepare(ctx) == LB_REASON_OK)
		return EV_OK;
	boot_find(ctx, &ctx->target.disk, ctx->target.slot, &ctx->verdict);
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

/* True the first time it is asked about the slot being tried. */
static bool read_costs_now(struct boot_ctx *ctx)
{
	for (size_t i = 0; i < ctx->read_cost_count; i++)
		if (memcmp(ctx->read_cost[i], ctx->target.slot->guid, 16) == 0)
			return false;
	if (ctx->read_cost_count == BOOT_MAX_READ_COSTS)
		return false;
	memcpy(ctx->read_cost[ctx->read_cost_count++], ctx->target.slot->guid, 16);
	return true;
}

enum boot_event boot_reject_slot(struct boot_ctx *ctx)
{
	const struct gpt_slot *slot = ctx->target.slot;
	const enum gpt_slot_order order = ctx->profile.slot_order;
	const enum lb_reason_class class = lb_reason_class(ctx->verdict.reason);

	/* A slot that is only bootable is never written: a bad read of a good system must
	 * not wear it out. If storing fails the slot is tried again next boot; no harm. */
	if (trying(ctx) && class == LB_CLASS_DAMAGED)
		(void)store(ctx, gpt_slot_rejected(slot, order));
	else if (trying(ctx) && class == LB_CLASS_READ && read_costs_now(ctx))
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

/* Facts for the OS; a failure is logged and does not stop the boot (DESIGN 8: nothing
 * depends on variables being writable). */
static void hand_over(struct boot_ctx *ctx)
{
	const struct lb_handover *h = &ctx->handover;

	for (size_t i = 0; i < h->count; i++) {
		const enum lb_status status = ctx->plat->hand_over(
			ctx->plat->ctx, h->item[i].name, h->item[i].value);

		if (status != LB_OK)
			lb_log(&ctx->log, "hand-over: %s: %s", h->item[i].name,
			       lb_status_name(status));
	}
}

enum boot_event boot_hand_off(struct boot_ctx *ctx)
{
	const struct gpt_slot *slot = ctx->target.slot;

	if (ctx->target.was == GPT_SLOT_PROVEN && ctx->policy.mode == CRYPTO_MODE_NORMAL)
		boot_floors_raise(ctx);
	hand_over(ctx);
	lb_log(&ctx->log, "boot: starting slot %c, disk %s partition %u", slot->letter,
	       ctx->target.disk.name, slot->kernel + 1);

	const enum lb_status status = ctx->plat->start(ctx->plat->ctx);

	lb_verdict_set(&ctx->verdict, LB_REASON_HANDOFF_RETURNED, "%s",
		       lb_status_name(status));
	boot_find(ctx, &ctx->target.disk, slot, &ctx->verdict);
	return EV_BAD;
}

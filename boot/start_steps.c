/* From a verified kernel to its start: the part that slots and recovery media share. */
#include "boot/flow.h"

#include <string.h>

void boot_let_go(struct boot_ctx *ctx)
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

enum lb_reason boot_prepare_kernel(struct boot_ctx *ctx, char letter,
				   const uint8_t guid[16])
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
	/* Before anything else sees the body. */
	if (boot_confirm(ctx) != LB_REASON_OK)
		return ctx->verdict.reason;
	context.hardware_id = hardware_id;
	memcpy(context.partition_guid, guid, sizeof context.partition_guid);
	boot_handover_make(ctx, letter, guid);

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

enum lb_status boot_start(struct boot_ctx *ctx)
{
	const struct verified_kernel *kernel =
		ctx->prepared != NULL ? kernel_prepared_verified(ctx->prepared) : NULL;

	if (crypto_kernel_proof(kernel) != HARDEN_PROOF)
		return LB_ERR_SIGNATURE;
	/* Asked once more: whoever came here past the question finds no platform. */
	const struct platform *plat =
		harden_pointer(ctx->plat, crypto_kernel_proof(kernel));

	return plat->start(plat->ctx);
}

/* DESIGN 8: nothing depends on variables being writable. */
void boot_hand_over(struct boot_ctx *ctx)
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

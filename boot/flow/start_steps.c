/* From a verified kernel to its start: the part that slots and recovery media share. */
#include "boot/flow/flow.h"

#include <string.h>

#include "base/format.h"
#include "boot/judge/measure.h"
#include "boot/judge/policy.h"

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

void boot_announce(struct boot_ctx *ctx, const char *where)
{
	const struct crypto_headers *h = crypto_kernel_headers(ctx->verified);

	lb_log(&ctx->log, "%s: verified, version %u.%u, signed by %s", where,
	       LB_VERSION_PARTS(h->version),
	       boot_signer_name(boot_signer_of(h, &ctx->stored)));
}

/* DESIGN 8: what nobody measured must not pass for normal mode later; normal mode itself
 * cannot pass for more than it is, and a broken TPM must not stop a good device. */
static enum lb_reason not_measured(struct boot_ctx *ctx, const char *what)
{
	lb_log(&ctx->log, "measure: failed: %s", what);
	if (ctx->policy.mode == CRYPTO_MODE_NORMAL)
		return lb_verdict_set(&ctx->verdict, LB_REASON_OK, NULL);
	return lb_verdict_set(&ctx->verdict, LB_REASON_NOT_MEASURED, "%s", what);
}

/* What can be known before the charge: an image that the platform measures by itself and
 * could not, and a TPM that is dead when the start would depend on it. */
static enum lb_reason check_measuring(struct boot_ctx *ctx)
{
	char what[LB_DETAIL_BYTES];

	if (ctx->verdict.reason == LB_REASON_NOT_MEASURED) {
		(void)lb_format(what, sizeof what, "%s", ctx->verdict.detail);
		return not_measured(ctx, what);
	}
	if (ctx->policy.mode == CRYPTO_MODE_NORMAL)
		return LB_REASON_OK;

	const enum lb_status status = boot_measure_ready(&ctx->floor_stores.tpm);

	return status == LB_OK ? LB_REASON_OK : not_measured(ctx, lb_status_name(status));
}

enum lb_reason boot_measure_kernel(struct boot_ctx *ctx)
{
	const struct boot_measured measured =
		boot_measured_kernel(ctx->prepared, ctx->policy.mode,
				     ctx->config->profile, ctx->config->profile_bytes);
	char what[LB_DETAIL_BYTES];
	const char *failed;
	const enum lb_status status = boot_measure(ctx->plat, &measured, &failed);

	/* A TPM that was there in this run and is not any more has failed. */
	if (status != LB_ERR_UNSUPPORTED)
		ctx->tpm_seen = true;
	if (status == LB_OK || (status == LB_ERR_UNSUPPORTED && !ctx->tpm_seen)) {
		lb_log(&ctx->log, "measure: %s",
		       status == LB_OK ? "PCR 8 names this start" : "no TPM");
		return LB_REASON_OK;
	}
	(void)lb_format(what, sizeof what, "PCR 8, %s: %s", failed,
			lb_status_name(status));
	return not_measured(ctx, what);
}

enum lb_reason boot_prepare_kernel(struct boot_ctx *ctx, char letter,
				   const uint8_t guid[16])
{
	struct kernel_context context = {
		.machine = ctx->machine,
		.handover = &ctx->handover,
		.extra_args = ctx->told_words,
	};
	char hardware_id[PROFILE_MAX_STRING + 1] = "";

	if (ctx->profile.hardware_id.data != NULL)
		memcpy(hardware_id, ctx->profile.hardware_id.data,
		       ctx->profile.hardware_id.len);
	/* Before anything else sees the body. */
	if (boot_confirm(ctx) != LB_REASON_OK)
		return ctx->verdict.reason;
	context.hardware_id = hardware_id;
	context.slot = letter;
	memcpy(context.partition_guid, guid, sizeof context.partition_guid);
	boot_handover_make(ctx, letter, guid);
	boot_tell_os(ctx);

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
		return check_measuring(ctx);
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

/* The second decision: before anything is done with a verified kernel, whether it may
 * start is decided once more, from the beginning. Nothing that the first decision
 * computed is believed but the mode, and that only where it fits everything else; so no
 * single fault in either is enough.
 *
 * Design: docs/hardening.md. */
#include "boot/flow/flow.h"

#include "boot/judge/policy.h"

/* Recovery's mode belongs to recovery, the developer's mode to devices in it. */
static bool mode_fits(const struct boot_ctx *ctx, enum crypto_mode mode,
		      const struct profile *profile)
{
	const bool recovery = ctx->state == BOOT_RECOVERY;

	switch (mode) {
	case CRYPTO_MODE_RECOVERY:
		return recovery;
	case CRYPTO_MODE_DEVELOPER:
		return !recovery && ctx->developer && ctx->stored.developer &&
		       boot_developer_allowed(profile);
	case CRYPTO_MODE_NORMAL:
		return !recovery;
	default:
		return false;
	}
}

enum lb_reason boot_confirm(struct boot_ctx *ctx)
{
	const bool stick = ctx->state == BOOT_WARN && ctx->media.developer_stick;
	const bool media = stick || ctx->state == BOOT_RECOVERY;
	const enum crypto_mode mode = media ? ctx->media.policy.mode : ctx->policy.mode;
	struct profile profile;

	if (profile_select(ctx->config->profile, ctx->config->profile_bytes, ctx->machine,
			   &profile) != LB_OK ||
	    !mode_fits(ctx, mode, &profile))
		return lb_verdict_set(&ctx->verdict, LB_REASON_KEYBLOCK_FLAGS,
				      "%s mode does not fit this device's state",
				      crypto_mode_name(mode));

	const struct platform_floors floors = boot_floors_again(ctx, &profile);

	if (mode != CRYPTO_MODE_RECOVERY && !boot_generation_counts(&profile, &floors))
		return lb_verdict_set(&ctx->verdict, LB_REASON_LOADER_TOO_OLD,
				      "generation %u < %u", profile.generation,
				      floors.loader);

	struct crypto_policy policy =
		boot_policy_make(mode, &profile, &ctx->stored, ctx->machine, &floors);

	if (stick)
		boot_policy_for_stick_start(&policy, &ctx->media.consent);
	return crypto_kernel_confirm(&policy, ctx->verified, &ctx->verdict);
}

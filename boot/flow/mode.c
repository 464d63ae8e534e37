/* The mode in force, and developer mode: on, off, and the keys that are trusted in it.
 *
 * Design: DESIGN 5. */
#include "boot/flow/flow.h"

#include <string.h>

#include "boot/judge/policy.h"

void boot_mode_set(struct boot_ctx *ctx, enum crypto_mode mode)
{
	ctx->policy = boot_policy_make(mode, &ctx->profile, &ctx->stored, ctx->machine,
				       &ctx->floors);
}

void boot_developer_on(struct boot_ctx *ctx)
{
	ctx->developer = ctx->stored.developer = ctx->person.state.developer = true;

	const enum lb_status status =
		ctx->plat->write_state(ctx->plat->ctx, &ctx->stored);

	lb_log(&ctx->log, "developer mode: on, stored: %s%s", lb_status_name(status),
	       status == LB_OK ? "" : "; it lasts for this boot");
	boot_mode_set(ctx, CRYPTO_MODE_DEVELOPER);
	(void)boot_record(ctx, HISTORY_STAGE_MODE, 0, NULL);
}

void boot_developer_off(struct boot_ctx *ctx)
{
	struct platform_state off = ctx->stored;

	off.developer = false;
	off.dev_key_count = 0; /* leaving developer mode clears the keys */
	memset(off.dev_key, 0, sizeof off.dev_key);

	const enum lb_status status = ctx->plat->write_state(ctx->plat->ctx, &off);

	lb_log(&ctx->log, "developer mode: off, stored: %s", lb_status_name(status));
	/* This boot is a normal one in any case; the next one asks what is stored. */
	ctx->stored = off;
	ctx->developer = ctx->person.state.developer = false;
	boot_mode_set(ctx, CRYPTO_MODE_NORMAL);
	(void)boot_record(ctx, HISTORY_STAGE_MODE, 0, NULL);
}

bool boot_developer_enrol(struct boot_ctx *ctx, const uint8_t id[CRYPTO_KEY_ID_BYTES])
{
	struct platform_state changed = ctx->stored;

	if (changed.dev_key_count == PLATFORM_MAX_DEV_KEYS)
		return false;
	memcpy(changed.dev_key[changed.dev_key_count++], id, CRYPTO_KEY_ID_BYTES);

	const enum lb_status status = ctx->plat->write_state(ctx->plat->ctx, &changed);

	lb_log(&ctx->log, "developer mode: key enrolled, %u now: %s",
	       (unsigned int)changed.dev_key_count, lb_status_name(status));
	if (status != LB_OK)
		return false;
	ctx->stored = changed;
	return true;
}

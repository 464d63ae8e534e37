/* Setting one boot up, and running it. */
#include "boot/boot.h"

#include <string.h>

#include "boot/base/format.h"
#include "boot/flow.h"
#include "crypto/self_test.h"

static void log_engines(struct boot_ctx *ctx)
{
	lb_log(&ctx->log, "crypto: SHA-256 by %s, SHA-512 by %s",
	       crypto_digest_engine(CRYPTO_SHA256) == CRYPTO_ENGINE_CPU ? "CPU"
									: "plain code",
	       crypto_digest_engine(CRYPTO_SHA512) == CRYPTO_ENGINE_CPU ? "CPU"
									: "plain code");
}

static void load_profile(struct boot_ctx *ctx)
{
	const struct boot_config *config = ctx->config;
	const enum lb_status status = profile_select(
		config->profile, config->profile_bytes, ctx->machine, &ctx->profile);

	ctx->profile_valid = status == LB_OK && ctx->profile.kernel_key.data != NULL;
	if (!ctx->profile_valid) {
		lb_log(&ctx->log, "profile: none that is valid: %s",
		       status == LB_OK ? "no kernel key" : lb_status_name(status));
		return;
	}
	lb_log(&ctx->log, "profile: model %.*s", (int)ctx->profile.model.len,
	       ctx->profile.model.data != NULL ? (const char *)ctx->profile.model.data
					       : "");
	ctx->policy = (struct crypto_policy){
		.mode = CRYPTO_MODE_NORMAL,
		.key = ctx->profile.kernel_key,
	};
}

enum lb_status boot_init(struct boot_ctx *ctx, const struct platform *plat,
			 const struct boot_config *config)
{
	memset(ctx, 0, sizeof *ctx);
	ctx->plat = plat;
	ctx->config = config;
	lb_log_init(&ctx->log, plat);
	ctx->machine = plat->machine(plat->ctx);
	lb_log(&ctx->log, "lifeboat %s on %s/%s, Secure Boot %s", config->version,
	       ctx->machine->vendor, ctx->machine->product,
	       ctx->machine->secure_boot ? "on" : "off");

	const enum lb_status status = crypto_self_test();

	if (status != LB_OK) {
		lb_log(&ctx->log, "crypto: self-test failed: %s", lb_status_name(status));
		return LB_ERR_INTERNAL;
	}
	log_engines(ctx);
	load_profile(ctx);
	boot_floors_load(ctx);
	ctx->state = ctx->profile_valid ? BOOT_SCAN : BOOT_RECOVERY;
	return LB_OK;
}

enum lb_status boot_run(const struct platform *plat, const struct boot_config *config)
{
	struct boot_ctx *ctx;

	if (!platform_complete(plat))
		return LB_ERR_INTERNAL;
	ctx = plat->alloc(plat->ctx, sizeof *ctx, sizeof(uint64_t), PLATFORM_ANY_ADDRESS);
	if (ctx == NULL)
		return LB_ERR_NOMEM;

	const enum lb_status status = boot_init(ctx, plat, config);

	if (status != LB_OK)
		return status; /* the caller resets: memory does not matter any more */
	for (;;)
		boot_step(ctx);
}

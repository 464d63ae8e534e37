/* Setting one boot up, and running it. */
#include "boot/flow/boot.h"

#include <string.h>

#include "base/format.h"
#include "boot/flow/flow.h"
#include "boot/judge/policy.h"
#include "crypto/self_test.h"

/* What started, on what. */
static void log_banner(struct boot_ctx *ctx)
{
	const struct platform_machine *m = ctx->machine;

	if (m->vendor[0] != '\0' || m->compatible_count == 0)
		lb_log(&ctx->log, "lifeboat %s on %s/%s, Secure Boot %s",
		       ctx->config->version, m->vendor, m->product,
		       m->secure_boot ? "on" : "off");
	else
		lb_log(&ctx->log, "lifeboat %s on %s, Secure Boot %s",
		       ctx->config->version, m->compatible[0],
		       m->secure_boot ? "on" : "off");
}

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
}

/* Developer mode counts only while the profile allows it. */
static void load_state(struct boot_ctx *ctx)
{
	const enum lb_status status = ctx->plat->read_state(ctx->plat->ctx, &ctx->stored);

	if (status != LB_OK)
		memset(&ctx->stored, 0, sizeof ctx->stored);
	if (status != LB_OK && status != LB_ERR_NOT_FOUND && status != LB_ERR_UNSUPPORTED)
		lb_log(&ctx->log, "state: cannot be read: %s", lb_status_name(status));
	ctx->developer = ctx->stored.developer && ctx->profile_valid &&
			 boot_developer_allowed(&ctx->profile);
	if (ctx->stored.developer && !ctx->developer)
		lb_log(&ctx->log, "developer mode: stored, but not allowed here");
}

/* Said in the log, which the details show too: what belongs to a loader can be
 * anybody's. */
static void log_foreign(struct boot_ctx *ctx)
{
	for (size_t i = 0; i < ctx->machine->foreign_count; i++)
		lb_log(&ctx->log, "state: %s is not ours, and cannot be replaced",
		       ctx->machine->foreign[i]);
}

/* Who asked for recovery, if anybody did. The request of the OS is taken (and so deleted)
 * also when something else asks. */
static enum rec_reason asked_for_recovery(struct boot_ctx *ctx)
{
	uint8_t request = 0;
	const enum lb_status status = ctx->plat->take_request(ctx->plat->ctx, &request);

	if (status != LB_OK && status != LB_ERR_NOT_FOUND)
		lb_log(&ctx->log, "request: does not count: %s", lb_status_name(status));
	if (boot_person_wants_recovery(&ctx->person))
		return REC_REASON_KEY;
	if (ctx->config->recovery_requested)
		return REC_REASON_BOOT_ENTRY;
	if (status == LB_OK && request == PLATFORM_REQUEST_RECOVERY)
		return REC_REASON_OS_REQUEST;
	return REC_REASON_NONE;
}

enum lb_status boot_init(struct boot_ctx *ctx, const struct platform *plat,
			 const struct boot_config *config)
{
	memset(ctx, 0, sizeof *ctx);
	ctx->plat = plat;
	ctx->config = config;
	lb_log_init(&ctx->log, plat);
	ctx->machine = plat->machine(plat->ctx);
	boot_person_init(&ctx->person, plat, &ctx->log, &ctx->profile, &ctx->stored);
	log_banner(ctx);

	const enum lb_status status = crypto_self_test();

	if (status != LB_OK) {
		lb_log(&ctx->log, "crypto: self-test failed: %s", lb_status_name(status));
		return LB_ERR_INTERNAL;
	}
	log_engines(ctx);
	load_profile(ctx);
	boot_watchdog_ask(ctx);
	boot_floors_load(ctx);
	load_state(ctx);
	log_foreign(ctx);
	boot_person_init(&ctx->person, plat, &ctx->log, &ctx->profile, &ctx->stored);
	ctx->person.state.developer = ctx->developer;
	boot_mode_set(ctx, ctx->developer ? CRYPTO_MODE_DEVELOPER : CRYPTO_MODE_NORMAL);
	ctx->reason = asked_for_recovery(ctx);
	if (!ctx->profile_valid || ctx->reason != REC_REASON_NONE)
		ctx->state = BOOT_RECOVERY;
	else
		ctx->state = ctx->developer ? BOOT_WARN : BOOT_SCAN;
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

	if (status != LB_OK) {
		boot_error(ctx, "the digests and signatures do not pass their self-test");
		return status; /* the caller resets: memory does not matter any more */
	}
	for (;;)
		boot_step(ctx);
}

/* The hardware watchdog in the boot flow: asked at entry whether it ended the boot
 * before, armed as the last thing before a hand-off. What follows from deaths: past.c.
 *
 * Design: DESIGN 8 "Watchdog"; docs/watchdog.md. */
#include "boot/flow/flow.h"

void boot_watchdog_ask(struct boot_ctx *ctx)
{
	bool died = false;

	if (ctx->profile.watchdog_s == 0)
		return;
	const enum lb_status status = ctx->plat->watchdog_died(ctx->plat->ctx, &died);

	if (status != LB_OK) {
		lb_log(&ctx->log, "watchdog: cannot be asked: %s",
		       lb_status_name(status));
		return;
	}
	ctx->watchdog_died = died;
	if (died)
		lb_log(&ctx->log, "watchdog: it ended the boot before");
}

/* --- at the hand-off -------------------------------------------------------------- */

void boot_watchdog_arm(struct boot_ctx *ctx)
{
	/* A developer's kernel or a recovery system need not have the driver, and a
	 * person is there. */
	if (ctx->profile.watchdog_s == 0 || ctx->policy.mode != CRYPTO_MODE_NORMAL)
		return;
	const enum lb_status status =
		ctx->plat->watchdog_arm(ctx->plat->ctx, ctx->profile.watchdog_s);

	ctx->watchdog_armed = status == LB_OK;
	if (status != LB_OK) /* the boot goes on: better unguarded than not at all */
		lb_log(&ctx->log, "watchdog: not armed: %s", lb_status_name(status));
}

void boot_watchdog_stop(struct boot_ctx *ctx)
{
	if (!ctx->watchdog_armed)
		return;
	const enum lb_status status = ctx->plat->watchdog_arm(ctx->plat->ctx, 0);

	ctx->watchdog_armed = false;
	if (status != LB_OK) /* then it resets the machine, and the next boot goes on */
		lb_log(&ctx->log, "watchdog: cannot be stopped: %s",
		       lb_status_name(status));
}

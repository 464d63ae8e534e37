/* Something that should not happen: said, left standing for a while, and then the caller
 * resets - nobody need be there. */
#include "boot/flow/flow.h"

#include "base/format.h"

void boot_error(struct boot_ctx *ctx, const char *what)
{
	struct boot_person *p = &ctx->person;
	const struct platform *plat = ctx->plat;
	const uint64_t began = plat->clock_ms(plat->ctx);

	lb_format(p->detail, sizeof p->detail, "%s", what);
	p->state.detail = p->detail;
	p->touched_ms = began;
	boot_person_show(&ctx->person, UI_SCREEN_ERROR);
	while (plat->clock_ms(plat->ctx) - p->touched_ms < BOOT_ERROR_MS &&
	       plat->clock_ms(plat->ctx) - began < BOOT_LONGEST_MS)
		(void)boot_poll(ctx); /* what its keys do is done there */
	lb_log(&ctx->log, "error: restarting");
}

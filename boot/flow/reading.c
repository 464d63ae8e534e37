/* Reading a medium while somebody looks on: a slow stick takes a minute, and a screen
 * that says "put it in here" meanwhile makes people pull it out.
 *
 * Design: DESIGN 6 "progress is shown only where a recovery screen stands already, or
 * reading lasts over 5 s". */
#include "boot/flow/reading.h"

#include "boot/flow/flow.h"

#define SOON_MS  1000u  /* where a screen stands */
#define LATE_MS  5000u  /* where nothing is displayed yet */
#define AGAIN_MS 1000u  /* the picture */
#define SAID_MS  10000u /* in the log */
#define PIECE    ((size_t)256 * 1024)

static uint32_t seconds_left(const struct boot_reading *r, uint64_t passed_ms)
{
	const uint64_t left = r->total > r->done ? r->total - r->done : 0;

	/* Times 1000 and rounded up; a medium has less than 2^50 bytes to read. */
	return r->done == 0 ? 0 : (uint32_t)((passed_ms * left / r->done + 999u) / 1000u);
}

static void show(struct boot_reading *r, uint64_t now)
{
	struct boot_person *p = &r->ctx->person;
	const bool first = r->shown_ms == 0;

	r->shown_ms = now;
	p->state.permille = r->total > 0 && r->done < r->total
				    ? (uint32_t)(r->done * 1000u / r->total)
				    : 1000u;
	p->state.stage = UI_STAGE_CHECK;
	p->state.minutes = 0;
	p->state.countdown_s = seconds_left(r, now - r->began_ms);
	if (first)
		boot_person_show(p, UI_SCREEN_READING);
	else
		boot_person_redraw(p);
	if (!first && now - r->said_ms < SAID_MS)
		return;
	r->said_ms = now;
	lb_log(&r->ctx->log, "media: reading, %u %%, %u s left", p->state.permille / 10u,
	       p->state.countdown_s);
}

static void look_at_clock(struct boot_reading *r)
{
	const struct platform *plat = r->ctx->plat;
	const uint64_t now = plat->clock_ms(plat->ctx);
	const uint32_t from = r->ctx->media.screen_stands ? SOON_MS : LATE_MS;

	if (now - r->began_ms >= from &&
	    (r->shown_ms == 0 || now - r->shown_ms >= AGAIN_MS))
		show(r, now);
}

static enum lb_status read_piecewise(void *ctx, uint64_t offset, void *buf, size_t len)
{
	struct boot_reading *r = ctx;
	uint8_t *out = buf;
	enum lb_status status = LB_OK;

	while (len > 0 && status == LB_OK) {
		const size_t n = len < PIECE ? len : PIECE;

		status = r->inner.read(r->inner.ctx, offset, out, n);
		out += n;
		offset += n;
		len -= n;
		r->done = offset;
		look_at_clock(r);
	}
	return status;
}

struct lb_source boot_reading_open(struct boot_reading *r, struct boot_ctx *ctx,
				   const struct lb_source *inner, uint64_t total)
{
	*r = (struct boot_reading){
		.ctx = ctx,
		.inner = *inner,
		.total = total,
		.began_ms = ctx->plat->clock_ms(ctx->plat->ctx),
	};
	return (struct lb_source){ r, inner->bytes, read_piecewise };
}

/* Screens and lines. */
#include "recovery/installer/talk.h"

#include <stdarg.h>
#include <string.h>

#include "base/format.h"

void talk_open(struct talk *t, const struct platform *plat, const char *language,
	       const char *model)
{
	t->outlet = (struct ui_outlet){ .plat = plat, .log = &t->log };
	(void)ui_outlet_open(&t->outlet, language);
	const struct ui_text *texts = ui_outlet_texts(&t->outlet);

	if (texts != NULL && t->outlet.texts != NULL)
		t->state.language = (uint8_t)ui_text_find(texts, language);
	t->state.model = model;
	t->state.no_keys = true; /* nothing here listens to one yet */
}

void talk_show(struct talk *t, enum ui_screen screen, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	lb_vformat(t->detail, sizeof t->detail, fmt, args);
	va_end(args);
	t->state.screen = screen;
	t->state.detail = t->detail;
	ui_outlet_show(&t->outlet, &t->state);
}

void talk_stage(struct talk *t, const char *what)
{
	const struct platform *plat = t->outlet.plat;

	t->share++;
	t->stage_began_ms = plat->clock_ms(plat->ctx);
	t->said_percent = UINT32_MAX;
	lb_log(&t->log, "installer: %s", what);
}

/* Of this stage, from how long it took so far; whole minutes, 0 while nothing can be
 * said. */
static uint32_t minutes_left(const struct talk *t, const struct update_progress *p)
{
	const struct platform *plat = t->outlet.plat;
	const uint64_t passed = plat->clock_ms(plat->ctx) - t->stage_began_ms;

	if (p->done == 0 || passed < 3000 || p->done > p->total)
		return 0;
	const uint64_t left =
		passed * ((p->total - p->done) >> 10) / ((p->done >> 10) + 1);
	const uint64_t minutes = left * (t->shares - t->share + 1) / 60000 + 1;

	return minutes < 9999 ? (uint32_t)minutes : 0;
}

bool talk_progress(void *ctx, const struct update_progress *p)
{
	static const enum ui_stage stages[UPDATE_STAGES] = {
		[UPDATE_STAGE_CHECK] = UI_STAGE_CHECK,
		[UPDATE_STAGE_WRITE] = UI_STAGE_WRITE,
		[UPDATE_STAGE_READ_BACK] = UI_STAGE_VERIFY,
		[UPDATE_STAGE_HEADERS] = UI_STAGE_WRITE,
	};
	struct talk *t = ctx;
	const uint64_t permille =
		p->total >> 10 != 0 ? (p->done >> 10) * 1000 / (p->total >> 10) : 1000;
	const uint32_t percent = (uint32_t)(permille / 10);

	/* Screens cost time: one for each percent is smooth enough. */
	if (percent == t->said_percent && stages[p->stage] == t->state.stage)
		return true;
	t->said_percent = percent;
	t->state.stage = stages[p->stage];
	t->state.permille = (uint32_t)(permille < 1000 ? permille : 1000);
	t->state.minutes = minutes_left(t, p);
	t->state.screen = UI_SCREEN_PROGRESS;
	t->state.detail = t->detail;
	if (t->outlet.graphics && ui_show(t->outlet.ui, &t->state) != LB_OK)
		t->outlet.graphics = false;
	return true;
}

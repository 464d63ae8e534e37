/* The sequence of recovery: four pictures and what happens then, then the address.
 * Nothing needs to be read. */
#include "base/format.h"
#include "ui/view.h"

#define STEPS     4
#define GAP       12
#define THEN      78  /* width of the last picture, which nobody has to do anything for */
#define THEN_HIGH 110 /* its height where it lies below */

static const struct {
	enum art_id picture;
	enum ui_string caption;
} steps[STEPS] = {
	{ ART_STEP_COMPUTER, UI_STR_STEP_COMPUTER },
	{ ART_STEP_ADDRESS, UI_STR_STEP_ADDRESS },
	{ ART_STEP_WRITE, UI_STR_STEP_WRITE },
	{ ART_STEP_INSERT, UI_STR_STEP_INSERT },
};

static void draw_step(const struct view *v, uint32_t i, struct canvas_rect r,
		      int32_t caption)
{
	const struct view_style style = { v->portrait ? 20 : 15, 9, LABEL_CENTRE, false,
					  UI_INK };
	const struct view_style digit = { 17, 12, LABEL_CENTRE, true, UI_WHITE };
	const struct canvas_rect badge = { r.x - 8, r.y - 8, 24, 24 };
	char number[4];

	view_fill(v, r, 10, UI_PANEL);
	view_fill(v, badge, 12, UI_INK);
	lb_format(number, sizeof number, "%u", i + 1u);
	view_ascii(v, GLYPH_SANS, number, badge, digit);
	view_art(
		v, steps[i].picture,
		(struct canvas_rect){ r.x + 12, r.y + 10, r.w - 18, r.h - caption - 16 });
	view_string(v, screen_step_string(v->state, steps[i].caption), 0,
		    (struct canvas_rect){ r.x + 6, r.y + r.h - caption - 2, r.w - 12,
					  caption },
		    style);
}

/* Beside the four, or below them: the device starts by itself. */
static void draw_then(const struct view *v, struct canvas_rect units)
{
	view_art(v, ART_STEP_START, units);
}

/* Four in a row, or two rows of two. Returns the height used. */
static int32_t draw_steps(const struct view *v, struct canvas_rect units)
{
	const int32_t columns = v->portrait ? 2 : STEPS;
	const int32_t then = v->portrait ? 0 : THEN;
	const int32_t w = (units.w - then - (columns - 1) * GAP) / columns;
	const int32_t h = v->portrait ? 250 : 168;
	const int32_t used = STEPS / columns * (h + GAP) - GAP;

	for (int32_t i = 0; i < STEPS; i++)
		draw_step(v, (uint32_t)i,
			  (struct canvas_rect){ units.x + i % columns * (w + GAP),
						units.y + i / columns * (h + GAP), w, h },
			  v->portrait ? 74
			  : w > 165   ? 46
				      : 66);
	if (!v->portrait) {
		draw_then(v, (struct canvas_rect){ units.x + units.w - then + 8,
						   units.y + 20, then - 8, h - 86 });
		return used;
	}
	draw_then(v, (struct canvas_rect){ units.x, units.y + used + 6, units.w,
					   THEN_HIGH });
	return used + 6 + THEN_HIGH;
}

void view_steps(const struct view *v, struct canvas_rect units)
{
	const struct view_style title = { 28, 16, LABEL_START, true, UI_INK };
	const struct view_style start = { 16, 9, LABEL_END, true, UI_BLUE };
	const struct view_style why = { 16, 9, LABEL_START, true, UI_DIM };
	struct canvas_rect r = units;

	view_string(v, v->screen->title, 0, (struct canvas_rect){ r.x, 6, r.w - 150, 38 },
		    title);
	const int32_t soon = v->state->countdown_s != 0 ? r.w / 3 : 0;

	view_string(v, v->state->asked ? UI_STR_RECOVERY_ASKED : UI_STR_RECOVERY_BROKEN,
		    0, (struct canvas_rect){ r.x, r.y, r.w - soon, 24 }, why);
	if (soon > 0)
		view_string(v, UI_STR_DEV_COUNTDOWN, v->state->countdown_s,
			    (struct canvas_rect){ r.x + r.w - soon, r.y, soon, 24 },
			    start);
	r.y += 34;
	r.h -= 34;
	const int32_t used = draw_steps(v, r) + 14;

	r.y += used;
	r.h -= used;
	view_address(v, r);
}

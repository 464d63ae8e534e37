/* Drawing a state: head, layout, keys. And the way to the display. */
#include <string.h>

#include "ui/view.h"

#define KEYS_HEIGHT  56
#define NAME_WIDTH   112 /* of a language, at most */
#define LEAST_WIDTH  320
#define LEAST_HEIGHT 240

/* The language in force, with a sign that needs no reading. */
static void draw_language(const struct view *v)
{
	const struct view_style style = { 14, 9, LABEL_END, true, UI_INK };
	const int32_t right = v->w - VIEW_MARGIN;
	struct label l;

	if (ui_text_languages(v->text) < 2u || v->state->screen == UI_SCREEN_LANGUAGE ||
	    v->state->no_keys)
		return;
	label_string(&l, v->text, v->state->language, UI_STR_LANGUAGE_NAME, 0);
	int32_t w = label_width(&l, view_pixels(v, style.size)) * 256 / v->scale + 2;

	w = w < NAME_WIDTH ? w : NAME_WIDTH;
	view_art(v, ART_GLOBE, (struct canvas_rect){ right - w - 32, 12, 28, 22 });
	view_label(v, &l, "language", (struct canvas_rect){ right - w, 12, w, 22 },
		   style);
}

static void draw_layout(const struct view *v)
{
	const int32_t keys = v->h - KEYS_HEIGHT - 8;
	const struct canvas_rect body = { VIEW_MARGIN, 44, v->w - 2 * VIEW_MARGIN,
					  keys - 44 - 6 };

	switch (v->screen->layout) {
	case LAYOUT_STEPS:
		view_steps(v, body);
		break;
	case LAYOUT_MESSAGE:
		view_message(v, body);
		break;
	case LAYOUT_LIST:
		view_list(v, body);
		break;
	case LAYOUT_LINES:
		(void)view_lines(v, body); /* how many matters to ui_show() only */
		break;
	}
	view_keys(v, (struct canvas_rect){ VIEW_MARGIN, keys, v->w - 2 * VIEW_MARGIN,
					   KEYS_HEIGHT });
}

void ui_draw(struct canvas *canvas, const struct ui_text *text,
	     const struct ui_state *state, struct ui_report *report)
{
	struct view v;

	view_begin(&v, canvas, text, state, report);
	canvas_fill(canvas, (struct canvas_rect){ 0, 0, canvas->width, canvas->height },
		    UI_WHITE);
	draw_language(&v);
	draw_layout(&v);
}

uint32_t ui_page_lines(struct canvas *canvas, const struct ui_text *text,
		       const struct ui_state *state)
{
	const struct canvas_rect clip = canvas->clip;
	struct view v;
	uint32_t lines;

	view_begin(&v, canvas, text, state, NULL);
	canvas_clip(canvas, (struct canvas_rect){ 0, 0, 0, 0 });
	lines = view_lines(&v,
			   (struct canvas_rect){ VIEW_MARGIN, 44, v.w - 2 * VIEW_MARGIN,
						 v.h - KEYS_HEIGHT - 58 });
	canvas->clip = clip;
	return lines;
}

enum lb_status ui_open(struct ui *ui, const struct ui_display *display, uint32_t *pixels,
		       size_t count)
{
	uint32_t w = display->width, h = display->height;

	memset(&ui->text, 0, sizeof ui->text);
	if (w < LEAST_WIDTH || h < LEAST_HEIGHT)
		return LB_ERR_UNSUPPORTED;
	w = w > CANVAS_MAX_SIDE ? CANVAS_MAX_SIDE : w;
	h = h > CANVAS_MAX_SIDE ? CANVAS_MAX_SIDE : h;
	ui->display = *display;
	return canvas_init(&ui->canvas, pixels, count, w, h);
}

enum lb_status ui_show(struct ui *ui, struct ui_state *state)
{
	if (state->screen == UI_SCREEN_DETAILS) {
		state->page_lines = ui_page_lines(&ui->canvas, &ui->text, state);
		/* A line longer than a page is shown in part; paging must still move
		 * on. */
		if (state->page_lines == 0)
			state->page_lines = 1;
	}
	ui_draw(&ui->canvas, &ui->text, state, NULL);
	return canvas_flush(&ui->canvas, &ui->display);
}

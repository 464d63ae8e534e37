/* Views: units to pixels, mirroring, texts and pictures in rectangles. */
#include "ui/view.h"

#include <stddef.h>

#define UNITS_WIDE    640
#define UNITS_HIGH    480
#define UNITS_UPRIGHT 1066 /* units high at least: the layout of upright screens */

const char *view_text(const char *s)
{
	return s != NULL ? s : "";
}

void view_begin(struct view *v, struct canvas *canvas, const struct ui_text *text,
		const struct ui_state *state, struct ui_report *report)
{
	const int32_t across = canvas->width * 256 / UNITS_WIDE;
	const bool upright = canvas->height > canvas->width;
	const int32_t down =
		canvas->height * 256 / (upright ? UNITS_UPRIGHT : UNITS_HIGH);

	v->canvas = canvas;
	v->text = text;
	v->state = state;
	v->screen = screen_get(state->screen);
	v->report = report;
	v->scale = across < down ? across : down;
	v->w = canvas->width * 256 / v->scale;
	v->h = canvas->height * 256 / v->scale;
	v->rtl = ui_text_rtl(text, state->language);
	v->portrait = upright;
}

int32_t view_pixels(const struct view *v, int32_t units)
{
	return units * v->scale / 256;
}

static int32_t to_units(const struct view *v, int32_t pixels)
{
	return (pixels * 256 + v->scale - 1) / v->scale;
}

struct canvas_rect view_rect(const struct view *v, struct canvas_rect units)
{
	const int32_t x = view_pixels(v, units.x),
		      right = view_pixels(v, units.x + units.w);
	const int32_t y = view_pixels(v, units.y),
		      bottom = view_pixels(v, units.y + units.h);

	return (struct canvas_rect){ v->rtl ? v->canvas->width - right : x, y, right - x,
				     bottom - y };
}

void view_box(const struct view *v, struct canvas_rect pixels, const char *what)
{
	if (v->report == NULL)
		return;
	if (v->report->box_count == UI_REPORT_BOXES) {
		v->report->overflows++;
		return;
	}
	v->report->boxes[v->report->box_count++] =
		(struct ui_report_box){ .rect = pixels, .what = what };
}

void view_fill(const struct view *v, struct canvas_rect units, int32_t radius,
	       canvas_colour colour)
{
	canvas_round_rect(v->canvas, view_rect(v, units), view_pixels(v, radius), colour);
}

/* Signs keep their direction; scenes run with the language. */
static bool runs_with_language(enum art_id id)
{
	return id <= ART_NO_STICK || id == ART_INSTALL || id == ART_PULL;
}

void view_art(const struct view *v, enum art_id id, struct canvas_rect units)
{
	const struct canvas_rect r = view_rect(v, units);

	art_draw(v->canvas, id, r, v->rtl && runs_with_language(id));
	view_box(v, r, "picture");
}

int32_t view_label(const struct view *v, const struct label *l, const char *what,
		   struct canvas_rect units, struct view_style style)
{
	struct label_style s = { view_pixels(v, style.size),
				 view_pixels(v, style.min_size), style.align,
				 style.middle, style.colour };
	const struct canvas_rect r = view_rect(v, units);
	struct canvas_rect used;

	/* A text of the other direction stands where the page begins, as a block in which
	 * its own lines begin where its readers look for them. */
	if (l->rtl != v->rtl && s.align != LABEL_CENTRE)
		s.align = s.align == LABEL_START ? LABEL_BLOCK : LABEL_START;
	if (!label_draw(v->canvas, l, r, &s, &used) && v->report != NULL)
		v->report->overflows++;
	if (used.w > 0)
		view_box(v, used, what);
	return to_units(v, used.h);
}

int32_t view_string(const struct view *v, enum ui_string string, uint32_t number,
		    struct canvas_rect units, struct view_style style)
{
	struct label l;

	label_string(&l, v->text, v->state->language, string, number);
	return view_label(v, &l, ui_text_english(string), units, style);
}

int32_t view_ascii(const struct view *v, enum glyph_face face, const char *ascii,
		   struct canvas_rect units, struct view_style style)
{
	struct label l;

	if (*ascii == '\0')
		return 0;
	label_ascii(&l, face, ascii);
	return view_label(v, &l, "ascii", units, style);
}

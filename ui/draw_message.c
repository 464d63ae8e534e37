/* Messages: a picture beside a column of texts and parts. */
#include "base/format.h"
#include "ui/view.h"

#define GAP          8
#define MOST_PICTURE 272 /* wide: on the widest screens it would fill the height */
#define ALONE_DOWN   40  /* where no address stands below */

/* The column that is being filled from the top. */
struct column {
	const struct view *v;
	struct canvas_rect rest;
};

/* Upright screens have room below: larger. */
static int32_t larger(const struct view *v, int32_t units)
{
	return v->portrait ? units * 4 / 3 : units;
}

static void down(struct column *c, int32_t used)
{
	if (used <= 0)
		return;
	c->rest.y += used + GAP;
	c->rest.h -= used + GAP;
}

static void add_string(struct column *c, enum ui_string string, uint32_t number,
		       int32_t room, struct view_style style)
{
	struct canvas_rect r = c->rest;

	r.h = r.h < room ? r.h : room;
	down(c, view_string(c->v, string, number, r, style));
}

static void add_ascii(struct column *c, enum glyph_face face, const char *text,
		      int32_t room, struct view_style style)
{
	struct canvas_rect r = c->rest;

	r.h = r.h < room ? r.h : room;
	down(c, view_ascii(c->v, face, text, r, style));
}

static void add_text(struct column *c, enum ui_string string)
{
	const struct view_style style = { larger(c->v, 18), 10, LABEL_START, false,
					  UI_INK };

	add_string(c, string, 0, larger(c->v, 104), style);
}

static void add_detail(struct column *c)
{
	const struct view_style style = { 13, 8, LABEL_START, false, UI_DIM };

	add_ascii(c, GLYPH_MONO, view_text(c->v->state->detail), 64, style);
}

static void add_why(struct column *c)
{
	const struct view_style style = { larger(c->v, 20), 10, LABEL_START, false,
					  UI_RED };

	/* The case's own words are for the details and the plain lines. */
	add_string(c, screen_reason_string(c->v->state->reason), 0, larger(c->v, 60),
		   style);
	/* But for what whoever made the profile has to put into it. */
	if (c->v->state->reason == LB_REASON_OWN_SLOTS)
		add_detail(c);
}

/* Four boxes with the characters of @text, empty where it ends. Latin letters: the first
 * is the leftmost, also on pages that run from right to left. */
static void add_boxes(struct column *c, const char *text, canvas_colour edge)
{
	const struct view_style style = { 30, 20, LABEL_CENTRE, true, UI_INK };
	bool ended = false;

	for (uint32_t i = 0; i < UI_CHALLENGE_CHARS; i++) {
		const uint32_t place = c->v->rtl ? UI_CHALLENGE_CHARS - 1u - i : i;
		const struct canvas_rect box = { c->rest.x + (int32_t)place * 54,
						 c->rest.y, 46, 46 };
		char one[2] = "";

		ended = ended || text[i] == '\0';
		one[0] = ended ? '\0' : text[i];
		view_fill(c->v, box, 5, edge);
		view_fill(c->v, (struct canvas_rect){ box.x + 2, box.y + 2, 42, 42 }, 4,
			  UI_WHITE);
		view_ascii(c->v, GLYPH_MONO, one, box, style);
	}
	down(c, 46);
}

static void add_digest(struct column *c)
{
	const struct view_style style = { 22, 12, LABEL_START, false, UI_INK };
	const uint8_t *d = c->v->state->digest;

	for (uint32_t row = 0; row < 4; row++, d += 8) {
		char text[40];

		lb_format(text, sizeof text, "%02x%02x %02x%02x %02x%02x %02x%02x", d[0],
			  d[1], d[2], d[3], d[4], d[5], d[6], d[7]);
		add_ascii(c, GLYPH_MONO, text, 30, style);
		c->rest.y -= GAP - 2;
		c->rest.h += GAP - 2;
	}
}

static void add_countdown(struct column *c)
{
	const struct view_style style = { larger(c->v, 24), 14, LABEL_START, false,
					  UI_BLUE };

	if (c->v->state->countdown_s != 0)
		add_string(c, UI_STR_DEV_COUNTDOWN, c->v->state->countdown_s,
			   larger(c->v, 40), style);
}

static void add_progress(struct column *c)
{
	static const enum ui_string stages[] = { UI_STR_STAGE_CHECK, UI_STR_STAGE_WRITE,
						 UI_STR_STAGE_VERIFY };
	const struct view_style style = { 18, 10, LABEL_START, true, UI_INK };
	const struct view_style end = { 18, 10, LABEL_END, true, UI_INK };
	const struct ui_state *s = c->v->state;
	const uint32_t stage = (uint32_t)s->stage < 3u ? (uint32_t)s->stage : 0;
	const struct canvas_rect head = { c->rest.x, c->rest.y, c->rest.w - 80, 28 };
	const struct canvas_rect bar = { c->rest.x, c->rest.y + 32, c->rest.w, 20 };
	char percent[8];

	view_string(c->v, stages[stage], 0, head, style);
	lb_format(percent, sizeof percent, "%u %%", s->permille / 10u);
	view_ascii(c->v, GLYPH_SANS, percent,
		   (struct canvas_rect){ head.x + head.w, head.y, 80, 28 }, end);
	canvas_progress(c->v->canvas, view_rect(c->v, bar), s->permille, c->v->rtl,
			UI_GREEN, UI_LINE);
	view_box(c->v, view_rect(c->v, bar), "bar");
	down(c, 52);
	if (s->minutes != 0)
		add_string(c, UI_STR_MINUTES_LEFT, s->minutes, 28, style);
}

/* A recovery system is checked and started, so what is left is until it starts. */
static void add_reading(struct column *c)
{
	const struct view_style style = { 18, 10, LABEL_START, true, UI_INK };

	add_progress(c);
	if (c->v->state->countdown_s != 0)
		add_string(c, UI_STR_DEV_COUNTDOWN, c->v->state->countdown_s, 28, style);
}

static void add_parts(struct column *c)
{
	const uint16_t parts = c->v->screen->parts;

	if ((parts & PART_CHALLENGE) != 0) {
		add_boxes(c, c->v->state->challenge, UI_LINE);
		add_boxes(c, c->v->state->typed, UI_BLUE);
	}
	if ((parts & PART_DIGEST) != 0)
		add_digest(c);
	if ((parts & PART_COUNTDOWN) != 0)
		add_countdown(c);
	if ((parts & PART_PROGRESS) != 0)
		add_progress(c);
	if ((parts & PART_READING) != 0)
		add_reading(c);
	if ((parts & PART_DETAIL) != 0)
		add_detail(c);
	if ((parts & PART_SUPPORT) != 0 && *view_text(c->v->state->support) != '\0') {
		view_support(c->v, (struct canvas_rect){ c->rest.x, c->rest.y, c->rest.w,
							 VIEW_SUPPORT });
		down(c, VIEW_SUPPORT);
	}
}

static enum art_id picture_of(const struct view *v)
{
	if ((v->screen->parts & PART_WHY) != 0)
		return screen_reason_picture(v->state->reason);
	return v->screen->picture;
}

/* Draws the picture; returns what is left for texts. */
static struct canvas_rect beside_picture(const struct view *v, struct canvas_rect r)
{
	const int32_t w = r.w / 3 < MOST_PICTURE ? r.w / 3 : MOST_PICTURE;

	/* Codes for a phone stand in its place. */
	if (v->portrait) {
		const struct canvas_rect top = { r.x, r.y + 20, r.w, 240 };

		if (!view_qr_codes(v, top))
			view_art(v, picture_of(v), top);
		return (struct canvas_rect){ r.x, r.y + 290, r.w, r.h - 290 };
	}
	if (!view_qr_codes(v, (struct canvas_rect){ r.x, r.y, w, r.h }))
		view_art(v, picture_of(v),
			 (struct canvas_rect){ r.x, r.y + 8, w, w * 3 / 4 });
	return (struct canvas_rect){ r.x + w + 24, r.y, r.w - w - 24, r.h };
}

void view_message(const struct view *v, struct canvas_rect units)
{
	const struct view_style title = { larger(v, 28), 14, LABEL_START, false, UI_INK };
	struct canvas_rect r = units;
	struct column c = { .v = v };

	if ((v->screen->parts & PART_ADDRESS) != 0) {
		const int32_t address = v->portrait ? 420 : 150;

		r.h -= address + 8;
		view_address(v, (struct canvas_rect){ r.x, r.y + r.h + 8, r.w, address });
	} else {
		/* Nearer to the middle. */
		r.y += ALONE_DOWN;
		r.h -= ALONE_DOWN;
	}
	c.rest = beside_picture(v, r);
	add_string(&c, screen_title(v->screen, v->state), 0, larger(v, 76), title);
	if ((v->screen->parts & PART_WHY) != 0)
		add_why(&c);
	for (uint32_t i = 0; i < screen_text_count(v->screen, v->state); i++)
		add_text(&c, screen_text(v->screen, v->state, i));
	add_parts(&c);
}

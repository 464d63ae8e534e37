/* The keys of a screen: a cap with the key's name and what it does, in rows. */
#include "ui/view.h"

#include <stddef.h>

#define CAP_PADDING 6 /* units at size 14; all scale with the size */
#define CAP_GAP     6
#define ITEM_GAP    22
#define ROW         26
#define BASE_SIZE   14
#define MIN_SIZE    8

struct bar {
	int32_t size; /* units */
	int32_t x, y; /* next item, units from the bar's corner */
	int32_t w;
	uint32_t rows;
	bool too_wide;
};

static int32_t part(const struct bar *b, int32_t units)
{
	return units * b->size / BASE_SIZE;
}

static int32_t cap_width(const struct view *v, const struct bar *b, const char *cap)
{
	struct label l;

	label_ascii(&l, GLYPH_SANS, cap);
	return label_width(&l, view_pixels(v, b->size)) * 256 / v->scale + 1 +
	       2 * part(b, CAP_PADDING);
}

static int32_t text_width(const struct view *v, const struct bar *b,
			  enum ui_string string)
{
	struct label l;

	label_string(&l, v->text, v->state->language, string, 0);
	return label_width(&l, view_pixels(v, b->size)) * 256 / v->scale + 2;
}

/* Makes room for an item of @width. */
static void next_item(struct bar *b, int32_t width)
{
	if (b->x > 0 && b->x + width > b->w) {
		b->x = 0;
		b->y += part(b, ROW);
		b->rows++;
	}
	if (width > b->w)
		b->too_wide = true;
}

static void draw_item(const struct view *v, const struct bar *b,
		      const struct screen_key *key, struct canvas_rect at, int32_t cap)
{
	const int32_t height = part(b, ROW - 4);
	const struct view_style cap_style = { b->size, b->size, LABEL_CENTRE, true,
					      UI_INK };
	const struct view_style style = { b->size, MIN_SIZE - 2, LABEL_START, true,
					  UI_INK };
	struct canvas_rect r = { at.x, at.y, cap, height };

	view_fill(v, r, part(b, 4), UI_DIM);
	view_fill(v, (struct canvas_rect){ r.x + 1, r.y + 1, r.w - 2, r.h - 2 },
		  part(b, 3), UI_PANEL);
	view_ascii(v, GLYPH_SANS, key->cap, r, cap_style);
	r.x += cap + part(b, CAP_GAP);
	r.w = at.w - cap - part(b, CAP_GAP);
	view_string(v, key->label, 0, r, style);
}

/* Lays the keys out at b->size; draws when @top is not NULL. */
static void lay_out(const struct view *v, struct bar *b, const struct canvas_rect *top)
{
	b->x = b->y = 0;
	b->rows = 1;
	b->too_wide = false;
	for (uint32_t i = 0; i < SCREEN_MAX_KEYS; i++) {
		const struct screen_key *key = &v->screen->keys[i];

		if (key->cap == NULL || key->cap[0] == '\0' ||
		    !screen_key_holds(key, v->state, v->text))
			continue;
		const int32_t cap = cap_width(v, b, key->cap);
		const int32_t width =
			cap + part(b, CAP_GAP) + text_width(v, b, key->label);

		next_item(b, width);
		if (top != NULL)
			draw_item(v, b, key,
				  (struct canvas_rect){ top->x + b->x, top->y + b->y,
							width, 0 },
				  cap);
		b->x += width + part(b, ITEM_GAP);
	}
}

void view_keys(const struct view *v, struct canvas_rect units)
{
	struct bar b = { .size = BASE_SIZE + 1, .w = units.w };
	struct canvas_rect top = units;

	if (v->state->no_keyboard || v->state->no_keys)
		return;
	do {
		b.size--;
		lay_out(v, &b, NULL);
	} while (b.size > MIN_SIZE &&
		 (b.too_wide || (int32_t)b.rows * part(&b, ROW) > units.h));
	if (v->report != NULL &&
	    (b.too_wide || (int32_t)b.rows * part(&b, ROW) > units.h))
		v->report->overflows++;
	top.y += units.h - (int32_t)b.rows * part(&b, ROW);
	lay_out(v, &b, &top);
}

/* Outlines: decode and draw. The operations are those of tools/ui/outline.c. */
#include "ui/glyph.h"

#include "base/bytes.h"

#define FIRST 0x20
#define LAST  0x7e

#define FAR 4096 /* units; an outline that goes farther is damaged */

enum { OP_END, OP_MOVE, OP_LINE, OP_ACROSS, OP_UP, OP_QUAD, OP_CUBIC };

/* Made by tools/ui/mktext. */
extern const uint8_t ui_sans_outlines[], ui_sans_offsets[], ui_sans_advances[];
extern const uint8_t ui_mono_outlines[], ui_mono_offsets[], ui_mono_advances[];

bool glyph_varint(const uint8_t *bytes, uint32_t len, uint32_t *at, uint32_t *out)
{
	uint32_t value = 0;

	for (uint32_t shift = 0; shift < 28; shift += 7) {
		if (*at >= len)
			return false;
		const uint8_t b = bytes[(*at)++];

		value |= (b & 0x7fu) << shift;
		if (b < 0x80) {
			*out = value;
			return true;
		}
	}
	return false;
}

bool glyph_signed(const uint8_t *bytes, uint32_t len, uint32_t *at, int32_t *out)
{
	uint32_t v;

	if (!glyph_varint(bytes, len, at, &v))
		return false;
	*out = (v & 1u) != 0 ? -(int32_t)((v + 1u) >> 1) : (int32_t)(v >> 1);
	return true;
}

struct glyph glyph_ascii(enum glyph_face face, char c)
{
	const bool mono = face == GLYPH_MONO;
	const uint8_t *offsets = mono ? ui_mono_offsets : ui_sans_offsets;
	const uint8_t *advances = mono ? ui_mono_advances : ui_sans_advances;
	const uint32_t i = (uint32_t)((c < FIRST || c > LAST ? '?' : c) - FIRST);
	const uint32_t from = lb_le16(offsets + 2u * i);

	return (struct glyph){ (mono ? ui_mono_outlines : ui_sans_outlines) + from,
			       lb_le16(offsets + 2u * i + 2u) - from,
			       lb_le16(advances + 2u * i) };
}

/* --- drawing ---------------------------------------------------------------------- */

struct pen {
	const uint8_t *bytes;
	uint32_t len, at;
	int32_t x, y; /* units */
	int32_t left, base, size;
};

static bool step(struct pen *p, bool across, bool up)
{
	int32_t dx = 0, dy = 0;

	if ((across && !glyph_signed(p->bytes, p->len, &p->at, &dx)) ||
	    (up && !glyph_signed(p->bytes, p->len, &p->at, &dy)))
		return false;
	if (dx < -FAR || dx > FAR || dy < -FAR || dy > FAR)
		return false;
	p->x += dx;
	p->y += dy;
	return p->x >= -FAR && p->x <= FAR && p->y >= -FAR && p->y <= FAR;
}

/* Where the pen is, in 1/256 pixels: a unit is size/256 pixels. */
static int32_t px(const struct pen *p)
{
	return p->left + p->x * p->size;
}

static int32_t py(const struct pen *p)
{
	return p->base - p->y * p->size;
}

static bool draw_curve(struct canvas *c, struct pen *p, bool cubic)
{
	int32_t ax, ay, bx, by;

	if (!step(p, true, true))
		return false;
	ax = px(p);
	ay = py(p);
	if (!step(p, true, true))
		return false;
	if (!cubic) {
		canvas_path_quad(c, ax, ay, px(p), py(p));
		return true;
	}
	bx = px(p);
	by = py(p);
	if (!step(p, true, true))
		return false;
	canvas_path_cubic(c, ax, ay, bx, by, px(p), py(p));
	return true;
}

static bool draw_operation(struct canvas *c, struct pen *p, uint8_t op)
{
	if (op == OP_QUAD || op == OP_CUBIC)
		return draw_curve(c, p, op == OP_CUBIC);
	if (op < OP_MOVE || op > OP_CUBIC || !step(p, op != OP_UP, op != OP_ACROSS))
		return false;
	if (op == OP_MOVE)
		canvas_path_move(c, px(p), py(p));
	else
		canvas_path_line(c, px(p), py(p));
	return true;
}

void glyph_draw(struct canvas *c, const struct glyph *g, int32_t x, int32_t y,
		int32_t size, canvas_colour colour)
{
	struct pen p = { g->outline, g->len, 0, 0, 0, x, y, size };

	canvas_path_begin(c);
	while (p.at < p.len) {
		const uint8_t op = p.bytes[p.at++];

		if (op == OP_END || !draw_operation(c, &p, op))
			break;
	}
	canvas_path_fill(c, colour);
}

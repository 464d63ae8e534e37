/* Draws pictographs: numbers of ui/art to paths. */
#include "ui/art.h"

#include "ui/style.h"

#define UNIT      256 /* fractions of a unit while drawing */
#define QUARTER   16  /* 1/64 turns */
#define MAX_DEPTH 4

struct pencil {
	struct canvas *canvas;
	int32_t x, y;  /* of the picture's origin, 1/256 pixels */
	int32_t scale; /* pixels per unit, 16.16 */
	bool mirrored; /* x runs to the left */
	canvas_colour colour;
};

static const canvas_colour colours[ART_COLOURS] = {
	[ART_INK] = UI_INK,     [ART_WHITE] = UI_WHITE, [ART_BLUE] = UI_BLUE,
	[ART_SKY] = UI_SKY,     [ART_GREEN] = UI_GREEN, [ART_RED] = UI_RED,
	[ART_AMBER] = UI_AMBER, [ART_GREY] = UI_LINE,
};

/* sin(i * 90 / 16 degrees) * 4096 */
static const int16_t quarter_sine[QUARTER + 1] = { 0,    401,  799,  1189, 1567, 1931,
						   2276, 2598, 2896, 3166, 3406, 3612,
						   3784, 3920, 4017, 4076, 4096 };

static int32_t sine(int32_t angle)
{
	const int32_t a = angle & (4 * QUARTER - 1), part = a % QUARTER;

	switch (a / QUARTER) {
	case 0:
		return quarter_sine[part];
	case 1:
		return quarter_sine[QUARTER - part];
	case 2:
		return -quarter_sine[part];
	default:
		return -quarter_sine[QUARTER - part];
	}
}

static int32_t cosine(int32_t angle)
{
	return sine(angle + QUARTER);
}

static int32_t scaled(const struct pencil *p, int32_t v)
{
	return (int32_t)((int64_t)v * p->scale / 65536);
}

static int32_t px(const struct pencil *p, int32_t x)
{
	return p->mirrored ? p->x - scaled(p, x) : p->x + scaled(p, x);
}

static int32_t py(const struct pencil *p, int32_t y)
{
	return p->y + scaled(p, y);
}

/* Positions below are in 1/256 units. */
static void move(const struct pencil *p, int32_t x, int32_t y)
{
	canvas_path_move(p->canvas, px(p, x), py(p, y));
}

static void line(const struct pencil *p, int32_t x, int32_t y)
{
	canvas_path_line(p->canvas, px(p, x), py(p, y));
}

static void add_disc(const struct pencil *p, int32_t x, int32_t y, int32_t r)
{
	move(p, x + r, y);
	for (int32_t a = 1; a < 4 * QUARTER; a++)
		line(p, x + r * cosine(a) / 4096, y + r * sine(a) / 4096);
}

static int32_t square_root(int64_t v)
{
	int64_t r = 0;

	for (int64_t bit = (int64_t)1 << 30; bit != 0; bit >>= 1)
		if ((r + bit) * (r + bit) <= v)
			r += bit;
	return (int32_t)r;
}

/* The round end of a stroke: from @start half a turn over @over to the other side. */
static void add_end(const struct pencil *p, int32_t x, int32_t y, int32_t sx, int32_t sy,
		    int32_t ox, int32_t oy)
{
	for (int32_t a = 0; a <= 2 * QUARTER; a++)
		line(p, x + sx * cosine(a) / 4096 + ox * sine(a) / 4096,
		     y + sy * cosine(a) / 4096 + oy * sine(a) / 4096);
}

static void add_stroke(const struct pencil *p, const int16_t *a)
{
	const int64_t half = a[0] * UNIT / 2;
	const int32_t x0 = a[1] * UNIT, y0 = a[2] * UNIT, x1 = a[3] * UNIT,
		      y1 = a[4] * UNIT;
	const int64_t dx = x1 - x0, dy = y1 - y0;
	const int32_t length = square_root(dx * dx + dy * dy);

	if (length == 0)
		return;
	/* Along the stroke and across it, half a width long. */
	const int32_t ax = (int32_t)(dx * half / length),
		      ay = (int32_t)(dy * half / length);

	move(p, x1 + ay, y1 - ax);
	add_end(p, x1, y1, ay, -ax, ax, ay);
	add_end(p, x0, y0, -ay, ax, -ax, -ay);
}

static void add_arc(const struct pencil *p, int32_t w, int32_t x, int32_t y, int32_t r,
		    int32_t from, int32_t to)
{
	const int32_t outer = r + w / 2, inner = r - w / 2;

	move(p, x + outer * cosine(from) / 4096, y + outer * sine(from) / 4096);
	for (int32_t a = from + 1; a < to; a++)
		line(p, x + outer * cosine(a) / 4096, y + outer * sine(a) / 4096);
	add_end(p, x + r * cosine(to) / 4096, y + r * sine(to) / 4096,
		w * cosine(to) / 8192, w * sine(to) / 8192, -w * sine(to) / 8192,
		w * cosine(to) / 8192);
	for (int32_t a = to - 1; a > from; a--)
		line(p, x + inner * cosine(a) / 4096, y + inner * sine(a) / 4096);
	add_end(p, x + r * cosine(from) / 4096, y + r * sine(from) / 4096,
		-w * cosine(from) / 8192, -w * sine(from) / 8192, w * sine(from) / 8192,
		-w * cosine(from) / 8192);
}

static void add_rect(const struct pencil *p, const int16_t *a)
{
	const int32_t x = a[0] * UNIT, w = a[2] * UNIT;
	const int32_t left = p->mirrored ? px(p, x + w) : px(p, x);

	canvas_path_round_rect(p->canvas, left, py(p, a[1] * UNIT), scaled(p, w),
			       scaled(p, a[3] * UNIT), scaled(p, a[4] * UNIT));
}

static void draw(struct pencil p, enum art_id id, uint32_t depth);

static void use(const struct pencil *p, const int16_t *a, bool upright, uint32_t depth)
{
	struct pencil inner = *p;

	inner.scale = (int32_t)((int64_t)p->scale * a[3] / 100);
	inner.x = px(p, a[1] * UNIT);
	inner.y = py(p, a[2] * UNIT);
	if (upright && p->mirrored) {
		inner.mirrored = false;
		inner.x -= scaled(&inner, ART_WIDTH * UNIT);
	}
	if (depth < MAX_DEPTH)
		draw(inner, (enum art_id)a[0], depth + 1u);
}

/* An operation that is a whole shape. */
static void draw_shape(const struct pencil *p, const int16_t *op)
{
	canvas_path_begin(p->canvas);
	if (op[0] == ART_OP_RECT)
		add_rect(p, op + 1);
	else if (op[0] == ART_OP_DISC)
		add_disc(p, op[1] * UNIT, op[2] * UNIT, op[3] * UNIT);
	else if (op[0] == ART_OP_STROKE)
		add_stroke(p, op + 1);
	else
		add_arc(p, op[1] * UNIT, op[2] * UNIT, op[3] * UNIT, op[4] * UNIT, op[5],
			op[6]);
	canvas_path_fill(p->canvas, p->colour);
}

/* A piece of a path that goes on until FILL. */
static void draw_outline(const struct pencil *p, const int16_t *op)
{
	if (op[0] == ART_OP_MOVE)
		move(p, op[1] * UNIT, op[2] * UNIT);
	else if (op[0] == ART_OP_LINE)
		line(p, op[1] * UNIT, op[2] * UNIT);
	else if (op[0] == ART_OP_QUAD)
		canvas_path_quad(p->canvas, px(p, op[1] * UNIT), py(p, op[2] * UNIT),
				 px(p, op[3] * UNIT), py(p, op[4] * UNIT));
	else
		canvas_path_fill(p->canvas, p->colour);
}

static void draw(struct pencil p, enum art_id id, uint32_t depth)
{
	static const uint8_t length[] = { 1, 2, 6, 4, 6, 7, 3, 3, 5, 1, 5, 5 };
	bool outline = false;

	for (const int16_t *op = art_picture(id); *op != ART_OP_END; op += length[*op]) {
		const bool part = *op >= ART_OP_MOVE && *op <= ART_OP_FILL;

		if (part && !outline)
			canvas_path_begin(p.canvas);
		outline = part && *op != ART_OP_FILL;
		if (*op == ART_OP_COLOUR)
			p.colour = colours[op[1]];
		else if (part)
			draw_outline(&p, op);
		else if (*op == ART_OP_USE || *op == ART_OP_UPRIGHT)
			use(&p, op + 1, *op == ART_OP_UPRIGHT, depth);
		else
			draw_shape(&p, op);
	}
}

void art_draw(struct canvas *c, enum art_id id, struct canvas_rect rect, bool mirrored)
{
	const int32_t across = rect.w * 65536 / ART_WIDTH,
		      down = rect.h * 65536 / ART_HEIGHT;
	struct pencil p = { .canvas = c,
			    .scale = across < down ? across : down,
			    .mirrored = mirrored,
			    .colour = UI_INK };
	const int32_t w = scaled(&p, ART_WIDTH * UNIT), h = scaled(&p, ART_HEIGHT * UNIT);

	p.x = rect.x * CANVAS_ONE + (rect.w * CANVAS_ONE - w) / 2 + (mirrored ? w : 0);
	p.y = rect.y * CANVAS_ONE + (rect.h * CANVAS_ONE - h) / 2;
	draw(p, id, 0);
}

/* Paths: flattened to edges, filled row by row with the exact area that each edge leaves
 * in each pixel (winding number, anti-aliased). Bounded by CANVAS_MAX_EDGES. */
#include "ui/canvas.h"

#define LIMIT     (1 << 22)                     /* coordinates, 1/256 pixel */
#define FULL      (2 * CANVAS_ONE * CANVAS_ONE) /* cover of a pixel wholly inside */
#define MAX_STEPS 32

static int32_t cut(int32_t v)
{
	return v < -LIMIT ? -LIMIT : v > LIMIT ? LIMIT : v;
}

void canvas_path_begin(struct canvas *c)
{
	c->edge_count = 0;
	c->path_full = false;
	c->start_x = c->start_y = c->pen_x = c->pen_y = 0;
}

static void add_edge(struct canvas *c, int32_t x, int32_t y)
{
	const bool down = y > c->pen_y;

	if (y == c->pen_y)
		return;
	if (c->edge_count == CANVAS_MAX_EDGES) {
		c->path_full = true;
		return;
	}
	c->edges[c->edge_count++] =
		down ? (struct canvas_edge){ c->pen_x, c->pen_y, x, y, 1 }
		     : (struct canvas_edge){ x, y, c->pen_x, c->pen_y, -1 };
}

void canvas_path_line(struct canvas *c, int32_t x, int32_t y)
{
	x = cut(x);
	y = cut(y);
	add_edge(c, x, y);
	c->pen_x = x;
	c->pen_y = y;
}

static void close_contour(struct canvas *c)
{
	canvas_path_line(c, c->start_x, c->start_y);
}

void canvas_path_move(struct canvas *c, int32_t x, int32_t y)
{
	close_contour(c);
	c->start_x = c->pen_x = cut(x);
	c->start_y = c->pen_y = cut(y);
}

static int32_t distance(int32_t a, int32_t b)
{
	return a > b ? a - b : b - a;
}

/* Pieces so that a curve this far from straight is off by 1/8 pixel at most. */
static int32_t steps_for(int32_t deviation)
{
	int32_t n = 1;

	while (n < MAX_STEPS && deviation > CANVAS_ONE * n * n)
		n++;
	return n;
}

void canvas_path_quad(struct canvas *c, int32_t cx, int32_t cy, int32_t x, int32_t y)
{
	const int64_t x0 = c->pen_x, y0 = c->pen_y;
	int32_t n;

	cx = cut(cx), cy = cut(cy), x = cut(x), y = cut(y);
	n = steps_for(distance(c->pen_x + x, 2 * cx) + distance(c->pen_y + y, 2 * cy));
	for (int32_t i = 1; i < n; i++) {
		const int64_t t = i, u = n - i;

		canvas_path_line(
			c, (int32_t)((u * u * x0 + 2 * u * t * cx + t * t * x) / (n * n)),
			(int32_t)((u * u * y0 + 2 * u * t * cy + t * t * y) / (n * n)));
	}
	canvas_path_line(c, x, y);
}

static int64_t cubic_at(int64_t u, int64_t t, int64_t p0, int64_t p1, int64_t p2,
			int64_t p3)
{
	const int64_t n = u + t;

	return (u * u * u * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 +
		t * t * t * p3) /
	       (n * n * n);
}

void canvas_path_cubic(struct canvas *c, int32_t ax, int32_t ay, int32_t bx, int32_t by,
		       int32_t x, int32_t y)
{
	const int32_t x0 = c->pen_x, y0 = c->pen_y;
	int32_t n;

	ax = cut(ax), ay = cut(ay), bx = cut(bx), by = cut(by), x = cut(x), y = cut(y);
	n = steps_for(2 * (distance(x0 + bx, 2 * ax) + distance(y0 + by, 2 * ay) +
			   distance(ax + x, 2 * bx) + distance(ay + y, 2 * by)));
	for (int32_t i = 1; i < n; i++)
		canvas_path_line(c, (int32_t)cubic_at(n - i, i, x0, ax, bx, x),
				 (int32_t)cubic_at(n - i, i, y0, ay, by, y));
	canvas_path_line(c, x, y);
}

/* --- filling ---------------------------------------------------------------------- */

/* One row of the clip: cover[i] changes the running sum from pixel i of the row on. */
struct row {
	int32_t *cover;
	int32_t width;  /* pixels */
	int32_t lo, hi; /* what is not zero */
};

/* @height is what the edge covers of this pixel's side, signed; @twice_x twice its mean
 * distance from the pixel's left side. */
static void add_cover(struct row *r, int32_t pixel, int32_t twice_x, int32_t height)
{
	if (pixel >= r->width)
		return;
	r->cover[pixel] += height * (2 * CANVAS_ONE - twice_x);
	r->cover[pixel + 1] += height * twice_x;
	if (pixel < r->lo)
		r->lo = pixel;
	if (pixel + 1 > r->hi)
		r->hi = pixel + 1;
}

/* A piece of an edge within the row, from the left to the right, x from the row's
 * left. */
static void add_piece(struct row *r, int32_t x0, int32_t y0, int32_t x1, int32_t y1,
		      int32_t direction)
{
	const int32_t full_x = x1 - x0, full_y = y1 - y0;
	int32_t x = x0, y = y0;

	if (x1 <= 0) {
		add_cover(r, 0, 0, full_y * direction);
		return;
	}
	if (x0 < 0) {
		x = 0;
		y = y0 + (int32_t)((int64_t)full_y * -x0 / full_x);
		add_cover(r, 0, 0, (y - y0) * direction);
	}
	while (x < x1 && x / CANVAS_ONE < r->width) {
		const int32_t pixel = x / CANVAS_ONE, side = (pixel + 1) * CANVAS_ONE;
		const int32_t to_x = x1 < side ? x1 : side;
		const int32_t to_y =
			to_x == x1
				? y1
				: y0 + (int32_t)((int64_t)full_y * (to_x - x0) / full_x);

		add_cover(r, pixel, x + to_x - 2 * pixel * CANVAS_ONE,
			  (to_y - y) * direction);
		x = to_x;
		y = to_y;
	}
	if (x == x1 && x0 == x1)
		add_cover(r, x / CANVAS_ONE, 2 * (x % CANVAS_ONE), full_y * direction);
}

static int32_t x_at(const struct canvas_edge *e, int32_t y)
{
	return e->x0 +
	       (int32_t)((int64_t)(e->x1 - e->x0) * (y - e->y0) / (e->y1 - e->y0));
}

static void add_edge_to_row(struct row *r, const struct canvas_edge *e, int32_t top,
			    int32_t left)
{
	const int32_t from = e->y0 > top ? e->y0 : top;
	const int32_t to = e->y1 < top + CANVAS_ONE ? e->y1 : top + CANVAS_ONE;
	const int32_t xa = x_at(e, from) - left, xb = x_at(e, to) - left;

	if (xa <= xb)
		add_piece(r, xa, from, xb, to, e->direction);
	else
		add_piece(r, xb, to, xa, from, -e->direction);
}

static uint32_t mix(uint32_t under, uint32_t over, uint32_t alpha)
{
	const uint32_t rest = 256u - alpha;
	const uint32_t rb =
		((under & 0xff00ffu) * rest + (over & 0xff00ffu) * alpha) >> 8;
	const uint32_t g = ((under & 0xff00u) * rest + (over & 0xff00u) * alpha) >> 8;

	return (rb & 0xff00ffu) | (g & 0xff00u);
}

static void paint_pixel(uint32_t *pixel, int32_t sum, canvas_colour colour)
{
	const int32_t size = sum < 0 ? -sum : sum;
	const uint32_t alpha = size >= FULL ? 256u : (uint32_t)size * 256u / FULL;

	if (alpha != 0)
		*pixel = alpha == 256u ? colour : mix(*pixel, colour, alpha);
}

/* Paints the row and leaves its cover zero. Edges right of the clip left no cover: what
 * is inside then goes on to its end. */
static void paint_row(struct row *r, uint32_t *pixels, canvas_colour colour)
{
	int32_t sum = 0, x = r->lo;

	for (; x <= r->hi; x++) {
		sum += r->cover[x];
		r->cover[x] = 0;
		if (x < r->width)
			paint_pixel(&pixels[x], sum, colour);
	}
	for (; sum != 0 && x < r->width; x++)
		paint_pixel(&pixels[x], sum, colour);
}

/* Edges by their upper end, in c->order (Shell's sort: short, no recursion). */
static void sort_edges(struct canvas *c)
{
	static const uint32_t gaps[] = { 1750, 701, 301, 132, 57, 23, 10, 4, 1 };

	for (uint32_t i = 0; i < c->edge_count; i++)
		c->order[i] = (uint16_t)i;
	for (uint32_t g = 0; g < sizeof gaps / sizeof gaps[0]; g++)
		for (uint32_t i = gaps[g]; i < c->edge_count; i++) {
			const uint16_t moved = c->order[i];
			uint32_t at = i;

			for (; at >= gaps[g] &&
			       c->edges[c->order[at - gaps[g]]].y0 > c->edges[moved].y0;
			     at -= gaps[g])
				c->order[at] = c->order[at - gaps[g]];
			c->order[at] = moved;
		}
}

static int32_t floor_pixel(int32_t v)
{
	return v >= 0 ? v / CANVAS_ONE : -((-v + CANVAS_ONE - 1) / CANVAS_ONE);
}

/* Drops edges that have ended and takes in those that begin in the row at @top. */
static uint32_t update_active(struct canvas *c, uint32_t active, uint32_t *next,
			      int32_t top)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < active; i++)
		if (c->edges[c->active[i]].y1 > top)
			c->active[kept++] = c->active[i];
	for (; *next < c->edge_count; (*next)++) {
		const struct canvas_edge *e = &c->edges[c->order[*next]];

		if (e->y0 >= top + CANVAS_ONE)
			break;
		if (e->y1 > top)
			c->active[kept++] = c->order[*next];
	}
	return kept;
}

struct extent {
	int32_t top, bottom, left, right;
};

static struct extent path_extent(const struct canvas *c)
{
	struct extent e = { LIMIT, -LIMIT, LIMIT, -LIMIT };

	for (uint32_t i = 0; i < c->edge_count; i++) {
		const struct canvas_edge *edge = &c->edges[i];
		const int32_t left = edge->x0 < edge->x1 ? edge->x0 : edge->x1;
		const int32_t right = edge->x0 < edge->x1 ? edge->x1 : edge->x0;

		e.top = edge->y0 < e.top ? edge->y0 : e.top;
		e.bottom = edge->y1 > e.bottom ? edge->y1 : e.bottom;
		e.left = left < e.left ? left : e.left;
		e.right = right > e.right ? right : e.right;
	}
	return e;
}

static void fill_rows(struct canvas *c, int32_t from, int32_t to, canvas_colour colour)
{
	uint32_t active = 0, next = 0;

	for (int32_t y = from; y < to; y++) {
		struct row r = { c->cover, c->clip.w, c->clip.w, -1 };

		active = update_active(c, active, &next, y * CANVAS_ONE);
		for (uint32_t i = 0; i < active; i++)
			add_edge_to_row(&r, &c->edges[c->active[i]], y * CANVAS_ONE,
					c->clip.x * CANVAS_ONE);
		paint_row(&r, c->pixels + (size_t)y * (size_t)c->width + c->clip.x,
			  colour);
	}
}

void canvas_path_fill(struct canvas *c, canvas_colour colour)
{
	struct canvas_rect box;

	close_contour(c);
	if (c->path_full) {
		c->paths_failed++;
		return;
	}
	const struct extent e = path_extent(c);

	box.x = floor_pixel(e.left);
	box.y = floor_pixel(e.top);
	box.w = floor_pixel(e.right) + 1 - box.x;
	box.h = floor_pixel(e.bottom + CANVAS_ONE - 1) - box.y;
	if (c->edge_count == 0 || c->clip.w == 0 || box.x >= c->clip.x + c->clip.w ||
	    box.x + box.w <= c->clip.x)
		return;
	const int32_t from = box.y > c->clip.y ? box.y : c->clip.y;
	const int32_t end = c->clip.y + c->clip.h;
	const int32_t to = box.y + box.h < end ? box.y + box.h : end;

	if (from >= to)
		return;
	sort_edges(c);
	fill_rows(c, from, to, colour);
	canvas_touch(c, box);
}

/* Canvas: pixels, rectangles, and blitting of the tiles that changed. */
#include "ui/canvas.h"

#include <string.h>

#define WHITE 0xffffffu

static int32_t min32(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t max32(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

/* The common part; w or h is 0 or less when there is none. */
static struct canvas_rect intersect(struct canvas_rect a, struct canvas_rect b)
{
	const int32_t x = max32(a.x, b.x), y = max32(a.y, b.y);

	return (struct canvas_rect){ x, y, min32(a.x + a.w, b.x + b.w) - x,
				     min32(a.y + a.h, b.y + b.h) - y };
}

static struct canvas_rect whole(const struct canvas *c)
{
	return (struct canvas_rect){ 0, 0, c->width, c->height };
}

enum lb_status canvas_init(struct canvas *c, uint32_t *pixels, size_t count,
			   uint32_t width, uint32_t height)
{
	if (width == 0 || height == 0 || width > CANVAS_MAX_SIDE ||
	    height > CANVAS_MAX_SIDE)
		return LB_ERR_RANGE;
	if ((uint64_t)width * height > count)
		return LB_ERR_NOMEM;
	memset(c, 0, sizeof *c);
	c->pixels = pixels;
	c->width = (int32_t)width;
	c->height = (int32_t)height;
	canvas_clip_none(c);
	canvas_fill(c, whole(c), WHITE);
	return LB_OK;
}

void canvas_clip(struct canvas *c, struct canvas_rect rect)
{
	c->clip = intersect(rect, whole(c));
	c->clip.w = max32(c->clip.w, 0);
	c->clip.h = max32(c->clip.h, 0);
}

void canvas_clip_none(struct canvas *c)
{
	c->clip = whole(c);
}

void canvas_touch(struct canvas *c, struct canvas_rect rect)
{
	const struct canvas_rect r = intersect(rect, c->clip);
	const struct canvas_rect t = c->touched;

	if (r.w <= 0 || r.h <= 0)
		return;
	if (t.w <= 0 || t.h <= 0) {
		c->touched = r;
		return;
	}
	c->touched.x = min32(t.x, r.x);
	c->touched.y = min32(t.y, r.y);
	c->touched.w = max32(t.x + t.w, r.x + r.w) - c->touched.x;
	c->touched.h = max32(t.y + t.h, r.y + r.h) - c->touched.y;
}

void canvas_fill(struct canvas *c, struct canvas_rect rect, canvas_colour colour)
{
	const struct canvas_rect r = intersect(rect, c->clip);

	for (int32_t y = r.y; y < r.y + r.h; y++) {
		uint32_t *row = c->pixels + (size_t)y * (size_t)c->width;

		for (int32_t x = r.x; x < r.x + r.w; x++)
			row[x] = colour;
	}
	canvas_touch(c, rect);
}

/* A quarter of a circle by one cubic: the handles are 0.5523 of the radius. */
static void corner(struct canvas *c, int32_t x, int32_t y, int32_t dx, int32_t dy,
		   int32_t ex, int32_t ey)
{
	const int32_t k = 141; /* of 256 */

	canvas_path_cubic(c, x + dx * k / 256, y + dy * k / 256,
			  x + dx + ex - ex * k / 256, y + dy + ey - ey * k / 256,
			  x + dx + ex, y + dy + ey);
}

void canvas_path_round_rect(struct canvas *c, int32_t x, int32_t y, int32_t w, int32_t h,
			    int32_t r)
{
	r = max32(0, min32(r, min32(w, h) / 2));
	canvas_path_move(c, x + r, y);
	canvas_path_line(c, x + w - r, y);
	corner(c, x + w - r, y, r, 0, 0, r);
	canvas_path_line(c, x + w, y + h - r);
	corner(c, x + w, y + h - r, 0, r, -r, 0);
	canvas_path_line(c, x + r, y + h);
	corner(c, x + r, y + h, -r, 0, 0, -r);
	canvas_path_line(c, x, y + r);
	corner(c, x, y + r, 0, -r, r, 0);
}

void canvas_round_rect(struct canvas *c, struct canvas_rect rect, int32_t radius,
		       canvas_colour colour)
{
	if (rect.w <= 0 || rect.h <= 0)
		return;
	if (radius <= 0) {
		canvas_fill(c, rect, colour);
		return;
	}
	canvas_path_begin(c);
	canvas_path_round_rect(c, rect.x * CANVAS_ONE, rect.y * CANVAS_ONE,
			       rect.w * CANVAS_ONE, rect.h * CANVAS_ONE,
			       radius * CANVAS_ONE);
	canvas_path_fill(c, colour);
}

void canvas_progress(struct canvas *c, struct canvas_rect rect, uint32_t permille,
		     bool mirrored, canvas_colour full, canvas_colour empty)
{
	const uint32_t done = permille > 1000u ? 1000u : permille;
	const int32_t filled = (int32_t)((uint64_t)(uint32_t)rect.w * done / 1000u);
	const struct canvas_rect clip = c->clip;
	struct canvas_rect part = { rect.x, rect.y, filled, rect.h };

	if (mirrored)
		part.x = rect.x + rect.w - filled;
	canvas_round_rect(c, rect, rect.h / 2, empty);
	canvas_clip(c, intersect(part, clip));
	canvas_round_rect(c, rect, rect.h / 2, full);
	c->clip = clip;
}

/* --- blitting --------------------------------------------------------------------- */

static uint64_t tile_digest(const struct canvas *c, struct canvas_rect tile)
{
	uint64_t h = 0x243f6a8885a308d3u;

	for (int32_t y = tile.y; y < tile.y + tile.h; y++) {
		const uint32_t *row = c->pixels + (size_t)y * (size_t)c->width;

		for (int32_t x = tile.x; x < tile.x + tile.w; x++) {
			h = (h ^ row[x]) * 0x9e3779b97f4a7c15u;
			h ^= h >> 32;
		}
	}
	return h;
}

static struct canvas_rect tile_rect(const struct canvas *c, int32_t column, int32_t row)
{
	const struct canvas_rect tile = { column * CANVAS_TILE, row * CANVAS_TILE,
					  CANVAS_TILE, CANVAS_TILE };

	return intersect(tile, whole(c));
}

/* Tiles from @column on, one beside the other, that changed; 0 when this one has not. */
static int32_t changed_run(struct canvas *c, int32_t column, int32_t end, int32_t row)
{
	int32_t n = 0;

	for (; column + n < end; n++) {
		uint64_t *shown = &c->shown[row * CANVAS_TILES_SIDE + column + n];
		const uint64_t now = tile_digest(c, tile_rect(c, column + n, row));

		if (c->shown_valid && *shown == now)
			break;
		*shown = now;
	}
	return n;
}

static enum lb_status blit(const struct canvas *c, const struct ui_display *d,
			   struct canvas_rect r)
{
	const uint32_t left = (d->width - (uint32_t)c->width) / 2;
	const uint32_t top = (d->height - (uint32_t)c->height) / 2;

	return d->blt(d->ctx, left + (uint32_t)r.x, top + (uint32_t)r.y, (uint32_t)r.w,
		      (uint32_t)r.h, c->pixels + (size_t)r.y * (size_t)c->width + r.x,
		      (uint32_t)c->width);
}

static enum lb_status flush_row(struct canvas *c, const struct ui_display *d, int32_t row,
				int32_t from, int32_t end)
{
	for (int32_t column = from; column < end;) {
		const int32_t n = changed_run(c, column, end, row);
		enum lb_status status;
		struct canvas_rect r;

		if (n == 0) {
			column++;
			continue;
		}
		r = tile_rect(c, column, row);
		r.w = min32(n * CANVAS_TILE, c->width - r.x);
		status = blit(c, d, r);
		if (status != LB_OK)
			return status;
		column += n;
	}
	return LB_OK;
}

static enum lb_status flush_touched(struct canvas *c, const struct ui_display *display)
{
	const struct canvas_rect t = c->shown_valid ? c->touched : whole(c);
	enum lb_status status = LB_OK;

	if (t.w <= 0 || t.h <= 0)
		return LB_OK;
	for (int32_t row = t.y / CANVAS_TILE;
	     row <= (t.y + t.h - 1) / CANVAS_TILE && status == LB_OK; row++)
		status = flush_row(c, display, row, t.x / CANVAS_TILE,
				   (t.x + t.w - 1) / CANVAS_TILE + 1);
	if (status != LB_OK) {
		canvas_forget(c);
		return status;
	}
	c->shown_valid = true;
	c->touched = (struct canvas_rect){ 0, 0, 0, 0 };
	return LB_OK;
}

enum lb_status canvas_flush(struct canvas *c, const struct ui_display *display)
{
	if (display->width < (uint32_t)c->width || display->height < (uint32_t)c->height)
		return LB_ERR_ARGUMENT;
	/* A display that lost its picture says so by one failure; then all is drawn. */
	if (flush_touched(c, display) == LB_OK)
		return LB_OK;
	return flush_touched(c, display);
}

void canvas_forget(struct canvas *c)
{
	c->shown_valid = false;
}

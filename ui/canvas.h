/* A canvas over the caller's pixels: clipping, rectangles, anti-aliased paths, and
 * blitting of what changed only. Integers throughout; nothing is allocated; memory is
 * bounded.
 *
 * Positions and sizes are pixels, except in paths: there they are 1/256 of a pixel. */
#ifndef LIFEBOAT_UI_CANVAS_H
#define LIFEBOAT_UI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define CANVAS_MAX_SIDE   7680 /* width or height, pixels */
#define CANVAS_TILE       128  /* what is compared and blitted, pixels */
#define CANVAS_TILES_SIDE (CANVAS_MAX_SIDE / CANVAS_TILE)
#define CANVAS_MAX_EDGES  4096
#define CANVAS_ONE        256 /* one pixel in a path */

/* 0x00RRGGBB: in memory B, G, R, unused, as UEFI's Blt has it. */
typedef uint32_t canvas_colour;

struct canvas_rect {
	int32_t x, y, w, h;
};

/* Where pixels go. @pixels is the first of the rectangle; @stride in pixels. */
struct ui_display {
	void *ctx;
	uint32_t width, height;
	enum lb_status (*blt)(void *ctx, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
			      const uint32_t *pixels, uint32_t stride);
};

struct canvas_edge {
	int32_t x0, y0, x1, y1; /* y0 < y1 */
	int32_t direction;      /* 1 down, -1 up as it was drawn */
};

struct canvas {
	uint32_t *pixels; /* width * height */
	int32_t width, height;
	struct canvas_rect clip;
	struct canvas_rect touched; /* may differ from what was blitted */

	/* The path being built. */
	struct canvas_edge edges[CANVAS_MAX_EDGES];
	uint16_t order[CANVAS_MAX_EDGES], active[CANVAS_MAX_EDGES];
	uint32_t edge_count;
	int32_t start_x, start_y, pen_x, pen_y;
	bool path_full;        /* too many edges: the path is not drawn */
	uint32_t paths_failed; /* how often; tests want 0 */
	int32_t cover[CANVAS_MAX_SIDE + 2];

	/* A digest of each tile as blitted last. */
	uint64_t shown[CANVAS_TILES_SIDE * CANVAS_TILES_SIDE];
	bool shown_valid;
};

/**
 * canvas_init() - a canvas, unclipped and white, over @pixels.
 * @count: pixels that the caller has room for
 *
 * LB_ERR_RANGE for a side of 0 or above CANVAS_MAX_SIDE, LB_ERR_NOMEM when @count is too
 * small.
 */
enum lb_status canvas_init(struct canvas *c, uint32_t *pixels, size_t count,
			   uint32_t width, uint32_t height);

/** canvas_clip() - draw only inside @rect (cut to the canvas) from now on. */
void canvas_clip(struct canvas *c, struct canvas_rect rect);
void canvas_clip_none(struct canvas *c);

void canvas_fill(struct canvas *c, struct canvas_rect rect, canvas_colour colour);

/** canvas_round_rect() - a filled rectangle with round corners. */
void canvas_round_rect(struct canvas *c, struct canvas_rect rect, int32_t radius,
		       canvas_colour colour);

/** canvas_progress() - a bar, @permille of it filled; from the right when @mirrored. */
void canvas_progress(struct canvas *c, struct canvas_rect rect, uint32_t permille,
		     bool mirrored, canvas_colour full, canvas_colour empty);

/* Paths: begin, then move/line/quad/cubic, then fill. Contours close by themselves;
 * inside is what the winding number says. Coordinates beyond +-2^22 are cut. */
void canvas_path_begin(struct canvas *c);
void canvas_path_move(struct canvas *c, int32_t x, int32_t y);
void canvas_path_line(struct canvas *c, int32_t x, int32_t y);
void canvas_path_quad(struct canvas *c, int32_t cx, int32_t cy, int32_t x, int32_t y);
void canvas_path_cubic(struct canvas *c, int32_t ax, int32_t ay, int32_t bx, int32_t by,
		       int32_t x, int32_t y);
void canvas_path_round_rect(struct canvas *c, int32_t x, int32_t y, int32_t w, int32_t h,
			    int32_t r);
void canvas_path_fill(struct canvas *c, canvas_colour colour);

/** canvas_touch() - note that pixels of @rect may have changed. */
void canvas_touch(struct canvas *c, struct canvas_rect rect);

/**
 * canvas_flush() - blit the tiles whose pixels are not those blitted last.
 *
 * The display may be larger than the canvas, which is then centred. Returns the first
 * error of blt; the canvas then takes nothing for shown.
 */
enum lb_status canvas_flush(struct canvas *c, const struct ui_display *display);

/** canvas_forget() - someone else has drawn on the display: blit everything next time. */
void canvas_forget(struct canvas *c);

#endif

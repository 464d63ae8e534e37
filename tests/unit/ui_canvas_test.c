/* The canvas: exact cover, clipping, bounds, and that only what changed is blitted. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ui/canvas.h"

#define W 300
#define H 200

static struct canvas canvas;
static uint32_t pixels[W * H];

static void fresh(void)
{
	assert_int_equal(canvas_init(&canvas, pixels, W * H, W, H), LB_OK);
}

static uint32_t at(int x, int y)
{
	return pixels[y * W + x];
}

/* Black on white: how much of the canvas is covered, in 1/256 pixels. */
static uint64_t covered(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < W * H; i++)
		sum += 255u - (pixels[i] & 0xffu);
	return sum * 256u / 255u;
}

static void refuses_bad_sizes(void **state)
{
	(void)state;
	assert_int_equal(canvas_init(&canvas, pixels, W * H, 0, 1), LB_ERR_RANGE);
	assert_int_equal(canvas_init(&canvas, pixels, W * H, CANVAS_MAX_SIDE + 1, 1),
			 LB_ERR_RANGE);
	assert_int_equal(canvas_init(&canvas, pixels, W * H - 1, W, H), LB_ERR_NOMEM);
}

static void fills_exactly(void **state)
{
	(void)state;
	fresh();
	canvas_fill(&canvas, (struct canvas_rect){ 10, 20, 30, 40 }, 0x123456);
	assert_int_equal(at(10, 20), 0x123456);
	assert_int_equal(at(39, 59), 0x123456);
	assert_int_equal(at(9, 20), 0xffffff);
	assert_int_equal(at(40, 59), 0xffffff);
	assert_int_equal(at(10, 60), 0xffffff);
}

static void cuts_at_the_edges(void **state)
{
	(void)state;
	fresh();
	canvas_fill(&canvas, (struct canvas_rect){ -50, -50, 2 * W, 2 * H }, 0);
	assert_int_equal(covered(), (uint64_t)W * H * 256u);
	canvas_clip(&canvas, (struct canvas_rect){ 290, 190, 100, 100 });
	canvas_fill(&canvas, (struct canvas_rect){ 0, 0, W, H }, 0xffffff);
	assert_int_equal(covered(), (uint64_t)(W * H - 100) * 256u);
}

static void path_rect(int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
	canvas_path_move(&canvas, x0, y0);
	canvas_path_line(&canvas, x1, y0);
	canvas_path_line(&canvas, x1, y1);
	canvas_path_line(&canvas, x0, y1);
}

static void half_pixels(void **state)
{
	(void)state;
	fresh();
	canvas_path_begin(&canvas);
	path_rect(10 * 256 + 128, 5 * 256, 12 * 256, 7 * 256 + 64);
	canvas_path_fill(&canvas, 0);
	assert_in_range(at(10, 5) & 0xffu, 126, 129);
	assert_int_equal(at(11, 5), 0);
	assert_in_range(at(11, 7) & 0xffu, 190, 193);
	assert_int_equal(at(12, 5), 0xffffff);
}

static const struct {
	const char *name;
	int32_t x[3], y[3]; /* 1/256 pixels */
} triangles[] = {
	{ "flat", { 1000, 60000, 30000 }, { 2000, 2500, 3000 } },
	{ "steep", { 1000, 1300, 1100 }, { 1000, 40000, 48000 } },
	{ "large", { 300, 75000, 40001 }, { 500, 1234, 50000 } },
	{ "tiny", { 5000, 5100, 5050 }, { 5000, 5010, 5200 } },
	{ "other way round", { 40001, 75000, 300 }, { 50000, 1234, 500 } },
};

static void area_is_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof triangles / sizeof triangles[0]; i++) {
		const int32_t *x = triangles[i].x, *y = triangles[i].y;
		const int64_t twice = (int64_t)(x[1] - x[0]) * (y[2] - y[0]) -
				      (int64_t)(x[2] - x[0]) * (y[1] - y[0]);
		const uint64_t want = (uint64_t)llabs(twice) / 2u / 256u;

		print_message("%s\n", triangles[i].name);
		fresh();
		canvas_path_begin(&canvas);
		canvas_path_move(&canvas, x[0], y[0]);
		canvas_path_line(&canvas, x[1], y[1]);
		canvas_path_line(&canvas, x[2], y[2]);
		canvas_path_fill(&canvas, 0);
		/* Each pixel on an edge is rounded to 1/256. */
		const uint64_t off = want / 200u + 300u;
		const uint64_t got = covered();

		assert_true(got <= want + off && got + off >= want);
		assert_true(want < 1000u || got > 0);
	}
}

static void draw_wild(void)
{
	canvas_path_begin(&canvas);
	canvas_path_move(&canvas, -90000, 3000);
	canvas_path_cubic(&canvas, 200000, -30000, -100000, 90000, 120000, 20000);
	canvas_path_quad(&canvas, 5000, 70000, -90000, 3000);
	canvas_path_fill(&canvas, 0);
}

/* What reaches beyond the clip must not change what is inside of it. */
static void clip_changes_nothing_inside(void **state)
{
	static uint32_t whole[W * H];

	(void)state;
	fresh();
	draw_wild();
	memcpy(whole, pixels, sizeof whole);
	fresh();
	for (int x = 0; x < W; x += 37)
		for (int y = 0; y < H; y += 41) {
			canvas_clip(&canvas, (struct canvas_rect){ x, y, 37, 41 });
			draw_wild();
		}
	for (size_t i = 0; i < W * H; i++)
		assert_in_range((int)(whole[i] & 0xffu) - (int)(pixels[i] & 0xffu) + 4, 0,
				8);
	assert_int_equal(canvas.paths_failed, 0);
}

static void extreme_coordinates(void **state)
{
	static const int32_t far[] = {
		INT32_MIN, INT32_MAX, -1, 0, 1, 1 << 22, -(1 << 22)
	};

	(void)state;
	fresh();
	for (size_t i = 0; i < 7u * 7u * 7u; i++) {
		const int32_t a = far[i % 7u], b = far[i / 7u % 7u], c = far[i / 49u];

		canvas_path_begin(&canvas);
		canvas_path_move(&canvas, a, b);
		canvas_path_quad(&canvas, b, c, c, a);
		canvas_path_cubic(&canvas, c, a, a, c, b, b);
		canvas_path_fill(&canvas, 0);
	}
	assert_int_equal(canvas.paths_failed, 0);
}

static void too_many_edges(void **state)
{
	(void)state;
	fresh();
	canvas_path_begin(&canvas);
	for (int32_t i = 0; i <= CANVAS_MAX_EDGES + 1; i++)
		canvas_path_line(&canvas, i * 7, i % 2 == 0 ? 0 : 40000);
	canvas_path_fill(&canvas, 0);
	assert_int_equal(canvas.paths_failed, 1);
	assert_int_equal(covered(), 0);
	canvas_path_begin(&canvas);
	path_rect(0, 0, 2560, 2560);
	canvas_path_fill(&canvas, 0);
	assert_int_equal(covered(), 100u * 256u);
}

static void progress_fills_its_part(void **state)
{
	const struct canvas_rect bar = { 50, 50, 200, 20 };

	(void)state;
	fresh();
	canvas_progress(&canvas, bar, 500, false, 0x00ff00, 0xff0000);
	assert_int_equal(at(60, 60), 0x00ff00);
	assert_int_equal(at(148, 60), 0x00ff00);
	assert_int_equal(at(151, 60), 0xff0000);
	canvas_progress(&canvas, bar, 2000, false, 0x00ff00, 0xff0000);
	assert_int_equal(at(240, 60), 0x00ff00);
	canvas_progress(&canvas, bar, 250, true, 0x00ff00, 0xff0000);
	assert_int_equal(at(190, 60), 0xff0000);
	assert_int_equal(at(210, 60), 0x00ff00);
}

/* --- blitting --------------------------------------------------------------------- */

struct screen {
	uint32_t shown[(W + 20) * (H + 10)];
	unsigned int calls;
	uint64_t area;
	enum lb_status answer;
};

static enum lb_status blt(void *ctx, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
			  const uint32_t *from, uint32_t stride)
{
	struct screen *s = ctx;

	assert_true(x + w <= W + 20 && y + h <= H + 10);
	s->calls++;
	s->area += (uint64_t)w * h;
	for (uint32_t j = 0; j < h; j++)
		memcpy(&s->shown[(y + j) * (W + 20) + x], from + (size_t)j * stride,
		       w * sizeof *from);
	return s->answer;
}

static struct screen screen;

static struct ui_display display(void)
{
	memset(&screen, 0, sizeof screen);
	return (struct ui_display){ &screen, W + 20, H + 10, blt };
}

static void blits_what_changed(void **state)
{
	const struct ui_display d = display();

	(void)state;
	fresh();
	assert_int_equal(canvas_flush(&canvas, &d), LB_OK);
	assert_int_equal(screen.area, (uint64_t)W * H);
	canvas_fill(&canvas, (struct canvas_rect){ 0, 0, W, H }, 0xffffff);
	screen.area = 0;
	assert_int_equal(canvas_flush(&canvas, &d), LB_OK);
	assert_int_equal(screen.area, 0);
	canvas_fill(&canvas, (struct canvas_rect){ 130, 10, 1, 1 }, 0);
	assert_int_equal(canvas_flush(&canvas, &d), LB_OK);
	assert_int_equal(screen.area, CANVAS_TILE * CANVAS_TILE);
	/* centred on the larger display */
	assert_int_equal(screen.shown[15 * (W + 20) + 140], 0);
}

static void after_an_error_everything_is_blitted(void **state)
{
	const struct ui_display d = display();

	(void)state;
	fresh();
	assert_int_equal(canvas_flush(&canvas, &d), LB_OK);
	canvas_fill(&canvas, (struct canvas_rect){ 5, 5, 1, 1 }, 0);
	screen.answer = LB_ERR_IO;
	assert_int_equal(canvas_flush(&canvas, &d), LB_ERR_IO);
	screen.answer = LB_OK;
	screen.area = 0;
	assert_int_equal(canvas_flush(&canvas, &d), LB_OK);
	assert_int_equal(screen.area, (uint64_t)W * H);
	canvas_forget(&canvas);
	screen.area = 0;
	assert_int_equal(canvas_flush(&canvas, &d), LB_OK);
	assert_int_equal(screen.area, (uint64_t)W * H);
}

static void refuses_a_smaller_display(void **state)
{
	struct ui_display d = display();

	(void)state;
	fresh();
	d.width = W - 1;
	assert_int_equal(canvas_flush(&canvas, &d), LB_ERR_ARGUMENT);
	assert_int_equal(screen.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_bad_sizes),
		cmocka_unit_test(fills_exactly),
		cmocka_unit_test(cuts_at_the_edges),
		cmocka_unit_test(half_pixels),
		cmocka_unit_test(area_is_right),
		cmocka_unit_test(clip_changes_nothing_inside),
		cmocka_unit_test(extreme_coordinates),
		cmocka_unit_test(too_many_edges),
		cmocka_unit_test(progress_fills_its_part),
		cmocka_unit_test(blits_what_changed),
		cmocka_unit_test(after_an_error_everything_is_blitted),
		cmocka_unit_test(refuses_a_smaller_display),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Whole screens: opening, showing, partial blits, hostile contents, and that the report
 * of the layout notices what does not fit. All languages and sizes:
 * tests/ui/test_screens.py. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ui/screens.h"
#include "ui/ui.h"

#define W 640
#define H 480

static struct ui ui;
static struct ui_report report;
static uint32_t pixels[W * H];
static uint64_t blitted;
static enum lb_status answer;

static enum lb_status blt(void *ctx, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
			  const uint32_t *from, uint32_t stride)
{
	(void)ctx;
	assert_true(x + w <= W && y + h <= H && stride == W);
	assert_true(from >= pixels &&
		    from + (size_t)(h - 1) * stride + w <= pixels + W * H);
	blitted += (uint64_t)w * h;
	return answer;
}

static const struct ui_display display = { NULL, W, H, blt };

static int open_ui(void **state)
{
	(void)state;
	blitted = 0;
	answer = LB_OK;
	memset(&report, 0, sizeof report);
	return ui_open(&ui, &display, pixels, W * H) == LB_OK ? 0 : -1;
}

static void refuses_displays(void **state)
{
	const struct ui_display small = { NULL, 319, 240, blt };

	(void)state;
	assert_int_equal(ui_open(&ui, &small, pixels, W * H), LB_ERR_UNSUPPORTED);
	assert_int_equal(ui_open(&ui, &display, pixels, W * H - 1), LB_ERR_NOMEM);
}

static void every_screen_draws_without_a_table(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < UI_SCREEN_COUNT + 2u; i++) {
		struct ui_state s = { .screen = (enum ui_screen)i };

		memset(&report, 0, sizeof report);
		ui_draw(&ui.canvas, &ui.text, &s, &report);
		assert_int_equal(report.overflows, 0);
		assert_true(report.box_count >= 1);
	}
	assert_int_equal(ui.canvas.paths_failed, 0);
}

static void a_language_that_is_not_there_is_english(void **state)
{
	struct ui_state s = { .language = 200 };
	static uint32_t before[W * H];

	(void)state;
	ui_draw(&ui.canvas, &ui.text, &s, NULL);
	memcpy(before, pixels, sizeof before);
	s.language = 0;
	ui_draw(&ui.canvas, &ui.text, &s, NULL);
	assert_memory_equal(before, pixels, sizeof before);
}

static void a_countdown_blits_little(void **state)
{
	struct ui_state s = { .screen = UI_SCREEN_DEV_WARNING, .countdown_s = 30 };

	(void)state;
	assert_int_equal(ui_show(&ui, &s), LB_OK);
	assert_int_equal(blitted, W * H);
	blitted = 0;
	assert_int_equal(ui_show(&ui, &s), LB_OK);
	assert_int_equal(blitted, 0);
	s.countdown_s = 29;
	assert_int_equal(ui_show(&ui, &s), LB_OK);
	assert_true(blitted > 0 && blitted <= W * H / 6);
}

static void a_failing_display_is_told(void **state)
{
	struct ui_state s = { 0 };

	(void)state;
	answer = LB_ERR_IO;
	assert_int_equal(ui_show(&ui, &s), LB_ERR_IO);
}

static void hostile_texts_are_harmless(void **state)
{
	static char longest[5000];
	static const char *const lines[] = { longest, NULL, "\xff\x1b[2J", "" };
	struct ui_state s = { .url = longest,
			      .model = longest,
			      .detail = longest,
			      .lines = lines,
			      .line_count = 4,
			      .permille = UINT32_MAX,
			      .minutes = UINT32_MAX,
			      .countdown_s = UINT32_MAX,
			      .selected = UINT32_MAX,
			      .stage = (enum ui_stage)77,
			      .reason = (enum lb_reason)60000 };

	(void)state;
	memset(longest, 'W', sizeof longest - 1u);
	memset(s.challenge, 0xff, sizeof s.challenge);
	memset(s.typed, 0xff, sizeof s.typed);
	for (uint32_t i = 0; i < UI_SCREEN_COUNT; i++) {
		s.screen = (enum ui_screen)i;
		s.first_line = i % 2u == 0 ? 0 : UINT32_MAX;
		ui_draw(&ui.canvas, &ui.text, &s, &report);
	}
	assert_int_equal(ui.canvas.paths_failed, 0);
	assert_true(report.overflows > 0);
}

static void the_report_notices_what_does_not_fit(void **state)
{
	char url[401];
	struct ui_state s = { .url = url };

	(void)state;
	memset(url, 'u', sizeof url - 1u);
	url[100] = '\0';
	ui_draw(&ui.canvas, &ui.text, &s, &report);
	assert_int_equal(report.overflows, 0);
	url[100] = 'u';
	url[255] = '\0'; /* the longest a profile can hold */
	ui_draw(&ui.canvas, &ui.text, &s, &report);
	assert_int_equal(report.overflows, 0);
	url[255] = 'u';
	url[400] = '\0';
	ui_draw(&ui.canvas, &ui.text, &s, &report);
	assert_int_equal(report.overflows, 1);
}

/* However long the name is, no line of the address is a slash alone. */
static void no_line_is_a_slash(void **state)
{
	char url[121] = "https://";
	struct ui_state s = { .url = url };

	(void)state;
	for (size_t len = 20; len < 120; len++) {
		memset(url + 8, 'u', len - 8u);
		url[len - 1u] = '/';
		url[len] = '\0';
		memset(&report, 0, sizeof report);
		ui_draw(&ui.canvas, &ui.text, &s, &report);
		assert_int_equal(report.overflows, 0);
		for (uint32_t i = 0; i < report.box_count; i++) {
			const struct canvas_rect r = report.boxes[i].rect;

			/* Above are the numbers of the steps, below the keys. */
			if (strcmp(report.boxes[i].what, "ascii") == 0 && r.y > H / 2 &&
			    r.y < H * 5 / 6)
				assert_true(r.w > 24);
		}
	}
}

static void pages_hold_whole_lines(void **state)
{
	static const char *lines[100];
	struct ui_state s = { .screen = UI_SCREEN_DETAILS,
			      .lines = lines,
			      .line_count = 100 };
	static char wide[400];

	(void)state;
	memset(wide, 'x', sizeof wide - 1u);
	for (size_t i = 0; i < 100; i++)
		lines[i] = "short";
	assert_int_equal(ui_show(&ui, &s), LB_OK);
	assert_in_range(s.page_lines, 15, 40);
	const uint32_t before = s.page_lines;

	lines[0] = wide;
	assert_int_equal(ui_show(&ui, &s), LB_OK);
	assert_in_range(s.page_lines, before - 6, before - 3);
	s.first_line = 95;
	assert_int_equal(ui_show(&ui, &s), LB_OK);
	assert_int_equal(s.page_lines, 5);
}

static void reasons_have_pictures(void **state)
{
	enum lb_reason reason = LB_REASON_OK;

	(void)state;
	do {
		assert_true(screen_reason_picture(reason) != ART_NONE);
		assert_true(ui_text_english(screen_reason_string(reason))[0] != '\0');
	} while (lb_reason_next(&reason));
	assert_int_equal(screen_reason_string(LB_REASON_VERSION_TOO_OLD),
			 UI_STR_WHY_TOO_OLD);
	assert_int_equal(screen_reason_string(LB_REASON_WRONG_CPU), UI_STR_WHY_WRONG_CPU);
	assert_int_equal(screen_reason_string(LB_REASON_KEY_UNKNOWN),
			 UI_STR_WHY_WRONG_DEVICE);
	assert_int_equal(screen_reason_string((enum lb_reason)60000),
			 UI_STR_WHY_CANNOT_START);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(refuses_displays, open_ui),
		cmocka_unit_test_setup(every_screen_draws_without_a_table, open_ui),
		cmocka_unit_test_setup(a_language_that_is_not_there_is_english, open_ui),
		cmocka_unit_test_setup(a_countdown_blits_little, open_ui),
		cmocka_unit_test_setup(a_failing_display_is_told, open_ui),
		cmocka_unit_test_setup(hostile_texts_are_harmless, open_ui),
		cmocka_unit_test_setup(the_report_notices_what_does_not_fit, open_ui),
		cmocka_unit_test_setup(no_line_is_a_slash, open_ui),
		cmocka_unit_test_setup(pages_hold_whole_lines, open_ui),
		cmocka_unit_test_setup(reasons_have_pictures, open_ui),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

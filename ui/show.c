/* Screens: drawn, or said. */
#include "ui/show.h"

#include <string.h>

#include "base/crc32.h"
#include "ui/style.h"
#include "unpack/decompress.h"

#define STRIP_LINES 64u

static enum lb_status blt(void *ctx, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
			  const uint32_t *pixels, uint32_t stride)
{
	const struct ui_outlet *out = ctx;
	const struct platform *plat = out->plat;

	return plat->blit(plat->ctx, out->left + x, out->top + y, w, h, pixels, stride);
}

/* A wall of screens is wider than what a canvas holds: its middle part is drawn in. */
static uint32_t middle_part(uint32_t side, uint32_t *from)
{
	const uint32_t part = side < CANVAS_MAX_SIDE ? side : CANVAS_MAX_SIDE;

	*from = (side - part) / 2;
	return part;
}

/* What lies around the middle part, in strips of what a canvas would be cleared to. */
static void clear_all(struct ui_outlet *out)
{
	const struct platform *plat = out->plat;
	const uint32_t w = CANVAS_MAX_SIDE, h = STRIP_LINES;

	for (size_t i = 0; i < (size_t)w * h && i < out->pixel_count; i++)
		out->pixels[i] = UI_WHITE;
	for (uint32_t y = 0; y < out->display.height; y += h)
		for (uint32_t x = 0; x < out->display.width; x += w) {
			const uint32_t right = out->display.width - x;
			const uint32_t below = out->display.height - y;

			/* Not the part's, which says so itself when it cannot be
			 * drawn. */
			(void)plat->blit(plat->ctx, x, y, right < w ? right : w,
					 below < h ? below : h, out->pixels, w);
		}
}

static void open_texts(struct ui_outlet *out)
{
	const struct platform *plat = out->plat;
	const struct kernel_packed packed = { ui_text_packed, ui_text_packed_bytes,
					      KERNEL_GZIP };
	struct lb_verdict why;
	size_t made = 0;

	out->texts =
		plat->alloc(plat->ctx, ui_text_packed_room, 4096, PLATFORM_ANY_ADDRESS);
	if (out->texts == NULL)
		return;
	if (kernel_unpack(plat, &packed, out->texts, ui_text_packed_room, &made, &why) ==
		    LB_REASON_OK &&
	    ui_text_open(&out->ui->text, out->texts, made) == LB_OK)
		return;
	lb_log(out->log, "screen: texts cannot be read, English only");
	plat->free(plat->ctx, out->texts, ui_text_packed_room);
	out->texts = NULL;
}

static bool open_graphics(struct ui_outlet *out)
{
	const struct platform *plat = out->plat;

	if (plat->open_display(plat->ctx, &out->display) != LB_OK)
		return false;
	const struct ui_display display = { out,
					    middle_part(out->display.width, &out->left),
					    middle_part(out->display.height, &out->top),
					    blt };

	out->pixel_count = (size_t)display.width * display.height;
	out->pixels = plat->alloc(plat->ctx, out->pixel_count * sizeof *out->pixels, 4096,
				  PLATFORM_ANY_ADDRESS);
	if (out->pixels != NULL && (out->left > 0 || out->top > 0) &&
	    out->pixel_count >= (size_t)CANVAS_MAX_SIDE * STRIP_LINES)
		clear_all(out);
	if (out->pixels != NULL &&
	    ui_open(out->ui, &display, out->pixels, out->pixel_count) == LB_OK)
		return true;
	if (out->pixels != NULL)
		plat->free(plat->ctx, out->pixels,
			   out->pixel_count * sizeof *out->pixels);
	out->pixels = NULL;
	return false;
}

bool ui_outlet_open(struct ui_outlet *out, const char *language)
{
	const struct platform *plat = out->plat;

	if (out->opened)
		return false;
	out->opened = true;
	out->ui = plat->alloc(plat->ctx, sizeof *out->ui, 4096, PLATFORM_ANY_ADDRESS);
	if (out->ui == NULL)
		return true;
	memset(out->ui, 0, sizeof *out->ui);
	out->graphics = open_graphics(out);
	open_texts(out);
	lb_log(out->log, "screen: %ux%u, %s, language %s", out->display.width,
	       out->display.height, out->graphics ? "graphics" : "text only", language);
	return true;
}

const struct ui_text *ui_outlet_texts(const struct ui_outlet *out)
{
	return out->ui != NULL ? &out->ui->text : NULL;
}

/* The same in words on the serial line, and on the screen when it shows no graphics.
 * Lines that only count down are not repeated: the state's countdown is left out. */
static void say(struct ui_outlet *out, const struct ui_state *state)
{
	const struct platform *plat = out->plat;
	struct ui_state quiet = *state;

	quiet.countdown_s = 0;
	const size_t len = ui_plain_text(&quiet, ui_outlet_texts(out), out->plain,
					 sizeof out->plain);
	const uint32_t crc = lb_crc32(0, out->plain, len);

	if (crc == out->plain_crc)
		return;
	out->plain_crc = crc;
	plat->log(plat->ctx, out->plain, len);
	if (!out->graphics)
		plat->show_text(plat->ctx, out->plain);
}

void ui_outlet_show(struct ui_outlet *out, struct ui_state *state)
{
	if (out->graphics && ui_show(out->ui, state) != LB_OK) {
		lb_log(out->log, "screen: cannot be drawn, going on as text");
		out->graphics = false;
	}
	say(out, state);
}

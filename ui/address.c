/* The recovery address: in large type, and as a QR code with model and reason. */
#include <string.h>

#include "base/format.h"
#include "ui/qr.h"
#include "ui/view.h"

#define GAP 16

static bool plain_in_url(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* @value with what a URL may not hold as %XX; cut at the end of @out. */
static void escape(const char *value, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (; *value != '\0' && used + 4u <= size; value++)
		used += lb_format(out + used, size - used,
				  plain_in_url(*value) ? "%c" : "%%%02X",
				  (unsigned char)*value);
}

size_t ui_qr_text(const struct ui_state *state, char *out, size_t size)
{
	const char *url = view_text(state->url);
	const char *join = strchr(url, '?') != NULL ? "&" : "?";
	char model[96], code[24] = "";
	size_t room = size < QR_MAX_TEXT_BYTES + 1u ? size : QR_MAX_TEXT_BYTES + 1u;

	if (size == 0)
		return 0;
	out[0] = '\0';
	if (*url == '\0' || strlen(url) >= room)
		return 0;
	escape(view_text(state->model), model, sizeof model);
	if (state->reason != LB_REASON_OK)
		lb_format(code, sizeof code, "r=%u", (unsigned int)state->reason);
	/* "&m=" and "&": four more; without the additions rather than cut in the middle. */
	if (strchr(url, '#') != NULL ||
	    strlen(url) + strlen(model) + strlen(code) + 5u > room)
		return lb_format(out, size, "%s", url);
	if (model[0] == '\0')
		return lb_format(out, size, "%s%s%s", url, code[0] != '\0' ? join : "",
				 code);
	return lb_format(out, size, "%s%sm=%s%s%s", url, join, model,
			 code[0] != '\0' ? "&" : "", code);
}

/* As large as whole pixels per module allow, at the outer end of @units. Returns its width
 * in units; 0 when there is none. */
static int32_t draw_qr(const struct view *v, struct canvas_rect units)
{
	char text[QR_MAX_TEXT_BYTES + 1u];
	const size_t len = ui_qr_text(v->state, text, sizeof text);
	const struct canvas_rect room = view_rect(v, units);
	struct qr_code qr;

	if (len == 0 || qr_encode((const uint8_t *)text, len, &qr) != LB_OK)
		return 0;
	const int32_t modules = (int32_t)(qr.side + 2u * QR_QUIET);
	const int32_t least = room.w < room.h ? room.w : room.h;
	const int32_t module = least / modules;

	if (module == 0)
		return 0;
	const int32_t left = room.x + (v->portrait ? (room.w - module * modules) / 2
				       : v->rtl    ? 0
						   : room.w - module * modules);

	canvas_fill(
		v->canvas,
		(struct canvas_rect){ left, room.y, module * modules, module * modules },
		UI_WHITE);
	for (uint32_t y = 0; y < qr.side; y++)
		for (uint32_t x = 0; x < qr.side; x++)
			if (qr_dark(&qr, x, y))
				canvas_fill(
					v->canvas,
					(struct canvas_rect){
						left + module * (int32_t)(x + QR_QUIET),
						room.y + module * (int32_t)(y + QR_QUIET),
						module, module },
					0);
	view_box(v,
		 (struct canvas_rect){ left, room.y, module * modules, module * modules },
		 "QR code");
	return module * modules * 256 / v->scale + 1;
}

/* Model and reason number: what a help desk asks for. */
static void draw_identity(const struct view *v, struct canvas_rect units)
{
	const struct view_style name = { 14, 9, LABEL_START, false, UI_DIM };
	const struct view_style value = { 14, 9, LABEL_START, false, UI_INK };
	struct canvas_rect half = units;
	char code[16] = "";

	half.w = units.w / 2 - 4;
	if (*view_text(v->state->model) != '\0') {
		half.h = units.h / 2;
		half.y += view_string(v, UI_STR_LABEL_MODEL, 0, half, name);
		view_ascii(v, GLYPH_MONO, v->state->model, half, value);
	}
	if (v->state->reason == LB_REASON_OK)
		return;
	half = (struct canvas_rect){ units.x + units.w / 2 + 4, units.y, units.w / 2 - 4,
				     units.h / 2 };
	lb_format(code, sizeof code, "%u", (unsigned int)v->state->reason);
	half.y += view_string(v, UI_STR_LABEL_CODE, 0, half, name);
	view_ascii(v, GLYPH_MONO, code, half, value);
}

#define LARGE      34
#define LARGE_LINE 26 /* on one line rather than larger on two */

static int32_t address_size(const struct view *v, const char *url, int32_t room)
{
	struct label l;

	label_ascii(&l, GLYPH_MONO, url);
	for (int32_t size = LARGE; size >= LARGE_LINE; size--)
		if (label_width(&l, view_pixels(v, size)) <= view_pixels(v, room))
			return size;
	return LARGE;
}

void view_address(const struct view *v, struct canvas_rect units)
{
	struct view_style large = { LARGE, 13, LABEL_START, false, UI_BLUE };
	struct canvas_rect r = units;
	const char *url = view_text(v->state->url);

	if (*url == '\0') {
		draw_identity(v, units);
		return;
	}
	if (v->portrait) {
		r.h = units.h / 3;
		draw_qr(v, (struct canvas_rect){ units.x, units.y + r.h, units.w,
						 units.h - r.h });
	} else {
		r.w -= draw_qr(v, (struct canvas_rect){ units.x + units.w / 2, units.y,
							units.w / 2, units.h }) +
		       GAP;
	}
	view_art(v, ART_GLOBE, (struct canvas_rect){ r.x, r.y, 46, 36 });
	r.x += 46 + 10;
	r.w -= 46 + 10;
	large.size = address_size(v, url, r.w);
	view_ascii(v, GLYPH_MONO, url, (struct canvas_rect){ r.x, r.y, r.w, r.h - 52 },
		   large);
	draw_identity(v, (struct canvas_rect){ r.x, r.y + r.h - 48, r.w, 48 });
}

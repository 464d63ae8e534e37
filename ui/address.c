/* The recovery address: in large type, and as a QR code with model and reason. */
#include <string.h>

#include "base/format.h"
#include "ui/qr.h"
#include "ui/view.h"

#define GAP      16
#define PHONE    62  /* width of the picture beside the QR code */
#define MOST_QR  300 /* upright: the phone stands beside it */
#define IDENTITY 44  /* height of model and code */

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
	char model[3 * 255 + 4], code[24] = ""; /* every byte as %XX */
	size_t room = size < QR_MAX_TEXT_BYTES + 1u ? size : QR_MAX_TEXT_BYTES + 1u;

	if (size == 0)
		return 0;
	out[0] = '\0';
	if (*url == '\0' || strlen(url) >= room)
		return 0;
	escape(view_text(state->model), model, sizeof model);
	if (state->reason != LB_REASON_OK)
		lb_format(code, sizeof code, "r=%u", (unsigned int)state->reason);
	/* "&m=" and "&": four more; without the additions rather than cut in the
	 * middle. */
	if (strchr(url, '#') != NULL ||
	    strlen(url) + strlen(model) + strlen(code) + 5u > room)
		return lb_format(out, size, "%s", url);
	if (model[0] == '\0')
		return lb_format(out, size, "%s%s%s", url, code[0] != '\0' ? join : "",
				 code);
	return lb_format(out, size, "%s%sm=%s%s%s", url, join, model,
			 code[0] != '\0' ? "&" : "", code);
}

/* At the outer end of @units. Returns its width in units; 0 when there is none. */
static int32_t draw_qr(const struct view *v, struct canvas_rect units)
{
	char text[QR_MAX_TEXT_BYTES + 1u];

	return ui_qr_text(v->state, text, sizeof text) != 0
		       ? view_qr(v, text, units, v->portrait ? LABEL_CENTRE : LABEL_END)
		       : 0;
}

/* Model and code: what a help desk asks for; and whom to ask. */
static void draw_identity(const struct view *v, struct canvas_rect units)
{
	const struct view_style name = { 14, 9, LABEL_START, false, UI_DIM };
	const struct view_style value = { 14, 9, LABEL_START, false, UI_INK };
	struct canvas_rect half = units;
	char code[16] = "";

	half.w = units.w * 2 / 3 - 8;
	half.h = IDENTITY;
	if (*view_text(v->state->model) != '\0') {
		half.y += view_string(v, UI_STR_LABEL_MODEL, 0, half, name);
		half.h = IDENTITY - (half.y - units.y);
		view_ascii(v, GLYPH_MONO, v->state->model, half, value);
	}
	if (v->state->reason == LB_REASON_OK)
		return;
	half = (struct canvas_rect){ units.x + units.w * 2 / 3, units.y, units.w / 3,
				     IDENTITY / 2 };
	/* With a letter it is read as a code, and not as a progress or a count. */
	lb_format(code, sizeof code, "E%u", (unsigned int)v->state->reason);
	half.y += view_string(v, UI_STR_LABEL_CODE, 0, half, name);
	view_ascii(v, GLYPH_MONO, code, half, value);
}

void view_support(const struct view *v, struct canvas_rect units)
{
	const struct view_style style = { 15, 8, LABEL_START, true, UI_INK };

	if (*view_text(v->state->support) == '\0')
		return;
	view_art(v, ART_QUESTION, (struct canvas_rect){ units.x, units.y, 24, units.h });
	units.x += 30;
	units.w -= 30;
	view_ascii(v, GLYPH_SANS, v->state->support, units, style);
}

/* --- the address in large type ------------------------------------------------------ */

#define LARGE          34
#define LEAST_WHOLE    15 /* on one line down to this size; then on several */
#define LEAST          12
#define MARK           18 /* before a line that goes on */
#define MOST_LINES     4u
#define URL_LINE(size) ((size)*3 / 2)

/* The lines of an address, broken before slashes. */
struct broken {
	const char *part[MOST_LINES];
	size_t len[MOST_LINES];
	uint32_t count; /* 0: it does not go at this size */
	int32_t width;  /* of the widest line with its mark, units */
};

static int32_t width_of(const struct view *v, const char *text, size_t len, int32_t size)
{
	char part[256];
	struct label l;

	if (len >= sizeof part)
		return INT32_MAX / 256;
	memcpy(part, text, len);
	part[len] = '\0';
	label_ascii(&l, GLYPH_MONO, part);
	return label_width(&l, view_pixels(v, size)) * 256 / v->scale + 2;
}

/* Before a slash that is none of "//". */
static bool breaks_before(const char *url, size_t i)
{
	return url[i] == '/' && url[i - 1] != '/' && url[i + 1] != '/';
}

/* Where the part of @url that fits ends: before the last slash, or @anywhere, but not
 * before the last character: a line of "/" says nothing. 0 when there is no such
 * place. */
static size_t part_end(const struct view *v, const char *url, int32_t size, int32_t room,
		       bool anywhere)
{
	size_t end = 0;

	for (size_t i = 1; url[i] != '\0' && url[i + 1] != '\0'; i++) {
		if (!anywhere && !breaks_before(url, i))
			continue;
		if (width_of(v, url, i, size) > room)
			break;
		end = i;
	}
	return end;
}

static struct broken break_url(const struct view *v, const char *url,
			       struct canvas_rect r, int32_t size, bool anywhere)
{
	struct broken b = { 0 };

	while (*url != '\0') {
		const int32_t in = b.count > 0 ? MARK : 0;
		size_t len = strlen(url);

		if (b.count == MOST_LINES ||
		    (int32_t)(b.count + 1u) * URL_LINE(size) > r.h)
			return (struct broken){ 0 };
		if (width_of(v, url, len, size) > r.w - in)
			len = part_end(v, url, size, r.w - in, anywhere);
		if (len == 0)
			return (struct broken){ 0 };

		const int32_t width = in + width_of(v, url, len, size);

		b.width = width > b.width ? width : b.width;
		b.part[b.count] = url;
		b.len[b.count++] = len;
		url += len;
	}
	return b;
}

/* A hook: this line belongs to the one above. @x: where the block begins for the reader
 * of Latin letters, which is its far end on pages that run the other way. */
static void draw_mark(const struct view *v, int32_t x, int32_t y, int32_t size)
{
	const int32_t bar = v->rtl ? x - 4 : x + 2, foot = v->rtl ? x - 12 : x + 2;

	view_fill(v, (struct canvas_rect){ bar, y + size / 8, 2, size / 2 }, 0, UI_DIM);
	view_fill(v, (struct canvas_rect){ foot, y + size * 5 / 8, 10, 2 }, 0, UI_DIM);
}

/* The lines begin below each other, from left to right on every page. */
static void draw_lines(const struct view *v, const struct broken *b, struct canvas_rect r,
		       int32_t size)
{
	const struct view_style style = { size, size, v->rtl ? LABEL_END : LABEL_START,
					  false, UI_BLUE };

	for (uint32_t i = 0; i < b->count; i++) {
		const int32_t in = i > 0 ? MARK : 0;
		const int32_t y = r.y + (int32_t)i * URL_LINE(size);
		char part[256];

		memcpy(part, b->part[i], b->len[i]);
		part[b->len[i]] = '\0';
		if (in != 0)
			draw_mark(v, v->rtl ? r.x + b->width : r.x, y, size);
		view_ascii(v, GLYPH_MONO, part,
			   (struct canvas_rect){ v->rtl ? r.x : r.x + in, y,
						 b->width - in, URL_LINE(size) },
			   style);
	}
}

/* Broken as said, in the largest letters that go; false: in none. */
static bool draw_broken(const struct view *v, const char *url, struct canvas_rect r,
			bool whole, bool anywhere)
{
	for (int32_t size = LARGE; size >= LEAST; size--) {
		const struct broken b = break_url(v, url, r, size, anywhere);

		if (b.count == 0 || (whole && b.count > 1))
			continue;
		draw_lines(v, &b, r, size);
		return true;
	}
	return false;
}

/* Whole where that is possible, else broken before slashes; a host name that is wider
 * than the screen is broken anywhere, and one that fits in no way is cut. */
static void draw_url(const struct view *v, const char *url, struct canvas_rect r)
{
	const struct view_style cut = { LEAST, LEAST, LABEL_START, false, UI_BLUE };
	const bool whole = width_of(v, url, strlen(url), LEAST_WHOLE) <= r.w;

	if (!draw_broken(v, url, r, whole, false) && !draw_broken(v, url, r, false, true))
		view_ascii(v, GLYPH_MONO, url, r, cut);
}

void view_address(const struct view *v, struct canvas_rect units)
{
	struct canvas_rect r = units, phone;
	const char *url = view_text(v->state->url);
	const int32_t low =
		IDENTITY + (*view_text(v->state->support) != '\0' ? VIEW_SUPPORT : 0);
	int32_t qr;

	if (v->portrait) {
		r.h = units.h / 3 + 20;
		qr = draw_qr(v,
			     (struct canvas_rect){ units.x, units.y + r.h, units.w,
						   units.h - r.h < MOST_QR ? units.h - r.h
									   : MOST_QR });
		phone = (struct canvas_rect){ units.x, units.y + r.h + 30, 130, 160 };
	} else {
		qr = draw_qr(v, (struct canvas_rect){ units.x + units.w / 2, units.y,
						      units.w / 2, units.h });
		r.w -= qr + GAP;
		phone = (struct canvas_rect){ r.x + r.w - PHONE, r.y + r.h - 84, PHONE,
					      78 };
	}
	/* The phone reads the square: none without the other. */
	if (qr != 0)
		view_art(v, ART_PHONE, phone);
	if (*url != '\0') {
		view_art(v, ART_GLOBE, (struct canvas_rect){ r.x, r.y, 40, 34 });
		draw_url(v, url,
			 (struct canvas_rect){ r.x + 48, r.y, r.w - 48, r.h - low - 4 });
	}
	if (!v->portrait && qr != 0)
		r.w -= PHONE + 8;
	draw_identity(v, (struct canvas_rect){ r.x, r.y + r.h - low, r.w, IDENTITY });
	view_support(v, (struct canvas_rect){ r.x, r.y + r.h - VIEW_SUPPORT, r.w,
					      VIEW_SUPPORT });
}

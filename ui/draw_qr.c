/* QR codes on the screen. */
#include <string.h>

#include "ui/qr.h"
#include "ui/view.h"

#define GAP 10

static void draw_modules(const struct view *v, const struct qr_code *qr, int32_t left,
			 int32_t top, int32_t module)
{
	for (uint32_t y = 0; y < qr->side; y++)
		for (uint32_t x = 0; x < qr->side; x++)
			if (qr_dark(qr, x, y))
				canvas_fill(
					v->canvas,
					(struct canvas_rect){
						left + module * (int32_t)(x + QR_QUIET),
						top + module * (int32_t)(y + QR_QUIET),
						module, module },
					0);
}

int32_t view_qr(const struct view *v, const char *text, struct canvas_rect units,
		enum label_align align)
{
	const struct canvas_rect room = view_rect(v, units);
	const bool at_left = align == (v->rtl ? LABEL_END : LABEL_START);
	struct qr_code qr;

	if (qr_encode((const uint8_t *)text, strlen(text), &qr) != LB_OK)
		return 0;
	const int32_t modules = (int32_t)(qr.side + 2u * QR_QUIET);
	const int32_t module = (room.w < room.h ? room.w : room.h) / modules;
	const int32_t side = module * modules;
	const int32_t left = at_left                 ? room.x
			     : align == LABEL_CENTRE ? room.x + (room.w - side) / 2
						     : room.x + room.w - side;

	if (module == 0)
		return 0;
	canvas_fill(v->canvas, (struct canvas_rect){ left, room.y, side, side },
		    UI_WHITE);
	draw_modules(v, &qr, left, room.y, module);
	view_box(v, (struct canvas_rect){ left, room.y, side, side }, "QR code");
	return side * 256 / v->scale + 1;
}

bool view_qr_codes(const struct view *v, struct canvas_rect units)
{
	const char *const *text = v->state->qr;
	const int32_t count = (text[0] != NULL) + (text[0] != NULL && text[1] != NULL);
	struct canvas_rect r = units;

	if ((v->screen->parts & PART_QR) == 0 || count == 0)
		return false;
	if (v->portrait)
		r.w = (units.w - (count - 1) * GAP) / count;
	else
		r.h = (units.h - (count - 1) * GAP) / count;
	for (int32_t i = 0; i < count; i++) {
		(void)view_qr(v, text[i], r, LABEL_START);
		if (v->portrait)
			r.x += r.w + GAP;
		else
			r.y += r.h + GAP;
	}
	return true;
}

/* A view: one drawing of one state. Positions here are units - the screen is at least 640
 * by 480 of them, whatever its pixels - laid out from left to right and mirrored for
 * languages that run the other way. For ui/ itself. */
#ifndef LIFEBOAT_UI_VIEW_H
#define LIFEBOAT_UI_VIEW_H

#include "ui/label.h"
#include "ui/screens.h"
#include "ui/style.h"
#include "ui/ui.h"

#define VIEW_MARGIN 20

/* Nothing of it is owned: all pointers are the caller's, for as long as the drawing
 * takes. */
struct view {
	struct canvas *canvas;
	const struct ui_text *text;
	const struct ui_state *state;
	const struct screen *screen;
	struct ui_report *report;
	int32_t scale; /* pixels per unit, times 256 */
	int32_t w, h;  /* units */
	bool rtl, portrait;
};

/** view_begin() - measure the canvas, find the screen of @state and how it is read.
 * @text:   NULL or opened: then English without it
 * @report: NULL, or what is drawn where, for tests */
void view_begin(struct view *v, struct canvas *canvas, const struct ui_text *text,
		const struct ui_state *state, struct ui_report *report);

/** view_pixels() - of a length in units, rounded down. */
int32_t view_pixels(const struct view *v, int32_t units);

/** view_rect() - the pixels of a rectangle in units, mirrored when the language is. */
struct canvas_rect view_rect(const struct view *v, struct canvas_rect units);

/** view_box() - report that @pixels are covered by @what. */
void view_box(const struct view *v, struct canvas_rect pixels, const char *what);

/** view_fill() - a rectangle of one colour; @radius of its corners, in units. */
void view_fill(const struct view *v, struct canvas_rect units, int32_t radius,
	       canvas_colour colour);
/** view_art() - one picture, mirrored when the language is. */
void view_art(const struct view *v, enum art_id id, struct canvas_rect units);

/* Text into a rectangle; sizes in units. Returns the height used, in units, rounded
 * up. */
struct view_style {
	int32_t size, min_size;
	enum label_align align;
	bool middle;
	canvas_colour colour;
};
/** view_string() - one of our texts in the chosen language; @number is its {n}. */
int32_t view_string(const struct view *v, enum ui_string string, uint32_t number,
		    struct canvas_rect units, struct view_style style);
/** view_ascii() - text that may be a stranger's: what is not printable ASCII is '?'. */
int32_t view_ascii(const struct view *v, enum glyph_face face, const char *ascii,
		   struct canvas_rect units, struct view_style style);
/** view_label() - a label that was made already; @what: for the report. */
int32_t view_label(const struct view *v, const struct label *l, const char *what,
		   struct canvas_rect units, struct view_style style);

/** view_address() - URL and QR code into @units; nothing when there is no URL. */
void view_address(const struct view *v, struct canvas_rect units);

#define VIEW_SUPPORT 24 /* units high */

/** view_support() - whom to call; nothing when nobody is known. */
void view_support(const struct view *v, struct canvas_rect units);

/** view_qr() - @text as a QR code, as large as whole pixels a module allow, at the top
 * of @units and @align-ed in it. Returns its width in units; 0: it does not go in. */
int32_t view_qr(const struct view *v, const char *text, struct canvas_rect units,
		enum label_align align);

/** view_qr_codes() - those of state.qr; false: the screen has none. */
bool view_qr_codes(const struct view *v, struct canvas_rect units);

/** view_keys() - the keys of the screen in rows from the bottom of @units up. */
void view_keys(const struct view *v, struct canvas_rect units);

/* The layouts. @units is what lies between the head and the keys. */
void view_steps(const struct view *v, struct canvas_rect units);
void view_message(const struct view *v, struct canvas_rect units);
void view_list(const struct view *v, struct canvas_rect units);
/** view_lines() - returns how many of state.lines are shown whole. */
uint32_t view_lines(const struct view *v, struct canvas_rect units);

/** view_text() - "" for NULL. */
const char *view_text(const char *s);

#endif

/* Labels: one text, cut into pieces, broken into lines and drawn in a rectangle. For ui/
 * itself. */
#ifndef LIFEBOAT_UI_LABEL_H
#define LIFEBOAT_UI_LABEL_H

#include "ui/canvas.h"
#include "ui/glyph.h"
#include "ui/text.h"

#define LABEL_MAX_PIECES 288u
#define LABEL_MAX_LINES  24u
#define LABEL_ASCII      352u

struct label_piece {
	uint32_t at;    /* its glyphs, or its first character */
	uint16_t count; /* glyphs or characters */
	uint8_t head;   /* PIECE_... */
	int32_t width;  /* units of the em */
};

struct label {
	const struct ui_text *text;
	const uint8_t *run; /* NULL: ASCII */
	uint32_t run_len;
	enum glyph_face face;
	bool rtl;
	bool cut;             /* too long, or a damaged run: the end is missing */
	int32_t above, below; /* what a line needs, units of the em */
	uint32_t piece_count;
	struct label_piece pieces[LABEL_MAX_PIECES];
	char ascii[LABEL_ASCII]; /* the text, or what {n} stands for */
};

enum label_align {
	LABEL_START,
	LABEL_CENTRE,
	LABEL_END,
	/* at the end of the rectangle, but the lines begin below each other */
	LABEL_BLOCK,
};

struct label_style {
	int32_t size, min_size; /* pixels to the em: wanted, and the least */
	enum label_align align;
	bool middle; /* centred between top and bottom */
	canvas_colour colour;
};

/* A glyph of a shaped run, in its place. */
struct label_glyph {
	struct glyph glyph;
	int32_t advance, x, y;
};

/** label_next_glyph() - decode the glyph at *at of the run and move on; false when it is
 * damaged. */
bool label_next_glyph(const struct label *l, uint32_t *at, struct label_glyph *out);

/** label_string() - a screen's text; @number stands for {n}. */
void label_string(struct label *l, const struct ui_text *text, uint32_t language,
		  enum ui_string string, uint32_t number);

/** label_ascii() - text given at run time. Words that are too long are broken
 * anywhere. */
void label_ascii(struct label *l, enum glyph_face face, const char *ascii);

/** label_width() - of the whole text on one line, pixels. */
int32_t label_width(const struct label *l, int32_t size);

/** label_line_height() - distance of lines, pixels. */
int32_t label_line_height(const struct label *l, int32_t size);

/**
 * label_fit() - the largest size of @style, but not below its least, at which the label
 * fits into @w by @h pixels. *lines is how many lines it then has. 0 when it does not
 * fit.
 */
int32_t label_fit(const struct label *l, const struct label_style *style, int32_t w,
		  int32_t h, uint32_t *lines);

/**
 * label_draw() - draw into @rect, and say in *used (may be NULL) what is covered.
 *
 * False when it does not fit: drawn at the least size, cut at the rectangle.
 */
bool label_draw(struct canvas *c, const struct label *l, struct canvas_rect rect,
		const struct label_style *style, struct canvas_rect *used);

#endif

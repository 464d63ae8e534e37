/* Glyphs: outlines of the packed table and of the built-in ASCII faces, drawn at any
 * size. Units are 1/256 of the text size (an "em"), y upwards. For ui/ itself. */
#ifndef LIFEBOAT_UI_GLYPH_H
#define LIFEBOAT_UI_GLYPH_H

#include "ui/canvas.h"
#include "ui/text_table.h"

#define GLYPH_EM 256

enum glyph_face {
	GLYPH_SANS, /* proportional */
	/* every character GLYPH_EM * 0.6 wide; for addresses, numbers, keys */
	GLYPH_MONO,
};

struct glyph {
	const uint8_t *outline;
	uint32_t len;
	int32_t advance;
};

/** glyph_ascii() - a built-in glyph; '?' for what is not printable ASCII. */
struct glyph glyph_ascii(enum glyph_face face, char c);

/** glyph_shared() - glyph @number of the packed table; empty when there is none. */
struct glyph glyph_shared(const struct ui_text *text, uint32_t number);

/**
 * glyph_draw() - with the origin at @x, @y (1/256 pixels), @size pixels to the em.
 *
 * A damaged outline is drawn up to the damage.
 */
void glyph_draw(struct canvas *c, const struct glyph *g, int32_t x, int32_t y,
		int32_t size, canvas_colour colour);

/* Reads a varint at *at and moves on; false at the end or for more than 32 bits. */
bool glyph_varint(const uint8_t *bytes, uint32_t len, uint32_t *at, uint32_t *out);
bool glyph_signed(const uint8_t *bytes, uint32_t len, uint32_t *at, int32_t *out);

#endif

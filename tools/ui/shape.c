/* Runs: a text cut into pieces that stay together on a line, each shaped for itself with
 * its surroundings as context. Directions are resolved here; the loader only puts the
 * pieces of a line into visual order. Format: docs/formats/ui-text.md. */
#include "tools/ui/mktext.h"

#include <fribidi.h>
#include <hb.h>
#include <string.h>

#define FINE  64
#define VALUE 0xfffcu /* stands for {n} */
#define CUT   '|'     /* a line may break here (Thai, Japanese) */

enum { PIECE_LEVEL = 0x0f, PIECE_BREAK = 0x10, PIECE_SPACE = 0x20, PIECE_VALUE = 0x40 };

struct chars {
	uint32_t c[MAX_CHARS];
	bool cut[MAX_CHARS]; /* an explicit place to break before this */
	int level[MAX_CHARS];
	struct font *font[MAX_CHARS];
	size_t len;
};

static uint32_t next_utf8(const char **s)
{
	const uint8_t *p = (const uint8_t *)*s;
	const int more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	uint32_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);

	for (int i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			die("bad UTF-8 in \"%s\"", *s);
		c = c << 6 | (p[i] & 0x3fu);
	}
	*s += more + 1;
	return c;
}

static void decode(const char *text, struct chars *out)
{
	bool cut = false;

	out->len = 0;
	while (*text != '\0') {
		uint32_t c;

		if (strncmp(text, "{n}", 3) == 0) {
			c = VALUE;
			text += 3;
		} else {
			c = next_utf8(&text);
		}
		if (c == CUT) {
			cut = true;
			continue;
		}
		if (out->len == MAX_CHARS)
			die("text too long");
		out->cut[out->len] = cut;
		out->c[out->len++] = c;
		cut = false;
	}
}

static void find_levels(const struct locale *l, struct chars *t)
{
	FriBidiChar text[MAX_CHARS];
	FriBidiCharType types[MAX_CHARS];
	FriBidiBracketType brackets[MAX_CHARS];
	FriBidiLevel levels[MAX_CHARS];
	FriBidiParType par = l->rtl ? FRIBIDI_PAR_RTL : FRIBIDI_PAR_LTR;

	/* A value is a number or other ASCII: it runs from left to right. */
	for (size_t i = 0; i < t->len; i++)
		text[i] = t->c[i] == VALUE ? '0' : t->c[i];
	fribidi_get_bidi_types(text, (FriBidiStrIndex)t->len, types);
	fribidi_get_bracket_types(text, (FriBidiStrIndex)t->len, types, brackets);
	if (fribidi_get_par_embedding_levels_ex(types, brackets, (FriBidiStrIndex)t->len,
						&par, levels) == 0)
		die("%s: no bidi levels", l->code);
	for (size_t i = 0; i < t->len; i++)
		t->level[i] = levels[i];
}

static void find_fonts(const struct locale *l, struct chars *t)
{
	struct font *own = font_open(l->font), *latin = font_open("");

	for (size_t i = 0; i < t->len; i++) {
		if (t->c[i] == VALUE || t->c[i] == ' ')
			t->font[i] = own;
		else if (font_has(own, t->c[i]))
			t->font[i] = own;
		else if (font_has(latin, t->c[i]))
			t->font[i] = latin;
		else
			die("%s: no glyph for U+%04X", l->code, (unsigned int)t->c[i]);
	}
}

/* --- where lines may break -------------------------------------------------------- */

static bool one_of(uint32_t c, const char *set)
{
	while (*set != '\0')
		if (next_utf8(&set) == c)
			return true;
	return false;
}

static bool is_ideographic(uint32_t c)
{
	return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0xff00 && c <= 0xffef) || (c >= 0xac00 && c <= 0xd7af);
}

static bool is_letter(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool may_break(const struct locale *l, const struct chars *t, size_t i)
{
	const uint32_t before = t->c[i - 1], after = t->c[i];

	if (t->cut[i] || before == '-')
		return true;
	if (before == ' ')
		return after != ' ';
	/* As in "U盘": a letter stays with what follows it. */
	if (is_letter(before) && is_ideographic(after))
		return false;
	if (l->keep_words || (!is_ideographic(before) && !is_ideographic(after)))
		return false;
	return after != ' ' &&
	       !one_of(after, "、。，．・：；？！）」』】”’ー々ぁぃぅぇぉっゃゅょァィゥェ"
			      "ォッャュョ"
			      "…,.!?):;％") &&
	       !one_of(before, "（「『【“‘(");
}

/* --- shaping ---------------------------------------------------------------------- */

static size_t piece_end(const struct locale *l, const struct chars *t, size_t from)
{
	const bool special = t->c[from] == VALUE || t->c[from] == ' ';
	size_t i = from + 1;

	while (!special && i < t->len && t->c[i] != VALUE && t->c[i] != ' ' &&
	       t->level[i] == t->level[from] && t->font[i] == t->font[from] &&
	       !may_break(l, t, i))
		i++;
	return i;
}

static int32_t units(int32_t fine)
{
	return fine < 0 ? -((-fine + FINE / 2) / FINE) : (fine + FINE / 2) / FINE;
}

static void put_glyph(struct bytes *out, uint32_t number, const hb_glyph_position_t *p,
		      int32_t *top, int32_t *bottom)
{
	const int32_t advance = units(p->x_advance), x = units(p->x_offset),
		      y = units(p->y_offset);
	const struct glyph *g = &glyphs[number];
	const bool other = advance != g->advance, moved = x != 0 || y != 0;

	put_varint(out, number << 2 | (other ? 2u : 0u) | (moved ? 1u : 0u));
	if (other)
		put_signed(out, advance);
	if (moved) {
		put_signed(out, x);
		put_signed(out, y);
	}
	*top = g->top + y > *top ? g->top + y : *top;
	*bottom = g->bottom + y < *bottom ? g->bottom + y : *bottom;
}

static void shape_piece(const struct locale *l, const struct chars *t, size_t from,
			size_t end, struct bytes *out, int32_t *top, int32_t *bottom)
{
	hb_buffer_t *buffer = hb_buffer_create();
	struct font *font = t->font[from];
	unsigned int count;

	hb_buffer_add_utf32(buffer, t->c, (int)t->len, (unsigned int)from,
			    (int)(end - from));
	hb_buffer_set_direction(buffer, t->level[from] % 2 != 0 ? HB_DIRECTION_RTL
								: HB_DIRECTION_LTR);
	hb_buffer_set_script(buffer, hb_script_from_string(l->script, -1));
	hb_buffer_set_language(buffer, hb_language_from_string(l->code, -1));
	hb_buffer_guess_segment_properties(buffer);
	hb_shape(font_hb(font), buffer, NULL, 0);
	const hb_glyph_info_t *info = hb_buffer_get_glyph_infos(buffer, &count);
	const hb_glyph_position_t *pos = hb_buffer_get_glyph_positions(buffer, &count);

	if (count > 255)
		die("%s: a word of more than 255 glyphs", l->code);
	put_byte(out, count);
	for (unsigned int i = 0; i < count; i++) {
		if (info[i].codepoint == 0)
			die("%s: a glyph is missing", l->code);
		put_glyph(out, glyph_number(font, info[i].codepoint), &pos[i], top,
			  bottom);
	}
	hb_buffer_destroy(buffer);
}

void shape_run(const struct locale *locale, const char *text, struct bytes *out,
	       int32_t *top, int32_t *bottom)
{
	static struct chars t;

	decode(text, &t);
	find_levels(locale, &t);
	find_fonts(locale, &t);
	for (size_t from = 0, end; from < t.len; from = end) {
		uint32_t head = (uint32_t)t.level[from] & PIECE_LEVEL;

		end = piece_end(locale, &t, from);
		if (from > 0 && may_break(locale, &t, from))
			head |= PIECE_BREAK;
		if (t.c[from] == ' ')
			put_byte(out, head | PIECE_SPACE);
		else if (t.c[from] == VALUE)
			put_byte(out, head | PIECE_VALUE);
		else {
			put_byte(out, head);
			shape_piece(locale, &t, from, end, out, top, bottom);
		}
	}
}

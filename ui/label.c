/* Labels: pieces of a text and their widths. Lines and drawing: label_draw.c. */
#include "ui/label.h"

#include <string.h>

#include "base/format.h"
#include "ui/table.h"

#define SPACE_WIDTH 66  /* units: about a quarter of the em */
#define LONG_WORD   16u /* characters; longer ones may be broken */
#define CHUNK       12u
#define LEAST_ABOVE 250
#define LEAST_BELOW 66

static void start(struct label *l)
{
	memset(l, 0, sizeof *l);
	l->above = LEAST_ABOVE;
	l->below = LEAST_BELOW;
}

static int32_t ascii_width(enum glyph_face face, const char *text, uint32_t count)
{
	int32_t width = 0;

	for (uint32_t i = 0; i < count; i++)
		width += glyph_ascii(face, text[i]).advance;
	return width;
}

static void add_piece(struct label *l, struct label_piece piece)
{
	if (l->piece_count == LABEL_MAX_PIECES)
		l->cut = true;
	else
		l->pieces[l->piece_count++] = piece;
}

static uint32_t word_length(const char *text)
{
	uint32_t n = 0;

	while (text[n] != '\0' && text[n] != ' ')
		n++;
	return n;
}

/* Of a long word, as much as should stay together: to a sign of an address or number. */
static uint32_t chunk_length(const char *text, uint32_t left)
{
	uint32_t n = 0;

	while (n < left && n < CHUNK)
		if (strchr("/.?&=-_:", text[n++]) != NULL && n > 1u)
			break;
	return n;
}

static void cut_word(struct label *l, uint32_t at, uint32_t word, uint8_t head)
{
	for (uint32_t done = 0; done < word;) {
		const char *text = l->ascii + at + done;
		const uint32_t left = word - done;
		const uint32_t n = word > LONG_WORD ? chunk_length(text, left) : left;

		add_piece(l, (struct label_piece){ at + done, (uint16_t)n, head,
						   ascii_width(l->face, text, n) });
		/* "//" stays together. */
		head = text[n - 1u] == '/' && text[n] == '/' ? 0 : PIECE_BREAK;
		done += n;
	}
}

/* Words and spaces of l->ascii. */
static void cut_ascii(struct label *l)
{
	const int32_t space = glyph_ascii(l->face, ' ').advance;
	bool after_space = false;

	for (uint32_t at = 0; l->ascii[at] != '\0';) {
		const uint32_t word = word_length(l->ascii + at);

		if (word == 0)
			add_piece(l, (struct label_piece){ at, 0, PIECE_SPACE, space });
		else
			cut_word(l, at, word, after_space ? PIECE_BREAK : 0);
		after_space = word == 0;
		at += word != 0 ? word : 1u;
	}
}

void label_ascii(struct label *l, enum glyph_face face, const char *ascii)
{
	const size_t len = strlen(ascii);

	start(l);
	l->face = face;
	l->cut = len >= sizeof l->ascii;
	lb_format(l->ascii, sizeof l->ascii, "%s", ascii);
	cut_ascii(l);
}

/* English, with the number in its place. */
static void english(struct label *l, enum ui_string string, uint32_t number)
{
	const char *text = ui_text_english(string);
	const char *brace = strchr(text, '{');

	if (brace == NULL) {
		label_ascii(l, GLYPH_SANS, text);
		return;
	}
	start(l);
	lb_format(l->ascii, sizeof l->ascii, "%.*s%u%s", (int)(brace - text), text,
		  number, brace + 3);
	cut_ascii(l);
}

/* --- shaped runs ------------------------------------------------------------------ */

bool label_next_glyph(const struct label *l, uint32_t *at, struct label_glyph *out)
{
	uint32_t code;

	if (!glyph_varint(l->run, l->run_len, at, &code))
		return false;
	out->glyph = glyph_shared(l->text, code >> 2);
	out->advance = out->glyph.advance;
	out->x = out->y = 0;
	if ((code & GLYPH_ADVANCE) != 0 &&
	    !glyph_signed(l->run, l->run_len, at, &out->advance))
		return false;
	if ((code & GLYPH_MOVED) != 0 &&
	    (!glyph_signed(l->run, l->run_len, at, &out->x) ||
	     !glyph_signed(l->run, l->run_len, at, &out->y)))
		return false;
	return out->advance > -4 * GLYPH_EM && out->advance < 4 * GLYPH_EM &&
	       out->x > -4 * GLYPH_EM && out->x < 4 * GLYPH_EM &&
	       out->y > -4 * GLYPH_EM && out->y < 4 * GLYPH_EM;
}

static bool add_glyphs(struct label *l, uint8_t head, uint32_t *at)
{
	struct label_piece piece = { *at + 1u, 0, head, 0 };
	struct label_glyph g;

	if (*at >= l->run_len)
		return false;
	piece.count = l->run[(*at)++];
	for (uint32_t i = 0; i < piece.count; i++) {
		if (!label_next_glyph(l, at, &g))
			return false;
		piece.width += g.advance;
	}
	add_piece(l, piece);
	return true;
}

static void cut_run(struct label *l)
{
	for (uint32_t at = 0; at < l->run_len && !l->cut;) {
		const uint8_t head = l->run[at++];

		if ((head & PIECE_SPACE) != 0)
			add_piece(l, (struct label_piece){ 0, 0, head, SPACE_WIDTH });
		else if ((head & PIECE_VALUE) != 0)
			add_piece(l, (struct label_piece){
					     0, (uint16_t)strlen(l->ascii), head,
					     ascii_width(GLYPH_SANS, l->ascii,
							 (uint32_t)strlen(l->ascii)) });
		else if (!add_glyphs(l, head, &at))
			l->cut = true;
	}
}

void label_string(struct label *l, const struct ui_text *text, uint32_t language,
		  enum ui_string string, uint32_t number)
{
	uint32_t len = 0;
	const uint8_t *run = ui_text_run(text, language, string, &len);

	if (run == NULL) {
		english(l, string, number);
		return;
	}
	start(l);
	l->text = text;
	l->run = run;
	l->run_len = len;
	l->rtl = ui_text_rtl(text, language);
	ui_text_reach(text, language, &l->above, &l->below);
	lb_format(l->ascii, sizeof l->ascii, "%u", number);
	cut_run(l);
}

/* Labels: breaking into lines, visual order, drawing. */
#include "ui/label.h"
#include "ui/table.h"

#define LEADING 10 /* units added between lines */

struct line {
	uint32_t from, end; /* pieces; no spaces at the ends */
	int32_t width;      /* units */
};

struct lines {
	struct line line[LABEL_MAX_LINES];
	uint32_t count;
	bool over; /* a word is too wide, or there are too many lines */
};

static int32_t pixels(int32_t units, int32_t size)
{
	return (int32_t)((int64_t)units * size / GLYPH_EM);
}

static bool is_space(const struct label *l, uint32_t piece)
{
	return (l->pieces[piece].head & PIECE_SPACE) != 0;
}

static void add_line(const struct label *l, struct lines *out, uint32_t from,
		     uint32_t end)
{
	struct line line = { from, end, 0 };

	while (line.from < line.end && is_space(l, line.from))
		line.from++;
	while (line.end > line.from && is_space(l, line.end - 1u))
		line.end--;
	for (uint32_t i = line.from; i < line.end; i++)
		line.width += l->pieces[i].width;
	if (out->count == LABEL_MAX_LINES)
		out->over = true;
	else
		out->line[out->count++] = line;
}

/* The pieces from @from that stay together. */
static uint32_t unit_end(const struct label *l, uint32_t from, int32_t *width)
{
	uint32_t i = from;

	*width = 0;
	do
		*width += l->pieces[i++].width;
	while (i < l->piece_count && (l->pieces[i].head & PIECE_BREAK) == 0 &&
	       !is_space(l, i));
	return i;
}

/* As much on each line as goes into @room units. */
static void break_lines(const struct label *l, int32_t room, struct lines *out)
{
	uint32_t from = 0;
	int32_t used = 0;

	out->count = 0;
	out->over = l->cut;
	for (uint32_t i = 0; i < l->piece_count;) {
		int32_t width;
		const uint32_t end = unit_end(l, i, &width);
		const int32_t shown = is_space(l, i) && end == i + 1u ? 0 : width;

		if (i > from && used + shown > room) {
			add_line(l, out, from, i);
			from = i;
			used = 0;
		}
		if (shown > room)
			out->over = true;
		used += width;
		i = end;
	}
	if (from < l->piece_count || l->piece_count == 0)
		add_line(l, out, from, l->piece_count);
}

int32_t label_width(const struct label *l, int32_t size)
{
	int32_t units = 0;

	for (uint32_t i = 0; i < l->piece_count; i++)
		units += l->pieces[i].width;
	return pixels(units, size) + 1;
}

int32_t label_line_height(const struct label *l, int32_t size)
{
	return pixels(l->above + l->below + LEADING, size);
}

static int32_t block_height(const struct label *l, uint32_t lines, int32_t size)
{
	return label_line_height(l, size) * (int32_t)lines;
}

/* Lines of about the same length: the least room that needs no more of them. */
static void balance(const struct label *l, int32_t room, struct lines *lines)
{
	struct lines other;

	for (int32_t less = room * 15 / 16; less > room / 2; less -= room / 16) {
		break_lines(l, less, &other);
		if (other.over || other.count > lines->count)
			return;
		*lines = other;
	}
}

static int32_t fit(const struct label *l, const struct label_style *style, int32_t w,
		   int32_t h, struct lines *out)
{
	for (int32_t size = style->size; size >= style->min_size && size > 0;
	     size -= size > 32 ? size / 32 : 1) {
		const int32_t room = (int32_t)((int64_t)w * GLYPH_EM / size);

		break_lines(l, room, out);
		if (out->over || block_height(l, out->count, size) > h)
			continue;
		if (style->align == LABEL_CENTRE && out->count > 1u)
			balance(l, room, out);
		return size;
	}
	return 0;
}

int32_t label_fit(const struct label *l, const struct label_style *style, int32_t w,
		  int32_t h, uint32_t *lines)
{
	struct lines broken;
	const int32_t size = fit(l, style, w, h, &broken);

	*lines = broken.count;
	return size;
}

/* --- drawing ---------------------------------------------------------------------- */

/* Pieces of a line from left to right (Unicode Bidirectional Algorithm, rule L2): from
 * the highest level down to the lowest odd one, turn each stretch of that level or
 * higher. */
static uint32_t visual_order(const struct label *l, const struct line *line,
			     uint16_t *order)
{
	const uint32_t count = line->end - line->from;

	for (uint32_t i = 0; i < count; i++)
		order[i] = (uint16_t)(line->from + i);
	for (uint32_t level = PIECE_LEVEL; level >= 1u; level--)
		for (uint32_t i = 0; i < count; i++) {
			uint32_t end = i;

			while (end < count &&
			       (l->pieces[order[end]].head & PIECE_LEVEL) >= level)
				end++;
			for (uint32_t a = i, b = end; a + 1u < b; a++, b--) {
				const uint16_t swap = order[a];

				order[a] = order[b - 1u];
				order[b - 1u] = swap;
			}
			i = end;
		}
	return count;
}

struct at {
	int32_t x, y; /* 1/256 pixels */
	int32_t size;
	canvas_colour colour;
};

static void draw_characters(struct canvas *c, enum glyph_face face, const char *text,
			    uint32_t count, struct at at)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct glyph g = glyph_ascii(face, text[i]);

		glyph_draw(c, &g, at.x, at.y, at.size, at.colour);
		at.x += g.advance * at.size;
	}
}

static void draw_piece(struct canvas *c, const struct label *l,
		       const struct label_piece *p, struct at at)
{
	uint32_t offset = p->at;
	struct label_glyph g;

	if ((p->head & PIECE_SPACE) != 0)
		return;
	if (l->run == NULL || (p->head & PIECE_VALUE) != 0) {
		draw_characters(c, l->face, l->ascii + p->at, p->count, at);
		return;
	}
	for (uint32_t i = 0; i < p->count && label_next_glyph(l, &offset, &g); i++) {
		glyph_draw(c, &g.glyph, at.x + g.x * at.size, at.y - g.y * at.size,
			   at.size, at.colour);
		at.x += g.advance * at.size;
	}
}

static void draw_line(struct canvas *c, const struct label *l, const struct line *line,
		      struct at at)
{
	uint16_t order[LABEL_MAX_PIECES];
	const uint32_t count = visual_order(l, line, order);

	for (uint32_t i = 0; i < count; i++) {
		const struct label_piece *p = &l->pieces[order[i]];

		draw_piece(c, l, p, at);
		at.x += p->width * at.size;
	}
}

static int32_t widest(const struct lines *lines)
{
	int32_t width = 0;

	for (uint32_t i = 0; i < lines->count; i++)
		if (lines->line[i].width > width)
			width = lines->line[i].width;
	return width;
}

/* @block: the widest line of them all. */
static int32_t line_left(const struct label *l, enum label_align align, int32_t room,
			 int32_t width, int32_t block)
{
	if (align == LABEL_CENTRE)
		return (room - width) / 2;
	if (align == LABEL_BLOCK)
		return l->rtl ? block - width : room - block;
	return (align == LABEL_END) != l->rtl ? room - width : 0;
}

static void grow(struct canvas_rect *box, struct canvas_rect r)
{
	const int32_t right = box->x + box->w > r.x + r.w ? box->x + box->w : r.x + r.w;

	if (box->w == 0) {
		*box = r;
		return;
	}
	box->x = box->x < r.x ? box->x : r.x;
	box->w = right - box->x;
	box->h = r.y + r.h - box->y;
}

bool label_draw(struct canvas *c, const struct label *l, struct canvas_rect rect,
		const struct label_style *style, struct canvas_rect *used)
{
	struct lines lines;
	int32_t size = fit(l, style, rect.w, rect.h, &lines);
	const bool fits = size != 0;
	struct canvas_rect box = { rect.x, rect.y, 0, 0 };

	if (!fits)
		size = style->min_size;
	const int32_t height = label_line_height(l, size);
	const int32_t block = pixels(widest(&lines), size);
	const int32_t spare = rect.h - block_height(l, lines.count, size);
	int32_t top = rect.y + (style->middle && spare > 0 ? spare / 2 : 0);

	for (uint32_t i = 0; i < lines.count && top + height <= rect.y + rect.h; i++) {
		const int32_t width = pixels(lines.line[i].width, size);
		const int32_t left =
			rect.x + line_left(l, style->align, rect.w, width, block);

		draw_line(c, l, &lines.line[i],
			  (struct at){ left * CANVAS_ONE,
				       (top + pixels(l->above + LEADING / 2, size)) *
					       CANVAS_ONE,
				       size, style->colour });
		grow(&box, (struct canvas_rect){ left, top, width, height });
		top += height;
	}
	if (used != NULL)
		*used = box;
	return fits;
}

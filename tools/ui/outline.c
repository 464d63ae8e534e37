/* Fonts and their outlines, quantised to EM units and packed; one table for all runs. */
#include "tools/ui/mktext.h"

#include <hb-ot.h>
#include <hb.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTORY "/usr/share/fonts/"
#define FINE      64 /* fractions of an EM unit while shaping */
#define MAX_FONTS 32

/* Operations of an outline; each is followed by its distances (zigzag varints). */
enum { OP_END, OP_MOVE, OP_LINE, OP_ACROSS, OP_UP, OP_QUAD, OP_CUBIC };

struct font {
	char name[32];
	char path[256];
	hb_font_t *hb;
	const void *file; /* equal for faces of one collection: they share outlines */
};

struct glyph *glyphs;
uint32_t glyph_count;
static uint32_t glyph_room;
static struct font fonts[MAX_FONTS];
static size_t font_count;

static void font_path(const char *name, char *out, size_t size, unsigned int *index)
{
	*index = 0;
	if (strncmp(name, "CJK ", 4) == 0) {
		*index = (unsigned int)strtoul(name + 4, NULL, 10);
		snprintf(out, size, DIRECTORY "opentype/noto/NotoSansCJK-Regular.ttc");
	} else {
		snprintf(out, size, DIRECTORY "truetype/noto/NotoSans%s-Regular.ttf",
			 name);
	}
}

struct font *font_open(const char *name)
{
	unsigned int index;
	struct font *f = &fonts[font_count];

	for (size_t i = 0; i < font_count; i++)
		if (strcmp(fonts[i].name, name) == 0)
			return &fonts[i];
	if (font_count == MAX_FONTS)
		die("too many fonts");
	snprintf(f->name, sizeof f->name, "%s", name);
	font_path(name, f->path, sizeof f->path, &index);
	hb_blob_t *blob = hb_blob_create_from_file_or_fail(f->path);
	if (blob == NULL)
		die("%s: cannot be read (Debian packages fonts-noto-core, "
		    "fonts-noto-cjk, "
		    "fonts-noto-mono)",
		    f->path);
	hb_face_t *face = hb_face_create(blob, index);
	f->hb = hb_font_create(face);
	hb_font_set_scale(f->hb, EM * FINE, EM * FINE);
	f->file = f->path;
	for (size_t i = 0; i < font_count; i++)
		if (strcmp(fonts[i].path, f->path) == 0)
			f->file = fonts[i].file;
	font_count++;
	return f;
}

void *font_hb(struct font *font)
{
	return font->hb;
}

uint32_t font_glyph(struct font *font, uint32_t codepoint)
{
	hb_codepoint_t glyph = 0;

	hb_font_get_nominal_glyph(font->hb, codepoint, &glyph);
	return glyph;
}

bool font_has(struct font *font, uint32_t codepoint)
{
	return font_glyph(font, codepoint) != 0;
}

/* --- drawing ---------------------------------------------------------------------- */

struct pen {
	struct glyph *glyph;
	int32_t x, y, start_x, start_y; /* quantised */
	bool open;
};

static int32_t quantise(float v)
{
	const float units = v / FINE;

	return (int32_t)(units < 0 ? units - 0.5f : units + 0.5f);
}

static void reach(struct glyph *g, int32_t y)
{
	g->top = y > g->top ? y : g->top;
	g->bottom = y < g->bottom ? y : g->bottom;
}

static void step_to(struct pen *p, int32_t x, int32_t y)
{
	put_signed(&p->glyph->outline, x - p->x);
	put_signed(&p->glyph->outline, y - p->y);
	p->x = x;
	p->y = y;
	reach(p->glyph, y);
}

static void line_to(struct pen *p, int32_t x, int32_t y)
{
	struct bytes *o = &p->glyph->outline;

	if (x == p->x && y == p->y)
		return;
	if (y == p->y) {
		put_byte(o, OP_ACROSS);
		put_signed(o, x - p->x);
	} else if (x == p->x) {
		put_byte(o, OP_UP);
		put_signed(o, y - p->y);
	} else {
		put_byte(o, OP_LINE);
		step_to(p, x, y);
	}
	p->x = x;
	p->y = y;
	reach(p->glyph, y);
}

static void on_move(hb_draw_funcs_t *f, void *data, hb_draw_state_t *s, float x, float y,
		    void *user)
{
	struct pen *p = data;

	(void)f, (void)s, (void)user;
	put_byte(&p->glyph->outline, OP_MOVE);
	step_to(p, quantise(x), quantise(y));
	p->start_x = p->x;
	p->start_y = p->y;
}

/* The filler closes contours: the line back to the start is left out. */
static void on_line(hb_draw_funcs_t *f, void *data, hb_draw_state_t *s, float x, float y,
		    void *user)
{
	struct pen *p = data;

	(void)f, (void)s, (void)user;
	line_to(p, quantise(x), quantise(y));
}

static void on_quad(hb_draw_funcs_t *f, void *data, hb_draw_state_t *s, float cx,
		    float cy, float x, float y, void *user)
{
	struct pen *p = data;

	(void)f, (void)s, (void)user;
	put_byte(&p->glyph->outline, OP_QUAD);
	step_to(p, quantise(cx), quantise(cy));
	step_to(p, quantise(x), quantise(y));
}

static void on_cubic(hb_draw_funcs_t *f, void *data, hb_draw_state_t *s, float ax,
		     float ay, float bx, float by, float x, float y, void *user)
{
	struct pen *p = data;

	(void)f, (void)s, (void)user;
	put_byte(&p->glyph->outline, OP_CUBIC);
	step_to(p, quantise(ax), quantise(ay));
	step_to(p, quantise(bx), quantise(by));
	step_to(p, quantise(x), quantise(y));
}

void outline_of(struct font *font, uint32_t glyph, struct glyph *out)
{
	static hb_draw_funcs_t *funcs;
	struct pen pen = { .glyph = out };

	if (funcs == NULL) {
		funcs = hb_draw_funcs_create();
		hb_draw_funcs_set_move_to_func(funcs, on_move, NULL, NULL);
		hb_draw_funcs_set_line_to_func(funcs, on_line, NULL, NULL);
		hb_draw_funcs_set_quadratic_to_func(funcs, on_quad, NULL, NULL);
		hb_draw_funcs_set_cubic_to_func(funcs, on_cubic, NULL, NULL);
	}
	*out = (struct glyph){ .file = font->file, .id = glyph };
	out->advance = quantise((float)hb_font_get_glyph_h_advance(font->hb, glyph));
	hb_font_get_glyph_shape(font->hb, glyph, funcs, &pen);
	put_byte(&out->outline, OP_END);
}

uint32_t glyph_number(struct font *font, uint32_t glyph)
{
	for (uint32_t i = 0; i < glyph_count; i++)
		if (glyphs[i].file == font->file && glyphs[i].id == glyph)
			return i;
	if (glyph_count == glyph_room) {
		glyph_room = glyph_room == 0 ? 256 : 2 * glyph_room;
		glyphs = realloc(glyphs, glyph_room * sizeof *glyphs);
		if (glyphs == NULL)
			die("no memory");
	}
	outline_of(font, glyph, &glyphs[glyph_count]);
	return glyph_count++;
}

/* mktext: shapes the texts of ui/strings and writes them as C sources for the loader. */
#ifndef LIFEBOAT_TOOLS_UI_MKTEXT_H
#define LIFEBOAT_TOOLS_UI_MKTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ui/strings.h"

#define EM          256 /* units of outlines and advances */
#define MAX_LOCALES 64
#define MAX_CHARS   512

/* Ends the program with a message. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --- growing bytes ---------------------------------------------------------------- */

struct bytes {
	uint8_t *data;
	size_t len, room;
};

void put_byte(struct bytes *b, uint32_t value);
void put_u16(struct bytes *b, uint32_t value);
void put_u32(struct bytes *b, uint32_t value);
void put_varint(struct bytes *b, uint32_t value);
void put_signed(struct bytes *b, int32_t value); /* zigzag varint */
void put_bytes(struct bytes *b, const struct bytes *from);

/* --- locales (locale.c) ----------------------------------------------------------- */

struct locale {
	char code[9];
	bool rtl;
	bool keep_words; /* no breaks between letters (Korean) */
	char font[32];   /* "Arabic", "CJK 2", ...; "" the Latin, Greek, Cyrillic font */
	char script[8];  /* ISO 15924 */
	char *text[UI_STRING_COUNT];
};

extern const char *const string_keys[UI_STRING_COUNT];

/* Reads one file of ui/strings; every key exactly once, nothing else. */
void locale_read(const char *path, const char *code, struct locale *out);

/* --- outlines (outline.c) --------------------------------------------------------- */

struct font;

/* "" is Noto Sans, "Mono" Noto Sans Mono; else Noto Sans NAME or "CJK INDEX". */
struct font *font_open(const char *name);
void *font_hb(struct font *font); /* hb_font_t, scale EM * 64 */
bool font_has(struct font *font, uint32_t codepoint);
uint32_t font_glyph(struct font *font, uint32_t codepoint);

/* The glyph's number in the shared table, added when it is new. */
uint32_t glyph_number(struct font *font, uint32_t glyph);
struct glyph {
	const void *file; /* of its font */
	uint32_t id;
	int32_t advance;     /* EM units */
	int32_t top, bottom; /* of its outline, y upwards */
	struct bytes outline;
};
extern struct glyph *glyphs;
extern uint32_t glyph_count;
void outline_of(struct font *font, uint32_t glyph, struct glyph *out);

/* --- runs (shape.c) --------------------------------------------------------------- */

/* Shapes @text and appends its run; widens @top and @bottom to what the run reaches. */
void shape_run(const struct locale *locale, const char *text, struct bytes *out,
	       int32_t *top, int32_t *bottom);

#endif

/* The packed table of texts, opened by ui/text.h. Format: docs/formats/ui-text.md. */
#ifndef LIFEBOAT_UI_TEXT_TABLE_H
#define LIFEBOAT_UI_TEXT_TABLE_H

#include <stdint.h>

/* The opened table. All zero: no table, English only. */
struct ui_text {
	const uint8_t *bytes; /* the caller's, must outlive this */
	uint32_t len;
	uint32_t languages; /* beside English */
	uint32_t strings;   /* per language */
	uint32_t glyphs;
	uint32_t language_table, string_table, glyph_table; /* offsets */
	uint32_t runs, runs_len, outlines, outlines_len;
};

#endif

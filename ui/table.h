/* What ui/ itself takes from the packed table of texts. Format:
 * docs/formats/ui-text.md. */
#ifndef LIFEBOAT_UI_TABLE_H
#define LIFEBOAT_UI_TABLE_H

#include "ui/strings.h"
#include "ui/text_table.h"

/* First byte of a piece of a run. Glyph pieces go on with a count and that many
 * glyphs. */
#define PIECE_LEVEL 0x0fu /* bidirectional level */
#define PIECE_BREAK 0x10u /* a line may break before it */
#define PIECE_SPACE 0x20u
#define PIECE_VALUE 0x40u /* what {n} stands for */

/* Bits of a glyph's varint below its number. */
#define GLYPH_MOVED   1u /* x and y offsets follow */
#define GLYPH_ADVANCE 2u /* an advance other than the glyph's own follows */

/** ui_text_run() - a text's pieces; NULL when the language has none (English). */
const uint8_t *ui_text_run(const struct ui_text *text, uint32_t language,
			   enum ui_string string, uint32_t *len);

/** ui_text_reach() - widen what lines need above and below the base line, units of the
 * em. */
void ui_text_reach(const struct ui_text *text, uint32_t language, int32_t *above,
		   int32_t *below);

#endif

/* Texts: shaped glyph runs from the packed table, and ASCII at run time.
 *
 * The packed table (tools/ui/mktext) is part of the loader, so it is as trusted as code;
 * its parser is bounds-checked and fuzzed all the same, because a damaged table must not
 * be able to do more than leave characters out. Format: docs/formats/ui-text.md. */
#ifndef LIFEBOAT_UI_TEXT_H
#define LIFEBOAT_UI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "ui/strings.h"
#include "ui/text_table.h"

#define UI_LANGUAGE_CODE_BYTES 9u
#define UI_TEXT_MAX_LANGUAGES  64u

/* gzip; unpacked it needs exactly ui_text_packed_room bytes. */
extern const uint8_t ui_text_packed[];
extern const uint32_t ui_text_packed_bytes;
extern const uint32_t ui_text_packed_room;

/**
 * ui_text_open() - check an unpacked table and take it into use.
 *
 * LB_ERR_MAGIC, LB_ERR_VERSION (made for other strings), LB_ERR_TRUNCATED, LB_ERR_RANGE.
 * @out is written only on LB_OK; all zero it means English only.
 */
enum lb_status ui_text_open(struct ui_text *out, const uint8_t *bytes, size_t len);

/** ui_text_languages() - how many languages there are, English included. */
uint32_t ui_text_languages(const struct ui_text *text);

/** ui_text_code() - "en", "de", "zh-CN", ...; "en" for a number that does not exist. */
void ui_text_code(const struct ui_text *text, uint32_t language,
		  char out[UI_LANGUAGE_CODE_BYTES]);

/** ui_text_find() - the number of the language with this code (also "zh-CN" for "zh" and
 * the other way round); 0, English, when there is none. */
uint32_t ui_text_find(const struct ui_text *text, const char *code);

/** ui_text_rtl() - the language is written from right to left. */
bool ui_text_rtl(const struct ui_text *text, uint32_t language);

/** ui_text_english() - the English text, built in; never NULL. */
const char *ui_text_english(enum ui_string string);

#endif

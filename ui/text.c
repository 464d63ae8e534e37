/* The packed table of texts: opening it and finding things in it. */
#include "ui/text.h"

#include <string.h>

#include "base/bytes.h"
#include "ui/glyph.h"
#include "ui/table.h"

#define HEADER_BYTES   32u
#define LANGUAGE_BYTES 16u
#define GLYPH_BYTES    6u
#define MAX_GLYPHS     65536u
#define MAX_PART       (1u << 24)

/* Made by tools/ui/mktext. */
extern const char *const ui_english[];
extern const uint32_t ui_strings_digest;

/* The parts follow each other without gaps and fill the table. */
static enum lb_status place_parts(struct ui_text *t)
{
	const uint64_t offsets = ((uint64_t)t->languages * t->strings + 1u) * 4u;
	const uint64_t language_table = HEADER_BYTES;
	const uint64_t string_table =
		language_table + (uint64_t)t->languages * LANGUAGE_BYTES;
	const uint64_t glyph_table = string_table + offsets;
	const uint64_t runs = glyph_table + ((uint64_t)t->glyphs + 1u) * GLYPH_BYTES;
	const uint64_t outlines = runs + t->runs_len;

	if (outlines + t->outlines_len > t->len)
		return LB_ERR_TRUNCATED;
	if (outlines + t->outlines_len != t->len)
		return LB_ERR_RANGE;
	t->language_table = (uint32_t)language_table;
	t->string_table = (uint32_t)string_table;
	t->glyph_table = (uint32_t)glyph_table;
	t->runs = (uint32_t)runs;
	t->outlines = (uint32_t)outlines;
	return LB_OK;
}

/* Offsets must not fall and end where their part ends. */
static bool offsets_good(const uint8_t *table, uint32_t count, uint32_t stride,
			 uint32_t end)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i <= count; i++) {
		const uint32_t offset = lb_le32(table + (size_t)i * stride);

		if (offset < last || offset > end)
			return false;
		last = offset;
	}
	return last == end;
}

enum lb_status ui_text_open(struct ui_text *out, const uint8_t *bytes, size_t len)
{
	enum lb_status status;

	if (len < HEADER_BYTES || len > 2u * MAX_PART)
		return LB_ERR_TRUNCATED;
	if (memcmp(bytes, "LBTEXT\0\1", 8) != 0)
		return LB_ERR_MAGIC;
	struct ui_text t = {
		.bytes = bytes,
		.len = (uint32_t)len,
		.languages = lb_le32(bytes + 12),
		.strings = lb_le32(bytes + 16),
		.glyphs = lb_le32(bytes + 20),
		.runs_len = lb_le32(bytes + 24),
		.outlines_len = lb_le32(bytes + 28),
	};

	if (lb_le32(bytes + 8) != ui_strings_digest || t.strings != UI_STRING_COUNT)
		return LB_ERR_VERSION;
	if (t.languages >= UI_TEXT_MAX_LANGUAGES || t.glyphs >= MAX_GLYPHS ||
	    t.runs_len > MAX_PART || t.outlines_len > MAX_PART)
		return LB_ERR_RANGE;
	status = place_parts(&t);
	if (status != LB_OK)
		return status;
	if (!offsets_good(bytes + t.string_table, t.languages * t.strings, 4,
			  t.runs_len) ||
	    !offsets_good(bytes + t.glyph_table, t.glyphs, GLYPH_BYTES, t.outlines_len))
		return LB_ERR_RANGE;
	*out = t;
	return LB_OK;
}

/* --- languages -------------------------------------------------------------------- */

uint32_t ui_text_languages(const struct ui_text *text)
{
	return text->languages + 1u;
}

/* NULL for English and for what does not exist. */
static const uint8_t *language_entry(const struct ui_text *text, uint32_t language)
{
	if (language == 0 || language > text->languages)
		return NULL;
	return text->bytes + text->language_table +
	       (size_t)(language - 1u) * LANGUAGE_BYTES;
}

void ui_text_code(const struct ui_text *text, uint32_t language,
		  char out[UI_LANGUAGE_CODE_BYTES])
{
	const uint8_t *entry = language_entry(text, language);

	memset(out, 0, UI_LANGUAGE_CODE_BYTES);
	if (entry == NULL)
		memcpy(out, "en", 2);
	else
		memcpy(out, entry, UI_LANGUAGE_CODE_BYTES - 1u);
}

static bool same_code(const char *a, const char *b, bool base_only)
{
	while (*a != '\0' && *a == *b && !(base_only && *a == '-')) {
		a++;
		b++;
	}
	return base_only ? (*a == '\0' || *a == '-') && (*b == '\0' || *b == '-')
			 : *a == *b;
}

uint32_t ui_text_find(const struct ui_text *text, const char *code)
{
	char own[UI_LANGUAGE_CODE_BYTES];

	for (int base_only = 0; base_only < 2; base_only++)
		for (uint32_t i = 0; i < ui_text_languages(text); i++) {
			ui_text_code(text, i, own);
			if (same_code(own, code, base_only != 0))
				return i;
		}
	return 0;
}

bool ui_text_rtl(const struct ui_text *text, uint32_t language)
{
	const uint8_t *entry = language_entry(text, language);

	return entry != NULL && entry[8] == 1;
}

void ui_text_reach(const struct ui_text *text, uint32_t language, int32_t *above,
		   int32_t *below)
{
	const uint8_t *entry = language_entry(text, language);

	if (entry == NULL)
		return;
	const int32_t a = lb_le16(entry + 10), b = lb_le16(entry + 12);

	if (a > *above && a < 2 * GLYPH_EM)
		*above = a;
	if (b > *below && b < 2 * GLYPH_EM)
		*below = b;
}

/* --- strings and glyphs ----------------------------------------------------------- */

const char *ui_text_english(enum ui_string string)
{
	return string < UI_STRING_COUNT ? ui_english[string] : "";
}

const uint8_t *ui_text_run(const struct ui_text *text, uint32_t language,
			   enum ui_string string, uint32_t *len)
{
	if (language_entry(text, language) == NULL || string >= UI_STRING_COUNT)
		return NULL;
	const uint8_t *offset = text->bytes + text->string_table +
				4u * ((size_t)(language - 1u) * text->strings + string);
	const uint32_t from = lb_le32(offset);

	*len = lb_le32(offset + 4) - from;
	return text->bytes + text->runs + from;
}

struct glyph glyph_shared(const struct ui_text *text, uint32_t number)
{
	if (number >= text->glyphs)
		return (struct glyph){ NULL, 0, 0 };
	const uint8_t *entry =
		text->bytes + text->glyph_table + (size_t)number * GLYPH_BYTES;
	const uint32_t from = lb_le32(entry);

	return (struct glyph){ text->bytes + text->outlines + from,
			       lb_le32(entry + GLYPH_BYTES) - from, lb_le16(entry + 4) };
}

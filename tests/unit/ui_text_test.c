/* The table of texts: every language has every text, whole; damaged tables are
 * refused. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "unpack/decompress.h"
#include "ui/label.h"
#include "ui/table.h"
#include "ui/text.h"

static uint8_t *table;
static struct ui_text text;

static void *take(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	(void)ctx, (void)limit;
	return aligned_alloc(align, (bytes + align - 1) / align * align);
}

static void give_back(void *ctx, void *memory, size_t bytes)
{
	(void)ctx, (void)bytes;
	free(memory);
}

/* With the loader's own decoder. */
static int unpack(void **state)
{
	const struct platform plat = { .alloc = take, .free = give_back };
	const struct kernel_packed in = { ui_text_packed, ui_text_packed_bytes,
					  KERNEL_GZIP };
	struct lb_verdict why;
	size_t made = 0;

	(void)state;
	table = malloc(ui_text_packed_room);
	assert_int_equal(
		kernel_unpack(&plat, &in, table, ui_text_packed_room, &made, &why),
		LB_REASON_OK);
	assert_int_equal(made, ui_text_packed_room);
	return 0;
}

static int release(void **state)
{
	(void)state;
	free(table);
	return 0;
}

static void opens(void **state)
{
	(void)state;
	assert_int_equal(ui_text_open(&text, table, ui_text_packed_room), LB_OK);
	assert_true(ui_text_languages(&text) >= 25u);
	assert_true(ui_text_packed_bytes <= 250000u);
}

static void required_languages(void **state)
{
	static const char *const codes[] = { "ar", "he", "hi", "th", "zh-CN", "zh-TW",
					     "ja", "ko", "de", "fr", "es",    "ru" };

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		char code[UI_LANGUAGE_CODE_BYTES];
		const uint32_t n = ui_text_find(&text, codes[i]);

		print_message("%s\n", codes[i]);
		assert_int_not_equal(n, 0);
		ui_text_code(&text, n, code);
		assert_string_equal(code, codes[i]);
		assert_int_equal(ui_text_rtl(&text, n), i < 2u);
	}
}

static void finds_by_language_alone(void **state)
{
	(void)state;
	assert_int_equal(ui_text_find(&text, "en"), 0);
	assert_int_equal(ui_text_find(&text, "pt"), ui_text_find(&text, "pt-BR"));
	assert_int_equal(ui_text_find(&text, "de-AT"), ui_text_find(&text, "de"));
	assert_int_equal(ui_text_find(&text, "xx"), 0);
	assert_int_equal(ui_text_find(&text, ""), 0);
	assert_int_not_equal(ui_text_find(&text, "zh"), 0);
}

/* Every piece decodes, every glyph that is not a blank has an outline, nothing is cut. */
static void every_text_is_whole(void **state)
{
	struct label l;

	(void)state;
	for (uint32_t language = 0; language < ui_text_languages(&text); language++)
		for (uint32_t s = 0; s < UI_STRING_COUNT; s++) {
			label_string(&l, &text, language, (enum ui_string)s, 30);
			assert_false(l.cut);
			assert_true(l.piece_count > 0);
			assert_true(label_width(&l, 20) > 5);
			assert_int_equal(l.run == NULL, language == 0);
		}
}

static void english_is_ascii(void **state)
{
	(void)state;
	for (uint32_t s = 0; s < UI_STRING_COUNT; s++)
		for (const char *c = ui_text_english((enum ui_string)s); *c != '\0'; c++)
			assert_in_range(*c, ' ', '~');
	assert_string_equal(ui_text_english(UI_STRING_COUNT), "");
}

static void without_a_table_all_is_english(void **state)
{
	const struct ui_text none = { 0 };
	char code[UI_LANGUAGE_CODE_BYTES];
	struct label l;

	(void)state;
	assert_int_equal(ui_text_languages(&none), 1);
	assert_false(ui_text_rtl(&none, 7));
	ui_text_code(&none, 7, code);
	assert_string_equal(code, "en");
	label_string(&l, &none, 7, UI_STR_DEV_COUNTDOWN, 12);
	assert_string_equal(l.ascii, "Starts in 12 s");
}

static const struct {
	const char *name;
	uint32_t offset;
	uint32_t value;
	enum lb_status want;
} damages[] = {
	{ "magic", 0, 0, LB_ERR_MAGIC },
	{ "made for other strings", 8, 1, LB_ERR_VERSION },
	{ "another number of strings", 16, 1, LB_ERR_VERSION },
	{ "too many languages", 12, UI_TEXT_MAX_LANGUAGES, LB_ERR_RANGE },
	{ "fewer languages", 12, 1, LB_ERR_RANGE },
	{ "too many glyphs", 20, 65536, LB_ERR_RANGE },
	{ "longer runs", 24, 0x00ffffff, LB_ERR_TRUNCATED },
	{ "runs that wrap", 24, 0xffffffff, LB_ERR_RANGE },
	{ "shorter outlines", 28, 16, LB_ERR_RANGE },
};

static void refuses_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		uint8_t *copy = malloc(ui_text_packed_room);
		struct ui_text out = { .languages = 99 };

		memcpy(copy, table, ui_text_packed_room);
		lb_put_le32(copy + damages[i].offset, damages[i].value);
		print_message("%s\n", damages[i].name);
		assert_int_equal(ui_text_open(&out, copy, ui_text_packed_room),
				 damages[i].want);
		assert_int_equal(out.languages, 99);
		free(copy);
	}
}

static void refuses_every_cut(void **state)
{
	struct ui_text out;

	(void)state;
	for (uint32_t len = 0; len < ui_text_packed_room; len += len < 64 ? 1 : 4099) {
		uint8_t *copy = malloc(len + 1u);

		memcpy(copy, table, len);
		assert_int_not_equal(ui_text_open(&out, copy, len), LB_OK);
		free(copy);
	}
}

static void refuses_falling_offsets(void **state)
{
	uint8_t *copy = malloc(ui_text_packed_room);
	struct ui_text out;

	(void)state;
	memcpy(copy, table, ui_text_packed_room);
	lb_put_le32(copy + text.string_table + 8, 0xfffffff0);
	assert_int_equal(ui_text_open(&out, copy, ui_text_packed_room), LB_ERR_RANGE);
	memcpy(copy, table, ui_text_packed_room);
	lb_put_le32(copy + text.glyph_table + 12, 0);
	assert_int_equal(ui_text_open(&out, copy, ui_text_packed_room), LB_ERR_RANGE);
	free(copy);
}

/* --- labels ----------------------------------------------------------------------- */

static void long_words_can_be_broken(void **state)
{
	static const struct label_style style = { 20, 8, LABEL_START, false, 0 };
	struct label l;
	uint32_t lines;

	(void)state;
	label_ascii(&l, GLYPH_MONO, "https://recovery.example.com/start");
	assert_int_equal(label_fit(&l, &style, 240, 200, &lines), 20);
	assert_int_equal(lines, 2);
	label_ascii(&l, GLYPH_MONO, "Unbreakable");
	assert_int_equal(label_fit(&l, &style, 40, 200, &lines), 0);
}

static void hostile_ascii_is_harmless(void **state)
{
	char longest[2 * LABEL_ASCII];
	struct label l;

	(void)state;
	label_ascii(&l, GLYPH_SANS, "\x1b[2J\xff\n");
	assert_string_equal(l.ascii, "?[2J??");
	memset(longest, 'a', sizeof longest - 1u);
	longest[sizeof longest - 1u] = '\0';
	label_ascii(&l, GLYPH_MONO, longest);
	assert_true(l.cut);
	label_ascii(&l, GLYPH_SANS, "");
	assert_int_equal(l.piece_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens),
		cmocka_unit_test(required_languages),
		cmocka_unit_test(finds_by_language_alone),
		cmocka_unit_test(every_text_is_whole),
		cmocka_unit_test(english_is_ascii),
		cmocka_unit_test(without_a_table_all_is_english),
		cmocka_unit_test(refuses_damage),
		cmocka_unit_test(refuses_every_cut),
		cmocka_unit_test(refuses_falling_offsets),
		cmocka_unit_test(long_words_can_be_broken),
		cmocka_unit_test(hostile_ascii_is_harmless),
	};

	return cmocka_run_group_tests(tests, unpack, release);
}

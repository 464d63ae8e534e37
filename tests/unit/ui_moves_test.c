/* Moving about: lists, pages, typed text and the way back, each at its ends. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ui/screens.h"
#include "ui/ui.h"

/* As many languages as it takes for more than two columns of a list. */
#define LANGUAGES (2u * LIST_ROWS + 3u)
static const struct ui_text many = { .languages = LANGUAGES - 1u };

#define SCAN(s)                                                                          \
	{                                                                                \
		.scan = PLATFORM_KEY_##s                                                 \
	}
#define CHAR(c)                                                                          \
	{                                                                                \
		.unicode = c                                                             \
	}

struct move {
	const char *name;
	uint32_t from, want; /* the same: the key does nothing */
	struct platform_key key;
};

static void check(const struct move *m, struct ui_state *s, const uint32_t *at)
{
	print_message("%s\n", m->name);
	assert_int_equal(ui_key(s, &many, &m->key),
			 m->from == m->want ? UI_ACTION_NONE : UI_ACTION_REDRAW);
	assert_int_equal(*at, m->want);
}

static const struct move list[] = {
	{ "up", 5, 4, SCAN(UP) },
	{ "up from the first: the last", 0, LANGUAGES - 1, SCAN(UP) },
	{ "down", 5, 6, SCAN(DOWN) },
	{ "down from the last: the first", LANGUAGES - 1, 0, SCAN(DOWN) },
	{ "home", 5, 0, SCAN(HOME) },
	{ "home at home", 0, 0, SCAN(HOME) },
	{ "end", 5, LANGUAGES - 1, SCAN(END) },
	{ "end at the end", LANGUAGES - 1, LANGUAGES - 1, SCAN(END) },
	{ "left in the first column", LIST_ROWS - 1, LIST_ROWS - 1, SCAN(LEFT) },
	{ "left", LIST_ROWS, 0, SCAN(LEFT) },
	{ "left by one column", 2 * LIST_ROWS + 1, LIST_ROWS + 1, SCAN(LEFT) },
	{ "right", 1, LIST_ROWS + 1, SCAN(RIGHT) },
	{ "right to the last", LIST_ROWS + 2, LANGUAGES - 1, SCAN(RIGHT) },
	{ "right of it is nothing", LIST_ROWS + 3, LIST_ROWS + 3, SCAN(RIGHT) },
	{ "a key that means nothing", 2 * LIST_ROWS, 2 * LIST_ROWS, SCAN(F8) },
	{ "and another", 5, 5, CHAR('x') },
	{ "+", 5, 6, CHAR('+') },
	{ "n", 5, 6, CHAR('n') },
	{ "-", 5, 4, CHAR('-') },
	{ "b", 5, 4, CHAR('b') },
	{ "what cannot be selected is the first", LANGUAGES, 1, SCAN(DOWN) },
	{ "the last can", LANGUAGES - 1, LANGUAGES - 2, SCAN(UP) },
};

static void in_a_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		struct ui_state s = { .screen = UI_SCREEN_LANGUAGE,
				      .selected = list[i].from };

		check(&list[i], &s, &s.selected);
	}
}

/* With no texts there is one language, and nowhere to go. */
static void in_a_list_of_one(void **state)
{
	static const struct platform_key down = SCAN(DOWN), end = SCAN(END);
	struct ui_state s = { .screen = UI_SCREEN_LANGUAGE };

	(void)state;
	assert_int_equal(ui_key(&s, NULL, &down), UI_ACTION_NONE);
	assert_int_equal(ui_key(&s, NULL, &end), UI_ACTION_NONE);
	assert_int_equal(s.selected, 0);
}

/* 25 lines, 10 of them at a time. */
static const struct move lines[] = {
	{ "up", 5, 4, SCAN(UP) },
	{ "up at the top", 0, 0, SCAN(UP) },
	{ "down", 5, 6, SCAN(DOWN) },
	{ "down to the last line", 14, 15, SCAN(DOWN) },
	{ "and not beyond", 15, 15, SCAN(DOWN) },
	{ "a page up", 12, 2, SCAN(LEFT) },
	{ "a page and no line up", 10, 0, SCAN(LEFT) },
	{ "less than a page up", 9, 0, SCAN(LEFT) },
	{ "a page down", 4, 14, SCAN(RIGHT) },
	{ "a page down with one line left", 14, 24, SCAN(RIGHT) },
	{ "no page down with none left", 15, 15, SCAN(RIGHT) },
	{ "home", 7, 0, SCAN(HOME) },
	{ "end", 7, 15, SCAN(END) },
	{ "space", 4, 14, CHAR(' ') },
	{ "n", 4, 14, CHAR('n') },
	{ "b", 12, 2, CHAR('b') },
	{ "another letter", 4, 4, CHAR('x') },
};

static void in_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct ui_state s = { .screen = UI_SCREEN_DETAILS,
				      .line_count = 25,
				      .page_lines = 10,
				      .first_line = lines[i].from };

		check(&lines[i], &s, &s.first_line);
	}
}

/* A page is 20 lines until one has been drawn; what fits on one page stays there. */
static void pages_of_other_sizes(void **state)
{
	static const struct {
		uint32_t lines, page, from;
		struct platform_key key;
		uint32_t want;
	} rows[] = {
		{ 100, 0, 0, SCAN(RIGHT), 20 }, { 100, 0, 0, SCAN(END), 80 },
		{ 100, 1, 5, SCAN(RIGHT), 6 },  { 10, 10, 0, SCAN(END), 0 },
		{ 9, 10, 0, SCAN(END), 0 },     { 9, 10, 0, SCAN(DOWN), 0 },
		{ 11, 10, 0, SCAN(END), 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ui_state s = { .screen = UI_SCREEN_DETAILS,
				      .line_count = rows[i].lines,
				      .page_lines = rows[i].page,
				      .first_line = rows[i].from };

		(void)ui_key(&s, &many, &rows[i].key);
		assert_int_equal(s.first_line, rows[i].want);
	}
}

static const struct {
	const char *name;
	struct platform_key key;
	const char *typed, *want;
	enum ui_action action;
} typing[] = {
	{ "a", CHAR('a'), "B", "BA", UI_ACTION_REDRAW },
	{ "z", CHAR('z'), "B", "BZ", UI_ACTION_REDRAW },
	{ "A", CHAR('A'), "", "A", UI_ACTION_REDRAW },
	{ "Z", CHAR('Z'), "", "Z", UI_ACTION_REDRAW },
	{ "tilde", CHAR('~'), "", "~", UI_ACTION_REDRAW },
	{ "space is nothing", CHAR(' '), "B", "B", UI_ACTION_NONE },
	{ "nor is what is not ASCII", CHAR(0xe4), "B", "B", UI_ACTION_NONE },
	{ "backspace", CHAR(8), "BC", "B", UI_ACTION_REDRAW },
	{ "delete", CHAR(127), "B", "", UI_ACTION_REDRAW },
	{ "backspace before the first", CHAR(8), "", "", UI_ACTION_NONE },
	{ "with Ctrl", { .unicode = 'b', .ctrl = true }, "", "", UI_ACTION_NONE },
	{ "a key with a character",
	  { .scan = PLATFORM_KEY_F8, .unicode = 'b' },
	  "",
	  "",
	  UI_ACTION_NONE },
};

static void typed_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof typing / sizeof typing[0]; i++) {
		struct ui_state s = { .screen = UI_SCREEN_DEV_CONFIRM_ON,
				      .challenge = "KBTN" };

		print_message("%s\n", typing[i].name);
		memcpy(s.typed, typing[i].typed, strlen(typing[i].typed));
		assert_int_equal(ui_key(&s, &many, &typing[i].key), typing[i].action);
		assert_string_equal(s.typed, typing[i].want);
	}
}

static enum ui_action press(struct ui_state *s, struct platform_key key)
{
	return ui_key(s, &many, &key);
}

/* What is opened begins at its beginning, and back leads where it came from. */
static void the_way_back(void **state)
{
	struct ui_state s = { .screen = UI_SCREEN_BAD_MEDIA, .first_line = 7 };

	(void)state;
	(void)press(&s, (struct platform_key)CHAR('\t'));
	assert_int_equal(s.screen, UI_SCREEN_DETAILS);
	assert_int_equal(s.first_line, 0);
	assert_int_equal(s.back, UI_SCREEN_BAD_MEDIA);
	/* Asked from the details: back before them, not into them. */
	(void)press(&s, (struct platform_key)CHAR('p'));
	assert_int_equal(s.screen, UI_SCREEN_POWER_CONFIRM);
	(void)press(&s, (struct platform_key)CHAR('x'));
	assert_int_equal(s.screen, UI_SCREEN_BAD_MEDIA);

	s = (struct ui_state){ .screen = UI_SCREEN_BAD_MEDIA, .developer_offer = true };
	(void)press(&s, (struct platform_key){ .unicode = 'd', .ctrl = true });
	assert_int_equal(s.back, UI_SCREEN_BAD_MEDIA);
	s.screen = UI_SCREEN_DEV_CONFIRM_ON;
	memcpy(s.typed, "KB", 2);
	(void)press(&s, (struct platform_key)SCAN(ESC));
	assert_int_equal(s.screen, UI_SCREEN_BAD_MEDIA);
	assert_string_equal(s.typed, "");

	s = (struct ui_state){ .screen = UI_SCREEN_DEV_WARNING, .selected = 2 };
	(void)press(&s, (struct platform_key)SCAN(ESC));
	assert_int_equal(s.screen, UI_SCREEN_MENU);
	assert_int_equal(s.selected, 0);
}

/* Every question that chatter may have opened is closed by it. */
static void questions_close(void **state)
{
	static const enum ui_screen asks[] = { UI_SCREEN_POWER_CONFIRM,
					       UI_SCREEN_LANGUAGE_CONFIRM,
					       UI_SCREEN_DEV_CONFIRM_OFF };

	(void)state;
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		struct ui_state s = { .screen = asks[i],
				      .back = UI_SCREEN_ERROR,
				      .language = 1,
				      .language_before = 2 };

		assert_int_equal(press(&s, (struct platform_key)CHAR('x')),
				 UI_ACTION_REDRAW);
		assert_int_equal(s.screen, UI_SCREEN_ERROR);
		assert_int_equal(s.language,
				 asks[i] == UI_SCREEN_LANGUAGE_CONFIRM ? 2 : 1);
	}
}

/* A language that was refused gives back the one before, not the first. */
static void a_language_refused(void **state)
{
	struct ui_state s = { .screen = UI_SCREEN_LANGUAGE,
			      .selected = 4,
			      .language = 3 };

	(void)state;
	(void)press(&s, (struct platform_key)CHAR('\r'));
	assert_int_equal(s.language, 4);
	(void)press(&s, (struct platform_key)SCAN(ESC));
	assert_int_equal(s.language, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_a_list),       cmocka_unit_test(in_a_list_of_one),
		cmocka_unit_test(in_pages),        cmocka_unit_test(pages_of_other_sizes),
		cmocka_unit_test(typed_text),      cmocka_unit_test(the_way_back),
		cmocka_unit_test(questions_close), cmocka_unit_test(a_language_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Keys and the plain text of every screen. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ui/screens.h"
#include "ui/ui.h"

/* Enough of a table for keys: its number of languages. */
static const struct ui_text three = { .languages = 2 };

#define CHARACTER(c)                                                                     \
	{                                                                                \
		0, c, false, false                                                       \
	}
#define CONTROL(c)                                                                       \
	{                                                                                \
		0, c, true, false                                                        \
	}
#define CODE(s)                                                                          \
	{                                                                                \
		PLATFORM_KEY_##s, 0, false, false                                        \
	}

static const struct {
	const char *name;
	struct ui_state state;
	struct platform_key key;
	enum ui_action want;
	enum ui_screen screen; /* afterwards */
} rows[] = {
	{ "recovery: Esc starts normally",
	  { 0 },
	  CODE(ESC),
	  UI_ACTION_START,
	  UI_SCREEN_NO_MEDIA },
	{ "a terminal's Esc too",
	  { 0 },
	  CHARACTER(27),
	  UI_ACTION_START,
	  UI_SCREEN_NO_MEDIA },
	{ "Tab opens details",
	  { 0 },
	  CHARACTER(9),
	  UI_ACTION_DETAILS,
	  UI_SCREEN_DETAILS },
	{ "L opens languages",
	  { 0 },
	  CHARACTER('l'),
	  UI_ACTION_REDRAW,
	  UI_SCREEN_LANGUAGE },
	{ "capitals count", { 0 }, CHARACTER('L'), UI_ACTION_REDRAW, UI_SCREEN_LANGUAGE },
	{ "a disk is chosen",
	  { .screen = UI_SCREEN_INSTALL_DISK, .line_count = 2, .selected = 1 },
	  CHARACTER(13),
	  UI_ACTION_DISK,
	  UI_SCREEN_INSTALL_DISK },
	{ "erasing a disk: Enter is no answer",
	  { .screen = UI_SCREEN_INSTALL_ERASE, .challenge = "BCDF" },
	  CHARACTER(13),
	  UI_ACTION_NONE,
	  UI_SCREEN_INSTALL_ERASE },
	{ "erasing a disk: the characters are",
	  { .screen = UI_SCREEN_INSTALL_ERASE, .challenge = "BCDF", .typed = "BCD" },
	  CHARACTER('f'),
	  UI_ACTION_CONFIRMED,
	  UI_SCREEN_INSTALL_ERASE },
	{ "erasing a disk: others are not",
	  { .screen = UI_SCREEN_INSTALL_ERASE, .challenge = "BCDF", .typed = "BCD" },
	  CHARACTER('d'),
	  UI_ACTION_CHALLENGE_WRONG,
	  UI_SCREEN_INSTALL_ERASE },
	{ "erasing a disk: Esc is for the caller",
	  { .screen = UI_SCREEN_INSTALL_ERASE, .challenge = "BCDF" },
	  CODE(ESC),
	  UI_ACTION_CANCEL,
	  UI_SCREEN_INSTALL_ERASE },
	{ "no data to erase, no key for it",
	  { .screen = UI_SCREEN_PULL_MEDIA },
	  CHARACTER('w'),
	  UI_ACTION_NONE,
	  UI_SCREEN_PULL_MEDIA },
	{ "W asks to erase the data",
	  { .screen = UI_SCREEN_PULL_MEDIA, .wipe_offer = true },
	  CHARACTER('w'),
	  UI_ACTION_WIPE_ASK,
	  UI_SCREEN_PULL_MEDIA },
	{ "P asks", { 0 }, CHARACTER('p'), UI_ACTION_REDRAW, UI_SCREEN_POWER_CONFIRM },
	{ "yes switches off",
	  { .screen = UI_SCREEN_POWER_CONFIRM },
	  CHARACTER(13),
	  UI_ACTION_POWER_OFF,
	  UI_SCREEN_POWER_CONFIRM },
	{ "no goes back",
	  { .screen = UI_SCREEN_POWER_CONFIRM, .back = UI_SCREEN_BAD_MEDIA },
	  CODE(ESC),
	  UI_ACTION_REDRAW,
	  UI_SCREEN_BAD_MEDIA },
	{ "warning: no letter means anything",
	  { .screen = UI_SCREEN_DEV_WARNING },
	  CHARACTER('l'),
	  UI_ACTION_NONE,
	  UI_SCREEN_DEV_WARNING },
	{ "no offer, no developer mode",
	  { 0 },
	  CONTROL('d'),
	  UI_ACTION_NONE,
	  UI_SCREEN_NO_MEDIA },
	{ "offered: Ctrl-D asks",
	  { .developer_offer = true },
	  CONTROL('d'),
	  UI_ACTION_DEVELOPER_ASK,
	  UI_SCREEN_NO_MEDIA },
	{ "details of a recovery screen: Ctrl-D asks, and back leads before them",
	  { .screen = UI_SCREEN_DETAILS, .developer_offer = true },
	  CONTROL('d'),
	  UI_ACTION_DEVELOPER_ASK,
	  UI_SCREEN_DETAILS },
	{ "details of another screen: no",
	  { .screen = UI_SCREEN_DETAILS,
	    .back = UI_SCREEN_ERROR,
	    .developer_offer = true },
	  CONTROL('d'),
	  UI_ACTION_NONE,
	  UI_SCREEN_DETAILS },
	{ "details of an installation do not switch off",
	  { .screen = UI_SCREEN_DETAILS, .back = UI_SCREEN_PROGRESS },
	  CHARACTER('p'),
	  UI_ACTION_NONE,
	  UI_SCREEN_DETAILS },
	{ "D alone does not",
	  { .developer_offer = true },
	  CHARACTER('d'),
	  UI_ACTION_NONE,
	  UI_SCREEN_NO_MEDIA },
	{ "already on: nothing to ask",
	  { .developer_offer = true, .developer = true },
	  CONTROL('d'),
	  UI_ACTION_NONE,
	  UI_SCREEN_NO_MEDIA },
	{ "Ctrl-S leads off",
	  { .developer = true },
	  CONTROL('s'),
	  UI_ACTION_REDRAW,
	  UI_SCREEN_DEV_CONFIRM_OFF },
	{ "Ctrl-S needs developer mode",
	  { 0 },
	  CONTROL('s'),
	  UI_ACTION_NONE,
	  UI_SCREEN_NO_MEDIA },
	{ "warning: Ctrl-D starts",
	  { .screen = UI_SCREEN_DEV_WARNING },
	  CONTROL('d'),
	  UI_ACTION_START,
	  UI_SCREEN_DEV_WARNING },
	{ "warning: Ctrl-U from a stick",
	  { .screen = UI_SCREEN_DEV_WARNING },
	  CONTROL('u'),
	  UI_ACTION_START_MEDIA,
	  UI_SCREEN_DEV_WARNING },
	{ "warning: Esc is the menu",
	  { .screen = UI_SCREEN_DEV_WARNING },
	  CODE(ESC),
	  UI_ACTION_REDRAW,
	  UI_SCREEN_MENU },
	{ "warning: Enter does nothing",
	  { .screen = UI_SCREEN_DEV_WARNING },
	  CHARACTER(13),
	  UI_ACTION_NONE,
	  UI_SCREEN_DEV_WARNING },
	{ "menu: Esc goes back",
	  { .screen = UI_SCREEN_MENU, .back = UI_SCREEN_ERROR },
	  CODE(ESC),
	  UI_ACTION_REDRAW,
	  UI_SCREEN_DEV_WARNING },
	{ "menu: Enter chooses",
	  { .screen = UI_SCREEN_MENU, .selected = 2 },
	  CHARACTER(13),
	  UI_ACTION_RECOVERY,
	  UI_SCREEN_MENU },
	{ "menu: line feed chooses",
	  { .screen = UI_SCREEN_MENU, .selected = 3 },
	  CHARACTER(10),
	  UI_ACTION_REDRAW,
	  UI_SCREEN_DEV_CONFIRM_OFF },
	{ "off: Enter confirms",
	  { .screen = UI_SCREEN_DEV_CONFIRM_OFF },
	  CHARACTER(13),
	  UI_ACTION_DEVELOPER_OFF,
	  UI_SCREEN_DEV_CONFIRM_OFF },
	{ "off: Esc does not",
	  { .screen = UI_SCREEN_DEV_CONFIRM_OFF, .back = UI_SCREEN_MENU },
	  CODE(ESC),
	  UI_ACTION_CANCEL,
	  UI_SCREEN_MENU },
	{ "on: Enter does nothing",
	  { .screen = UI_SCREEN_DEV_CONFIRM_ON, .challenge = "KBTN" },
	  CHARACTER(13),
	  UI_ACTION_NONE,
	  UI_SCREEN_DEV_CONFIRM_ON },
	{ "enrol: the caller goes on",
	  { .screen = UI_SCREEN_DEV_ENROL_KEY, .back = UI_SCREEN_MENU },
	  CODE(ESC),
	  UI_ACTION_CANCEL,
	  UI_SCREEN_DEV_ENROL_KEY },
	{ "enrol: Enter",
	  { .screen = UI_SCREEN_DEV_ENROL_KEY },
	  CHARACTER(13),
	  UI_ACTION_ENROL,
	  UI_SCREEN_DEV_ENROL_KEY },
	{ "languages: Enter asks in it",
	  { .screen = UI_SCREEN_LANGUAGE, .selected = 1, .back = UI_SCREEN_ERROR },
	  CHARACTER(13),
	  UI_ACTION_REDRAW,
	  UI_SCREEN_LANGUAGE_CONFIRM },
	{ "languages: yes takes it",
	  { .screen = UI_SCREEN_LANGUAGE_CONFIRM, .back = UI_SCREEN_ERROR },
	  CHARACTER(13),
	  UI_ACTION_LANGUAGE,
	  UI_SCREEN_ERROR },
	{ "details: Tab closes",
	  { .screen = UI_SCREEN_DETAILS, .back = UI_SCREEN_PROGRESS },
	  CHARACTER(9),
	  UI_ACTION_REDRAW,
	  UI_SCREEN_PROGRESS },
	{ "switching off: nothing",
	  { .screen = UI_SCREEN_POWER_OFF },
	  CODE(ESC),
	  UI_ACTION_NONE,
	  UI_SCREEN_POWER_OFF },
	{ "installing cannot be left",
	  { .screen = UI_SCREEN_PROGRESS },
	  CODE(ESC),
	  UI_ACTION_NONE,
	  UI_SCREEN_PROGRESS },
	{ "a screen that does not exist is recovery",
	  { .screen = (enum ui_screen)999 },
	  CODE(ESC),
	  UI_ACTION_START,
	  (enum ui_screen)999 },
};

static void keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ui_state s = rows[i].state;

		print_message("%s\n", rows[i].name);
		assert_int_equal(ui_key(&s, &three, &rows[i].key), rows[i].want);
		assert_int_equal(s.screen, rows[i].screen);
	}
}

static void press(struct ui_state *s, uint16_t scan, enum ui_action want)
{
	const struct platform_key key = { .scan = scan };

	assert_int_equal(ui_key(s, &three, &key), want);
}

static enum ui_action type(struct ui_state *s, const char *text)
{
	enum ui_action action = UI_ACTION_NONE;

	for (; *text != '\0'; text++) {
		const struct platform_key key = { .unicode = (unsigned char)*text };

		action = ui_key(s, &three, &key);
	}
	return action;
}

static void moving_in_the_list(void **state)
{
	struct ui_state s = { .screen = UI_SCREEN_LANGUAGE };

	(void)state;
	press(&s, PLATFORM_KEY_DOWN, UI_ACTION_REDRAW);
	press(&s, PLATFORM_KEY_DOWN, UI_ACTION_REDRAW);
	assert_int_equal(s.selected, 2);
	press(&s, PLATFORM_KEY_DOWN, UI_ACTION_REDRAW);
	assert_int_equal(s.selected, 0);
	press(&s, PLATFORM_KEY_UP, UI_ACTION_REDRAW);
	assert_int_equal(s.selected, 2);
	press(&s, PLATFORM_KEY_RIGHT, UI_ACTION_NONE);
	s.selected = 77;
	press(&s, PLATFORM_KEY_DOWN, UI_ACTION_REDRAW);
	assert_int_equal(s.selected, 1);
	assert_int_equal(type(&s, "+"), UI_ACTION_REDRAW);
	assert_int_equal(s.selected, 2);
}

static void language_is_kept(void **state)
{
	struct ui_state s = { .screen = UI_SCREEN_NO_MEDIA };

	(void)state;
	assert_int_equal(type(&s, "l"), UI_ACTION_REDRAW);
	press(&s, PLATFORM_KEY_DOWN, UI_ACTION_REDRAW);
	assert_int_equal(s.language, 0);
	assert_int_equal(type(&s, "\r"), UI_ACTION_REDRAW);
	assert_int_equal(s.language, 1); /* the question is in it */
	press(&s, PLATFORM_KEY_ESC, UI_ACTION_REDRAW);
	assert_int_equal(s.language, 0);
	assert_int_equal(s.screen, UI_SCREEN_NO_MEDIA);
	assert_int_equal(type(&s, "l"), UI_ACTION_REDRAW);
	press(&s, PLATFORM_KEY_DOWN, UI_ACTION_REDRAW);
	assert_int_equal(type(&s, "\r\r"), UI_ACTION_LANGUAGE);
	assert_int_equal(s.language, 1);
	assert_int_equal(s.screen, UI_SCREEN_NO_MEDIA);
}

static void only_english_needs_no_list(void **state)
{
	const struct platform_key key = CHARACTER('l');
	struct ui_state s = { 0 };
	const struct ui_text none = { 0 };

	(void)state;
	assert_int_equal(ui_key(&s, NULL, &key), UI_ACTION_NONE);
	assert_int_equal(ui_key(&s, &none, &key), UI_ACTION_NONE);
}

static void paging(void **state)
{
	struct ui_state s = { .screen = UI_SCREEN_DETAILS,
			      .line_count = 25,
			      .page_lines = 10 };

	(void)state;
	press(&s, PLATFORM_KEY_UP, UI_ACTION_NONE);
	press(&s, PLATFORM_KEY_RIGHT, UI_ACTION_REDRAW);
	press(&s, PLATFORM_KEY_RIGHT, UI_ACTION_REDRAW);
	assert_int_equal(s.first_line, 20);
	press(&s, PLATFORM_KEY_RIGHT, UI_ACTION_NONE);
	press(&s, PLATFORM_KEY_LEFT, UI_ACTION_REDRAW);
	assert_int_equal(s.first_line, 10);
	press(&s, PLATFORM_KEY_END, UI_ACTION_REDRAW);
	assert_int_equal(s.first_line, 15);
	press(&s, PLATFORM_KEY_HOME, UI_ACTION_REDRAW);
	assert_int_equal(s.first_line, 0);
}

static void the_challenge(void **state)
{
	struct ui_state s = { .screen = UI_SCREEN_DEV_CONFIRM_ON, .challenge = "KBTN" };

	(void)state;
	assert_int_equal(type(&s, "kbt"), UI_ACTION_REDRAW);
	assert_string_equal(s.typed, "KBT");
	assert_int_equal(type(&s, "\b"), UI_ACTION_REDRAW);
	assert_int_equal(type(&s, "xx"), UI_ACTION_CHALLENGE_WRONG);
	assert_string_equal(s.typed, "KBXX");
	/* The caller takes the wrong four away, with the characters they were compared
	 * to. */
	assert_int_equal(type(&s, "k"), UI_ACTION_NONE);
	memset(s.typed, 0, sizeof s.typed);
	assert_int_equal(type(&s, "kbt"), UI_ACTION_REDRAW);
	assert_int_equal(type(&s, "n"), UI_ACTION_DEVELOPER_ON);
	s = (struct ui_state){ .screen = UI_SCREEN_DEV_CONFIRM_KEY, .challenge = "KBTN" };
	assert_int_equal(type(&s, "kbtn"), UI_ACTION_KEY_CONFIRMED);
}

static void no_challenge_no_developer_mode(void **state)
{
	struct ui_state s = { .screen = UI_SCREEN_DEV_CONFIRM_ON };

	(void)state;
	assert_int_not_equal(type(&s, "aaaaaaaaa"), UI_ACTION_DEVELOPER_ON);
	s.challenge[0] = 'A';
	memset(s.typed, 0, sizeof s.typed);
	assert_int_not_equal(type(&s, "aaaa"), UI_ACTION_DEVELOPER_ON);
}

static void challenges_are_plain_letters(void **state)
{
	char out[UI_CHALLENGE_CHARS + 1];

	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		const uint8_t random[UI_CHALLENGE_CHARS] = { (uint8_t)i, (uint8_t)(i * 7),
							     0, 255 };

		ui_challenge(random, out);
		assert_int_equal(strlen(out), UI_CHALLENGE_CHARS);
		assert_int_equal(strspn(out, "BCDFGHJKLNPRSTVX"), UI_CHALLENGE_CHARS);
	}
}

static void mode_changes(void **state)
{
	(void)state;
	assert_true(ui_action_changes_mode(UI_ACTION_DEVELOPER_ASK));
	assert_true(ui_action_changes_mode(UI_ACTION_DEVELOPER_ON));
	assert_true(ui_action_changes_mode(UI_ACTION_DEVELOPER_OFF));
	assert_true(ui_action_changes_mode(UI_ACTION_ENROL));
	assert_false(ui_action_changes_mode(UI_ACTION_START));
	assert_false(ui_action_changes_mode(UI_ACTION_LANGUAGE));
}

/* --- plain text ------------------------------------------------------------------- */

static void plain_text_says_it_all(void **state)
{
	const struct ui_state s = { .screen = UI_SCREEN_BAD_MEDIA,
				    .url = "https://example.com/r",
				    .model = "K200",
				    .support = "Call 555",
				    .reason = LB_REASON_VERSION_TOO_OLD,
				    .detail = "disk usb 1-2, partition 1: 3 < 5" };
	char out[1024];
	const size_t len = ui_plain_text(&s, NULL, out, sizeof out);

	(void)state;
	assert_int_equal(len, strlen(out));
	assert_string_equal(out,
			    "This stick or card cannot be used\n"
			    "It is older than this device allows.\n"
			    "Code: E68, version-too-old: older than this device allows\n"
			    "disk usb 1-2, partition 1: 3 < 5\n"
			    "Make it again, or take another one.\n"
			    "The next one starts by itself.\n"
			    "  https://example.com/r\n"
			    "Model: K200\n"
			    "Call 555\n"
			    "Keys: Esc = Start normally, Tab = Details\n");
}

/* Where media are looked for at power-on only, no screen promises that one put in now
 * starts. */
static void plain_text_of_fixed_media(void **state)
{
	static const enum ui_screen screens[] = { UI_SCREEN_NO_MEDIA, UI_SCREEN_BAD_MEDIA,
						  UI_SCREEN_DEV_NO_MEDIA,
						  UI_SCREEN_DEV_BAD_MEDIA };
	char out[2000];

	(void)state;
	for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
		struct ui_state s = { .screen = screens[i],
				      .reason = LB_REASON_BODY_DAMAGED };

		(void)ui_plain_text(&s, NULL, out, sizeof out); /* text is what counts */
		assert_null(strstr(out, "switch off and on"));
		s.media_fixed = true;
		(void)ui_plain_text(&s, NULL, out, sizeof out); /* the same */
		assert_non_null(strstr(out, "Put it in, then switch off and on"));
		assert_null(strstr(out, "starts by itself"));
	}
}

/* Whom to call: wherever recovery has an address, a question or a failure. */
static void plain_text_says_whom_to_call(void **state)
{
	static const enum ui_screen screens[] = {
		UI_SCREEN_NO_MEDIA,        UI_SCREEN_BAD_MEDIA,
		UI_SCREEN_ERROR,           UI_SCREEN_INSTALL_CONFIRM,
		UI_SCREEN_INSTALL_ERASE,   UI_SCREEN_INSTALL_WIPE,
		UI_SCREEN_INSTALL_NO_KEYS, UI_SCREEN_INSTALL_FAILED
	};
	char out[2000];

	(void)state;
	for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
		const struct ui_state s = { .screen = screens[i], .support = "Call 555" };

		(void)ui_plain_text(&s, NULL, out, sizeof out); /* text is what counts */
		assert_non_null(strstr(out, "\nCall 555\n"));
	}
}

static void plain_text_of_every_screen(void **state)
{
	static const char *const lines[] = { "one", NULL, "\x1b[31mred" };
	char out[2048];

	(void)state;
	for (uint32_t i = 0; i < UI_SCREEN_COUNT + 3u; i++) {
		const struct ui_state s = { .screen = (enum ui_screen)i,
					    .lines = lines,
					    .line_count = 3,
					    .detail = "\x1b]0;evil\a",
					    .url = "https://example.com/\r\nx",
					    .challenge = "KBTN",
					    .permille = 250 };

		assert_true(ui_plain_text(&s, NULL, out, sizeof out) > 5);
		for (const char *c = out; *c != '\0'; c++)
			assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
	}
}

static void plain_text_is_cut_not_overrun(void **state)
{
	const struct ui_state s = { .url = "https://example.com/r",
				    .developer_offer = true };
	char whole[1024], part[1024];
	const size_t len = ui_plain_text(&s, NULL, whole, sizeof whole);

	(void)state;
	assert_int_equal(ui_plain_text(&s, NULL, part, 0), 0);
	for (size_t size = 1; size <= len; size++) {
		memset(part, '#', sizeof part);
		assert_true(ui_plain_text(&s, NULL, part, size) < size);
		assert_true(strlen(part) < size);
		assert_int_equal(part[size], '#');
	}
}

/* --- what the QR code holds ------------------------------------------------------- */

static const struct {
	const char *name, *url, *model;
	enum lb_reason reason;
	const char *want;
} qr_rows[] = {
	{ "all", "https://e.com/r", "K 200", LB_REASON_KEY_UNKNOWN,
	  "https://e.com/r?m=K%20200&r=52" },
	{ "a query is continued", "https://e.com/r?a=b", "K", LB_REASON_NO_DISK,
	  "https://e.com/r?a=b&m=K&r=7" },
	{ "no model", "https://e.com/r", NULL, LB_REASON_NO_DISK, "https://e.com/r?r=7" },
	{ "no reason", "https://e.com/r", "K", LB_REASON_OK, "https://e.com/r?m=K" },
	{ "neither", "https://e.com/r", "", LB_REASON_OK, "https://e.com/r" },
	{ "a fragment stays last", "https://e.com/#r", "K", LB_REASON_NO_DISK,
	  "https://e.com/#r" },
	{ "no URL", NULL, "K", LB_REASON_NO_DISK, "" },
	{ "odd characters", "https://e.com/r", "a&b=\"\xc3\xa4", LB_REASON_OK,
	  "https://e.com/r?m=a%26b%3D%22%C3%A4" },
};

static void qr_text(void **state)
{
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof qr_rows / sizeof qr_rows[0]; i++) {
		const struct ui_state s = { .url = qr_rows[i].url,
					    .model = qr_rows[i].model,
					    .reason = qr_rows[i].reason };

		print_message("%s\n", qr_rows[i].name);
		assert_int_equal(ui_qr_text(&s, out, sizeof out),
				 strlen(qr_rows[i].want));
		assert_string_equal(out, qr_rows[i].want);
	}
}

static void a_long_url_goes_without_additions(void **state)
{
	char url[300], out[300];
	struct ui_state s = { .url = url, .model = "K200", .reason = LB_REASON_NO_DISK };

	(void)state;
	memset(url, 'u', sizeof url);
	url[210] = '\0';
	assert_int_equal(ui_qr_text(&s, out, sizeof out), 210);
	url[210] = 'u';
	url[214] = '\0';
	assert_int_equal(ui_qr_text(&s, out, sizeof out), 0);
	url[214] = 'u';
	url[100] = '\0';
	assert_int_equal(ui_qr_text(&s, out, 100), 0);
	assert_int_equal(ui_qr_text(&s, out, 101), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(moving_in_the_list),
		cmocka_unit_test(language_is_kept),
		cmocka_unit_test(only_english_needs_no_list),
		cmocka_unit_test(paging),
		cmocka_unit_test(the_challenge),
		cmocka_unit_test(no_challenge_no_developer_mode),
		cmocka_unit_test(challenges_are_plain_letters),
		cmocka_unit_test(mode_changes),
		cmocka_unit_test(plain_text_says_it_all),
		cmocka_unit_test(plain_text_of_fixed_media),
		cmocka_unit_test(plain_text_says_whom_to_call),
		cmocka_unit_test(plain_text_of_every_screen),
		cmocka_unit_test(plain_text_is_cut_not_overrun),
		cmocka_unit_test(qr_text),
		cmocka_unit_test(a_long_url_goes_without_additions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

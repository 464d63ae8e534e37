/* What keys mean: the table's keys, and moving about in lists, pages and typed text. */
#include <string.h>

#include "ui/screens.h"

#define ENTER_LF  10
#define ENTER_CR  13
#define BACKSPACE 8
#define DELETE    127

static uint32_t lower(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static uint32_t upper(uint32_t c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

/* Terminals send Escape as a character and Enter as CR or LF. */
static uint16_t code_of(const struct platform_key *key)
{
	if (key->scan != PLATFORM_KEY_NONE)
		return (uint16_t)(SCREEN_SCAN | key->scan);
	if (key->unicode == 27)
		return SCREEN_SCAN | PLATFORM_KEY_ESC;
	if (key->unicode == ENTER_LF)
		return ENTER_CR;
	return (uint16_t)lower(key->unicode);
}

/* Where "back" leads; what is asked from the details ends before them. */
static void remember(struct ui_state *s)
{
	if (s->screen != UI_SCREEN_DETAILS)
		s->back = s->screen;
}

static void open_list(struct ui_state *s, enum ui_screen screen, uint32_t selected)
{
	remember(s);
	s->screen = screen;
	s->selected = selected;
	s->first_line = 0;
}

static bool installer_asks(enum ui_screen screen)
{
	return screen == UI_SCREEN_INSTALL_CONFIRM || screen == UI_SCREEN_INSTALL_ERASE ||
	       screen == UI_SCREEN_INSTALL_WIPE;
}

static enum ui_action go_back(struct ui_state *s, enum ui_action action)
{
	/* The caller answers an enrolment; the menu hangs off the warning alone. */
	if (s->screen == UI_SCREEN_DEV_ENROL_KEY ||
	    s->screen == UI_SCREEN_DEV_CONFIRM_KEY || installer_asks(s->screen))
		return action;
	if (s->screen == UI_SCREEN_LANGUAGE_CONFIRM)
		s->language = s->language_before;
	s->screen = s->screen == UI_SCREEN_MENU ? UI_SCREEN_DEV_WARNING : s->back;
	memset(s->typed, 0, sizeof s->typed);
	return action;
}

static enum ui_action choose(struct ui_state *s);

static enum ui_action do_move(struct ui_state *s, enum screen_move move,
			      enum ui_action action)
{
	switch (move) {
	case MOVE_LANGUAGES:
		open_list(s, UI_SCREEN_LANGUAGE, s->language);
		break;
	case MOVE_DETAILS:
		open_list(s, UI_SCREEN_DETAILS, s->selected);
		break;
	case MOVE_MENU:
		open_list(s, UI_SCREEN_MENU, 0);
		break;
	case MOVE_ASK_OFF:
		open_list(s, UI_SCREEN_DEV_CONFIRM_OFF, s->selected);
		break;
	case MOVE_ASK_POWER:
		open_list(s, UI_SCREEN_POWER_CONFIRM, s->selected);
		break;
	case MOVE_BACK:
		return go_back(s, action);
	case MOVE_CHOOSE:
		return choose(s);
	case MOVE_NONE:
		if (action == UI_ACTION_DEVELOPER_ASK || action == UI_ACTION_WIPE_ASK)
			remember(s);
		if (action == UI_ACTION_LANGUAGE)
			s->screen = s->back;
		break;
	}
	return action;
}

static enum ui_action choose(struct ui_state *s)
{
	const struct screen_item *item;

	if (s->screen == UI_SCREEN_LANGUAGE) {
		/* Asked in the new language, so that one chosen by chance goes again. */
		s->language_before = s->language;
		s->language = (uint8_t)s->selected;
		s->screen = UI_SCREEN_LANGUAGE_CONFIRM;
		return UI_ACTION_REDRAW;
	}
	if (s->screen == UI_SCREEN_INSTALL_DISK)
		return UI_ACTION_DISK;
	item = screen_menu_item(s->selected);
	return do_move(s, item->move, item->action);
}

/* --- moving ----------------------------------------------------------------------- */

static enum ui_action move_in_list(struct ui_state *s, const struct ui_text *text,
				   uint16_t scan)
{
	const uint32_t count = screen_list_items(s, text);
	const uint32_t at = s->selected < count ? s->selected : 0;
	uint32_t to = at;

	if (scan == PLATFORM_KEY_UP)
		to = at == 0 ? count - 1u : at - 1u;
	else if (scan == PLATFORM_KEY_DOWN)
		to = at + 1u == count ? 0 : at + 1u;
	else if (scan == PLATFORM_KEY_HOME)
		to = 0;
	else if (scan == PLATFORM_KEY_END)
		to = count - 1u;
	else if (scan == PLATFORM_KEY_LEFT && at >= LIST_ROWS)
		to = at - LIST_ROWS;
	else if (scan == PLATFORM_KEY_RIGHT && at + LIST_ROWS < count)
		to = at + LIST_ROWS;
	if (to == s->selected)
		return UI_ACTION_NONE;
	s->selected = to;
	return UI_ACTION_REDRAW;
}

static enum ui_action move_in_lines(struct ui_state *s, uint16_t scan)
{
	const uint32_t page = s->page_lines != 0 ? s->page_lines : 20u;
	const uint32_t last = s->line_count > page ? s->line_count - page : 0;
	uint32_t to = s->first_line;

	if (scan == PLATFORM_KEY_UP)
		to = to == 0 ? 0 : to - 1u;
	else if (scan == PLATFORM_KEY_LEFT)
		to = to < page ? 0 : to - page;
	else if (scan == PLATFORM_KEY_DOWN)
		to = to + page < s->line_count ? to + 1u : to;
	else if (scan == PLATFORM_KEY_RIGHT)
		to = to + page < s->line_count ? to + page : to;
	else if (scan == PLATFORM_KEY_HOME)
		to = 0;
	else if (scan == PLATFORM_KEY_END)
		to = last;
	if (to == s->first_line)
		return UI_ACTION_NONE;
	s->first_line = to;
	return UI_ACTION_REDRAW;
}

/* Space and the terminals' letters turn pages too. */
static uint16_t page_key(const struct platform_key *key)
{
	if (key->scan != PLATFORM_KEY_NONE)
		return key->scan;
	if (key->unicode == ' ' || key->unicode == 'n')
		return PLATFORM_KEY_RIGHT;
	return key->unicode == 'b' ? PLATFORM_KEY_LEFT : PLATFORM_KEY_NONE;
}

/* '+' and '-' move where a terminal has no arrow keys. */
static uint16_t list_key(const struct platform_key *key)
{
	if (key->scan != PLATFORM_KEY_NONE)
		return key->scan;
	if (key->unicode == '+' || key->unicode == 'n')
		return PLATFORM_KEY_DOWN;
	return key->unicode == '-' || key->unicode == 'b' ? PLATFORM_KEY_UP
							  : PLATFORM_KEY_NONE;
}

/* --- typing ----------------------------------------------------------------------- */

static enum ui_action type(struct ui_state *s, const struct platform_key *key)
{
	const uint32_t c = upper(key->unicode);
	size_t len = 0;

	while (len < UI_CHALLENGE_CHARS && s->typed[len] != '\0')
		len++;
	if (c == BACKSPACE || c == DELETE) {
		if (len == 0)
			return UI_ACTION_NONE;
		s->typed[len - 1u] = '\0';
		return UI_ACTION_REDRAW;
	}
	if (key->ctrl || key->scan != PLATFORM_KEY_NONE || c <= ' ' || c > '~')
		return UI_ACTION_NONE;
	if (len == UI_CHALLENGE_CHARS) /* wrong, and the caller has not said what now */
		return UI_ACTION_NONE;
	s->typed[len] = (char)c;
	if (len + 1u < UI_CHALLENGE_CHARS)
		return UI_ACTION_REDRAW;
	if (s->challenge[0] == '\0' ||
	    memcmp(s->typed, s->challenge, UI_CHALLENGE_CHARS) != 0)
		return UI_ACTION_CHALLENGE_WRONG;
	if (installer_asks(s->screen))
		return UI_ACTION_CONFIRMED;
	return s->screen == UI_SCREEN_DEV_CONFIRM_KEY ? UI_ACTION_KEY_CONFIRMED
						      : UI_ACTION_DEVELOPER_ON;
}

/* Questions that any key but yes answers with no: chatter that has opened one by chance
 * closes it again. */
static bool only_asks(enum ui_screen screen)
{
	return screen == UI_SCREEN_POWER_CONFIRM ||
	       screen == UI_SCREEN_LANGUAGE_CONFIRM ||
	       screen == UI_SCREEN_DEV_CONFIRM_OFF;
}

enum ui_action ui_key(struct ui_state *state, const struct ui_text *text,
		      const struct platform_key *key)
{
	const struct screen *screen = screen_get(state->screen);
	const uint16_t code = code_of(key);

	for (uint32_t i = 0; i < SCREEN_MAX_KEYS && screen->keys[i].cap != NULL; i++) {
		const struct screen_key *k = &screen->keys[i];

		if (k->code == code && k->ctrl == key->ctrl &&
		    screen_key_holds(k, state, text))
			return do_move(state, k->move, k->action);
	}
	if (only_asks(state->screen))
		return go_back(state, UI_ACTION_REDRAW);
	if (screen->layout == LAYOUT_LIST)
		return move_in_list(state, text, list_key(key));
	if (screen->layout == LAYOUT_LINES)
		return move_in_lines(state, page_key(key));
	if ((screen->parts & PART_CHALLENGE) != 0)
		return type(state, key);
	return UI_ACTION_NONE;
}

bool ui_action_changes_mode(enum ui_action action)
{
	return action == UI_ACTION_DEVELOPER_ASK || action == UI_ACTION_DEVELOPER_ON ||
	       action == UI_ACTION_DEVELOPER_OFF || action == UI_ACTION_ENROL ||
	       action == UI_ACTION_KEY_CONFIRMED;
}

void ui_challenge(const uint8_t random[UI_CHALLENGE_CHARS],
		  char out[UI_CHALLENGE_CHARS + 1])
{
	/* 16 letters: no vowels, nothing that looks like another, nothing that AZERTY or
	 * QWERTZ keyboards have elsewhere. */
	static const char letters[] = "BCDFGHJKLNPRSTVX";

	for (size_t i = 0; i < UI_CHALLENGE_CHARS; i++)
		out[i] = letters[random[i] % 16u];
	out[UI_CHALLENGE_CHARS] = '\0';
}

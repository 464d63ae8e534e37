/* The table of screens. */
#include "ui/screens.h"

#include <stddef.h>

#define SCAN(code) (SCREEN_SCAN | PLATFORM_KEY_##code)
#define TAB        9
#define ENTER      13

/* code, ctrl, when, move, action, label */
#define KEY_LANGUAGE                                                                     \
	{                                                                                \
		'l', false, WHEN_LANGUAGES, MOVE_LANGUAGES, UI_ACTION_REDRAW,            \
			UI_STR_KEY_LANGUAGE, "L"                                         \
	}
#define KEY_DETAILS                                                                      \
	{                                                                                \
		TAB, false, WHEN_ALWAYS, MOVE_DETAILS, UI_ACTION_DETAILS,                \
			UI_STR_KEY_DETAILS, "Tab"                                        \
	}
#define KEY_START                                                                        \
	{                                                                                \
		SCAN(ESC), false, WHEN_ALWAYS, MOVE_NONE, UI_ACTION_START,               \
			UI_STR_KEY_START, "Esc"                                          \
	}
#define KEY_POWER_AS(when, cap)                                                          \
	{                                                                                \
		'p', false, when, MOVE_ASK_POWER, UI_ACTION_REDRAW, UI_STR_KEY_POWER,    \
			cap                                                              \
	}
#define KEY_POWER KEY_POWER_AS(WHEN_ALWAYS, "P")
#define KEY_RESTART                                                                      \
	{                                                                                \
		'r', false, WHEN_ALWAYS, MOVE_NONE, UI_ACTION_RESTART,                   \
			UI_STR_KEY_RESTART, "R"                                          \
	}
#define KEY_DEVELOPER_AS(when, cap)                                                      \
	{                                                                                \
		'd', true, WHEN_OFFERED | (when), MOVE_NONE, UI_ACTION_DEVELOPER_ASK,    \
			UI_STR_KEY_DEVELOPER, cap                                        \
	}
#define KEY_DEV_OFF_AS(when, cap)                                                        \
	{                                                                                \
		's', true, WHEN_DEVELOPER | (when), MOVE_ASK_OFF, UI_ACTION_REDRAW,      \
			UI_STR_KEY_DEV_OFF, cap                                          \
	}
#define KEY_DEV_OFF KEY_DEV_OFF_AS(WHEN_ALWAYS, "Ctrl S")
/* They work on the first screen, but are offered behind the details: there is nothing
 * there for whoever only wants the device back. */
#define KEYS_QUIET                                                                       \
	KEY_DEVELOPER_AS(WHEN_ALWAYS, ""), KEY_DEV_OFF_AS(WHEN_ALWAYS, ""),              \
		KEY_POWER_AS(WHEN_ALWAYS, "")
#define KEYS_BEHIND_RECOVERY                                                             \
	KEY_DEVELOPER_AS(WHEN_RECOVERY, "Ctrl D"),                                       \
		KEY_DEV_OFF_AS(WHEN_RECOVERY, "Ctrl S"),                                 \
		KEY_POWER_AS(WHEN_RECOVERY, "P")
#define KEY_START_NOW                                                                    \
	{                                                                                \
		'd', true, WHEN_ALWAYS, MOVE_NONE, UI_ACTION_START,                      \
			UI_STR_KEY_START_NOW, "Ctrl D"                                   \
	}
#define KEY_START_MEDIA                                                                  \
	{                                                                                \
		'u', true, WHEN_ALWAYS, MOVE_NONE, UI_ACTION_START_MEDIA,                \
			UI_STR_KEY_START_MEDIA, "Ctrl U"                                 \
	}
#define KEY_START_ONCE                                                                   \
	{                                                                                \
		'd', true, WHEN_ONCE, MOVE_NONE, UI_ACTION_START, UI_STR_KEY_START_NOW,  \
			"Ctrl D"                                                         \
	}
#define KEY_MENU                                                                         \
	{                                                                                \
		SCAN(ESC), false, WHEN_ALWAYS, MOVE_MENU, UI_ACTION_REDRAW,              \
			UI_STR_KEY_MENU, "Esc"                                           \
	}
#define KEY_YES(action)                                                                  \
	{                                                                                \
		ENTER, false, WHEN_ALWAYS, MOVE_NONE, action, UI_STR_KEY_YES, "Enter"    \
	}
#define KEY_NO                                                                           \
	{                                                                                \
		SCAN(ESC), false, WHEN_ALWAYS, MOVE_BACK, UI_ACTION_CANCEL,              \
			UI_STR_KEY_NO, "Esc"                                             \
	}
#define KEY_BACK(action)                                                                 \
	{                                                                                \
		SCAN(ESC), false, WHEN_ALWAYS, MOVE_BACK, action, UI_STR_KEY_BACK, "Esc" \
	}
#define KEY_CHOOSE                                                                       \
	{                                                                                \
		ENTER, false, WHEN_ALWAYS, MOVE_CHOOSE, UI_ACTION_REDRAW,                \
			UI_STR_KEY_CHOOSE, "Enter"                                       \
	}

#define KEY_WIPE                                                                         \
	{                                                                                \
		'w', false, WHEN_WIPE, MOVE_NONE, UI_ACTION_WIPE_ASK, UI_STR_KEY_WIPE,   \
			"W"                                                              \
	}
/* A question of the installer, answered by what is to be typed. */
#define QUESTION(art, heading, ...)                                                      \
	{                                                                                \
		.layout = LAYOUT_MESSAGE, .picture = art, .title = heading, __VA_ARGS__, \
		.parts = PART_CHALLENGE | PART_DETAIL | PART_SUPPORT, .keys = {          \
			KEY_NO                                                           \
		}                                                                        \
	}

#define TEXTS(n, ...) .text_count = n, .text = { __VA_ARGS__ }

static const struct screen screens[UI_SCREEN_COUNT] = {
	[UI_SCREEN_NO_MEDIA] = { .layout = LAYOUT_STEPS,
				 .title = UI_STR_RECOVERY_TITLE,
				 .parts = PART_ADDRESS,
				 .keys = { KEY_START, KEY_DETAILS, KEY_LANGUAGE,
					   KEYS_QUIET } },
	[UI_SCREEN_BAD_MEDIA] = { .layout = LAYOUT_MESSAGE,
				  .picture = ART_BAD_STICK,
				  .title = UI_STR_BAD_TITLE,
				  TEXTS(2, UI_STR_BAD_AGAIN, UI_STR_BAD_NEXT),
				  .parts = PART_WHY | PART_ADDRESS,
				  .keys = { KEY_START, KEY_DETAILS, KEY_LANGUAGE,
					    KEYS_QUIET } },
	[UI_SCREEN_DEV_CONFIRM_ON] = { .layout = LAYOUT_MESSAGE,
				       .picture = ART_WARNING,
				       .title = UI_STR_DEV_ON_TITLE,
				       TEXTS(2, UI_STR_DEV_ON_TEXT, UI_STR_DEV_ON_TYPE),
				       .parts = PART_CHALLENGE,
				       .keys = { KEY_NO } },
	[UI_SCREEN_DEV_WARNING] = { .layout = LAYOUT_MESSAGE,
				    .picture = ART_OPEN_SHIELD,
				    .title = UI_STR_DEV_WARN_TITLE,
				    TEXTS(1, UI_STR_DEV_WARN_TEXT),
				    .parts = PART_COUNTDOWN,
				    .keys = { KEY_START_NOW, KEY_START_MEDIA, KEY_DEV_OFF,
					      KEY_MENU, KEY_DETAILS } },
	[UI_SCREEN_DEV_CONFIRM_OFF] = { .layout = LAYOUT_MESSAGE,
					.picture = ART_SHIELD,
					.title = UI_STR_DEV_OFF_TITLE,
					TEXTS(1, UI_STR_DEV_OFF_TEXT),
					.keys = { KEY_YES(UI_ACTION_DEVELOPER_OFF),
						  KEY_NO } },
	[UI_SCREEN_DEV_ENROL_KEY] = { .layout = LAYOUT_MESSAGE,
				      .picture = ART_KEY,
				      .title = UI_STR_ENROL_TITLE,
				      TEXTS(1, UI_STR_ENROL_TEXT),
				      .parts = PART_DIGEST,
				      .keys = { KEY_YES(UI_ACTION_ENROL), KEY_NO,
						KEY_START_ONCE } },
	[UI_SCREEN_DEV_NO_MEDIA] = { .layout = LAYOUT_MESSAGE,
				     .picture = ART_NO_STICK,
				     .title = UI_STR_DEV_NO_MEDIA_TITLE,
				     TEXTS(1, UI_STR_DEV_NO_MEDIA_TEXT),
				     .keys = { KEY_BACK(UI_ACTION_CANCEL), KEY_DETAILS,
					       KEY_LANGUAGE } },
	[UI_SCREEN_DEV_BAD_MEDIA] = { .layout = LAYOUT_MESSAGE,
				      .picture = ART_BAD_STICK,
				      .title = UI_STR_BAD_TITLE,
				      TEXTS(2, UI_STR_BAD_AGAIN, UI_STR_BAD_NEXT),
				      .parts = PART_WHY,
				      .keys = { KEY_BACK(UI_ACTION_CANCEL), KEY_DETAILS,
						KEY_LANGUAGE } },
	[UI_SCREEN_DEV_REFUSED] = { .layout = LAYOUT_MESSAGE,
				    .picture = ART_SHIELD,
				    .title = UI_STR_DEV_REFUSED,
				    .parts = PART_DETAIL,
				    .keys = { KEY_BACK(UI_ACTION_CANCEL) } },
	[UI_SCREEN_MENU] = { .layout = LAYOUT_LIST,
			     .picture = ART_MENU,
			     .title = UI_STR_KEY_MENU,
			     .keys = { KEY_CHOOSE, KEY_BACK(UI_ACTION_REDRAW),
				       KEY_START_NOW, KEY_START_MEDIA } },
	[UI_SCREEN_LANGUAGE] = { .layout = LAYOUT_LIST,
				 .picture = ART_GLOBE,
				 .title = UI_STR_KEY_LANGUAGE,
				 .keys = { KEY_CHOOSE, KEY_BACK(UI_ACTION_REDRAW) } },
	[UI_SCREEN_DETAILS] = { .layout = LAYOUT_LINES,
				.picture = ART_DETAILS,
				.title = UI_STR_KEY_DETAILS,
				.keys = { KEY_BACK(UI_ACTION_REDRAW),
					  { TAB, false, WHEN_ALWAYS, MOVE_BACK,
					    UI_ACTION_REDRAW, UI_STR_KEY_BACK, "" },
					  KEYS_BEHIND_RECOVERY } },
	[UI_SCREEN_PROGRESS] = { .layout = LAYOUT_MESSAGE,
				 .picture = ART_INSTALL,
				 .title = UI_STR_PROGRESS_TITLE,
				 TEXTS(1, UI_STR_PROGRESS_TEXT),
				 .parts = PART_PROGRESS | PART_DETAIL,
				 .keys = { KEY_DETAILS, KEY_LANGUAGE, KEY_WIPE } },
	[UI_SCREEN_READING] = { .layout = LAYOUT_MESSAGE,
				.picture = ART_INSTALL,
				.title = UI_STR_READING_TITLE,
				TEXTS(1, UI_STR_READING_TEXT),
				.parts = PART_READING },
	[UI_SCREEN_PULL_MEDIA] = { .layout = LAYOUT_MESSAGE,
				   .picture = ART_PULL,
				   .title = UI_STR_PULL_TITLE,
				   TEXTS(1, UI_STR_PULL_TEXT),
				   .keys = { KEY_RESTART, KEY_POWER, KEY_DETAILS,
					     KEY_LANGUAGE, KEY_WIPE } },
	[UI_SCREEN_POWER_CONFIRM] = { .layout = LAYOUT_MESSAGE,
				      .picture = ART_POWER,
				      .title = UI_STR_KEY_POWER,
				      .keys = { KEY_YES(UI_ACTION_POWER_OFF),
						KEY_BACK(UI_ACTION_REDRAW) } },
	[UI_SCREEN_LANGUAGE_CONFIRM] = { .layout = LAYOUT_MESSAGE,
					 .picture = ART_GLOBE,
					 .title = UI_STR_KEY_LANGUAGE,
					 .keys = { KEY_YES(UI_ACTION_LANGUAGE),
						   KEY_BACK(UI_ACTION_REDRAW) } },
	[UI_SCREEN_DEV_CONFIRM_KEY] = { .layout = LAYOUT_MESSAGE,
					.picture = ART_KEY,
					.title = UI_STR_KEY_START_MEDIA,
					TEXTS(1, UI_STR_CONFIRM_TYPE),
					.parts = PART_CHALLENGE,
					.keys = { KEY_NO } },
	[UI_SCREEN_POWER_OFF] = { .layout = LAYOUT_MESSAGE,
				  .picture = ART_POWER,
				  .title = UI_STR_POWER_OFF_TITLE },
	[UI_SCREEN_ERROR] = { .layout = LAYOUT_MESSAGE,
			      .picture = ART_WARNING,
			      .title = UI_STR_ERROR_TITLE,
			      TEXTS(1, UI_STR_ERROR_TEXT),
			      .parts = PART_DETAIL | PART_SUPPORT,
			      .keys = { KEY_RESTART, KEY_POWER, KEY_DETAILS,
					KEY_LANGUAGE } },
	[UI_SCREEN_INSTALL_DISK] = { .layout = LAYOUT_LIST,
				     .picture = ART_INSTALL,
				     .title = UI_STR_DISK_TITLE,
				     .keys = { KEY_CHOOSE, KEY_LANGUAGE } },
	[UI_SCREEN_INSTALL_CONFIRM] =
		QUESTION(ART_INSTALL, UI_STR_DISK_TITLE, TEXTS(1, UI_STR_CONFIRM_TYPE)),
	[UI_SCREEN_INSTALL_ERASE] =
		QUESTION(ART_WARNING, UI_STR_ERASE_TITLE,
			 TEXTS(2, UI_STR_ERASE_TEXT, UI_STR_CONFIRM_TYPE)),
	[UI_SCREEN_INSTALL_WIPE] =
		QUESTION(ART_WARNING, UI_STR_WIPE_TITLE,
			 TEXTS(2, UI_STR_WIPE_TEXT, UI_STR_CONFIRM_TYPE)),
	[UI_SCREEN_INSTALL_NO_KEYS] = { .layout = LAYOUT_MESSAGE,
					.picture = ART_QUESTION,
					.title = UI_STR_NEED_KEYBOARD,
					.parts = PART_DETAIL | PART_QR | PART_SUPPORT },
	[UI_SCREEN_INSTALL_FAILED] = { .layout = LAYOUT_MESSAGE,
				       .picture = ART_WARNING,
				       .title = UI_STR_ERROR_TITLE,
				       TEXTS(1, UI_STR_PULL_TEXT),
				       .parts = PART_DETAIL | PART_QR | PART_SUPPORT,
				       .keys = { KEY_RESTART, KEY_POWER, KEY_DETAILS,
						 KEY_LANGUAGE } },
};

static const struct screen_item menu[] = {
	{ UI_STR_KEY_START_NOW, MOVE_NONE, UI_ACTION_START },
	{ UI_STR_KEY_START_MEDIA, MOVE_NONE, UI_ACTION_START_MEDIA },
	{ UI_STR_KEY_RECOVERY, MOVE_NONE, UI_ACTION_RECOVERY },
	{ UI_STR_KEY_DEV_OFF, MOVE_ASK_OFF, UI_ACTION_REDRAW },
	{ UI_STR_KEY_LANGUAGE, MOVE_LANGUAGES, UI_ACTION_REDRAW },
	{ UI_STR_KEY_DETAILS, MOVE_DETAILS, UI_ACTION_DETAILS },
	{ UI_STR_KEY_RESTART, MOVE_NONE, UI_ACTION_RESTART },
	{ UI_STR_KEY_POWER, MOVE_ASK_POWER, UI_ACTION_REDRAW },
};

const struct screen *screen_get(enum ui_screen id)
{
	return &screens[(uint32_t)id < UI_SCREEN_COUNT ? id : UI_SCREEN_NO_MEDIA];
}

bool screen_key_holds(const struct screen_key *key, const struct ui_state *state,
		      const struct ui_text *text)
{
	if ((key->when & WHEN_OFFERED) != 0 &&
	    (!state->developer_offer || state->developer))
		return false;
	if ((key->when & WHEN_DEVELOPER) != 0 && !state->developer)
		return false;
	if ((key->when & WHEN_RECOVERY) != 0 && state->back != UI_SCREEN_NO_MEDIA &&
	    state->back != UI_SCREEN_BAD_MEDIA)
		return false;
	if ((key->when & WHEN_ONCE) != 0 && !state->once_offer)
		return false;
	if ((key->when & WHEN_WIPE) != 0 && !state->wipe_offer)
		return false;
	return (key->when & WHEN_LANGUAGES) == 0 ||
	       (text != NULL && ui_text_languages(text) > 1u);
}

uint32_t screen_menu_items(void)
{
	return sizeof menu / sizeof menu[0];
}

const struct screen_item *screen_menu_item(uint32_t i)
{
	return &menu[i < screen_menu_items() ? i : 0];
}

uint32_t screen_list_items(const struct ui_state *state, const struct ui_text *text)
{
	if (state->screen == UI_SCREEN_MENU)
		return screen_menu_items();
	if (state->screen == UI_SCREEN_INSTALL_DISK)
		return state->line_count;
	return text != NULL ? ui_text_languages(text) : 1u;
}

/* --- reasons ---------------------------------------------------------------------- */

static const struct reason_look {
	uint16_t first, last; /* numbers, inclusive: they never change */
	enum art_id picture;
	enum ui_string string;
} looks[] = {
	{ LB_REASON_DISK_UNREADABLE, LB_REASON_DISK_GEOMETRY, ART_UNREADABLE,
	  UI_STR_WHY_UNREADABLE },
	{ LB_REASON_NO_GPT, LB_REASON_NO_GPT, ART_NOT_RECOVERY, UI_STR_WHY_NOT_RECOVERY },
	{ LB_REASON_SECTOR_SIZE, LB_REASON_SECTOR_SIZE, ART_NOT_RECOVERY,
	  UI_STR_WHY_NOT_RECOVERY },
	{ LB_REASON_SYSTEM_IMAGE, LB_REASON_SYSTEM_IMAGE, ART_NOT_RECOVERY,
	  UI_STR_WHY_SYSTEM_IMAGE },
	{ LB_REASON_OWN_SLOTS, LB_REASON_OWN_SLOTS, ART_NOT_RECOVERY,
	  UI_STR_WHY_OWN_SLOTS },
	{ LB_REASON_GPT_DAMAGED, LB_REASON_GPT_DAMAGED, ART_DAMAGED, UI_STR_WHY_DAMAGED },
	{ LB_REASON_NO_KERNEL_PARTITION, LB_REASON_NO_KERNEL_PARTITION, ART_NOT_RECOVERY,
	  UI_STR_WHY_NOT_RECOVERY },
	{ LB_REASON_DISK_REMOVED, LB_REASON_DISK_REMOVED, ART_BAD_STICK,
	  UI_STR_WHY_REMOVED },
	{ LB_REASON_READ_ERROR, LB_REASON_READ_ERROR, ART_UNREADABLE,
	  UI_STR_WHY_UNREADABLE },
	{ LB_REASON_PARTITION_TOO_SMALL, LB_REASON_PARTITION_TOO_SMALL, ART_DAMAGED,
	  UI_STR_WHY_DAMAGED },
	{ LB_REASON_READS_DISAGREE, LB_REASON_READS_DISAGREE, ART_UNREADABLE,
	  UI_STR_WHY_UNREADABLE },
	{ LB_REASON_NOT_A_KERNEL, LB_REASON_NOT_A_KERNEL, ART_NOT_RECOVERY,
	  UI_STR_WHY_NOT_RECOVERY },
	{ LB_REASON_KEYBLOCK_VERSION, LB_REASON_KEYBLOCK_DAMAGED, ART_DAMAGED,
	  UI_STR_WHY_DAMAGED },
	{ LB_REASON_KEY_UNKNOWN, LB_REASON_KEY_UNKNOWN, ART_WRONG_DEVICE,
	  UI_STR_WHY_WRONG_DEVICE },
	{ LB_REASON_KEYBLOCK_FLAGS, LB_REASON_KEYBLOCK_FLAGS, ART_NOT_RECOVERY,
	  UI_STR_WHY_WRONG_MODE },
	{ LB_REASON_SELF_SIGNED, LB_REASON_SELF_SIGNED, ART_NOT_RECOVERY,
	  UI_STR_WHY_WRONG_MODE },
	{ LB_REASON_DATA_KEY_LAYOUT, LB_REASON_DATA_KEY_LAYOUT, ART_DAMAGED,
	  UI_STR_WHY_DAMAGED },
	{ LB_REASON_DEV_KEY_UNKNOWN, LB_REASON_DEV_KEY_UNKNOWN, ART_KEY,
	  UI_STR_WHY_WRONG_MODE },
	{ LB_REASON_PREAMBLE_VERSION, LB_REASON_HEADERS_TOO_LARGE, ART_DAMAGED,
	  UI_STR_WHY_DAMAGED },
	{ LB_REASON_VERSION_TOO_OLD, LB_REASON_VERSION_TOO_OLD, ART_TOO_OLD,
	  UI_STR_WHY_TOO_OLD },
	{ LB_REASON_BODY_DAMAGED, LB_REASON_BODY_DAMAGED, ART_DAMAGED,
	  UI_STR_WHY_DAMAGED },
	{ LB_REASON_WRONG_CPU, LB_REASON_WRONG_CPU, ART_WRONG_CPU, UI_STR_WHY_WRONG_CPU },
	{ LB_REASON_NO_CONFIGURATION, LB_REASON_NO_CONFIGURATION, ART_WRONG_DEVICE,
	  UI_STR_WHY_WRONG_DEVICE },
};

static const struct reason_look *look_of(enum lb_reason reason)
{
	static const struct reason_look other = { 0, 0, ART_BAD_STICK,
						  UI_STR_WHY_CANNOT_START };

	for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
		if ((uint32_t)reason >= looks[i].first &&
		    (uint32_t)reason <= looks[i].last)
			return &looks[i];
	return &other;
}

/* What promises that a medium put in now is noticed. */
static bool is_noticed(enum ui_string string)
{
	return string == UI_STR_STEP_INSERT || string == UI_STR_BAD_NEXT ||
	       string == UI_STR_DEV_NO_MEDIA_TEXT;
}

enum ui_string screen_step_string(const struct ui_state *state, enum ui_string step)
{
	return state->media_fixed && is_noticed(step) ? UI_STR_STEP_INSERT_FIXED : step;
}

static bool was_pulled(const struct screen *screen, const struct ui_state *state)
{
	return (screen->parts & PART_WHY) != 0 && state->reason == LB_REASON_DISK_REMOVED;
}

/* What must not be made anew: the device's system. */
static bool is_own(const struct screen *screen, const struct ui_state *state)
{
	return (screen->parts & PART_WHY) != 0 && state->reason == LB_REASON_OWN_SLOTS;
}

enum ui_string screen_title(const struct screen *screen, const struct ui_state *state)
{
	return was_pulled(screen, state) || is_own(screen, state) ? UI_STR_RECOVERY_TITLE
								  : screen->title;
}

uint32_t screen_text_count(const struct screen *screen, const struct ui_state *state)
{
	return was_pulled(screen, state) || is_own(screen, state) ? 1
								  : screen->text_count;
}

enum ui_string screen_text(const struct screen *screen, const struct ui_state *state,
			   uint32_t i)
{
	if (is_own(screen, state))
		return state->asked ? UI_STR_RECOVERY_ASKED : UI_STR_RECOVERY_BROKEN;
	return screen_step_string(state, was_pulled(screen, state) ? UI_STR_STEP_INSERT
								   : screen->text[i]);
}

enum art_id screen_reason_picture(enum lb_reason reason)
{
	return look_of(reason)->picture;
}

enum ui_string screen_reason_string(enum lb_reason reason)
{
	return look_of(reason)->string;
}

/* The table of screens: what each shows, and what its keys do. For ui/ itself; what
 * callers use is in ui/ui.h. */
#ifndef LIFEBOAT_UI_SCREENS_H
#define LIFEBOAT_UI_SCREENS_H

#include "ui/art.h"
#include "ui/ui.h"

#define SCREEN_MAX_KEYS  9u
#define SCREEN_MAX_TEXTS 3u
#define LIST_ROWS        11u
#define LIST_COLUMNS     3u

enum screen_layout {
	LAYOUT_STEPS,   /* the sequence of pictures, the address */
	LAYOUT_MESSAGE, /* a picture beside texts */
	LAYOUT_LIST,    /* choose one */
	LAYOUT_LINES,   /* pages of lines */
};

/* Parts of a message beyond its texts, in the order in which they are shown. */
enum screen_part {
	PART_WHY = 0x01,       /* the reason's text, the case's detail */
	PART_CHALLENGE = 0x02, /* what to type, and what was typed */
	PART_DIGEST = 0x04,
	PART_COUNTDOWN = 0x08,
	PART_PROGRESS = 0x10,
	PART_DETAIL = 0x20,   /* the detail without a reason's text */
	PART_ADDRESS = 0x40,  /* URL and QR code */
	PART_READING = 0x80,  /* how far reading is, and when it starts */
	PART_QR = 0x100,      /* state.qr */
	PART_SUPPORT = 0x200, /* whom to call; PART_ADDRESS has it as well */
};

/* When a key means something; all that are set must hold. */
enum screen_when {
	WHEN_ALWAYS = 0,
	WHEN_OFFERED = 1,   /* state.developer_offer and not in developer mode */
	WHEN_DEVELOPER = 2, /* in developer mode */
	WHEN_LANGUAGES = 4, /* there is more than English */
	WHEN_ONCE = 8,      /* state.once_offer */
	WHEN_RECOVERY = 16, /* the details of a recovery screen */
	WHEN_WIPE = 32,     /* state.wipe_offer */
};

/* What a key does inside the user interface; the others end in an action. */
enum screen_move {
	MOVE_NONE,
	MOVE_LANGUAGES, /* open the list */
	MOVE_DETAILS,
	MOVE_MENU,
	MOVE_ASK_OFF,   /* to DEV_CONFIRM_OFF */
	MOVE_ASK_POWER, /* to POWER_CONFIRM */
	MOVE_BACK,
	MOVE_CHOOSE, /* take what is selected */
};

struct screen_key {
	uint16_t code; /* a PLATFORM_KEY_ scan code above SCREEN_SCAN, or a character */
	bool ctrl;
	uint8_t when;
	enum screen_move move;
	enum ui_action action;
	enum ui_string label;
	const char *cap; /* NULL ends the list of keys; "" is a key that is not shown */
};

#define SCREEN_SCAN 0x8000u /* added to scan codes in screen_key.code */

struct screen {
	enum screen_layout layout;
	enum art_id picture;
	enum ui_string title;
	uint8_t text_count;
	enum ui_string text[SCREEN_MAX_TEXTS];
	uint16_t parts;
	struct screen_key keys[SCREEN_MAX_KEYS];
};

/** screen_get() - never NULL: the no-media screen for an id that does not exist. */
const struct screen *screen_get(enum ui_screen id);

/** screen_key_holds() - @key means something in @state. */
bool screen_key_holds(const struct screen_key *key, const struct ui_state *state,
		      const struct ui_text *text);

/* The developer menu. */
struct screen_item {
	enum ui_string label;
	enum screen_move move;
	enum ui_action action;
};
uint32_t screen_menu_items(void);
const struct screen_item *screen_menu_item(uint32_t i);

/** screen_list_items() - how many there are to choose from on a list's screen. */
uint32_t screen_list_items(const struct ui_state *state, const struct ui_text *text);

/** screen_step_string() - the words of a step, or what else says that a medium put in is
 * noticed: where media are looked for at power-on only, putting one in is not enough. */
enum ui_string screen_step_string(const struct ui_state *state, enum ui_string step);

/** screen_title(), screen_text_count(), screen_text() - the words of @screen for this
 * state: a stick that was pulled out is not bad, it is to be put in again; a card with
 * the device's own system must not be made anew. */
enum ui_string screen_title(const struct screen *screen, const struct ui_state *state);
uint32_t screen_text_count(const struct screen *screen, const struct ui_state *state);
enum ui_string screen_text(const struct screen *screen, const struct ui_state *state,
			   uint32_t i);

/* What a reason looks like and is called; for a reason that says nothing to a person, a
 * general picture and text. */
enum art_id screen_reason_picture(enum lb_reason reason);
enum ui_string screen_reason_string(enum lb_reason reason);

#endif

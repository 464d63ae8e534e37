/* The user interface: screens as a table, drawn or said in plain lines from one state.
 *
 * The caller owns everything: the display, the pixels, the state. Nothing here allocates,
 * waits or reads keys. Use:
 *
 *     struct ui *ui = ...;                              // 0.2 MB: not on a stack
 *     ui_open(ui, &display, pixels, width * height);    // else: only ui_plain_text()
 *     bytes = unpack(ui_text_packed, ...);              // gzip, to ui_text_packed_room
 *     ui_text_open(&ui->text, bytes, len);              // else: English only
 *     ui_show(ui, &state);                              // after each change of state
 *     action = ui_key(&state, &ui->text, &key);
 *
 * Design: DESIGN 5 to 7; docs/screens.md. */
#ifndef LIFEBOAT_UI_UI_H
#define LIFEBOAT_UI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/reason.h"
#include "base/status.h"
#include "ui/canvas.h"
#include "ui/text.h"

enum ui_screen {
	UI_SCREEN_NO_MEDIA,  /* recovery: how to make a stick; the zero state */
	UI_SCREEN_BAD_MEDIA, /* recovery: a stick is there but cannot be used: reason */
	UI_SCREEN_DEV_CONFIRM_ON,   /* type state.challenge to switch developer mode on */
	UI_SCREEN_DEV_WARNING,      /* at each start in developer mode; countdown */
	UI_SCREEN_DEV_CONFIRM_OFF,  /* switch developer mode off? */
	UI_SCREEN_DEV_ENROL_KEY,    /* trust the key whose state.digest is shown? */
	UI_SCREEN_DEV_NO_MEDIA,     /* Ctrl-U and no stick; starts when one appears */
	UI_SCREEN_DEV_BAD_MEDIA,    /* Ctrl-U and a stick that cannot be used: reason */
	UI_SCREEN_DEV_REFUSED,      /* developer mode is not allowed here: reason text */
	UI_SCREEN_MENU,             /* Esc in the developer warning: what can be done */
	UI_SCREEN_LANGUAGE,         /* list of languages; back to state.back */
	UI_SCREEN_DETAILS,          /* paged lines; back to state.back */
	UI_SCREEN_PROGRESS,         /* installer: permille, minutes left, detail */
	UI_SCREEN_READING,          /* a medium: permille, countdown_s */
	UI_SCREEN_PULL_MEDIA,       /* installer: done, pull the stick */
	UI_SCREEN_POWER_CONFIRM,    /* switch off? Back to state.back */
	UI_SCREEN_LANGUAGE_CONFIRM, /* keep state.language? It is shown in it */
	UI_SCREEN_DEV_CONFIRM_KEY,  /* type state.challenge to start from this stick */
	UI_SCREEN_POWER_OFF,
	UI_SCREEN_ERROR,           /* something unexpected: detail */
	UI_SCREEN_INSTALL_DISK,    /* installer: which of state.lines? */
	UI_SCREEN_INSTALL_CONFIRM, /* type state.challenge to install on this disk */
	UI_SCREEN_INSTALL_ERASE,   /* the same, and all that is on it is lost */
	UI_SCREEN_INSTALL_WIPE, /* type state.challenge to have the saved data erased */
	UI_SCREEN_INSTALL_NO_KEYS, /* nobody could answer the question in detail */
	UI_SCREEN_INSTALL_FAILED,  /* detail; QR codes for whoever helps */
	UI_SCREEN_COUNT
};

/* What the caller is to do after a key. Moving inside a screen (typing, paging, choosing,
 * opening and leaving the list of languages and the details) has been done in the
 * state. */
enum ui_action {
	UI_ACTION_NONE,    /* the key means nothing here; nothing changed */
	UI_ACTION_REDRAW,  /* the state changed: ui_show() again */
	UI_ACTION_DETAILS, /* the details were opened: fill state.lines, then ui_show() */
	UI_ACTION_LANGUAGE, /* state.language was chosen: remember it, then ui_show() */
	/* start normally; in developer mode: start now; when asked about a key: start
	 * this once without trusting it */
	UI_ACTION_START,
	UI_ACTION_START_MEDIA, /* developer mode: start from a stick */
	UI_ACTION_RECOVERY,    /* developer menu: go to recovery */
	/* developer mode is wanted: show DEV_CONFIRM_ON with a fresh challenge, or
	 * DEV_REFUSED */
	UI_ACTION_DEVELOPER_ASK,
	UI_ACTION_DEVELOPER_ON,  /* the challenge was typed correctly */
	UI_ACTION_KEY_CONFIRMED, /* the same on DEV_CONFIRM_KEY */
	/* four characters, but others: show new ones, or refuse */
	UI_ACTION_CHALLENGE_WRONG,
	UI_ACTION_DEVELOPER_OFF, /* confirmed */
	UI_ACTION_ENROL,         /* yes to trusting the key; ask for a challenge */
	UI_ACTION_CANCEL, /* a question was answered with no: back to what was before */
	UI_ACTION_POWER_OFF,
	UI_ACTION_RESTART,
	UI_ACTION_DISK,      /* installer: state.selected was chosen */
	UI_ACTION_CONFIRMED, /* an installer's challenge was typed correctly */
	UI_ACTION_WIPE_ASK,  /* erasing the saved data is wanted: ask for a challenge */
	UI_ACTION_COUNT
};

/** ui_action_changes_mode() - an action that serial-input = recovery must not reach
 * (DESIGN 4): asking for, switching on, switching off developer mode; enrolling. */
bool ui_action_changes_mode(enum ui_action action);

#define UI_CHALLENGE_CHARS 4u

enum ui_stage { UI_STAGE_CHECK, UI_STAGE_WRITE, UI_STAGE_VERIFY };

/* Everything a screen shows. All zero is the no-media screen in English. Texts are
 * printable ASCII (anything else is shown as '?'); NULL counts as "". */
struct ui_state {
	enum ui_screen screen;
	enum ui_screen back;     /* where LANGUAGE and DETAILS return to */
	uint8_t language_before; /* what LANGUAGE_CONFIRM goes back to */
	uint8_t language;        /* 0 English, else as ui_text_language() has it */
	bool asked;              /* a person or the OS asked for recovery */
	bool developer;          /* the device is in developer mode */
	bool developer_offer;    /* the way to DEV_CONFIRM_ON is open */
	bool once_offer;         /* DEV_ENROL_KEY: it may start without being trusted */
	bool no_keyboard;        /* keys are not drawn: there is only a serial line */
	bool no_keys;            /* nothing listens: no key is named anywhere */
	bool media_fixed;        /* media are looked for at power-on only */
	bool wipe_offer;         /* installer: the saved data can be erased */
	const char *url;         /* recovery address, large; the QR code holds it too */
	const char *model;       /* of the profile */
	const char *support;     /* of the profile: whom to call */
	enum lb_reason reason;   /* why recovery, or why the stick is bad; OK: none */
	const char *detail;      /* this case's own words: disk, partition, numbers */
	uint32_t countdown_s;    /* NO_MEDIA, DEV_WARNING, READING; 0: none */
	char challenge[UI_CHALLENGE_CHARS + 1];
	char typed[UI_CHALLENGE_CHARS + 1];
	uint8_t digest[32];       /* DEV_ENROL_KEY: SHA-256 of the data key */
	const char *const *lines; /* DETAILS; INSTALL_DISK: what can be chosen */
	uint32_t line_count;
	uint32_t first_line; /* DETAILS: top of the page */
	uint32_t page_lines; /* DETAILS: set by ui_show(); 0 counts as 20 */
	uint32_t selected;   /* LANGUAGE, MENU, INSTALL_DISK */
	enum ui_stage stage; /* PROGRESS */
	uint32_t permille;   /* PROGRESS, READING */
	uint32_t minutes;    /* PROGRESS: left; 0 is not shown */
	const char *qr[2]; /* INSTALL_FAILED, INSTALL_NO_KEYS: for a phone; NULL: none */
};

/* What layout had to say, for tests; the loader passes NULL. */
#define UI_REPORT_BOXES 160u
struct ui_report {
	uint32_t overflows; /* texts that did not fit even at the smallest size */
	uint32_t box_count;
	struct ui_report_box {
		struct canvas_rect rect;
		const char *what;
	} boxes[UI_REPORT_BOXES]; /* things that must not overlap */
};

struct ui {
	struct ui_display display;
	struct canvas canvas;
	struct ui_text text;
};

/**
 * ui_open() - a user interface on @display.
 * @pixels, @count: back buffer, at least width * height of the display (each side at most
 *                  CANVAS_MAX_SIDE)
 *
 * LB_ERR_UNSUPPORTED for a display below 320x240, or canvas_init()'s errors: then use
 * ui_plain_text() alone.
 */
enum lb_status ui_open(struct ui *ui, const struct ui_display *display, uint32_t *pixels,
		       size_t count);

/** ui_show() - draw @state and blit what changed. Sets state->page_lines. */
enum lb_status ui_show(struct ui *ui, struct ui_state *state);

/** ui_draw() - draw only; pure apart from @canvas. @report may be NULL. */
void ui_draw(struct canvas *canvas, const struct ui_text *text,
	     const struct ui_state *state, struct ui_report *report);

/** ui_page_lines() - how many of state.lines, from first_line on, a page of DETAILS shows
 * whole on this canvas. Draws nothing. */
uint32_t ui_page_lines(struct canvas *canvas, const struct ui_text *text,
		       const struct ui_state *state);

/**
 * ui_plain_text() - the same content as English ASCII lines, for serial lines and
 * consoles without graphics. NUL-terminated; returns the length (cut at @size).
 * @text: NULL or the opened texts: which languages can be chosen
 */
size_t ui_plain_text(const struct ui_state *state, const struct ui_text *text, char *out,
		     size_t size);

/**
 * ui_key() - what a key means on the screen of @state.
 * @text: NULL or the opened texts (for the number of languages)
 *
 * Pure apart from @state. Who may press what (serial-input) is the caller's decision: see
 * ui_action_changes_mode(); a refused action needs no undoing.
 */
enum ui_action ui_key(struct ui_state *state, const struct ui_text *text,
		      const struct platform_key *key);

/** ui_challenge() - four characters from @random that are easy to tell apart and sit on
 * the same keys of common keyboard layouts. */
void ui_challenge(const uint8_t random[UI_CHALLENGE_CHARS],
		  char out[UI_CHALLENGE_CHARS + 1]);

/** ui_qr_text() - what the QR code holds: the URL with model and reason number appended.
 * Returns the length; 0 when there is no URL or it does not fit. */
size_t ui_qr_text(const struct ui_state *state, char *out, size_t size);

#endif

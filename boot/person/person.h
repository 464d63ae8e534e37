/* The person in front of the machine: screens by ui/ on the platform's display, the same
 * in plain lines on the serial line, and keys, with what the profile lets a serial line
 * do.
 *
 * Design: DESIGN 5 to 7. */
#ifndef LIFEBOAT_BOOT_PERSON_PERSON_H
#define LIFEBOAT_BOOT_PERSON_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/platform.h"
#include "boot/person/keys.h"
#include "crypto/profile.h"
#include "ui/show.h"
#include "ui/ui.h"

#define BOOT_POLL_MS     50u
#define BOOT_KEY_POLL_MS 15u     /* while keys come: what is typed is told by its times */
#define BOOT_IDLE_MS     900000u /* 15 minutes: nobody is there any more */
#define BOOT_LONGEST_MS  3600000u /* an hour: whatever comes, nobody is */
#define BOOT_MAX_TRIES   3u       /* at the four characters, in one power-on */
#define BOOT_WRONG_MS    2000u    /* after a wrong one nothing counts for so long */

/* Zeroed, then boot_person_init(). */
struct boot_person {
	struct ui_outlet outlet;
	const struct profile *profile;
	struct platform_state *stored; /* where a chosen language goes */
	struct ui_state state;         /* what is shown; callers fill it in */
	uint64_t touched_ms;           /* when the last key came that did something */
	struct key_gate gate[2];       /* keyboards, serial lines */
	struct key_wish wish;
	bool waited;            /* for a wish that was none */
	bool gone;              /* nobody was there: no more wishes in this boot */
	enum ui_screen shown;   /* last */
	enum ui_screen refusal; /* what says that there are no tries left */
	uint64_t deaf_until_ms; /* keys do not count before that */
	uint32_t wrong_tries;   /* at a challenge */
	char language[UI_LANGUAGE_CODE_BYTES]; /* in force: stored, else the profile's */
	char url[PROFILE_MAX_STRING + 1], model[PROFILE_MAX_STRING + 1];
	char support[PROFILE_MAX_STRING + 1];
	char detail[LB_LOG_LINE_BYTES];
};

/** boot_person_init() - with the stored language, else the profile's. All arguments must
 * outlive @p. */
void boot_person_init(struct boot_person *p, const struct platform *plat,
		      struct lb_log *log, const struct profile *profile,
		      struct platform_state *stored);

/** boot_person_show() - show p->state as @screen; opens the display at the first call, so
 * a boot that shows nothing pays nothing. */
void boot_person_show(struct boot_person *p, enum ui_screen screen);

/** boot_person_redraw() - show the state again after it was changed. */
void boot_person_redraw(struct boot_person *p);

/**
 * boot_person_poll() - handle the next key, or wait BOOT_POLL_MS when there is none.
 *
 * Languages, power off and restart are dealt with here; returns what is left to the
 * caller, UI_ACTION_NONE when there is nothing.
 */
enum ui_action boot_person_poll(struct boot_person *p);

/** boot_person_take() - the same without waiting. */
enum ui_action boot_person_take(struct boot_person *p);

/**
 * boot_person_idle() - no key that did anything for BOOT_IDLE_MS, and @since_ms is as
 * long ago; or @since_ms is BOOT_LONGEST_MS ago, whatever came.
 */
bool boot_person_idle(const struct boot_person *p, uint64_t since_ms);

/** boot_person_wants_recovery() - somebody wants recovery, as struct key_wish tells it.
 * Takes all keys that are waiting; waits for the rest of what has begun, once in a
 * boot. */
bool boot_person_wants_recovery(struct boot_person *p);

/**
 * boot_person_challenge() - show @screen with four new characters to type.
 *
 * False, with p->refusal (DEV_REFUSED) shown instead: no tries are left in this
 * power-on, or there is no source of randomness - what a device can foresee that only
 * types does not confirm.
 */
bool boot_person_challenge(struct boot_person *p, enum ui_screen screen);

/** boot_person_challenge_wrong() - after UI_ACTION_CHALLENGE_WRONG: one try less, some
 * time in which nothing counts, and as boot_person_challenge(). */
bool boot_person_challenge_wrong(struct boot_person *p);

#endif

/* The person in front of the machine: screens by ui/ on the platform's display, the same in
 * plain lines on the serial line, and keys, with what the profile lets a serial line do.
 *
 * Design: DESIGN 5 to 7. */
#ifndef LIFEBOAT_BOOT_PERSON_PERSON_H
#define LIFEBOAT_BOOT_PERSON_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/platform.h"
#include "crypto/profile.h"
#include "ui/show.h"
#include "ui/ui.h"

#define BOOT_POLL_MS 50u
#define BOOT_IDLE_MS 900000u /* 15 minutes: nobody is there any more */

/* Zeroed, then boot_person_init(). */
struct boot_person {
	struct ui_outlet outlet;
	const struct profile *profile;
	struct platform_state *stored;         /* where a chosen language goes */
	struct ui_state state;                 /* what is shown; callers fill it in */
	uint64_t touched_ms;                   /* when the last key came that counted */
	char language[UI_LANGUAGE_CODE_BYTES]; /* in force: stored, else the profile's */
	char url[PROFILE_MAX_STRING + 1], model[PROFILE_MAX_STRING + 1];
	char detail[LB_LOG_LINE_BYTES];
};

/** boot_person_init() - with the stored language, else the profile's. All arguments must
 * outlive @p. */
void boot_person_init(struct boot_person *p, const struct platform *plat,
		      struct lb_log *log, const struct profile *profile,
		      struct platform_state *stored);

/** boot_person_show() - show p->state as @screen; opens the display at the first call, so a
 * boot that shows nothing pays nothing. */
void boot_person_show(struct boot_person *p, enum ui_screen screen);

/** boot_person_redraw() - show the state again after it was changed. */
void boot_person_redraw(struct boot_person *p);

/**
 * boot_person_poll() - handle the next key, or wait BOOT_POLL_MS when there is none.
 *
 * Languages, power off and restart are dealt with here; returns what is left to the caller,
 * UI_ACTION_NONE when there is nothing.
 */
enum ui_action boot_person_poll(struct boot_person *p);

/** boot_person_idle() - no key for BOOT_IDLE_MS, and @since_ms is as long ago. */
bool boot_person_idle(const struct boot_person *p, uint64_t since_ms);

/** boot_person_wants_recovery() - somebody has pressed the key for recovery (Esc, or R). Takes
 * all keys that are waiting. */
bool boot_person_wants_recovery(struct boot_person *p);

#endif

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
#include "ui/ui.h"

struct boot_ctx;

#define BOOT_POLL_MS 50u
#define BOOT_IDLE_MS 900000u /* 15 minutes: nobody is there any more */

struct boot_person {
	bool opened;   /* display and texts were looked for */
	bool graphics; /* ui can draw; else text only */
	struct ui *ui; /* NULL before opened; without graphics only its texts count */
	uint32_t *pixels;
	size_t pixel_count;
	uint8_t *texts; /* unpacked; NULL: English only */
	struct platform_display display;
	struct ui_state state;
	uint64_t touched_ms;                   /* when the last key came that counted */
	char language[UI_LANGUAGE_CODE_BYTES]; /* in force: stored, else the profile's */
	char url[PROFILE_MAX_STRING + 1], model[PROFILE_MAX_STRING + 1];
	char detail[LB_LOG_LINE_BYTES];
	char plain[8192];   /* the state in plain lines */
	uint32_t plain_crc; /* as said last: not said twice */
	char *lines_text;   /* details, NULL until they were opened */
	const char **lines;
};

/** boot_person_show() - show ctx->person.state as @screen; opens the display at the first
 * call, so a boot that shows nothing pays nothing. */
void boot_person_show(struct boot_ctx *ctx, enum ui_screen screen);

/** boot_person_redraw() - show the state again after it was changed. */
void boot_person_redraw(struct boot_ctx *ctx);

/**
 * boot_person_poll() - handle the next key, or wait BOOT_POLL_MS when there is none.
 *
 * Languages, details, power off and restart are dealt with here; returns what is left to
 * the caller, UI_ACTION_NONE when there is nothing.
 */
enum ui_action boot_person_poll(struct boot_ctx *ctx);

/** boot_person_idle() - no key for BOOT_IDLE_MS, and @since_ms is as long ago. */
bool boot_person_idle(struct boot_ctx *ctx, uint64_t since_ms);

/** boot_person_language() - take the stored language, else the profile's. At init. */
void boot_person_language(struct boot_ctx *ctx);

/** boot_details_make() - the lines of the details screen into ctx->person. */
void boot_details_make(struct boot_ctx *ctx);

#endif

/* What people see and read: screens, and lines on the serial console. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_TALK_H
#define LIFEBOAT_RECOVERY_INSTALLER_TALK_H

#include "ui/show.h"
#include "update/apply.h"

struct talk {
	struct lb_log log;
	struct ui_outlet outlet;
	struct ui_state state;
	char detail[256];
	uint64_t stage_began_ms;
	uint32_t shares, share; /* stages of the whole job, and which one this is */
	uint32_t said_percent;
};

/** talk_open() - screen and texts, in @language; again after the screen changed. */
void talk_open(struct talk *t, const struct platform *plat, const char *language,
	       const char *model);

/** talk_show() - a screen with details of its own. */
void talk_show(struct talk *t, enum ui_screen screen, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** talk_stage() - the next of so many stages begins. */
void talk_stage(struct talk *t, const char *what);

/** talk_progress() - for struct update_job. */
bool talk_progress(void *ctx, const struct update_progress *progress);

#endif

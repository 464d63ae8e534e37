/* The end. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "recovery/installer/program.h"
#include "base/format.h"
#include "recovery/installer/report.h"
#include "recovery/installer/state.h"

#define NO_PULL " lifeboat.no-pull "

static _Noreturn void restart(struct program *p, const char *why)
{
	const struct platform *plat = program_platform(p);

	lb_log(&p->talk.log, "installer: restarting: %s", why);
	plat->reset(plat->ctx, PLATFORM_RESET_RESTART);
	for (;;)
		(void)pause();
}

static bool asked_not_to_wait(void)
{
	char line[4096], padded[4100];

	(void)machine_read_text("/proc/cmdline", line, sizeof line);
	snprintf(padded, sizeof padded, " %s ", line);
	return strstr(padded, NO_PULL) != NULL;
}

/* The codes are of the log until here. */
static void note_bad(struct program *p)
{
	lb_log(&p->talk.log, "installer: failed: %s: %s", p->code, p->failure);
	p->talk.wipe = p->talk.person.state.wipe_offer = false;
	report_codes(p);
}

static void show_bad(struct program *p)
{
	talk_show(&p->talk, UI_SCREEN_INSTALL_FAILED, "%s: %s", p->code, p->failure);
}

static void say_progress(struct program *p)
{
	talk_show(&p->talk, UI_SCREEN_PROGRESS, "%s", p->told.model);
}

/* Where the manufacturing file says what comes next. */
static void end_unasked(struct program *p)
{
	const struct platform *plat = program_platform(p);

	if (!p->unasked || p->manufacturing.end == REC_END_PULL)
		return;
	stick_leave(&p->stick);
	if (p->manufacturing.end == REC_END_RESTART)
		restart(p, "as the manufacturing file says");
	lb_log(&p->talk.log, "installer: switching off, as the manufacturing file says");
	plat->reset(plat->ctx, PLATFORM_RESET_POWER_OFF);
	for (;;)
		(void)pause();
}

/* Until the medium is gone; without one, for ever: then only the power button is left. */
static _Noreturn void wait_pulled(struct program *p)
{
	const struct machine_disk *disk = p->stick.disk;

	stick_leave(&p->stick);
	while (disk == NULL || machine_disk_present(disk)) {
		(void)talk_wait(&p->talk);
		if (!p->talk.wipe)
			continue;
		say_progress(p);
		if (state_wipe(p)) {
			talk_show(&p->talk, UI_SCREEN_PULL_MEDIA, "%s", "");
			continue;
		}
		note_bad(p);
		show_bad(p);
	}
	restart(p, "the medium was pulled");
}

_Noreturn void finish_bad(struct program *p)
{
	note_bad(p);
	report_save(p); /* before the screen has somebody pull the medium */
	show_bad(p);
	wait_pulled(p);
}

_Noreturn void finish_good(struct program *p)
{
	const uint32_t version = p->payload.release.version;

	/* Asked for while the table was written. */
	if (!state_finish(p))
		finish_bad(p);
	lb_log(&p->talk.log, "installer: INSTALLED version=%u.%u disk=%s state=%s",
	       LB_VERSION_PARTS(version), p->target.disk->disk.name,
	       p->state_kept                   ? "kept"
	       : p->target.kind == DISK_SYSTEM ? "erased"
					       : "new");
	report_save(p);
	choose_close(p);
	end_unasked(p);
	talk_show(&p->talk, UI_SCREEN_PULL_MEDIA, "%s", "");
	if (asked_not_to_wait())
		restart(p, "not waiting, as the command line says");
	wait_pulled(p);
}

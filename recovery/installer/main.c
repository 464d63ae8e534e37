/* The recovery program: /init of the recovery image, and the only process in it.
 *
 * It loads drivers, learns from the loader whom it works for, finds medium and disk,
 * installs, asks for the medium to be pulled and restarts. Whatever goes wrong, it says
 * so and waits; it never ends and never offers a shell.
 *
 * Design: DESIGN 12 "Recovery program"; docs/recovery-system.md. */
#include <stdio.h>

#include "recovery/installer/manufacture.h"
#include "base/format.h"
#include "recovery/installer/online.h"
#include "recovery/installer/program.h"
#include "recovery/installer/report.h"
#include "recovery/installer/state.h"

#define FIND_WAIT_MS    20000u /* for slow sticks */
#define NETWORK_WAIT_MS 4000u  /* for one with payloads */

static struct program program; /* large */

/* Payloads before the network, and a medium that says something about it before one that
 * says nothing. */
static enum stick_kind sought(const struct program *p, uint64_t waited_ms)
{
	if (waited_ms >= FIND_WAIT_MS && p->told.server[0] != '\0')
		return STICK_ANY;
	return waited_ms >= NETWORK_WAIT_MS ? STICK_NETWORK : STICK_PAYLOADS;
}

static void find_stick(struct program *p)
{
	const uint64_t began = program_now(p);
	bool said = false;

	while (!stick_find(&p->machine, sought(p, program_now(p) - began), &p->stick)) {
		if (!said && program_now(p) - began >= FIND_WAIT_MS) {
			said = true;
			lb_log(&p->talk.log, "installer: no payload on any medium");
			talk_show(&p->talk, UI_SCREEN_INSTALL_FAILED,
				  "I%u: no payload on any medium: put the stick in again",
				  PROGRAM_NO_PAYLOAD);
		}
		for (int i = 0; i < 10; i++)
			(void)talk_wait(&p->talk);
	}
	lb_log(&p->talk.log, "installer: medium %s with %u payloads",
	       p->stick.disk->disk.name, (unsigned int)p->stick.count);
}

/* The medium's language, where the device has said none. */
static void take_language(struct program *p)
{
	char code[sizeof p->told.language];

	if (p->told.language[0] == '\0' &&
	    machine_read_text(STICK_MOUNTED "/lifeboat/language", code, sizeof code))
		talk_language(&p->talk, code);
}

static void say_what(struct program *p)
{
	const struct update_release *r = &p->payload.release;

	talk_show(&p->talk, UI_SCREEN_PROGRESS, "%.100s, version %u.%u%s", p->told.model,
		  LB_VERSION_PARTS(r->version),
		  r->developer ? ", signed by a developer" : "");
}

int main(void)
{
	struct program *p = &program;

	if (!setup_start(p))
		finish_bad(p);
	(void)report_panic(p); /* for the log, and for a failure */
	find_stick(p);
	take_language(p);
	manufacture_look(p);
	if (!choose_payload(p) && !online_choose(p))
		finish_bad(p);
	say_what(p);
	if (!choose_disk(p) || !state_agreed(p))
		finish_bad(p);
	state_offer(p);
	say_what(p);
	if (!install_run(p))
		finish_bad(p);
	finish_good(p);
}

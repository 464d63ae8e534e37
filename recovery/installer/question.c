/* Questions that only a person answers: four characters, new ones after each wrong
 * four, three tries - the loader's own code, so that what types by itself answers
 * nothing. */
#include <stdio.h>
#include <string.h>

#include "recovery/installer/program.h"

bool question_ask(struct program *p, enum ui_screen screen, const char *what)
{
	struct talk *t = &p->talk;

	snprintf(t->detail, sizeof t->detail, "%s", what);
	t->person.state.detail = t->detail;
	lb_log(&t->log, "installer: asking: %s", what);
	t->person.refusal = UI_SCREEN_INSTALL_FAILED;
	if (!boot_person_challenge(&t->person, screen))
		return program_fail(p, PROGRAM_REFUSED, "%s", t->person.detail);
	while (machine_disk_present(p->stick.disk)) {
		const enum ui_action action = talk_wait(t);

		if (action == UI_ACTION_CONFIRMED)
			return true;
		if (action == UI_ACTION_CANCEL)
			return program_fail(p, PROGRAM_REFUSED,
					    "the question was answered with no. "
					    "Nothing was written");
		if (action == UI_ACTION_CHALLENGE_WRONG &&
		    !boot_person_challenge_wrong(&t->person))
			return program_fail(p, PROGRAM_REFUSED, "%s", t->person.detail);
	}
	return program_fail(p, PROGRAM_REFUSED,
			    "the medium was pulled. Nothing was written");
}

void question_unanswerable(struct program *p, const char *what,
			   bool (*changed)(struct program *p))
{
	static char code[200];
	struct ui_state *s = &p->talk.person.state;

	if (talk_can_answer(&p->talk))
		return;
	lb_log(&p->talk.log, "installer: nobody can answer: %s", what);
	snprintf(code, sizeof code, "%.60s Q: %.120s", p->told.model, what);
	s->qr[0] = code;
	s->qr[1] = NULL;
	talk_show(&p->talk, UI_SCREEN_INSTALL_NO_KEYS, "%s", what);
	while (!talk_can_answer(&p->talk) && machine_disk_present(p->stick.disk) &&
	       (changed == NULL || !changed(p)))
		(void)talk_wait(&p->talk);
	s->qr[0] = NULL;
}

/* Erasing the saved data: never by itself. */
#include "recovery/installer/state.h"

#include <stdio.h>
#include <string.h>

#include "recovery/installer/new_disk.h"

#define ANSWER_MS 120000u /* to the question, once all else is done */

/* The first data partition of the table. LB_ERR_NOT_FOUND: there is none. */
static enum lb_status find(const struct program *p, struct update_area *out)
{
	const struct platform *plat = program_platform(p);
	struct lb_verdict why;
	struct gpt_entry e;
	uint32_t index = 0;
	struct gpt gpt;

	if (p->target.disk == NULL)
		return LB_ERR_NOT_FOUND;
	if (gpt_load(plat, &p->target.disk->disk, &gpt, &why) != LB_OK)
		return LB_ERR_IO;
	const bool found = gpt_find_type(&gpt, gpt_type_data, &index, &e);

	if (found)
		*out = (struct update_area){ e.first_lba, e.last_lba - e.first_lba + 1 };
	gpt_unload(plat, &gpt);
	return found ? LB_OK : LB_ERR_NOT_FOUND;
}

void state_offer(struct program *p)
{
	struct update_area area;

	p->talk.person.state.wipe_offer =
		p->target.kind == DISK_SYSTEM && find(p, &area) == LB_OK;
}

bool state_agreed(struct program *p)
{
	struct update_area area;
	char what[96];

	if (p->payload.release.keeps_state || p->target.kind != DISK_SYSTEM ||
	    find(p, &area) == LB_ERR_NOT_FOUND)
		return true;
	snprintf(what, sizeof what, "this version erases what was saved on %s",
		 p->target.disk->disk.name);
	while (!talk_can_answer(&p->talk)) {
		question_unanswerable(p, what, NULL);
		if (!machine_disk_present(p->stick.disk))
			return program_fail(p, PROGRAM_REFUSED, "the medium was pulled");
	}
	p->talk.wipe = question_ask(p, UI_SCREEN_INSTALL_ERASE, what);
	return p->talk.wipe;
}

bool state_finish(struct program *p)
{
	const uint64_t began = program_now(p);

	while (p->talk.person.state.screen == UI_SCREEN_INSTALL_WIPE &&
	       machine_disk_present(p->stick.disk) && program_now(p) - began < ANSWER_MS)
		(void)talk_wait(&p->talk);
	return !p->talk.wipe || state_wipe(p);
}

bool state_wipe(struct program *p)
{
	struct update_area area;

	if (find(p, &area) != LB_OK)
		return program_fail(p, PROGRAM_STATE, "there is no state partition");
	talk_stage(&p->talk, "erasing the saved data");
	const enum lb_status status = new_disk_zero(p, &area, UINT64_MAX, true);

	if (status != LB_OK)
		return program_fail(p, PROGRAM_STATE, "erasing the saved data: %s",
				    lb_status_name(status));
	p->state_kept = false;
	p->talk.wipe = false;
	lb_log(&p->talk.log, "installer: the saved data are erased");
	return true;
}

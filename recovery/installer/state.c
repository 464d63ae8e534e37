/* Erasing the saved data: never by itself. */
#include "recovery/installer/state.h"

#include <stdio.h>
#include <string.h>

#include "recovery/installer/new_disk.h"

/* The first data partition of the table. */
static bool find(const struct program *p, struct update_area *out)
{
	const struct platform *plat = program_platform(p);
	struct lb_verdict why;
	struct gpt_entry e;
	bool found = false;
	struct gpt gpt;

	if (p->target.disk == NULL ||
	    gpt_load(plat, &p->target.disk->disk, &gpt, &why) != LB_OK)
		return false;
	for (uint32_t i = 0; !found && gpt_entry_get(&gpt, i, &e) == LB_OK; i++) {
		if (memcmp(e.type, gpt_type_data, sizeof e.type) != 0)
			continue;
		found = true;
		*out = (struct update_area){ e.first_lba, e.last_lba - e.first_lba + 1 };
	}
	gpt_unload(plat, &gpt);
	return found;
}

void state_offer(struct program *p)
{
	struct update_area area;

	p->talk.person.state.wipe_offer = p->target.kind == DISK_SYSTEM && find(p, &area);
}

bool state_agreed(struct program *p)
{
	char what[96];

	if (p->payload.release.keeps_state || p->target.kind != DISK_SYSTEM)
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

bool state_wipe(struct program *p)
{
	struct update_area area;

	if (!find(p, &area))
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

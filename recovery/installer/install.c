/* The installation itself. Order of writes, each flushed: the loader of a disk with
 * slots; slot A, read back, slot B, read back; a new disk's loader; what was agreed to
 * be erased; the table last.
 *
 * Design: DESIGN 12 "First and last write", "Recovery program". */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "recovery/installer/loader.h"
#include "recovery/installer/new_disk.h"
#include "recovery/installer/program.h"
#include "recovery/installer/state.h"

#define SLOTS "AB"

static bool find_target(struct program *p, size_t slot, struct update_target *out)
{
	const struct platform *plat = program_platform(p);
	const struct platform_disk *disk = &p->target.disk->disk;

	if (p->target.kind == DISK_SYSTEM)
		return update_target_find(plat, disk, SLOTS[slot], out, &p->why) ==
		       UPDATE_OK;
	*out = (struct update_target){ .plat = plat,
				       .disk = disk,
				       .kernel = p->layout.kernel[slot],
				       .root = p->layout.root[slot] };
	return true;
}

/* All that can be known to fail, before anything is erased. */
static bool fits(struct program *p)
{
	struct update_job job = { .payload = &p->payload };

	for (size_t slot = 0; slot < strlen(SLOTS); slot++)
		if (!find_target(p, slot, &job.target) ||
		    update_fits(&job, &p->why) != UPDATE_OK)
			return program_fail_why(p, "nothing was written");
	return loader_fits(p);
}

static bool write_slot(struct program *p, size_t slot)
{
	struct update_job job = { .payload = &p->payload,
				  .progress = talk_progress,
				  .progress_ctx = &p->talk };
	char text[32];

	snprintf(text, sizeof text, "writing slot %c", SLOTS[slot]);
	talk_stage(&p->talk, text);
	if (!find_target(p, slot, &job.target) ||
	    update_install(&job, &p->why) != UPDATE_OK)
		return program_fail_why(p, text);
	lb_log(&p->talk.log, "installer: slot %c written and read back%s", SLOTS[slot],
	       job.resumed ? ", gone on with an interrupted run" : "");
	return true;
}

/* Firmware looks at a table only behind a protective MBR, and a cut may have come
 * between the two. An MBR that says anything is left as it is. */
static enum lb_status protect(struct program *p)
{
	const struct platform *plat = program_platform(p);
	const struct platform_disk *disk = &p->target.disk->disk;
	const struct gpt_geometry size = { disk->sector_bytes, disk->sectors };
	uint8_t sector[GPT_MAX_SECTOR_BYTES];

	if (disk->sector_bytes > sizeof sector ||
	    plat->read(plat->ctx, disk->id, 0, 1, sector) != LB_OK ||
	    !lb_all_zero(sector, disk->sector_bytes))
		return LB_OK;
	gpt_make_protective(sector, &size);
	const enum lb_status status = plat->write(plat->ctx, disk->id, 0, 1, sector);

	return status == LB_OK ? plat->flush(plat->ctx, disk->id) : status;
}

static bool finish_table(struct program *p)
{
	lb_log(&p->talk.log, "installer: putting both slots on trial");
	if (p->target.kind != DISK_SYSTEM)
		return new_disk_finish(p);
	const enum lb_status status = protect(p);

	if (status != LB_OK)
		(void)update_verdict_set(&p->why, UPDATE_DISK_WRITE,
					 "the first sector: %s", lb_status_name(status));
	else if (update_activate(program_platform(p), &p->target.disk->disk, SLOTS,
				 &p->why) == UPDATE_OK)
		return true;
	return program_fail_why(p, "the table");
}

static bool write_slots(struct program *p)
{
	for (size_t slot = 0; slot < strlen(SLOTS); slot++)
		if (!write_slot(p, slot))
			return false;
	return true;
}

/* On a disk with slots the loader goes first: where it cannot be put, the slots are still
 * what they were. */
static bool write_all(struct program *p)
{
	const bool system = p->target.kind == DISK_SYSTEM;

	if (system && !loader_install(p))
		return false;
	if (!system && !new_disk_begin(p))
		return false;
	return write_slots(p) && (system || loader_install(p)) && state_finish(p) &&
	       finish_table(p);
}

bool install_run(struct program *p)
{
	struct update_job job = { .payload = &p->payload,
				  .progress = talk_progress,
				  .progress_ctx = &p->talk };

	p->talk.share = 0;
	p->talk.shares = 1 + (uint32_t)strlen(SLOTS);
	p->state_kept = p->target.kind == DISK_SYSTEM;
	talk_stage(&p->talk, "checking the payload");
	if (update_check(&job, &p->why) != UPDATE_OK)
		return program_fail_why(p, program_offer_name(p, p->chosen));
	return loader_take(p) && fits(p) && write_all(p);
}

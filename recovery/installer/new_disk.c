/* Making a disk ours. */
#include "recovery/installer/new_disk.h"

#include <string.h>

#include "recovery/installer/probe.h"

/* Signatures of tables, file systems, RAID and LUKS (its second header is at 4 MiB at
 * most) lie at the ends of a disk. */
#define ENDS_BYTES  (8 * LAYOUT_MIB)
#define PIECE_BYTES ((size_t)1 << 20)

static bool fail(struct program *p, enum update_reason reason, const char *what,
		 enum lb_status status)
{
	(void)update_verdict_set(&p->why, reason, "%s: %s", p->target.disk->disk.name,
				 lb_status_name(status));
	return program_fail_why(p, what);
}

static enum lb_status write_zeros(struct program *p, const struct update_area *area,
				  uint64_t sectors, bool show, const uint8_t *zeros)
{
	const struct platform *plat = program_platform(p);
	const struct platform_disk *disk = &p->target.disk->disk;
	const uint64_t piece = PIECE_BYTES / disk->sector_bytes;
	enum lb_status status = LB_OK;

	for (uint64_t done = 0; done < sectors && status == LB_OK;) {
		const uint64_t step = sectors - done < piece ? sectors - done : piece;

		status = plat->write(plat->ctx, disk->id, area->first_lba + done,
				     (size_t)step, zeros);
		done += step;
		if (show)
			talk_done(&p->talk, UI_STAGE_WRITE, done * disk->sector_bytes,
				  sectors * disk->sector_bytes);
	}
	return status == LB_OK ? plat->flush(plat->ctx, disk->id) : status;
}

enum lb_status new_disk_zero(struct program *p, const struct update_area *area,
			     uint64_t bytes, bool show)
{
	const struct platform *plat = program_platform(p);
	const uint64_t most = bytes / p->target.disk->disk.sector_bytes;
	uint8_t *zeros = plat->alloc(plat->ctx, PIECE_BYTES, 4096, PLATFORM_ANY_ADDRESS);

	if (zeros == NULL)
		return LB_ERR_NOMEM;
	memset(zeros, 0, PIECE_BYTES);
	const enum lb_status status = write_zeros(
		p, area, area->sectors < most ? area->sectors : most, show, zeros);

	plat->free(plat->ctx, zeros, PIECE_BYTES);
	return status;
}

/* Both ends of an area, the last one first: what is known by its start goes at the
 * end. */
static enum lb_status zero_ends(struct program *p, const struct update_area *area)
{
	const uint64_t ends = ENDS_BYTES / p->target.disk->disk.sector_bytes;
	const uint64_t behind = area->sectors > ends ? area->sectors - ends : 0;
	const struct update_area tail = { area->first_lba + behind,
					  area->sectors - behind };
	const enum lb_status status = new_disk_zero(p, &tail, ENDS_BYTES, false);

	return status == LB_OK ? new_disk_zero(p, area, ENDS_BYTES, false) : status;
}

/* As long as the disk's head is there, it is somebody else's, and nothing that lies where
 * our state or history would be is taken for them by the next run. */
bool new_disk_begin(struct program *p)
{
	const struct platform_disk *disk = &p->target.disk->disk;
	const struct update_area all = { 0, disk->sectors };
	enum lb_status status;

	if (p->target.kind != DISK_FOREIGN)
		return true;
	lb_log(&p->talk.log, "installer: erasing %s", disk->name);
	status = zero_ends(p, &p->layout.state);
	if (status == LB_OK)
		status = new_disk_zero(p, &p->layout.history, UINT64_MAX, false);
	if (status == LB_OK)
		status = zero_ends(p, &all);
	return status == LB_OK || fail(p, UPDATE_DISK_WRITE, "erasing", status);
}

/* A state that lies where this layout has it, on a disk that has lost its table, is
 * kept; so is what cannot be looked at. Of a disk that was somebody else's,
 * new_disk_begin() has left nothing there. */
static bool finish_state(struct program *p)
{
	const struct update_area *state = &p->layout.state;
	const uint32_t sector = p->target.disk->disk.sector_bytes;

	if (state->sectors == 0)
		return true;
	p->state_kept = probe_area(p->target.disk, state->first_lba * sector,
				   state->sectors * sector) != PROBE_NOTHING;
	if (p->state_kept)
		return true;
	const enum lb_status status = new_disk_zero(p, state, LAYOUT_MIB, false);

	return status == LB_OK || fail(p, UPDATE_DISK_WRITE, "the state", status);
}

bool new_disk_finish(struct program *p)
{
	const struct platform *plat = program_platform(p);
	uint8_t guid[16];
	enum lb_status status;

	/* A history that survived the table is kept as well: each cell has a checksum. */
	if (!finish_state(p))
		return false;
	if (!layout_finish(&p->layout, plat, guid))
		return program_fail(p, PROGRAM_NO_RANDOM,
				    "this machine has no source of randomness");
	status = gpt_make(plat, &p->target.disk->disk, guid, p->layout.entry);
	return status == LB_OK || fail(p, UPDATE_TABLE, "the table", status);
}

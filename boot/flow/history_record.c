/* What the boot flow writes into the boot history. */
#include "boot/flow/flow.h"

#include <string.h>

#include "boot/judge/disk.h"

/* Opens the history of @disk when it has slots, or @any table at all. */
static bool open_on(struct boot_ctx *ctx, const struct platform_disk *disk, bool any)
{
	struct gpt_slot slots[GPT_MAX_SLOTS];
	struct lb_verdict why;
	struct gpt gpt;

	if (boot_disk_role(disk, &ctx->profile) != BOOT_ROLE_INTERNAL ||
	    gpt_load(ctx->plat, disk, &gpt, &why) != LB_OK)
		return false;
	const bool home = any || gpt_slots(&gpt, slots) > 0;

	if (home)
		boot_history_open(ctx->plat, disk, &gpt, &ctx->history);
	gpt_unload(ctx->plat, &gpt);
	return home;
}

/* The first disk with slots is the device's own, for as long as it is there; without any
 * it is the boot disk. */
static bool open_listed(struct boot_ctx *ctx, bool any)
{
	const struct platform *plat = ctx->plat;
	size_t count = 0;

	if (plat->list_disks(plat->ctx, ctx->disks, PLATFORM_MAX_DISKS, &count) != LB_OK)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct platform_disk disk = ctx->disks[i];

		const bool wanted = ctx->home_known ? disk.id == ctx->home_disk
						    : !any || disk.boot_disk;

		if (wanted && open_on(ctx, &disk, any))
			return true;
	}
	return false;
}

/* For what belongs to the device and not to a slot: recovery, its mode. Where the
 * loader comes from has no say in it, so the others are connected when it has no
 * slots. */
void boot_history_of_home(struct boot_ctx *ctx)
{
	if (!ctx->profile_valid)
		return; /* whose disks these are is not known */
	if (ctx->home_known && ctx->history.looked &&
	    ctx->history.disk.id == ctx->home_disk)
		return;
	if (ctx->home_known && open_listed(ctx, true))
		return;
	ctx->home_known = false;
	if (!open_listed(ctx, false)) {
		boot_connect_all(ctx);
		if (!open_listed(ctx, false) && !open_listed(ctx, true))
			return;
	}
	ctx->home_known = true;
	ctx->home_disk = ctx->history.disk.id;
}

void boot_history_of_target(struct boot_ctx *ctx)
{
	const struct boot_target *t = &ctx->target;

	boot_history_open(ctx->plat, &t->disk, &t->gpt, &ctx->history);
	if (ctx->home_known)
		return;
	ctx->home_known = true;
	ctx->home_disk = t->disk.id;
}

static uint8_t flags(const struct boot_ctx *ctx)
{
	unsigned int set = 0;

	if (ctx->developer)
		set |= HISTORY_FLAG_DEVELOPER;
	if (ctx->watchdog_died)
		set |= HISTORY_FLAG_WATCHDOG;
	if (ctx->not_marked)
		set |= HISTORY_FLAG_NOT_MARKED;
	if (ctx->panicked)
		set |= HISTORY_FLAG_PANIC;
	return (uint8_t)set;
}

/* Into the history in use. */
static bool write_record(struct boot_ctx *ctx, enum history_stage stage, uint32_t version,
			 const uint8_t slot[16], bool of_target)
{
	struct history_record record;

	boot_past_ended(ctx);
	record = (struct history_record){
		.stage = (uint8_t)stage,
		.mode = (uint8_t)ctx->policy.mode,
		.reason = (uint16_t)ctx->reason,
		.version = version,
		.floor = ctx->floors.kernel,
		.flags = flags(ctx),
	};
	if (slot != NULL) {
		memcpy(record.slot, slot, sizeof record.slot);
		boot_past_record(ctx, &record);
	}
	if (!of_target)
		record.marking = ctx->history.marking;

	const enum lb_status status =
		boot_history_write(ctx->plat, &ctx->history, record);

	if (status != LB_OK && status != LB_ERR_NOT_FOUND)
		lb_log(&ctx->log, "history: %s", lb_status_name(status));
	return status == LB_OK;
}

bool boot_record(struct boot_ctx *ctx, enum history_stage stage, uint32_t version,
		 const uint8_t slot[16])
{
	if (!ctx->profile_valid)
		return false;
	if (stage != HISTORY_STAGE_HANDOFF) {
		boot_history_of_home(ctx);
		return write_record(ctx, stage, version, slot, false);
	}
	/* How often it was one is told by the device's own disk. */
	if (ctx->resort.now && ctx->home_known && ctx->home_disk != ctx->target.disk.id) {
		boot_history_of_home(ctx);
		(void)write_record(ctx, stage, version, slot, false);
		boot_history_of_target(ctx);
	}
	return write_record(ctx, stage, version, slot, true);
}

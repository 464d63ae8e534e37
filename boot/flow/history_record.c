/* What the boot flow writes into the boot history. */
#include "boot/flow/flow.h"

#include <string.h>

#include "boot/judge/disk.h"

/* For a boot that goes to recovery before any slot was looked at. */
static void open_on_boot_disk(struct boot_ctx *ctx)
{
	const struct platform *plat = ctx->plat;
	struct lb_verdict why;
	size_t count = 0;
	struct gpt gpt;

	if (plat->list_disks(plat->ctx, ctx->disks, PLATFORM_MAX_DISKS, &count) != LB_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct platform_disk disk = ctx->disks[i];

		if (!disk.boot_disk ||
		    boot_disk_role(&disk, &ctx->profile) != BOOT_ROLE_INTERNAL)
			continue;
		if (gpt_load(plat, &disk, &gpt, &why) != LB_OK)
			return;
		boot_history_open(plat, &disk, &gpt, &ctx->history);
		gpt_unload(plat, &gpt);
		return;
	}
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
	return (uint8_t)set;
}

void boot_record(struct boot_ctx *ctx, enum history_stage stage, uint32_t version,
		 const uint8_t slot[16])
{
	struct history_record record = {
		.stage = (uint8_t)stage,
		.mode = (uint8_t)ctx->policy.mode,
		.reason = (uint16_t)ctx->reason,
		.version = version,
		.floor = ctx->floors.kernel,
		.flags = flags(ctx),
	};

	if (!ctx->profile_valid)
		return; /* whose disks these are is not known */
	if (!ctx->history.looked)
		open_on_boot_disk(ctx);
	if (slot != NULL)
		memcpy(record.slot, slot, sizeof record.slot);

	const enum lb_status status =
		boot_history_write(ctx->plat, &ctx->history, record);

	if (status != LB_OK && status != LB_ERR_NOT_FOUND)
		lb_log(&ctx->log, "history: %s", lb_status_name(status));
}

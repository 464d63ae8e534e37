/* Finding the next disk to boot from: the boot disk first, then the other internal disks,
 * each once per round.
 *
 * Design: DESIGN 2 "Disk by disk". */
#include "boot/flow/flow.h"

#include <string.h>

#include "boot/judge/disk.h"

static bool visited(const struct boot_ctx *ctx, uint32_t id)
{
	for (size_t i = 0; i < ctx->visited_count; i++)
		if (ctx->visited[i] == id)
			return true;
	return false;
}

/* The next internal disk not yet tried. While the other controllers are not connected
 * only the boot disk counts: another disk must not take over before it is exhausted. */
static enum lb_status next_disk(struct boot_ctx *ctx, struct platform_disk *out)
{
	size_t count = 0;
	const enum lb_status status = ctx->plat->list_disks(ctx->plat->ctx, ctx->disks,
							    PLATFORM_MAX_DISKS, &count);

	if (status != LB_OK)
		return status;
	for (size_t i = 0; i < count; i++) {
		const struct platform_disk *disk = &ctx->disks[i];

		if (visited(ctx, disk->id) ||
		    boot_disk_role(disk, &ctx->profile) != BOOT_ROLE_INTERNAL ||
		    (!ctx->all_connected && !disk->boot_disk))
			continue;
		*out = *disk;
		return LB_OK;
	}
	return LB_ERR_NOT_FOUND;
}

void boot_connect_all(struct boot_ctx *ctx)
{
	if (ctx->all_connected)
		return;
	lb_log(&ctx->log, "boot: connecting the other disks");
	const enum lb_status status = ctx->plat->connect_all(ctx->plat->ctx);

	if (status != LB_OK) /* what is found is what is there */
		lb_log(&ctx->log, "boot: connecting: %s", lb_status_name(status));
	ctx->all_connected = true;
}

static enum lb_status next_disk_connecting(struct boot_ctx *ctx,
					   struct platform_disk *out)
{
	enum lb_status status = next_disk(ctx, out);

	if (status == LB_OK || ctx->all_connected)
		return status;
	boot_connect_all(ctx);
	return next_disk(ctx, out);
}

static void log_slots(struct boot_ctx *ctx)
{
	const struct boot_target *t = &ctx->target;

	lb_log(&ctx->log, "disk %s: %u slots, %s GPT in use%s", t->disk.name,
	       (unsigned int)t->slot_count,
	       t->gpt.in_use == GPT_PRIMARY ? "primary" : "backup",
	       t->gpt.copies_differ ? ", copies differed" : "");
	for (size_t i = 0; i < t->slot_count; i++) {
		const struct gpt_slot *s = &t->slots[i];

		lb_log(&ctx->log,
		       "slot %c: partition %u, priority %u, %u attempts, %s: %s",
		       s->letter, s->kernel + 1, s->priority, s->remaining_attempts,
		       s->bootable ? "bootable" : "not bootable",
		       gpt_slot_state_words(gpt_slot_state(s, ctx->profile.slot_order)));
	}
}

static void repair(struct boot_ctx *ctx)
{
	struct boot_target *t = &ctx->target;
	char fixed[LB_DETAIL_BYTES] = "";

	if (t->disk.read_only)
		return;
	const enum lb_status status =
		gpt_repair(ctx->plat, &t->disk, &t->gpt, fixed, sizeof fixed);

	if (status != LB_OK)
		lb_log(&ctx->log, "disk %s: GPT repair: %s", t->disk.name,
		       lb_status_name(status));
	if (fixed[0] != '\0')
		lb_log(&ctx->log, "disk %s: GPT repair: %s", t->disk.name, fixed);
}

/* Slots that are never tried are findings too: recovery shows why. */
static void note_untried(struct boot_ctx *ctx)
{
	struct boot_target *t = &ctx->target;

	for (size_t i = 0; i < t->slot_count; i++) {
		const struct gpt_slot *s = &t->slots[i];
		struct lb_verdict why;

		if (gpt_slot_state(s, ctx->profile.slot_order) != GPT_SLOT_DEAD)
			continue;
		lb_verdict_set(&why,
			       s->bootable || s->remaining_attempts > 0
				       ? LB_REASON_SLOT_PRIORITY_ZERO
				       : LB_REASON_SLOT_DEAD,
			       NULL);
		boot_find(ctx, &t->disk, s, &why);
	}
}

/* A last resort is for what is never tried otherwise. */
static void put_in_order(struct boot_ctx *ctx)
{
	struct boot_target *t = &ctx->target;

	if (ctx->resort.now) {
		t->sequence_count =
			boot_resort_sort(ctx, t->slots, t->slot_count, t->sequence);
		return;
	}
	note_untried(ctx);
	t->sequence_count = gpt_slot_sort(t->slots, t->slot_count,
					  ctx->profile.slot_order, t->sequence);
	boot_past_order(ctx);
}

void boot_target_release(struct boot_ctx *ctx)
{
	if (ctx->target.loaded)
		gpt_unload(ctx->plat, &ctx->target.gpt);
	memset(&ctx->target, 0, sizeof ctx->target);
}

/* An older loader than one that this device has started its system with: it may have the
 * holes that were the reason for the newer one. */
static bool loader_too_old(struct boot_ctx *ctx)
{
	struct lb_verdict why;

	if (boot_generation_counts(&ctx->profile, &ctx->floors))
		return false;
	lb_verdict_set(&why, LB_REASON_LOADER_TOO_OLD, "generation %u < %u",
		       ctx->profile.generation, ctx->floors.loader);
	boot_find(ctx, NULL, NULL, &why);
	return true;
}

enum boot_event boot_scan_disk(struct boot_ctx *ctx)
{
	struct boot_target *t = &ctx->target;
	struct platform_disk disk;
	struct lb_verdict why;

	boot_target_release(ctx);
	if (loader_too_old(ctx))
		return EV_NONE;
	if (ctx->visited_count == PLATFORM_MAX_DISKS ||
	    next_disk_connecting(ctx, &disk) != LB_OK)
		return boot_resort_begin(ctx) ? EV_BAD : EV_NONE;
	ctx->visited[ctx->visited_count++] = disk.id;
	t->disk = disk;
	if (gpt_load(ctx->plat, &disk, &t->gpt, &why) != LB_OK) {
		boot_find(ctx, &disk, NULL, &why);
		return EV_BAD;
	}
	t->loaded = true;
	t->slot_count = gpt_slots(&t->gpt, t->slots);
	if (t->slot_count == 0) {
		lb_verdict_set(&why, LB_REASON_NO_KERNEL_PARTITION, NULL);
		boot_find(ctx, &disk, NULL, &why);
		return EV_BAD;
	}
	boot_history_of_target(ctx);
	log_slots(ctx);
	boot_past_look(ctx);
	repair(ctx);
	put_in_order(ctx);
	return EV_OK;
}

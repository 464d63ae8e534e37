/* Nothing to start: say why, and look again when something may have changed.
 *
 * Design: DESIGN 5 "Recovery that nobody asked for rescans internal disks every 30 s". */
#include "boot/flow.h"

#include <string.h>

#include "boot/base/format.h"

#define POLL_MS 50u

void boot_find(struct boot_ctx *ctx, const struct platform_disk *disk,
	       const struct gpt_slot *slot, const struct lb_verdict *verdict)
{
	const char *sep = verdict->detail[0] != '\0' ? ": " : "";

	if (slot != NULL)
		lb_log(&ctx->log, "slot %c: disk %s partition %u: %s: %s%s%s",
		       slot->letter, disk->name, slot->kernel + 1,
		       lb_reason_name(verdict->reason), lb_reason_text(verdict->reason),
		       sep, verdict->detail);
	else
		lb_log(&ctx->log, "disk %s: %s: %s%s%s", disk->name,
		       lb_reason_name(verdict->reason), lb_reason_text(verdict->reason),
		       sep, verdict->detail);
	if (ctx->finding_count == BOOT_MAX_FINDINGS)
		return;
	struct boot_finding *f = &ctx->findings[ctx->finding_count++];

	lb_format(f->disk, sizeof f->disk, "%s", disk->name);
	f->partition = slot != NULL ? slot->kernel + 1 : 0;
	f->slot = slot != NULL ? slot->letter : '\0';
	f->state = slot != NULL ? gpt_slot_state(slot, ctx->profile.slot_order)
				: GPT_SLOT_DEAD;
	f->verdict = *verdict;
}

/* One line for the person and, by the log, for the serial line. */
static void say(struct boot_ctx *ctx, const char *text)
{
	ctx->plat->show_text(ctx->plat->ctx, text);
	ctx->plat->show_text(ctx->plat->ctx, "\n");
}

static void say_finding(struct boot_ctx *ctx, const struct boot_finding *f)
{
	char line[LB_LOG_LINE_BYTES];
	char where[32] = "";
	const char *sep = f->verdict.detail[0] != '\0' ? ": " : "";

	if (f->partition != 0)
		lb_format(where, sizeof where, ", partition %u, slot %c", f->partition,
			  f->slot);
	lb_format(line, sizeof line, "  disk %s%s: %s%s%s (%u)", f->disk, where,
		  lb_reason_text(f->verdict.reason), sep, f->verdict.detail,
		  f->verdict.reason);
	say(ctx, line);
}

static void say_why(struct boot_ctx *ctx)
{
	say(ctx, "");
	if (!ctx->profile_valid) {
		say(ctx, "Lifeboat: this loader has no valid device profile, so it "
			 "starts nothing.");
		say(ctx, "Install one with: lifeboat profile install");
		lb_log(&ctx->log, "recovery: %s: %s",
		       lb_reason_name(LB_REASON_NO_PROFILE),
		       lb_reason_text(LB_REASON_NO_PROFILE));
		return;
	}
	say(ctx, "Lifeboat: no system on this device can be started.");
	if (ctx->finding_count == 0)
		say(ctx, "  no internal disk found");
	for (size_t i = 0; i < ctx->finding_count; i++)
		say_finding(ctx, &ctx->findings[i]);
	say(ctx, "Looking again every 30 seconds; press a key to look now.");
	lb_log(&ctx->log, "recovery: %u findings, waiting",
	       (unsigned int)ctx->finding_count);
}

/* Waits for a key or for the time of the next look. */
static void wait_for_change(struct boot_ctx *ctx)
{
	const struct platform *plat = ctx->plat;
	const uint64_t start = plat->clock_ms(plat->ctx);
	struct platform_key key;

	while (plat->clock_ms(plat->ctx) - start < BOOT_RESCAN_MS) {
		if (plat->read_key(plat->ctx, &key) == LB_OK &&
		    !(key.serial && ctx->profile.serial_input == PROFILE_SERIAL_NONE)) {
			lb_log(&ctx->log, "recovery: key, looking again");
			return;
		}
		plat->sleep_ms(plat->ctx, POLL_MS);
	}
}

enum boot_event boot_recover(struct boot_ctx *ctx)
{
	boot_target_release(ctx);
	say_why(ctx);
	wait_for_change(ctx);
	ctx->finding_count = 0;
	ctx->visited_count = 0;
	return ctx->profile_valid ? EV_OK : EV_NONE;
}

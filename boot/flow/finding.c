/* Findings: what was wrong with a disk or a slot, for the log, the screen and the
 * details. */
#include "boot/flow/flow.h"

#include "base/format.h"

void boot_find(struct boot_ctx *ctx, const struct platform_disk *disk,
	       const struct gpt_slot *slot, const struct lb_verdict *verdict)
{
	const char *sep = verdict->detail[0] != '\0' ? ": " : "";

	if (slot != NULL)
		lb_log(&ctx->log, "slot %c: disk %s partition %u: %s: %s%s%s",
		       slot->letter, disk->name, slot->kernel + 1,
		       lb_reason_name(verdict->reason), lb_reason_text(verdict->reason),
		       sep, verdict->detail);
	else if (disk == NULL)
		lb_log(&ctx->log, "loader: %s: %s%s%s", lb_reason_name(verdict->reason),
		       lb_reason_text(verdict->reason), sep, verdict->detail);
	else
		lb_log(&ctx->log, "disk %s: %s: %s%s%s", disk->name,
		       lb_reason_name(verdict->reason), lb_reason_text(verdict->reason),
		       sep, verdict->detail);
	if (ctx->finding_count == BOOT_MAX_FINDINGS)
		return;
	struct boot_finding *f = &ctx->findings[ctx->finding_count++];

	lb_format(f->disk, sizeof f->disk, "%s",
		  disk != NULL ? disk->name : BOOT_FINDING_LOADER);
	f->partition = slot != NULL ? slot->kernel + 1 : 0;
	f->slot = slot != NULL ? slot->letter : '\0';
	f->state = slot != NULL ? gpt_slot_state(slot, ctx->profile.slot_order)
				: GPT_SLOT_DEAD;
	f->verdict = *verdict;
}

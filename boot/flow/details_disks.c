/* Disks and slots, for the details screen. */
#include "boot/flow/details.h"

#include "base/format.h"
#include "boot/judge/disk.h"
#include "boot/judge/policy.h"
#include "boot/judge/slot_check.h"

static const char *attachment_words(enum platform_attachment how)
{
	switch (how) {
	case PLATFORM_ATTACHED_USB:
		return "USB";
	case PLATFORM_ATTACHED_SD_SLOT:
		return "card slot";
	default:
		return "built in";
	}
}

static void disk_line(struct boot_details *d, const struct boot_ctx *ctx,
		      const struct platform_disk *disk)
{
	const bool sane = disk->sector_bytes >= 512 && disk->sector_bytes <= 4096;
	const uint64_t mib = sane ? disk->sectors / ((1u << 20) / disk->sector_bytes) : 0;
	const bool internal = boot_disk_role(disk, &ctx->profile) == BOOT_ROLE_INTERNAL;

	details_line(d, "  %s: %llu MiB, %u-byte sectors, %s, %s%s%s%s", disk->name,
		     (unsigned long long)mib, disk->sector_bytes,
		     attachment_words(disk->attachment),
		     internal ? "internal" : "recovery media",
		     disk->boot_disk ? ", boot disk" : "",
		     disk->removable ? ", removable" : "",
		     disk->read_only ? ", read-only" : "");
}

static void slot_lines(struct boot_details *d, const struct boot_ctx *ctx,
		       const struct platform_disk *disk, const struct gpt_slot *s,
		       const struct crypto_policy *policy, uint8_t *head)
{
	const enum gpt_slot_state state = gpt_slot_state(s, ctx->profile.slot_order);
	struct lb_verdict why;
	uint32_t version = 0;

	details_line(d, "    slot %c: partition %u, priority %u, %u attempts, %s: %s",
		     s->letter, s->kernel + 1, s->priority, s->remaining_attempts,
		     s->bootable ? "bootable" : "not bootable",
		     gpt_slot_state_words(state));
	if (head == NULL)
		return;
	if (boot_slot_headers(ctx->plat, disk, s, policy, head, &version, &why) ==
	    LB_REASON_OK)
		details_line(d, "      signed headers good, version %u.%u",
			     LB_VERSION_PARTS(version));
	else
		details_line(d, "      %s %u: %s%s%s", lb_reason_name(why.reason),
			     why.reason, lb_reason_text(why.reason),
			     why.detail[0] != '\0' ? ": " : "", why.detail);
}

static void table_lines(struct boot_details *d, const struct boot_ctx *ctx,
			const struct platform_disk *disk, uint8_t *head)
{
	const struct crypto_policy policy = boot_policy_make(
		ctx->developer ? CRYPTO_MODE_DEVELOPER : CRYPTO_MODE_NORMAL,
		&ctx->profile, &ctx->stored, ctx->machine, &ctx->floors);
	struct gpt_slot slots[GPT_MAX_SLOTS];
	struct lb_verdict why;
	struct gpt gpt;

	if (gpt_load(ctx->plat, disk, &gpt, &why) != LB_OK) {
		details_line(d, "    %s %u: %s", lb_reason_name(why.reason), why.reason,
			     why.detail);
		return;
	}
	const size_t count = gpt_slots(&gpt, slots);

	details_line(d, "    partition table: %s, %u slots",
		     gpt_state_words(gpt_state(&gpt)), (unsigned int)count);
	for (size_t i = 0; i < count; i++)
		slot_lines(d, ctx, disk, &slots[i], &policy, head);
	gpt_unload(ctx->plat, &gpt);
}

void details_disks(struct boot_details *d, struct boot_ctx *ctx)
{
	const struct platform *plat = ctx->plat;
	size_t count = 0;

	details_line(d, "%s", "");
	details_line(d, "Disks%s:",
		     ctx->all_connected ? "" : " (others were not looked for yet)");
	if (plat->list_disks(plat->ctx, ctx->disks, PLATFORM_MAX_DISKS, &count) != LB_OK)
		return;
	uint8_t *head =
		ctx->profile_valid
			? plat->alloc(plat->ctx, CRYPTO_HEAD_BYTES, 4096,
				      PLATFORM_ANY_ADDRESS)
			: NULL; /* no key to judge by, or no memory: no verdicts */

	for (size_t i = 0; i < count; i++) {
		const struct platform_disk *disk = &ctx->disks[i];

		disk_line(d, ctx, disk);
		if (boot_disk_role(disk, &ctx->profile) == BOOT_ROLE_INTERNAL)
			table_lines(d, ctx, disk, head);
	}
	if (head != NULL)
		plat->free(plat->ctx, head, CRYPTO_HEAD_BYTES);
}

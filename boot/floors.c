/* Rollback floors in the boot flow.
 *
 * Design: DESIGN 8 "Rollback floors". */
#include "boot/flow.h"

#include "boot/disk.h"

void boot_floors_load(struct boot_ctx *ctx)
{
	struct platform_floors stored = { 0, 0 };
	const enum lb_status status = ctx->plat->read_floors(ctx->plat->ctx, &stored);

	if (status != LB_OK && status != LB_ERR_NOT_FOUND)
		lb_log(&ctx->log, "floors: cannot be read: %s", lb_status_name(status));
	ctx->floors = stored;
	if (ctx->floors.recovery < ctx->profile.recovery_floor)
		ctx->floors.recovery = ctx->profile.recovery_floor;
	lb_log(&ctx->log, "floors: kernel %u.%u, recovery %u.%u",
	       ctx->floors.kernel >> 16, ctx->floors.kernel & 0xffff,
	       ctx->floors.recovery >> 16, ctx->floors.recovery & 0xffff);
}

/* The combined version of @slot's headers. LB_REASON_OK, or why it has none. */
static enum lb_reason slot_version(struct boot_ctx *ctx, const struct gpt_slot *slot,
				   uint8_t *head, uint32_t *version)
{
	struct lb_verdict why;

	return boot_slot_headers(ctx->plat, &ctx->target.disk, slot, &ctx->policy, head,
				 version, &why);
}

/* The lowest version that a fall-back could still need, or false when a read error
 * leaves that open: the floor must never rise over a slot that is only unreadable now. */
static bool lowest_bootable(struct boot_ctx *ctx, uint8_t *head, uint32_t *lowest)
{
	for (size_t i = 0; i < ctx->target.slot_count; i++) {
		const struct gpt_slot *slot = &ctx->target.slots[i];
		uint32_t version;

		if (!slot->bootable || slot == ctx->target.slot)
			continue;
		const enum lb_reason reason = slot_version(ctx, slot, head, &version);

		if (lb_reason_class(reason) == LB_CLASS_READ)
			return false;
		if (reason == LB_REASON_OK && version < *lowest)
			*lowest = version;
	}
	return true;
}

void boot_floors_raise(struct boot_ctx *ctx)
{
	const struct platform *plat = ctx->plat;
	uint32_t lowest =
		crypto_kernel_headers(kernel_prepared_verified(ctx->prepared))->version;

	if (lowest <= ctx->floors.kernel)
		return;
	uint8_t *head =
		plat->alloc(plat->ctx, CRYPTO_HEAD_BYTES, 4096, PLATFORM_ANY_ADDRESS);

	if (head == NULL)
		return; /* no harm: the next boot raises it */
	if (lowest_bootable(ctx, head, &lowest) && lowest > ctx->floors.kernel) {
		struct platform_floors raised = ctx->floors;

		raised.kernel = lowest;
		const enum lb_status status = plat->raise_floors(plat->ctx, &raised);

		if (status != LB_ERR_UNSUPPORTED) /* no store: said once, as floor 0.0 */
			lb_log(&ctx->log, "floors: kernel %u.%u -> %u.%u: %s",
			       ctx->floors.kernel >> 16, ctx->floors.kernel & 0xffff,
			       lowest >> 16, lowest & 0xffff, lb_status_name(status));
		if (status == LB_OK)
			ctx->floors = raised;
	}
	plat->free(plat->ctx, head, CRYPTO_HEAD_BYTES);
}

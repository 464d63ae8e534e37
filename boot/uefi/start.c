/* The end of the loader: preparing a start, starting, resetting. */
#include "boot/uefi/cpu.h"

#include <string.h>

#include "boot/kernel/prepare.h"
#include "boot/uefi/stub.h"

static enum lb_status prepare(struct uefi *u, const struct prepared_kernel *kernel,
			      struct lb_verdict *why)
{
	switch (u->start.layout->start) {
	case KERNEL_START_LINUX64:
		return uefi_linux64_prepare(u, u->start.layout, why);
	case KERNEL_START_EFI_STUB:
	case KERNEL_START_UKI:
		return uefi_stub_prepare(u, kernel, why);
	default:
		(void)lb_verdict_set(why, LB_REASON_KIND_UNSUPPORTED, "not under UEFI");
		return LB_ERR_UNSUPPORTED;
	}
}

enum lb_status uefi_prepare_start(void *ctx, const struct prepared_kernel *kernel,
				  struct lb_verdict *why)
{
	struct uefi *u = ctx;

	uefi_discard_start(u);
	(void)lb_verdict_set(why, LB_REASON_OK, NULL);
	/* Only what was decided twice; see docs/hardening.md. */
	if (crypto_kernel_proof(kernel_prepared_verified(kernel)) != HARDEN_PROOF)
		return LB_ERR_SIGNATURE;
	u->start.layout = kernel_prepared_layout(kernel);

	const enum lb_status status = prepare(u, kernel, why);

	if (status == LB_OK)
		return LB_OK;
	if (why->reason == LB_REASON_OK)
		(void)lb_verdict_set(why, LB_REASON_PREPARE_FAILED, "%s",
				     lb_status_name(status));
	uefi_discard_start(u);
	return status;
}

void uefi_discard_start(void *ctx)
{
	struct uefi *u = ctx;

	if (u->start.layout == NULL)
		return;
	if (u->start.layout->start == KERNEL_START_LINUX64)
		uefi_linux64_discard(u);
	else
		uefi_stub_discard(u);
	u->start.layout = NULL;
}

enum lb_status uefi_start(void *ctx)
{
	struct uefi *u = ctx;

	if (u->start.layout == NULL)
		return LB_ERR_ARGUMENT;
	uefi_bli_publish(u, uefi_seed_offer(u));
	uefi_bli_selected(u, u->start.layout->slot);

	const enum lb_status status = u->start.layout->start == KERNEL_START_LINUX64
					      ? uefi_linux64_start(u)
					      : uefi_stub_start(u);

	uefi_discard_start(u);
	return status;
}

void uefi_reset(void *ctx, enum platform_reset how)
{
	struct uefi *u = ctx;

	u->rt->ResetSystem(how == PLATFORM_RESET_POWER_OFF ? EfiResetShutdown
							   : EfiResetCold,
			   EFI_SUCCESS, 0, NULL);
	uefi_cpu_halt(); /* a firmware that cannot */
}

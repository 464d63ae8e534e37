/* aarch64: there is no 64-bit boot protocol of x86 here; kernels start by their EFI
 * stub. */
#include "boot/uefi/cpu.h"

enum lb_status uefi_linux64_prepare(struct uefi *u, const struct kernel_layout *layout,
				    struct lb_verdict *why)
{
	(void)u;
	(void)layout;
	(void)lb_verdict_set(why, LB_REASON_WRONG_CPU, "x86 boot protocol on aarch64");
	return LB_ERR_UNSUPPORTED;
}

void uefi_linux64_discard(struct uefi *u)
{
	(void)u;
}

enum lb_status uefi_linux64_start(struct uefi *u)
{
	(void)u;
	return LB_ERR_UNSUPPORTED;
}

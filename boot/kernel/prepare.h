/* Preparation: from a verified kernel to everything in its place, so that after the
 * charge nothing is left that can fail - kind recognised, configuration chosen, kernel
 * decompressed and placed, command line made, device tree fixed up.
 *
 * Design: DESIGN 3. Formats and limits: docs/formats/kernels.md. */
#ifndef LIFEBOAT_BOOT_KERNEL_PREPARE_H
#define LIFEBOAT_BOOT_KERNEL_PREPARE_H

#include "base/platform.h"
#include "base/reason.h"
#include "boot/kernel/layout.h"
#include "crypto/kernel_verify.h"

/**
 * kernel_kind_of() - what a verified body is. By its first bytes and the preamble's
 * image type; LB_REASON_KIND_UNSUPPORTED when it is none of ours.
 */
enum lb_reason kernel_kind_of(const struct verified_kernel *kernel,
			      enum kernel_kind *kind, struct lb_verdict *why);

/**
 * kernel_prepare() - place a verified kernel.
 * @kernel: taken over on success (released with the prepared kernel), the caller's
 *          otherwise - but its body may then have been used up
 *
 * Reasons: KIND_UNSUPPORTED, BODY_LAYOUT, COMMAND_LINE, WRONG_CPU, KERNEL_PROTOCOL,
 * FIT_DAMAGED, NO_CONFIGURATION, DECOMPRESSION, OVERLAY, TOO_LITTLE_MEMORY,
 * TWO_COMMAND_LINES, PREPARE_FAILED.
 */
enum lb_reason kernel_prepare(const struct platform *plat,
			      const struct kernel_context *context,
			      struct verified_kernel *kernel,
			      struct prepared_kernel **out, struct lb_verdict *why);

/** kernel_prepared_free() - the prepared kernel, all that was placed for it, and the
 * verified kernel in it. NULL is nothing. What the platform made of it goes first
 * (discard_start): it points into this. */
void kernel_prepared_free(const struct platform *plat, struct prepared_kernel *prepared);

/** kernel_prepared_layout() - what the platform needs to start it; valid, like the
 * verified kernel, as long as @prepared is. */
const struct kernel_layout *kernel_prepared_layout(
	const struct prepared_kernel *prepared);
/** kernel_prepared_verified() - the verified kernel inside, for measuring and for the
 * proof that it was decided twice. */
const struct verified_kernel *kernel_prepared_verified(
	const struct prepared_kernel *prepared);

#endif

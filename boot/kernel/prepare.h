/* Preparation: from a verified kernel to everything in its place, so that after the
 * charge nothing is left that can fail - kind recognised, configuration chosen, kernel
 * decompressed and placed, command line made, device tree fixed up.
 *
 * Design: DESIGN 3. Formats and limits: docs/formats/kernels.md. */
#ifndef LIFEBOAT_BOOT_KERNEL_PREPARE_H
#define LIFEBOAT_BOOT_KERNEL_PREPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/handover.h"
#include "base/platform.h"
#include "base/reason.h"
#include "crypto/kernel_verify.h"

#define KERNEL_CONFIG_PAGE_BYTES 4096u
#define KERNEL_CMDLINE_MAX_BYTES 8192u /* after substitutions, with NUL */
#define KERNEL_ZERO_PAGE_BYTES   4096u
#define KERNEL_ALIGN_BYTES       0x200000u

enum kernel_kind {
	KERNEL_KIND_CROS_X86, /* bzImage without its setup part, ChromeOS layout */
	KERNEL_KIND_FIT,
	KERNEL_KIND_PE,
};

enum kernel_start {
	KERNEL_START_LINUX64,  /* x86_64: jump to image + 0x200 with a zero page */
	KERNEL_START_EFI_STUB, /* LoadImage from memory, initrd by LoadFile2 */
	KERNEL_START_UKI,      /* LoadImage from memory; brings its own initrd */
	KERNEL_START_ARM64,    /* bare metal: MMU off, x0 = device tree */
};

/* What the platform needs to start it. Read-only for the platform. */
struct kernel_layout {
	enum kernel_kind kind;
	enum kernel_start start;
	char slot;      /* as of the context */
	uint8_t *image; /* LINUX64, ARM64: where it runs, KERNEL_ALIGN_BYTES aligned,
	                        * image_room bytes are free for it; else any address */
	size_t image_bytes;
	size_t image_room; /* >= init_size / image_size of the kernel's header */
	uint8_t *initrd; /* NULL when there is none; within the kernel's address limit */
	size_t initrd_bytes;
	const char *cmdline; /* ASCII, NUL-terminated, never NULL */
	/* lifeboat.recovery-floor= of the signed text; 0: none */
	uint32_t recovery_floor;
	/* LINUX64: KERNEL_ZERO_PAGE_BYTES below 4 GiB; header, command line and initrd
	 * are filled in; the platform adds e820, screen_info, acpi_rsdp_addr, efi_info,
	 * secure_boot */
	uint8_t *zero_page;
	/* fixed up; NULL: leave the machine's own description alone */
	uint8_t *device_tree;
	size_t device_tree_bytes; /* allocated bytes; the tree's totalsize may be less */
};

/* What a kernel is prepared for. */
struct kernel_context {
	const struct platform_machine *machine;
	/* of the profile, "" when none: chooses a FIT configuration on machines without
	 * device tree */
	const char *hardware_id;
	/* its letter; 'R': recovery media, 'U': a developer's stick; 0: nobody says */
	char slot;
	uint8_t partition_guid[16]; /* of the kernel partition: %U */
	const struct lb_handover *handover;
	/* lifeboat.* additions to the command line, "" for none */
	const char *extra_args;
	bool dry_run; /* host tools: everything but what needs the machine
	                             * (random seeds); any cpu may be asked about */
};

struct prepared_kernel;

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

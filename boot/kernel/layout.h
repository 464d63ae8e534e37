/* What a kernel is prepared for, and what a platform needs to start it. */
#ifndef LIFEBOAT_BOOT_KERNEL_LAYOUT_H
#define LIFEBOAT_BOOT_KERNEL_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/handover.h"
#include "base/platform.h"
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

#endif

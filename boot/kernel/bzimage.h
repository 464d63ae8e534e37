/* The setup header of a bzImage (x86 Linux boot protocol): decode and check, and the zero
 * page made from it. Pure.
 *
 * Spec: Linux, Documentation/arch/x86/boot.rst. Our limits: docs/formats/kernels.md. */
#ifndef LIFEBOAT_BOOT_KERNEL_BZIMAGE_H
#define LIFEBOAT_BOOT_KERNEL_BZIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "boot/kernel/prepare.h"

#define KERNEL_BZIMAGE_HEADER_END   0x290u   /* the setup header ends before here */
#define KERNEL_BZIMAGE_SETUP_MAX    0x20000u /* bytes; setup_sects is one byte */
#define KERNEL_BZIMAGE_ENTRY_OFFSET 0x200u /* of the 64-bit entry in the kernel proper */

struct kernel_bzimage {
	uint32_t setup_bytes;  /* in front of the kernel proper, in a whole bzImage */
	uint64_t kernel_bytes; /* of the kernel proper */
	uint32_t init_size;    /* bytes needed from the load address on */
	uint32_t alignment;    /* of the load address */
	uint32_t cmdline_max;  /* characters, without NUL */
	uint64_t pref_address; /* lowest load address */
	uint64_t load_limit;   /* kernel, zero page and command line end below */
	uint64_t initrd_limit; /* the initrd ends below */
};

/** kernel_bzimage_recognised() - is there a setup header, of any version? */
bool kernel_bzimage_recognised(const uint8_t *setup, size_t len);

/**
 * kernel_bzimage_parse() - decode and check a setup header.
 * @setup, @len: start of a bzImage, or a zero page with the header at its place
 *
 * Required: protocol 2.12, a relocatable 64-bit kernel loaded high.
 * Returns LB_REASON_OK or LB_REASON_KERNEL_PROTOCOL.
 */
enum lb_reason kernel_bzimage_parse(const uint8_t *setup, size_t len,
				    struct kernel_bzimage *out, struct lb_verdict *why);

/**
 * kernel_bzimage_zero_page() - a zero page with nothing but the setup header, and in it
 * what a loader must set or clear. @setup was accepted by kernel_bzimage_parse().
 */
void kernel_bzimage_zero_page(const uint8_t *setup, uint8_t page[KERNEL_ZERO_PAGE_BYTES]);

/* Put the addresses into a zero page. */
void kernel_bzimage_set_kernel(uint8_t page[KERNEL_ZERO_PAGE_BYTES], uint64_t address);
void kernel_bzimage_set_cmdline(uint8_t page[KERNEL_ZERO_PAGE_BYTES], uint64_t address);
void kernel_bzimage_set_initrd(uint8_t page[KERNEL_ZERO_PAGE_BYTES], uint64_t address,
			       uint64_t bytes);

#endif

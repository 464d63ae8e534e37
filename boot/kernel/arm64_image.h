/* The header of an arm64 Linux Image: decode and check. Pure.
 *
 * Spec: Linux, Documentation/arch/arm64/booting.rst. */
#ifndef LIFEBOAT_BOOT_KERNEL_ARM64_IMAGE_H
#define LIFEBOAT_BOOT_KERNEL_ARM64_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

#define KERNEL_ARM64_HEADER_BYTES 64u

struct kernel_arm64 {
	uint64_t text_offset; /* from a 2 MiB boundary, below 2 MiB; 0 since Linux 5.8 */
	uint64_t image_size;  /* in memory, at least the file's */
	bool efi_stub;        /* is a PE image as well */
};

/** kernel_arm64_recognised() - does it have the magic number? */
bool kernel_arm64_recognised(const uint8_t *image, size_t len);

/**
 * kernel_arm64_parse() - decode and check the header.
 *
 * Refused: big-endian, no image_size (before Linux 3.17), to be placed at the start of
 * memory (before 4.6). Returns LB_REASON_OK or LB_REASON_KERNEL_PROTOCOL.
 */
enum lb_reason kernel_arm64_parse(const uint8_t *image, size_t len,
				  struct kernel_arm64 *out, struct lb_verdict *why);

/** kernel_arm64_in_window() - Linux maps kernel and initrd by one window of 32 GiB that
 * begins at a whole GiB: do both, by their addresses and sizes, lie in one? */
bool kernel_arm64_in_window(uint64_t kernel, uint64_t kernel_bytes, uint64_t initrd,
			    uint64_t initrd_bytes);

#endif

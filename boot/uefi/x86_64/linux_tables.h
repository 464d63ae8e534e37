/* What a kernel's EFI stub leaves for the kernel, for kernels started without it. */
#ifndef LIFEBOAT_BOOT_UEFI_X86_64_LINUX_TABLES_H
#define LIFEBOAT_BOOT_UEFI_X86_64_LINUX_TABLES_H

#include "boot/uefi/uefi.h"

/**
 * uefi_linux_tables() - TPM event log, memory-overwrite request. (The random seed
 * is for every kernel: uefi_seed_offer().)
 *
 * Right before boot services end, so that the log is complete. A part that cannot be
 * made is logged and left out: the kernel then does without.
 */
void uefi_linux_tables(struct uefi *u);

/** uefi_screen_info() - the frame buffer of GOP, into a zero page; nothing without
 * one. */
void uefi_screen_info(const struct uefi *u, uint8_t *zero_page);

#endif

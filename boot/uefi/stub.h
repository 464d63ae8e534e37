/* Starting an EFI image from memory: a kernel's EFI stub or a unified kernel image. */
#ifndef LIFEBOAT_BOOT_UEFI_STUB_H
#define LIFEBOAT_BOOT_UEFI_STUB_H

#include "boot/kernel/prepare.h"
#include "boot/uefi/uefi.h"

/** uefi_stub_prepare() - load the image and everything it will ask for. */
enum lb_status uefi_stub_prepare(struct uefi *u, const struct prepared_kernel *kernel,
				 struct lb_verdict *why);
void uefi_stub_discard(struct uefi *u);
/** uefi_stub_start() - LB_OK when the image ran and came back. */
enum lb_status uefi_stub_start(struct uefi *u);

/** uefi_initrd_offer() - a LoadFile2 handle that serves @data; none when @data is NULL.
 * LB_ERR_DENIED: another driver serves an initrd already, which the kernel would take. */
enum lb_status uefi_initrd_offer(struct uefi *u, const uint8_t *data, size_t bytes);
void uefi_initrd_withdraw(struct uefi *u);

/** uefi_tree_install() - fix up and install a device tree as configuration table. */
enum lb_status uefi_tree_install(struct uefi *u, const uint8_t *tree);
void uefi_tree_withdraw(struct uefi *u);

/** uefi_measure_image() - the event the firmware would have made for an image (PCR 4);
 * LB_OK also when there is no TPM. */
enum lb_status uefi_measure_image(struct uefi *u, const uint8_t *image, size_t bytes,
				  const uint8_t *path, size_t path_bytes);

#endif

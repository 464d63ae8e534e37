/* Firmware's check of images (SECURITY2), answered for exactly one image: the one whose
 * signature we verified ourselves.
 *
 * Design: DESIGN 3 "pe and Secure Boot". */
#ifndef LIFEBOAT_BOOT_UEFI_SECURITY2_H
#define LIFEBOAT_BOOT_UEFI_SECURITY2_H

#include "boot/uefi/uefi.h"
#include "crypto/digest.h"

/* What may be loaded: the buffer, and the digest it must still have when asked about. */
struct uefi_approval {
	const uint8_t *image;
	size_t image_bytes;
	const uint8_t *hashed; /* the image, or the verified body it lies in */
	size_t hashed_bytes;
	enum crypto_hash hash;
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
};

/**
 * uefi_load_approved() - LoadImage of @approval's buffer, which the firmware accepts
 * although it does not know the signature.
 * @path:  device path of the image
 * @used:  true when the firmware asked and was told yes
 *
 * Nothing else is accepted meanwhile, and firmware's own check is back in place before
 * this returns. LB_ERR_UNSUPPORTED: there is no SECURITY2 protocol. *@image is NULL
 * unless LB_OK.
 */
enum lb_status uefi_load_approved(struct uefi *u, const struct uefi_approval *approval,
				  EFI_DEVICE_PATH *path, EFI_HANDLE *image, bool *used);

#endif

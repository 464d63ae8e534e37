/* The firmware's lists of certificates and digests (db, dbx), and whether one names a PE
 * image. Pure.
 *
 * Spec: UEFI 2.10, 32.4.1 (signature lists); Windows Authenticode Portable Executable. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_SIGNATURE_DB_H
#define LIFEBOAT_RECOVERY_INSTALLER_SIGNATURE_DB_H

#include <stdbool.h>

#include "boot/kernel/pe.h"

/* A whole file, accepted by kernel_pe_parse(). */
struct signature_db_image {
	const uint8_t *file;
	size_t len;
	const struct kernel_pe *pe;
};

/**
 * signature_db_names() - has @list the image's SHA-256, or a certificate that is in the
 * image's signature, or that has issued one that is there?
 * @list: EFI signature lists, untrusted
 *
 * Whether the signature is right is left to the firmware: what brings the image has its
 * own authority, and this only keeps one away that would not start.
 */
bool signature_db_names(const struct signature_db_image *image, const uint8_t *list,
			size_t len);

/** signature_db_subject() - the holder's name in a DER certificate; NULL: malformed.
 * @bytes: of it */
const uint8_t *signature_db_subject(const uint8_t *der, size_t len, size_t *bytes);

#endif

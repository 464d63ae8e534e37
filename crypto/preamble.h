/* Kernel preambles: signed by the data key, they name version and body.
 *
 * Format and checks: docs/formats/kernel-partition.md; facts: vb2_kernel_preamble 2.2. */
#ifndef LIFEBOAT_CRYPTO_PREAMBLE_H
#define LIFEBOAT_CRYPTO_PREAMBLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "crypto/key.h"

#define CRYPTO_PREAMBLE_2_0_BYTES 96u
#define CRYPTO_PREAMBLE_2_1_BYTES 112u
#define CRYPTO_PREAMBLE_2_2_BYTES 116u

enum crypto_image_type {
	CRYPTO_IMAGE_CROS = 0,
	CRYPTO_IMAGE_BOOTIMG = 1,
	CRYPTO_IMAGE_MULTIBOOT = 2,
};

struct crypto_preamble {
	uint32_t bytes;          /* with padding */
	uint32_t signed_len;     /* the signed part, without padding: what is measured */
	uint32_t kernel_version; /* 0..0xffff */
	uint64_t body_load_address;
	uint64_t body_bytes;
	const uint8_t *body_signature;
	uint32_t body_signature_len;
	uint64_t bootloader_address;
	uint32_t bootloader_bytes;
	uint64_t vmlinuz_header_address; /* 0 before 2.1 */
	uint32_t vmlinuz_header_bytes;
	uint32_t flags; /* 0 before 2.2; bits 0-1: enum crypto_image_type */
};

/**
 * crypto_preamble_verify() - check the signature of an untrusted preamble, then decode
 * it.
 * @bytes, @len: from the start of the preamble to the end of what was read
 * @key:         the keyblock's data key
 *
 * Bootloader and vmlinuz header, when given, lie inside the body.
 * Returns LB_REASON_OK, _PREAMBLE_VERSION, _PREAMBLE_LAYOUT, _PREAMBLE_SIGNATURE, or
 * _TOO_LITTLE_MEMORY when nothing could be checked.
 */
enum lb_reason crypto_preamble_verify(const uint8_t *bytes, size_t len,
				      const struct crypto_key *key,
				      struct crypto_preamble *out,
				      struct lb_verdict *why);

#endif

/* Packed public keys (.vbpubk) and RSA signature checks.
 *
 * Format: docs/formats/kernel-partition.md. Algorithms: DESIGN 3. */
#ifndef LIFEBOAT_CRYPTO_KEY_H
#define LIFEBOAT_CRYPTO_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "crypto/digest.h"

#define CRYPTO_PACKED_KEY_BYTES 32u
#define CRYPTO_MAX_RSA_BYTES    1024u
#define CRYPTO_KEY_ID_BYTES     32u

/* A public key decoded from bytes that must stay in place while it is used. */
struct crypto_key {
	uint32_t algorithm; /* vboot number: 4, 5, 7, 8, 10 or 11 */
	enum crypto_hash hash;
	uint32_t rsa_bytes;  /* 256, 512 or 1024; also the size of a signature */
	uint32_t version;    /* key version; 0..0xffff is for the keyblock to check */
	const uint8_t *data; /* u32 words, u32 n0inv, n, RR; little-endian words */
	uint32_t data_bytes;
};

/** crypto_algorithm() - accepted algorithm numbers; fills hash and RSA size.
 * LB_ERR_ALGORITHM for every other number. */
enum lb_status crypto_algorithm(uint32_t algorithm, enum crypto_hash *hash,
				uint32_t *rsa_bytes);

/**
 * crypto_key_parse() - decode a packed key.
 * @bytes, @len: the whole buffer the key lies in
 * @offset:      where its 32-byte header starts; key_offset counts from there
 *
 * Checks bounds, word count, algorithm against size, alignment to 4 within @bytes, a
 * modulus that is odd and of full length, n0inv.
 * Errors: LB_ERR_RANGE (bounds or malformed), LB_ERR_ALGORITHM.
 */
enum lb_status crypto_key_parse(const uint8_t *bytes, size_t len, size_t offset,
				struct crypto_key *out);

/** crypto_key_id() - SHA-256 of the key data (words, n0inv, n, RR): how keys are
 * named. */
void crypto_key_id(const struct crypto_key *key, uint8_t out[CRYPTO_KEY_ID_BYTES]);

/**
 * crypto_verify_digest() - PKCS#1 v1.5 signature of a digest.
 *
 * LB_OK only if the signature is right; LB_ERR_SIGNATURE when not; LB_ERR_RANGE when
 * @sig_len is not the key's size; LB_ERR_NOMEM.
 */
enum lb_status crypto_verify_digest(const struct crypto_key *key, const uint8_t *digest,
				    const uint8_t *sig, size_t sig_len);

/** crypto_verify_data() - the same for bytes that are hashed here, by the key's hash. */
enum lb_status crypto_verify_data(const struct crypto_key *key, const uint8_t *data,
				  size_t len, const uint8_t *sig, size_t sig_len);

#endif

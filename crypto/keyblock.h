/* Keyblocks: a data key, signed (or only hashed), with mode flags.
 *
 * Format and checks: docs/formats/kernel-partition.md; facts: vb2_keyblock 2.1. */
#ifndef LIFEBOAT_CRYPTO_KEYBLOCK_H
#define LIFEBOAT_CRYPTO_KEYBLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "crypto/key.h"

#define CRYPTO_KEYBLOCK_BYTES 112u

#define CRYPTO_FLAG_DEV0    0x01u /* valid when developer mode is off */
#define CRYPTO_FLAG_DEV1    0x02u /* ... is on */
#define CRYPTO_FLAG_REC0    0x04u /* valid outside recovery */
#define CRYPTO_FLAG_REC1    0x08u /* ... in recovery */
#define CRYPTO_FLAG_MINIOS0 0x10u
#define CRYPTO_FLAG_MINIOS1 0x20u

struct crypto_keyblock {
	uint32_t bytes; /* of the whole keyblock */
	uint32_t flags;
	bool has_signature; /* false: only a hash (self-signed) */
	bool hash_good; /* its own SHA-512, over at least header and data key, is right */
	struct crypto_key data_key;
	/* what the signature (the hash, if there is none) covers */
	const uint8_t *signed_bytes;
	uint32_t signed_len;
	const uint8_t *signature;
	uint32_t signature_len;
};

/**
 * crypto_keyblock_parse() - decode one untrusted keyblock; no signature is checked.
 * @why: the reason and offset on failure
 *
 * @out points into @bytes. Returns LB_REASON_OK or the reason also found in @why.
 */
enum lb_reason crypto_keyblock_parse(const uint8_t *bytes, size_t len,
				     struct crypto_keyblock *out, struct lb_verdict *why);

/**
 * crypto_keyblock_verify() - is it signed by @key?
 * @key: data == NULL when no key is known; then never OK
 *
 * LB_REASON_OK if the signature is right. If not: _KEYBLOCK_DAMAGED when not even its own
 * hash is right, else _SELF_SIGNED when it has no signature, else _KEY_UNKNOWN; and
 * _TOO_LITTLE_MEMORY when nothing could be checked.
 */
enum lb_reason crypto_keyblock_verify(const struct crypto_keyblock *keyblock,
				      const struct crypto_key *key,
				      struct lb_verdict *why);

#endif

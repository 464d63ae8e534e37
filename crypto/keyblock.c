/* Keyblocks: decode, and check the signature or the hash. */
#include "crypto/keyblock.h"

#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "crypto/sig.h"

#define MAGIC         "CHROMEOS"
#define MAJOR_VERSION 2u
#define MAX_VERSION   0xffffu /* of the data key */

enum {
	AT_MAJOR = 8,
	AT_BYTES = 16,
	AT_SIGNATURE = 24,
	AT_HASH = 48,
	AT_FLAGS = 72,
	AT_DATA_KEY = 80,
};

_Static_assert(AT_DATA_KEY + CRYPTO_PACKED_KEY_BYTES == CRYPTO_KEYBLOCK_BYTES,
	       "the data key's header ends the keyblock's");
_Static_assert(AT_SIGNATURE + CRYPTO_SIG_BYTES == AT_HASH, "signature, then hash");

/* Header, data key's header and its bytes lie in the first @covered bytes. */
static bool covers_data_key(const uint8_t *bytes, uint32_t covered)
{
	const uint32_t offset = lb_le32(bytes + AT_DATA_KEY);
	const uint32_t size = lb_le32(bytes + AT_DATA_KEY + 8);

	return covered >= CRYPTO_KEYBLOCK_BYTES && offset >= CRYPTO_PACKED_KEY_BYTES &&
	       lb_within(offset, size, covered - AT_DATA_KEY);
}

/* The keyblock's own SHA-512: over enough, and right. */
static bool hash_is_good(const uint8_t *bytes, uint32_t block_bytes)
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	struct crypto_sig hash;

	if (!crypto_sig_parse(bytes, block_bytes, AT_HASH, &hash) ||
	    hash.bytes != CRYPTO_SHA512_BYTES || hash.data_bytes > block_bytes ||
	    !covers_data_key(bytes, hash.data_bytes))
		return false;
	crypto_digest_once(CRYPTO_SHA512, bytes, hash.data_bytes, digest);
	return memcmp(digest, bytes + hash.offset, CRYPTO_SHA512_BYTES) == 0;
}

static enum lb_reason check_header(const uint8_t *bytes, size_t len,
				   struct lb_verdict *why)
{
	if (len < CRYPTO_KEYBLOCK_BYTES)
		return lb_verdict_set(why, LB_REASON_NOT_A_KERNEL,
				      "only %zu bytes, a keyblock has %u", len,
				      CRYPTO_KEYBLOCK_BYTES);
	if (memcmp(bytes, MAGIC, 8) != 0)
		return lb_verdict_set(why, LB_REASON_NOT_A_KERNEL,
				      "offset 0: \"%.8s\" instead of \"" MAGIC "\"",
				      lb_all_zero(bytes, 8) ? "" : (const char *)bytes);
	if (lb_le32(bytes + AT_MAJOR) != MAJOR_VERSION)
		return lb_verdict_set(why, LB_REASON_KEYBLOCK_VERSION,
				      "offset %u: major version %u instead of %u",
				      AT_MAJOR, lb_le32(bytes + AT_MAJOR), MAJOR_VERSION);
	if (lb_le32(bytes + AT_BYTES) > len)
		return lb_verdict_set(
			why, LB_REASON_KEYBLOCK_LAYOUT,
			"offset %u: keyblock of %u bytes, only %zu are here", AT_BYTES,
			lb_le32(bytes + AT_BYTES), len);
	return LB_REASON_OK;
}

/* The signature's structure, or the hash's where there is no signature. */
static enum lb_reason check_cover(const uint8_t *bytes, bool has_signature,
				  struct crypto_sig *out, struct lb_verdict *why)
{
	const uint32_t at = has_signature ? AT_SIGNATURE : AT_HASH;
	const char *what = has_signature ? "signature" : "hash";
	const uint32_t block_bytes = lb_le32(bytes + AT_BYTES);
	struct crypto_sig sig;

	if (!crypto_sig_parse(bytes, block_bytes, at, &sig))
		return lb_verdict_set(
			why, LB_REASON_KEYBLOCK_LAYOUT,
			"offset %u: %s (at %u, %u bytes) outside the keyblock's %u", at,
			what, lb_le32(bytes + at), lb_le32(bytes + at + 8), block_bytes);
	if (sig.data_bytes > block_bytes || sig.data_bytes < CRYPTO_KEYBLOCK_BYTES)
		return lb_verdict_set(why, LB_REASON_KEYBLOCK_LAYOUT,
				      "offset %u: %s covers %u bytes, not %u to %u",
				      at + 16, what, sig.data_bytes,
				      CRYPTO_KEYBLOCK_BYTES, block_bytes);
	if (!covers_data_key(bytes, sig.data_bytes))
		return lb_verdict_set(
			why, LB_REASON_KEYBLOCK_LAYOUT,
			"offset %u: data key (at %u, %u bytes) outside the %u bytes "
			"its %s covers",
			AT_DATA_KEY, lb_le32(bytes + AT_DATA_KEY),
			lb_le32(bytes + AT_DATA_KEY + 8), sig.data_bytes, what);
	*out = sig;
	return LB_REASON_OK;
}

/* A data key that makes no sense in a keyblock whose own hash is wrong, too, is damage;
 * otherwise somebody made it so. */
static enum lb_reason check_data_key(const uint8_t *bytes, uint32_t covered,
				     bool hash_good, struct crypto_key *out,
				     struct lb_verdict *why)
{
	const uint32_t algorithm = lb_le32(bytes + AT_DATA_KEY + 16);
	struct crypto_key key;

	switch (crypto_key_parse(bytes, covered, AT_DATA_KEY, &key)) {
	case LB_OK:
		break;
	case LB_ERR_ALGORITHM:
		return lb_verdict_set(why,
				      hash_good ? LB_REASON_ALGORITHM_REFUSED
						: LB_REASON_KEYBLOCK_DAMAGED,
				      "offset %u: algorithm %u of the data key",
				      AT_DATA_KEY + 16, algorithm);
	default:
		return lb_verdict_set(why,
				      hash_good ? LB_REASON_DATA_KEY_LAYOUT
						: LB_REASON_KEYBLOCK_DAMAGED,
				      "offset %u: data key is no RSA key of algorithm %u",
				      AT_DATA_KEY, algorithm);
	}
	if (key.version > MAX_VERSION)
		return lb_verdict_set(why,
				      hash_good ? LB_REASON_KEY_VERSION
						: LB_REASON_KEYBLOCK_DAMAGED,
				      "offset %u: key version %u, at most %u",
				      AT_DATA_KEY + 24, key.version, MAX_VERSION);
	*out = key;
	return LB_REASON_OK;
}

enum lb_reason crypto_keyblock_parse(const uint8_t *bytes, size_t len,
				     struct crypto_keyblock *out, struct lb_verdict *why)
{
	struct crypto_sig cover = { 0 };
	struct crypto_key data_key = { 0 };
	enum lb_reason reason = check_header(bytes, len, why);

	if (reason != LB_REASON_OK)
		return reason;

	const bool has_signature = !lb_all_zero(bytes + AT_SIGNATURE, CRYPTO_SIG_BYTES);

	reason = check_cover(bytes, has_signature, &cover, why);
	if (reason != LB_REASON_OK)
		return reason;

	const uint32_t block_bytes = lb_le32(bytes + AT_BYTES);
	const bool hash_good = hash_is_good(bytes, block_bytes);

	reason = check_data_key(bytes, cover.data_bytes, hash_good, &data_key, why);
	if (reason != LB_REASON_OK)
		return reason;

	*out = (struct crypto_keyblock){
		.bytes = block_bytes,
		.flags = lb_le32(bytes + AT_FLAGS),
		.has_signature = has_signature,
		.hash_good = hash_good,
		.data_key = data_key,
		.signed_bytes = bytes,
		.signed_len = cover.data_bytes,
		.signature = has_signature ? bytes + cover.offset : NULL,
		.signature_len = has_signature ? cover.bytes : 0,
	};
	return lb_verdict_set(why, LB_REASON_OK, NULL);
}

static enum lb_reason unknown_key(const struct crypto_keyblock *keyblock,
				  const struct crypto_key *key, struct lb_verdict *why)
{
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	char hex[2 * 4 + 1];

	if (key->data == NULL)
		return lb_verdict_set(why, LB_REASON_KEY_UNKNOWN,
				      "no key to check it against");
	crypto_key_id(key, id);
	lb_format_hex(hex, id, 4);
	return lb_verdict_set(
		why, LB_REASON_KEY_UNKNOWN,
		"keyblock's %u-byte signature is not by key %s... (%u bytes)",
		keyblock->signature_len, hex, key->rsa_bytes);
}

enum lb_reason crypto_keyblock_verify(const struct crypto_keyblock *keyblock,
				      const struct crypto_key *key,
				      struct lb_verdict *why)
{
	enum lb_status status = LB_ERR_SIGNATURE;

	if (keyblock->has_signature && key->data != NULL)
		status = crypto_verify_data(key, keyblock->signed_bytes,
					    keyblock->signed_len, keyblock->signature,
					    keyblock->signature_len);
	if (status == LB_OK)
		return lb_verdict_set(why, LB_REASON_OK, NULL);
	if (status == LB_ERR_NOMEM)
		return lb_verdict_set(why, LB_REASON_TOO_LITTLE_MEMORY,
				      "for the keyblock's signature");
	if (!keyblock->hash_good)
		return lb_verdict_set(why, LB_REASON_KEYBLOCK_DAMAGED,
				      "its SHA-512 at offset %u is wrong", AT_HASH);
	if (!keyblock->has_signature)
		return lb_verdict_set(why, LB_REASON_SELF_SIGNED,
				      "keyblock has no signature");
	return unknown_key(keyblock, key, why);
}

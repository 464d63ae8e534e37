/* Packed keys: decode and check. The RSA arithmetic is in rsa_mbedtls.c. */
#include "crypto/key.h"

#include <stdbool.h>

#include "base/bytes.h"

#define KEY_ALIGNMENT   4u
#define KEY_WORDS_BYTES 8u /* u32 words, u32 n0inv */

/* Refused by having no row: RSA-1024, RSA-3072, e = 3, SHA-1. */
static const struct {
	uint32_t algorithm;
	enum crypto_hash hash;
	uint32_t rsa_bytes;
} algorithms[] = {
	{ 4, CRYPTO_SHA256, 256 },   { 5, CRYPTO_SHA512, 256 },
	{ 7, CRYPTO_SHA256, 512 },   { 8, CRYPTO_SHA512, 512 },
	{ 10, CRYPTO_SHA256, 1024 }, { 11, CRYPTO_SHA512, 1024 },
};

enum lb_status crypto_algorithm(uint32_t algorithm, enum crypto_hash *hash,
				uint32_t *rsa_bytes)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (algorithms[i].algorithm == algorithm) {
			*hash = algorithms[i].hash;
			*rsa_bytes = algorithms[i].rsa_bytes;
			return LB_OK;
		}
	return LB_ERR_ALGORITHM;
}

/* Word count, a modulus that is odd and of full length, and -1 / n[0] mod 2^32 right.
 * RR is derived data that we do not use: rsa_mbedtls.c computes its own. */
static bool key_data_sound(const uint8_t *data, uint32_t rsa_bytes)
{
	const uint32_t n0inv = lb_le32(data + 4);
	const uint8_t *modulus = data + KEY_WORDS_BYTES;
	const uint32_t lowest = lb_le32(modulus);

	return lb_le32(data) == rsa_bytes / 4 && (lowest & 1) != 0 &&
	       (modulus[rsa_bytes - 1] & 0x80) != 0 && lowest * n0inv == UINT32_MAX;
}

enum lb_status crypto_key_parse(const uint8_t *bytes, size_t len, size_t offset,
				struct crypto_key *out)
{
	enum crypto_hash hash;
	uint32_t rsa_bytes;

	if (!lb_within(offset, CRYPTO_PACKED_KEY_BYTES, len))
		return LB_ERR_RANGE;

	const uint8_t *header = bytes + offset;
	const uint32_t data_offset = lb_le32(header);
	const uint32_t data_bytes = lb_le32(header + 8);
	const uint32_t algorithm = lb_le32(header + 16);

	if (data_offset < CRYPTO_PACKED_KEY_BYTES ||
	    !lb_within(data_offset, data_bytes, len - offset))
		return LB_ERR_RANGE;
	if (crypto_algorithm(algorithm, &hash, &rsa_bytes) != LB_OK)
		return LB_ERR_ALGORITHM;

	const struct crypto_key key = {
		.algorithm = algorithm,
		.hash = hash,
		.rsa_bytes = rsa_bytes,
		.version = lb_le32(header + 24),
		.data = header + data_offset,
		.data_bytes = data_bytes,
	};

	if (data_bytes != 2 * rsa_bytes + KEY_WORDS_BYTES ||
	    (offset + data_offset) % KEY_ALIGNMENT != 0 ||
	    !key_data_sound(key.data, rsa_bytes))
		return LB_ERR_RANGE;

	*out = key;
	return LB_OK;
}

void crypto_key_id(const struct crypto_key *key, uint8_t out[CRYPTO_KEY_ID_BYTES])
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];

	crypto_digest_once(CRYPTO_SHA256, key->data, key->data_bytes, digest);
	for (size_t i = 0; i < CRYPTO_KEY_ID_BYTES; i++)
		out[i] = digest[i];
}

enum lb_status crypto_verify_data(const struct crypto_key *key, const uint8_t *data,
				  size_t len, const uint8_t *sig, size_t sig_len)
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];

	crypto_digest_once(key->hash, data, len, digest);
	return crypto_verify_digest(key, digest, sig, sig_len);
}

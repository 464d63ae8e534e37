/* In place of crypto/rsa_mbedtls.c when fuzzing: every signature of the right size is
 * right, so that what lies behind the signatures is reached. Never linked into anything
 * else. */
#include "crypto/key.h"

/* Reads all that the real function reads, for the sanitizers. */
static void touch(const volatile uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		(void)bytes[i];
}

enum lb_status crypto_verify_digest(const struct crypto_key *key, const uint8_t *digest,
				    const uint8_t *sig, size_t sig_len)
{
	if (key->data == NULL || sig_len != key->rsa_bytes)
		return LB_ERR_RANGE;
	touch(sig, sig_len);
	touch(digest, crypto_digest_bytes(key->hash));
	touch(key->data, key->data_bytes);
	return LB_OK;
}

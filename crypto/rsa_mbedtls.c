/* RSA signatures through mbedtls; the only file that knows it. */
#include <stdbool.h>

#include <mbedtls/bignum.h>
#include <mbedtls/md.h>
#include <mbedtls/rsa.h>

#include "crypto/key.h"

#define EXPONENT 65537

/* The sum of a high and a low level code: the low one is in the last seven bits. */
static bool out_of_memory(int code)
{
	return (-code & 0x7f) == -MBEDTLS_ERR_MPI_ALLOC_FAILED;
}

/* The modulus is stored as little-endian words, lowest first: one little-endian
 * number. */
static int load_key(mbedtls_rsa_context *rsa, const struct crypto_key *key)
{
	mbedtls_mpi modulus, exponent;
	int code;

	mbedtls_mpi_init(&modulus);
	mbedtls_mpi_init(&exponent);
	code = mbedtls_mpi_read_binary_le(&modulus, key->data + 8, key->rsa_bytes);
	if (code == 0)
		code = mbedtls_mpi_lset(&exponent, EXPONENT);
	if (code == 0)
		code = mbedtls_rsa_import(rsa, &modulus, NULL, NULL, NULL, &exponent);
	if (code == 0)
		code = mbedtls_rsa_complete(rsa);
	mbedtls_mpi_free(&modulus);
	mbedtls_mpi_free(&exponent);
	return code;
}

enum lb_status crypto_verify_digest(const struct crypto_key *key, const uint8_t *digest,
				    const uint8_t *sig, size_t sig_len)
{
	const mbedtls_md_type_t md =
		key->hash == CRYPTO_SHA256 ? MBEDTLS_MD_SHA256 : MBEDTLS_MD_SHA512;
	mbedtls_rsa_context rsa;
	int code;

	if (key->data == NULL || sig_len != key->rsa_bytes)
		return LB_ERR_RANGE;

	mbedtls_rsa_init(&rsa); /* PKCS#1 v1.5 is the preset */
	code = load_key(&rsa, key);
	if (code == 0 && mbedtls_rsa_get_len(&rsa) != key->rsa_bytes)
		code = MBEDTLS_ERR_RSA_BAD_INPUT_DATA;
	if (code == 0)
		code = mbedtls_rsa_pkcs1_verify(
			&rsa, md, (unsigned int)crypto_digest_bytes(key->hash), digest,
			sig);
	mbedtls_rsa_free(&rsa);

	if (code == 0)
		return LB_OK;
	return out_of_memory(code) ? LB_ERR_NOMEM : LB_ERR_SIGNATURE;
}

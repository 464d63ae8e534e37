/* Packed public keys: made from OpenSSL's, read by the core's parser. */
#include "tools/lib/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "tools/lib/algorithm.h"
#include "tools/lib/file.h"
#include "tools/lib/key_words.h"
#include "tools/lib/private_key.h"
#include "tools/lib/tool.h"

#define MAX_VERSION 0xffffu

/* -1 / n mod 2^32 for odd n: Newton's step doubles the right bits each time. */
static uint32_t negative_inverse(uint32_t n)
{
	uint32_t inverse = n; /* right in 3 bits */

	for (int i = 0; i < 4; i++)
		inverse *= 2u - n * inverse;
	return (uint32_t)(0u - inverse);
}

/* The key data: words, n0inv, n, 2^(2 bits) mod n; all little-endian. */
static bool append_key_data(const BIGNUM *n, size_t bytes, struct tool_buffer *out)
{
	BIGNUM *rr = BN_new();
	BN_CTX *context = BN_CTX_new();
	uint8_t *at = tool_buffer_grow(out, 8 + 2 * bytes);
	const bool good = rr != NULL && context != NULL &&
			  BN_set_bit(rr, (int)(16 * bytes)) == 1 &&
			  BN_mod(rr, rr, n, context) == 1 &&
			  BN_bn2lebinpad(n, at + 8, (int)bytes) == (int)bytes &&
			  BN_bn2lebinpad(rr, at + 8 + bytes, (int)bytes) == (int)bytes;

	if (good) {
		lb_put_le32(at, (uint32_t)(bytes / 4));
		lb_put_le32(at + 4, negative_inverse(lb_le32(at + 8)));
	}
	BN_free(rr);
	BN_CTX_free(context);
	return good;
}

static bool exponent_is_f4(EVP_PKEY *pkey)
{
	BIGNUM *e = NULL;
	const bool good = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
			  BN_is_word(e, RSA_F4) == 1;

	BN_free(e);
	return good;
}

bool tool_public_key_pack(EVP_PKEY *pkey, const char *name, uint32_t algorithm,
			  uint32_t version, struct tool_buffer *out)
{
	const struct tool_algorithm *a = tool_algorithm(algorithm);
	BIGNUM *n = NULL;

	if (a == NULL || !EVP_PKEY_is_a(pkey, "RSA") ||
	    (unsigned int)EVP_PKEY_get_bits(pkey) != a->bits) {
		char *kind = tool_key_kind(pkey);

		tool_error("%s: is %s, algorithm %u is %s", name, kind, algorithm,
			   a != NULL ? a->name : "not accepted");
		free(kind);
		return false;
	}
	if (!exponent_is_f4(pkey))
		return tool_error("%s: the public exponent is not 65537", name);
	if (version > MAX_VERSION)
		return tool_error("%s: key version %u is above 65535", name, version);
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) != 1)
		return tool_openssl_error("modulus cannot be read out", name);

	const size_t bytes = a->bits / 8;
	uint8_t *header = tool_buffer_grow(out, CRYPTO_PACKED_KEY_BYTES);

	lb_put_le64(header, CRYPTO_PACKED_KEY_BYTES); /* key_offset, from here */
	lb_put_le64(header + 8, 8 + 2 * bytes);
	lb_put_le64(header + 16, algorithm);
	lb_put_le64(header + 24, version);

	const bool good = append_key_data(n, bytes, out);

	BN_free(n);
	return good || tool_openssl_error("cannot be packed", name);
}

bool tool_public_key_load(const char *path, struct tool_public_key *out)
{
	*out = (struct tool_public_key){ 0 };
	if (!tool_read_file(path, 65536, &out->bytes))
		return false;

	const enum lb_status status =
		crypto_key_parse(out->bytes.data, out->bytes.len, 0, &out->key);

	if (status == LB_OK)
		return true;
	char *fault = tool_packed_key_fault(out->bytes.data, out->bytes.len);

	tool_error("%s: %s", path, fault);
	free(fault);
	tool_public_key_free(out);
	return false;
}

void tool_public_key_free(struct tool_public_key *key)
{
	tool_buffer_free(&key->bytes);
	*key = (struct tool_public_key){ 0 };
}

void tool_key_id_text(const struct crypto_key *key, char out[TOOL_KEY_ID_TEXT_BYTES])
{
	uint8_t id[CRYPTO_KEY_ID_BYTES];

	crypto_key_id(key, id);
	lb_format_hex(out, id, sizeof(id));
}

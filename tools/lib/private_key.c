/* Private keys by OpenSSL: files, stores, signatures. */
#include "tools/lib/private_key.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "tools/lib/algorithm.h"
#include "tools/lib/file.h"
#include "tools/lib/inputs.h"
#include "tools/lib/key_words.h"
#include "tools/lib/tool.h"

#define VBPRIVK_HEADER_BYTES 8u /* u64 algorithm, then RSAPrivateKey in DER */
#define KEY_FILE_LIMIT       65536u

static EVP_PKEY *decode_der(const uint8_t *der, size_t len)
{
	EVP_PKEY *pkey = NULL;
	OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(
		&pkey, "DER", NULL, "RSA", OSSL_KEYMGMT_SELECT_PRIVATE_KEY, NULL, NULL);

	if (decoder == NULL || OSSL_DECODER_from_data(decoder, &der, &len) != 1)
		pkey = NULL;
	OSSL_DECODER_CTX_free(decoder);
	ERR_clear_error();
	return pkey;
}

/* A .vbprivk starts with a small little-endian number, which no DER or PEM file does. */
static bool load_vbprivk(const char *file, struct tool_private_key *out)
{
	struct tool_buffer bytes = { 0 };
	struct stat st;

	if (stat(file, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > KEY_FILE_LIMIT ||
	    !tool_read_file(file, KEY_FILE_LIMIT, &bytes))
		return false;
	if (bytes.len > VBPRIVK_HEADER_BYTES && lb_le64(bytes.data) < 32) {
		out->algorithm = lb_le32(bytes.data);
		out->pkey = decode_der(bytes.data + VBPRIVK_HEADER_BYTES,
				       bytes.len - VBPRIVK_HEADER_BYTES);
	}
	tool_buffer_free(&bytes);
	return out->pkey != NULL;
}

static EVP_PKEY *key_of_info(const OSSL_STORE_INFO *info, bool *has_private)
{
	if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) {
		*has_private = true;
		return OSSL_STORE_INFO_get1_PKEY(info);
	}
	if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PUBKEY) {
		*has_private = false;
		return OSSL_STORE_INFO_get1_PUBKEY(info);
	}
	if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_CERT) {
		*has_private = false;
		return X509_get_pubkey(OSSL_STORE_INFO_get0_CERT(info));
	}
	return NULL;
}

/* OpenSSL tries every decoder at every place of what it is given, for minutes with a few
 * megabytes: a file that is no key is told by its beginning. What is no file is a URI. */
static bool may_be_key(const char *file)
{
	static const char begin[] = "-----BEGIN ";
	struct tool_buffer bytes = { 0 };
	struct stat st;

	if (stat(file, &st) != 0 || !S_ISREG(st.st_mode))
		return true;
	if (st.st_size > KEY_FILE_LIMIT)
		return tool_error("%s: %lld bytes, a file of keys has at most %u", file,
				  (long long)st.st_size, KEY_FILE_LIMIT);
	if (!tool_read_file(file, KEY_FILE_LIMIT, &bytes))
		return false;
	const char *kind = tool_file_kind_words(bytes.data, bytes.len);
	const bool der = bytes.len > 1 && bytes.data[0] == 0x30;
	const bool may =
		der || memmem(bytes.data, bytes.len, begin, sizeof(begin) - 1) != NULL;

	tool_buffer_free(&bytes);
	return may || tool_error("%s: %s%s, and no key in PEM, DER or a .vbprivk", file,
				 kind != NULL ? "is " : "is something else",
				 kind != NULL ? kind : "");
}

bool tool_key_load_any(const char *file_or_uri, EVP_PKEY **out, bool *has_private)
{
	*out = NULL;
	tool_input_add(file_or_uri);
	if (!may_be_key(file_or_uri))
		return false;
	OSSL_STORE_CTX *store =
		OSSL_STORE_open(file_or_uri, UI_get_default_method(), NULL, NULL, NULL);

	if (store == NULL && strncmp(file_or_uri, "pkcs11:", 7) == 0) {
		ERR_clear_error();
		*has_private = true;
		*out = tool_token_key(file_or_uri);
		return *out != NULL;
	}
	if (store == NULL)
		return tool_openssl_error("cannot be opened as a key", file_or_uri);
	while (*out == NULL && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info == NULL)
			continue;
		*out = key_of_info(info, has_private);
		OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(store);
	if (*out == NULL)
		return tool_openssl_error("no key in it", file_or_uri);
	ERR_clear_error();
	return true;
}

bool tool_key_accepted(EVP_PKEY *pkey, const char *name)
{
	if (EVP_PKEY_is_a(pkey, "RSA") &&
	    tool_algorithm_for((unsigned int)EVP_PKEY_get_bits(pkey), "SHA256") != NULL)
		return true;
	char *kind = tool_key_kind(pkey);

	tool_error("%s: %s is not accepted; " TOOL_KEY_ACCEPTED, name, kind);
	free(kind);
	return false;
}

bool tool_private_key_load(const char *file_or_uri, struct tool_private_key *out)
{
	bool has_private = true;
	struct stat st;

	*out = (struct tool_private_key){ .name = tool_strdup(file_or_uri) };
	tool_input_add(file_or_uri);
	if (strchr(file_or_uri, ':') == NULL && stat(file_or_uri, &st) != 0)
		tool_error("%s: no such key file", file_or_uri);
	else if (!load_vbprivk(file_or_uri, out) &&
		 !tool_key_load_any(file_or_uri, &out->pkey, &has_private))
		out->pkey = NULL;
	else if (!has_private)
		tool_error("%s: holds a public key or certificate only, a private key is "
			   "needed",
			   file_or_uri);
	else if (tool_key_accepted(out->pkey, file_or_uri))
		return true;
	tool_private_key_free(out);
	return false;
}

bool tool_private_key_generate(uint32_t algorithm, struct tool_private_key *out)
{
	const struct tool_algorithm *a = tool_algorithm(algorithm);

	*out = (struct tool_private_key){ .algorithm = algorithm };
	out->name = tool_format("new %s key", a->name);
	out->pkey = EVP_RSA_gen(a->bits); /* e = 65537 */
	if (out->pkey != NULL)
		return true;
	tool_openssl_error("cannot be made", out->name);
	tool_private_key_free(out);
	return false;
}

bool tool_private_key_open(const char *file_or_uri, const char *signer,
			   const struct crypto_key *public, struct tool_private_key *out)
{
	if (signer == NULL) {
		if (!tool_private_key_load(file_or_uri, out))
			return false;
		out->public = public;
		return true;
	}
	*out = (struct tool_private_key){ .name = tool_strdup(file_or_uri),
					  .signer = tool_strdup(signer),
					  .public = public };
	return true;
}

static bool sign_here(const struct tool_private_key *key, const struct tool_algorithm *a,
		      const uint8_t *digest, uint8_t *sig, size_t *sig_len)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pkey, NULL);
	const EVP_MD *hash = EVP_get_digestbyname(a->hash);
	const bool good = context != NULL && hash != NULL &&
			  EVP_PKEY_sign_init(context) == 1 &&
			  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
			  EVP_PKEY_CTX_set_signature_md(context, hash) == 1 &&
			  EVP_PKEY_sign(context, sig, sig_len, digest,
					(size_t)EVP_MD_get_size(hash)) == 1;

	if (!good)
		tool_openssl_error("cannot sign", key->name);
	EVP_PKEY_CTX_free(context);
	return good;
}

bool tool_private_key_sign_digest(const struct tool_private_key *key, uint32_t algorithm,
				  const uint8_t *digest, uint8_t *sig, size_t *sig_len)
{
	const struct tool_algorithm *a = tool_algorithm(algorithm);
	const int bits = key->signer == NULL ? EVP_PKEY_get_bits(key->pkey) : 0;
	bool good;

	*sig_len = TOOL_MAX_SIGNATURE_BYTES;
	if (a == NULL || (key->signer == NULL && (unsigned int)bits != a->bits))
		return tool_error("%s: has %d bits, algorithm %u (%s) needs another size",
				  key->name, bits, algorithm,
				  a != NULL ? a->name : "not accepted");
	if (key->signer != NULL) {
		*sig_len = a->bits / 8;
		good = tool_signer_run(key->signer, key->name, a->hash, digest, sig,
				       *sig_len);
	} else {
		good = sign_here(key, a, digest, sig, sig_len);
	}
	if (good && key->public != NULL &&
	    crypto_verify_digest(key->public, digest, sig, *sig_len) != LB_OK)
		good = tool_error(
			"%s: its signature does not fit the public key in the keyblock",
			key->name);
	return good;
}

bool tool_private_key_sign(const struct tool_private_key *key, uint32_t algorithm,
			   const void *data, size_t len, uint8_t *sig, size_t *sig_len)
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	enum crypto_hash hash = CRYPTO_SHA256;
	uint32_t rsa_bytes;

	/* An algorithm that is refused gets its message below. */
	(void)crypto_algorithm(algorithm, &hash, &rsa_bytes);
	crypto_digest_once(hash, data, len, digest);
	return tool_private_key_sign_digest(key, algorithm, digest, sig, sig_len);
}

bool tool_private_key_pack(const struct tool_private_key *key, uint32_t algorithm,
			   struct tool_buffer *out)
{
	OSSL_ENCODER_CTX *encoder = OSSL_ENCODER_CTX_new_for_pkey(
		key->pkey, OSSL_KEYMGMT_SELECT_KEYPAIR, "DER", "type-specific", NULL);
	unsigned char *der = NULL;
	size_t der_len = 0;
	bool good = false;

	if (encoder != NULL && OSSL_ENCODER_to_data(encoder, &der, &der_len) == 1) {
		lb_put_le64(tool_buffer_grow(out, VBPRIVK_HEADER_BYTES), algorithm);
		tool_buffer_append(out, der, der_len);
		good = true;
	} else {
		tool_openssl_error("private part cannot be read out", key->name);
	}
	OPENSSL_clear_free(der, der_len);
	OSSL_ENCODER_CTX_free(encoder);
	return good;
}

void tool_private_key_free(struct tool_private_key *key)
{
	EVP_PKEY_free(key->pkey);
	free(key->name);
	free(key->signer);
	*key = (struct tool_private_key){ 0 };
}

/* Certificates by OpenSSL. */
#include "tools/lib/certificate.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/format.h"
#include "crypto/digest.h"
#include "tools/lib/file.h"
#include "tools/lib/private_key.h"
#include "tools/lib/key_words.h"
#include "tools/lib/tool.h"

#define SERIAL_BYTES 16
#define DAY_S        86400L
#define VERSION_3    2

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	const bool good = extension != NULL && X509_add_ext(x, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return good;
}

static bool set_serial(X509 *x)
{
	uint8_t bytes[SERIAL_BYTES];
	BIGNUM *number = NULL;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] &= 0x7f; /* positive, and of one length */
	bytes[0] |= 0x40;
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	const bool good = number != NULL &&
			  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL;

	BN_free(number);
	return good;
}

/* No authority over other certificates: what is enrolled trusts this key and no other.
 * Valid from yesterday, as clocks differ (firmware looks at neither date). */
static bool fill(X509 *x, EVP_PKEY *key, const char *common_name, unsigned days)
{
	X509_NAME *name = X509_get_subject_name(x);

	return X509_set_version(x, VERSION_3) == 1 && set_serial(x) &&
	       X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) != NULL &&
	       X509_gmtime_adj(X509_getm_notAfter(x), DAY_S * (long)days) != NULL &&
	       X509_set_pubkey(x, key) == 1 &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
					  (const uint8_t *)common_name, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(x, name) == 1 &&
	       add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, NID_key_usage, "critical,digitalSignature") &&
	       X509_sign(x, key, EVP_sha256()) != 0;
}

bool tool_certificate_make(EVP_PKEY *key, const char *common_name, unsigned days,
			   X509 **out)
{
	*out = X509_new();
	if (*out != NULL && fill(*out, key, common_name, days))
		return true;
	X509_free(*out);
	*out = NULL;
	return tool_openssl_error("no certificate can be made", common_name);
}

static X509 *from_der(const struct tool_buffer *bytes)
{
	const uint8_t *at = bytes->data;
	X509 *x = d2i_X509(NULL, &at, (long)bytes->len);

	if (x != NULL && at != bytes->data + bytes->len) {
		X509_free(x); /* bytes behind it: something else */
		x = NULL;
	}
	return x;
}

bool tool_certificate_parse(const struct tool_buffer *bytes, X509 **out)
{
	*out = NULL;
	if (bytes->len == 0 || bytes->len > TOOL_CERTIFICATE_LIMIT)
		return false;
	*out = from_der(bytes);
	if (*out == NULL) {
		BIO *bio = BIO_new_mem_buf(bytes->data, (int)bytes->len);

		*out = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
		BIO_free(bio);
	}
	ERR_clear_error();
	return *out != NULL;
}

static bool refuse(const char *path, const struct tool_buffer *bytes)
{
	const char *kind = tool_file_kind_words(bytes->data, bytes->len);

	return tool_error("%s: %s%s, an X.509 certificate (PEM or DER) is needed", path,
			  kind != NULL ? "is " : "offset 0",
			  kind != NULL ? kind : ": not known");
}

bool tool_certificate_load(const char *path, X509 **out)
{
	struct tool_buffer bytes = { 0 };
	bool good = tool_read_file(path, TOOL_CERTIFICATE_LIMIT, &bytes);

	*out = NULL;
	if (good && !tool_certificate_parse(&bytes, out))
		good = refuse(path, &bytes);
	tool_buffer_free(&bytes);
	return good;
}

void tool_certificate_der(const X509 *certificate, struct tool_buffer *out)
{
	uint8_t *der = NULL;
	const int len = i2d_X509(certificate, &der);

	if (len <= 0)
		tool_fatal("a certificate cannot be packed");
	tool_buffer_append(out, der, (size_t)len);
	OPENSSL_free(der);
}

bool tool_certificates_der(const char *path, size_t max, struct tool_buffer *out)
{
	struct tool_buffer file = { 0 };
	X509 *certificate;

	if (!tool_read_file(path, max * 2, &file)) /* PEM is longer */
		return false;
	BIO *bio = BIO_new_mem_buf(file.data, (int)file.len);

	while (bio != NULL &&
	       (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		tool_certificate_der(certificate, out);
		X509_free(certificate);
	}
	BIO_free(bio);
	const unsigned char *at = file.data, *end = file.data + file.len;

	while (out->len == 0 && at < end &&
	       (certificate = d2i_X509(NULL, &at, end - at)) != NULL) {
		X509_free(certificate);
		if (at == end)
			tool_buffer_append(out, file.data, file.len);
	}
	tool_buffer_free(&file);
	return out->len != 0 || tool_openssl_error("holds no X.509 certificate", path);
}

static void append_bio(BIO *bio, struct tool_buffer *out)
{
	char *text = NULL;
	const long len = BIO_get_mem_data(bio, &text);

	tool_buffer_append(out, text, (size_t)len);
}

void tool_certificate_pem(const X509 *certificate, struct tool_buffer *out)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL || PEM_write_bio_X509(bio, certificate) != 1)
		tool_fatal("a certificate cannot be packed");
	append_bio(bio, out);
	BIO_free(bio);
}

bool tool_certificate_fits(const X509 *certificate, const EVP_PKEY *key,
			   const char *certificate_name, const char *key_name)
{
	const EVP_PKEY *public_key = X509_get0_pubkey(certificate);

	if (public_key != NULL && EVP_PKEY_eq(public_key, key) == 1)
		return true;
	ERR_clear_error();
	return tool_error("%s: is not the certificate of the key %s", certificate_name,
			  key_name);
}

char *tool_certificate_digest(const X509 *certificate)
{
	struct tool_buffer der = { 0 };
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	char *text = tool_alloc(2 * CRYPTO_SHA256_BYTES + 1);

	tool_certificate_der(certificate, &der);
	crypto_digest_once(CRYPTO_SHA256, der.data, der.len, digest);
	lb_format_hex(text, digest, CRYPTO_SHA256_BYTES);
	tool_buffer_free(&der);
	return text;
}

char *tool_certificate_subject(const X509 *certificate)
{
	struct tool_buffer text = { 0 };
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL ||
	    X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
			       XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0)
		tool_fatal("a certificate's subject cannot be printed");
	append_bio(bio, &text);
	BIO_free(bio);
	tool_buffer_append(&text, "", 1);
	return (char *)text.data;
}

bool tool_key_pem(EVP_PKEY *key, const char *name, struct tool_buffer *out)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	const bool good =
		bio != NULL &&
		PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;

	if (good)
		append_bio(bio, out);
	else
		tool_openssl_error("private part cannot be read out", name);
	BIO_free(bio);
	return good;
}

bool tool_key_load_private(const char *file_or_uri, EVP_PKEY **out)
{
	bool has_private = false;

	if (!tool_key_load_any(file_or_uri, out, &has_private))
		return false;
	if (has_private)
		return true;
	EVP_PKEY_free(*out);
	*out = NULL;
	return tool_error("%s: a public key only, a private one is needed", file_or_uri);
}

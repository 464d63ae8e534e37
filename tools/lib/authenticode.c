/* Authenticode by OpenSSL's PKCS#7. There is no signing time in it: the same key and
 * image give the same bytes. */
#include "tools/lib/authenticode.h"

#include <string.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "tools/lib/private_key.h"
#include "tools/lib/tool.h"

#define TABLE_ALIGN         8u
#define TABLE_HEADER_BYTES  8u
#define TABLE_REVISION      0x0200u
#define TABLE_PKCS7         0x0002u
#define OPTIONAL_HEADERS_AT 60u /* SizeOfHeaders, from the optional header's start */
#define OPTIONAL_CHECKSUM   64u
#define CHECKSUM_BYTES      4u
#define DIRECTORY_BYTES     8u

#define SPC_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"

/* SpcIndirectDataContent in DER: SPC_PE_IMAGE_DATA (no flags, the file named
 * "<<<Obsolete>>>", as the specification wants it), SHA-256, and the digest, which
 * follows. */
static const uint8_t indirect_data[] = {
	0x30, 0x68, 0x30, 0x33, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37,
	0x02, 0x01, 0x0f, 0x30, 0x25, 0x03, 0x01, 0x00, 0xa0, 0x20, 0xa2, 0x1e, 0x80,
	0x1c, 0x00, '<',  0x00, '<',  0x00, '<',  0x00, 'O',  0x00, 'b',  0x00, 's',
	0x00, 'o',  0x00, 'l',  0x00, 'e',  0x00, 't',  0x00, 'e',  0x00, '>',  0x00,
	'>',  0x00, '>',  0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
};
#define INDIRECT_BYTES        (sizeof(indirect_data) + TOOL_PE_DIGEST_BYTES)
#define INDIRECT_HEADER_BYTES 2u /* the outer tag and length are not part of the digest */

_Static_assert(sizeof(indirect_data) + TOOL_PE_DIGEST_BYTES == 0x6a, "DER lengths");

/* --- digest ------------------------------------------------------------------------- */

/* True when nothing lies between headers and sections, so that "all but the signatures"
 * and the specification's "headers, then each section" are the same bytes. */
static bool is_without_gaps(const struct tool_buffer *file, const char *name,
			    const struct tool_pe *pe)
{
	uint64_t end = lb_le32(file->data + pe->checksum_at - OPTIONAL_CHECKSUM +
			       OPTIONAL_HEADERS_AT);

	for (uint32_t i = 0; i < pe->section_count; i++) {
		struct tool_pe_section section;

		if (!tool_pe_section_at(file, pe, i, &section))
			return tool_error("%s: offset %u: section outside the file", name,
					  section.header_at);
		if (section.file_bytes == 0)
			continue;
		if (section.file_offset != end)
			return tool_error("%s: offset %u: a section does not follow what "
					  "is before it: not signed",
					  name, section.header_at);
		end += section.file_bytes;
	}
	return true;
}

static size_t signed_bytes(const struct tool_buffer *file, const struct tool_pe *pe)
{
	return pe->certificates_bytes != 0 ? pe->certificates_offset : file->len;
}

bool tool_pe_digest(const struct tool_buffer *file, const char *name,
		    const struct tool_pe *pe, uint8_t out[TOOL_PE_DIGEST_BYTES])
{
	static const uint8_t zeros[TABLE_ALIGN];
	const size_t end = signed_bytes(file, pe);
	const size_t after_sum = pe->checksum_at + CHECKSUM_BYTES;
	const size_t after_directory = pe->certificates_at + DIRECTORY_BYTES;
	struct crypto_digest d;
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];

	if (pe->certificates_at < after_sum || after_directory > end)
		return tool_error("%s: offset %u: no place for a signature", name,
				  pe->checksum_at);
	if (!is_without_gaps(file, name, pe))
		return false;
	crypto_digest_init(&d, CRYPTO_SHA256);
	crypto_digest_update(&d, file->data, pe->checksum_at);
	crypto_digest_update(&d, file->data + after_sum, pe->certificates_at - after_sum);
	crypto_digest_update(&d, file->data + after_directory, end - after_directory);
	crypto_digest_update(&d, zeros, (TABLE_ALIGN - end % TABLE_ALIGN) % TABLE_ALIGN);
	crypto_digest_final(&d, digest);
	memcpy(out, digest, TOOL_PE_DIGEST_BYTES);
	return true;
}

/* --- PKCS#7 ------------------------------------------------------------------------- */

static bool set_content(PKCS7 *p7, const uint8_t *content)
{
	PKCS7 *inner = PKCS7_new();
	ASN1_TYPE *any = ASN1_TYPE_new();
	ASN1_STRING *string = ASN1_STRING_new();

	if (inner == NULL || any == NULL || string == NULL ||
	    ASN1_STRING_set(string, content, (int)INDIRECT_BYTES) != 1) {
		PKCS7_free(inner);
		ASN1_TYPE_free(any);
		ASN1_STRING_free(string);
		return false;
	}
	ASN1_TYPE_set(any, V_ASN1_SEQUENCE, string);
	ASN1_OBJECT_free(inner->type);
	inner->type = OBJ_txt2obj(SPC_INDIRECT_DATA, 1);
	inner->d.other = any;
	return PKCS7_set_content(p7, inner) == 1;
}

static bool set_attributes(PKCS7_SIGNER_INFO *signer, const uint8_t *content)
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	ASN1_OBJECT *type = OBJ_txt2obj(SPC_INDIRECT_DATA, 1);

	crypto_digest_once(CRYPTO_SHA256, content + INDIRECT_HEADER_BYTES,
			   INDIRECT_BYTES - INDIRECT_HEADER_BYTES, digest);
	return type != NULL &&
	       PKCS7_add_signed_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
					  type) == 1 &&
	       PKCS7_add1_attrib_digest(signer, digest, (int)CRYPTO_SHA256_BYTES) == 1;
}

static PKCS7 *make_pkcs7(const uint8_t digest[TOOL_PE_DIGEST_BYTES], EVP_PKEY *key,
			 X509 *certificate)
{
	uint8_t content[INDIRECT_BYTES];
	PKCS7_SIGNER_INFO *signer = NULL;
	PKCS7 *p7 = PKCS7_new();

	memcpy(content, indirect_data, sizeof(indirect_data));
	memcpy(content + sizeof(indirect_data), digest, TOOL_PE_DIGEST_BYTES);
	if (p7 != NULL && PKCS7_set_type(p7, NID_pkcs7_signed) == 1 &&
	    set_content(p7, content) && PKCS7_add_certificate(p7, certificate) == 1)
		signer = PKCS7_add_signature(p7, certificate, key, EVP_sha256());
	if (signer != NULL && set_attributes(signer, content) &&
	    PKCS7_SIGNER_INFO_sign(signer) == 1)
		return p7;
	PKCS7_free(p7);
	return NULL;
}

/* --- certificate table -------------------------------------------------------------- */

static void append_entry(struct tool_buffer *file, struct tool_pe *pe, const uint8_t *der,
			 size_t len)
{
	const size_t bytes =
		(TABLE_HEADER_BYTES + len + TABLE_ALIGN - 1) / TABLE_ALIGN * TABLE_ALIGN;

	if (pe->certificates_bytes == 0) {
		tool_buffer_align(file, TABLE_ALIGN);
		pe->certificates_offset = (uint32_t)file->len;
	}
	uint8_t *entry = tool_buffer_grow(file, bytes);

	lb_put_le32(entry, (uint32_t)bytes);
	lb_put_le16(entry + 4, TABLE_REVISION);
	lb_put_le16(entry + 6, TABLE_PKCS7);
	memcpy(entry + TABLE_HEADER_BYTES, der, len);
	pe->certificates_bytes += (uint32_t)bytes;
	lb_put_le32(file->data + pe->certificates_at, pe->certificates_offset);
	lb_put_le32(file->data + pe->certificates_at + 4, pe->certificates_bytes);
	tool_pe_fix_checksum(file, pe);
}

bool tool_pe_sign(struct tool_buffer *file, const char *name, EVP_PKEY *key,
		  X509 *certificate)
{
	uint8_t digest[TOOL_PE_DIGEST_BYTES], *der = NULL;
	struct tool_pe pe;

	if (!tool_pe_parse(file, name, &pe) || !tool_pe_digest(file, name, &pe, digest))
		return false;
	if (pe.certificates_bytes != 0 &&
	    (uint64_t)pe.certificates_offset + pe.certificates_bytes != file->len)
		return tool_error("%s: offset %u: bytes behind the certificate table",
				  name, pe.certificates_offset + pe.certificates_bytes);
	PKCS7 *p7 = make_pkcs7(digest, key, certificate);
	const int len = p7 != NULL ? i2d_PKCS7(p7, &der) : -1;

	PKCS7_free(p7);
	if (len <= 0)
		return tool_openssl_error("cannot be signed", name);
	append_entry(file, &pe, der, (size_t)len);
	OPENSSL_free(der);
	return true;
}

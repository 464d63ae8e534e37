/* Signatures of UEFI programs, read. */
#include "tools/lib/authenticode_check.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "tools/lib/authenticode.h"

#define TABLE_HEADER_BYTES 8u
#define TABLE_ALIGN        8u
#define TABLE_PKCS7        0x0002u

/* What is before the digest in a SpcIndirectDataContent: DigestInfo of SHA-256. */
static const uint8_t digest_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
				       0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
				       0x01, 0x05, 0x00, 0x04, 0x20 };

#define DIGEST_TAIL (sizeof(digest_info) + TOOL_PE_DIGEST_BYTES)

/* The content that is signed: what is inside the outermost sequence. */
static bool find_content(PKCS7 *p7, const uint8_t **content, long *len)
{
	const PKCS7 *inner = PKCS7_type_is_signed(p7) && p7->d.sign != NULL
				     ? p7->d.sign->contents
				     : NULL;
	int tag, class;

	if (inner == NULL || inner->d.other == NULL ||
	    inner->d.other->type != V_ASN1_SEQUENCE)
		return false;
	const ASN1_STRING *string = inner->d.other->value.sequence;

	*content = ASN1_STRING_get0_data(string);
	return (ASN1_get_object(content, len, &tag, &class, ASN1_STRING_length(string)) &
		0x80) == 0 &&
	       *len >= (long)DIGEST_TAIL;
}

static void name_signer(PKCS7 *p7, char signer[TOOL_SIGNER_BYTES])
{
	STACK_OF(X509) *certificates = PKCS7_get0_signers(p7, NULL, 0);

	if (certificates != NULL && sk_X509_num(certificates) > 0)
		(void)X509_NAME_get_text_by_NID(
			X509_get_subject_name(sk_X509_value(certificates, 0)),
			NID_commonName, signer, TOOL_SIGNER_BYTES);
	sk_X509_free(certificates);
}

static enum tool_pe_signature check(PKCS7 *p7, const uint8_t *digest, char *signer)
{
	const uint8_t *content;
	long len;

	if (!find_content(p7, &content, &len))
		return TOOL_PE_SIGNATURE_BROKEN;
	name_signer(p7, signer);
	const uint8_t *tail = content + (size_t)len - DIGEST_TAIL;

	if (memcmp(tail, digest_info, sizeof(digest_info)) != 0)
		return TOOL_PE_SIGNATURE_BROKEN;
	if (memcmp(tail + sizeof(digest_info), digest, TOOL_PE_DIGEST_BYTES) != 0)
		return TOOL_PE_SIGNED_OTHER;
	BIO *bytes = BIO_new_mem_buf(content, (int)len);
	const int good =
		PKCS7_verify(p7, NULL, NULL, bytes, NULL, PKCS7_BINARY | PKCS7_NOVERIFY);

	BIO_free(bytes);
	return good == 1 ? TOOL_PE_SIGNED : TOOL_PE_SIGNATURE_BROKEN;
}

enum tool_pe_signature tool_pe_signature(const struct tool_buffer *file,
					 const struct tool_pe *pe,
					 char signer[TOOL_SIGNER_BYTES])
{
	enum tool_pe_signature result = TOOL_PE_SIGNATURE_BROKEN;
	const uint8_t *table = file->data + pe->certificates_offset;
	uint8_t digest[TOOL_PE_DIGEST_BYTES];

	signer[0] = '\0';
	if (pe->certificates_bytes == 0)
		return TOOL_PE_UNSIGNED;
	if (!tool_pe_digest(file, "its signature", pe, digest))
		return result;
	for (uint64_t at = 0;
	     result != TOOL_PE_SIGNED &&
	     lb_within(at, TABLE_HEADER_BYTES, pe->certificates_bytes);) {
		const uint32_t len = lb_le32(table + at);
		const uint8_t *der = table + at + TABLE_HEADER_BYTES;

		if (len <= TABLE_HEADER_BYTES ||
		    !lb_within(at, len, pe->certificates_bytes))
			break;
		PKCS7 *p7 =
			lb_le16(table + at + 6) == TABLE_PKCS7
				? d2i_PKCS7(NULL, &der, (long)(len - TABLE_HEADER_BYTES))
				: NULL;

		if (p7 != NULL)
			result = check(p7, digest, signer);
		PKCS7_free(p7);
		at += (len + TABLE_ALIGN - 1) / TABLE_ALIGN * TABLE_ALIGN;
	}
	ERR_clear_error();
	return result;
}

const char *tool_pe_signature_words(enum tool_pe_signature signature)
{
	switch (signature) {
	case TOOL_PE_SIGNED:
		return "signed for Secure Boot";
	case TOOL_PE_SIGNED_OTHER:
		return "its Secure Boot signature is of other bytes";
	case TOOL_PE_SIGNATURE_BROKEN:
		return "its Secure Boot signature is damaged";
	case TOOL_PE_UNSIGNED:
		break;
	}
	return "not signed for Secure Boot";
}

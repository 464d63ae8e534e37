/* Signature lists and signed updates of Secure Boot's variables. */
#include "tools/lib/signature_list.h"

#include <string.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>

#include "base/bytes.h"
#include "boot/enroll/bundle.h"
#include "tools/lib/certificate.h"
#include "tools/lib/file.h"
#include "tools/lib/private_key.h"
#include "tools/lib/tool.h"

#define LIST_HEADER_BYTES 28u
#define OWNER_BYTES       16u
#define DIGEST_BYTES      32u
#define TIME_BYTES        16u
#define AUTH_HEADER_BYTES 24u
#define AUTH_REVISION     0x0200u
#define AUTH_TYPE_GUID    0x0ef1u

#define ATTRIBUTES        0x27u /* NV, BS, RT, time-based authentication */
#define ATTRIBUTES_APPEND 0x40u

static const uint8_t type_x509[16] = { 0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a,
				       0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72 };
static const uint8_t type_sha256[16] = { 0x26, 0x16, 0xc4, 0xc1, 0x4c, 0x50, 0x92, 0x40,
					 0xac, 0xa9, 0x41, 0xf9, 0x36, 0x93, 0x43, 0x28 };
static const uint8_t type_pkcs7[16] = { 0x9d, 0xd2, 0xaf, 0x4a, 0xdf, 0x68, 0xee, 0x49,
					0x8a, 0xa9, 0x34, 0x7d, 0x37, 0x56, 0x65, 0xa7 };
static const uint8_t global[16] = { 0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
				    0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c };
static const uint8_t database[16] = { 0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d, 0x96, 0x45,
				      0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f };

static const struct {
	const char *name;
	const uint8_t *vendor;
} variables[TOOL_EFI_VARIABLES] = {
	[TOOL_EFI_PK] = { "PK", global },
	[TOOL_EFI_KEK] = { "KEK", global },
	[TOOL_EFI_DB] = { "db", database },
	[TOOL_EFI_DBX] = { "dbx", database },
};

const char *tool_efi_variable_name(enum tool_efi_variable which)
{
	return variables[which].name;
}

/* --- lists -------------------------------------------------------------------------- */

static void append_list(const uint8_t type[16], const uint8_t owner[16], const void *data,
			size_t len, struct tool_buffer *out)
{
	uint8_t *list = tool_buffer_grow(out, LIST_HEADER_BYTES + OWNER_BYTES + len);

	memcpy(list, type, 16);
	lb_put_le32(list + 16, (uint32_t)(LIST_HEADER_BYTES + OWNER_BYTES + len));
	lb_put_le32(list + 24, (uint32_t)(OWNER_BYTES + len));
	memcpy(list + LIST_HEADER_BYTES, owner, OWNER_BYTES);
	memcpy(list + LIST_HEADER_BYTES + OWNER_BYTES, data, len);
}

void tool_list_certificate(const uint8_t owner[16], const X509 *certificate,
			   struct tool_buffer *out)
{
	struct tool_buffer der = { 0 };

	tool_certificate_der(certificate, &der);
	append_list(type_x509, owner, der.data, der.len, out);
	tool_buffer_free(&der);
}

void tool_list_digest(const uint8_t owner[16], const uint8_t digest[32],
		      struct tool_buffer *out)
{
	append_list(type_sha256, owner, digest, DIGEST_BYTES, out);
}

bool tool_list_file(const uint8_t owner[16], const char *path, struct tool_buffer *out)
{
	struct tool_buffer bytes = { 0 };
	X509 *certificate;
	size_t count;
	bool good = tool_read_file(path, TOOL_SIGNATURE_LIST_LIMIT, &bytes);

	if (good && tool_certificate_parse(&bytes, &certificate)) {
		tool_list_certificate(owner, certificate, out);
		X509_free(certificate);
	} else if (good && enroll_lists_count(bytes.data, bytes.len, &count) == LB_OK) {
		tool_buffer_append(out, bytes.data, bytes.len);
	} else if (good) {
		good = tool_error("%s: offset 0: neither a certificate (PEM, DER) nor "
				  "whole signature lists (.esl)",
				  path);
	}
	tool_buffer_free(&bytes);
	return good;
}

size_t tool_lists_count(const struct tool_buffer *lists)
{
	size_t count;

	return enroll_lists_count(lists->data, lists->len, &count) == LB_OK ? count : 0;
}

/* --- updates ------------------------------------------------------------------------ */

static bool put_time(time_t time, uint8_t out[TIME_BYTES])
{
	struct tm tm;

	memset(out, 0, TIME_BYTES);
	if (gmtime_r(&time, &tm) == NULL)
		return tool_error("no such time");
	lb_put_le16(out, (uint16_t)(tm.tm_year + 1900));
	out[2] = (uint8_t)(tm.tm_mon + 1);
	out[3] = (uint8_t)tm.tm_mday;
	out[4] = (uint8_t)tm.tm_hour;
	out[5] = (uint8_t)tm.tm_min;
	out[6] = (uint8_t)tm.tm_sec;
	return true;
}

/* Name without NUL, vendor, attributes, time, content. */
static void append_signed_part(const struct tool_efi_update *u,
			       const uint8_t time[TIME_BYTES], struct tool_buffer *out)
{
	for (const char *c = variables[u->variable].name; *c != '\0'; c++)
		lb_put_le16(tool_buffer_grow(out, 2), (uint8_t)*c);
	tool_buffer_append(out, variables[u->variable].vendor, 16);
	lb_put_le32(tool_buffer_grow(out, 4),
		    ATTRIBUTES | (u->append ? ATTRIBUTES_APPEND : 0));
	tool_buffer_append(out, time, TIME_BYTES);
	tool_buffer_append(out, u->lists->data, u->lists->len);
}

/* A detached signature with SHA-256, and only the SignedData in it: what firmware knows
 * since the specification had it. */
static bool append_pkcs7(const struct tool_efi_update *u, const struct tool_buffer *what,
			 struct tool_buffer *out)
{
	const int flags = PKCS7_BINARY | PKCS7_DETACHED | PKCS7_NOATTR;
	BIO *bio = BIO_new_mem_buf(what->data, (int)what->len);
	PKCS7 *p7 = bio != NULL ? PKCS7_sign(NULL, NULL, NULL, bio, flags | PKCS7_PARTIAL)
				: NULL;
	uint8_t *der = NULL;
	int len = -1;

	if (p7 != NULL &&
	    PKCS7_sign_add_signer(p7, u->certificate, u->key, EVP_sha256(), flags) !=
		    NULL &&
	    PKCS7_final(p7, bio, flags) == 1)
		len = i2d_PKCS7_SIGNED(p7->d.sign, &der);
	if (len > 0)
		tool_buffer_append(out, der, (size_t)len);
	OPENSSL_free(der);
	PKCS7_free(p7);
	BIO_free(bio);
	return len > 0 ||
	       tool_openssl_error("update cannot be signed", variables[u->variable].name);
}

bool tool_efi_update_sign(const struct tool_efi_update *update, struct tool_buffer *out)
{
	struct tool_buffer part = { 0 }, pkcs7 = { 0 };
	uint8_t time[TIME_BYTES];
	bool good = put_time(update->time, time);

	if (good) {
		append_signed_part(update, time, &part);
		good = append_pkcs7(update, &part, &pkcs7);
	}
	if (good) {
		tool_buffer_append(out, time, TIME_BYTES);
		uint8_t *header = tool_buffer_grow(out, AUTH_HEADER_BYTES);

		lb_put_le32(header, (uint32_t)(AUTH_HEADER_BYTES + pkcs7.len));
		lb_put_le16(header + 4, AUTH_REVISION);
		lb_put_le16(header + 6, AUTH_TYPE_GUID);
		memcpy(header + 8, type_pkcs7, sizeof(type_pkcs7));
		tool_buffer_append(out, pkcs7.data, pkcs7.len);
		tool_buffer_append(out, update->lists->data, update->lists->len);
	}
	tool_buffer_free(&part);
	tool_buffer_free(&pkcs7);
	return good;
}

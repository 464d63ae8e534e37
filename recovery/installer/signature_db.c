/* Signature lists, as little DER as finds a name, and Authenticode's digest. */
#include "recovery/installer/signature_db.h"

#include <string.h>

#include "base/bytes.h"
#include "crypto/digest.h"

#define LIST_BYTES      28u /* type, sizes of list, header and signature */
#define OWNER_BYTES     16u
#define PE_AT           60u
#define CHECKSUM_AT     88u /* behind the PE signature */
#define CERTIFICATES_AT 168u
#define KEY_ID_BYTES    20u
#define SEQUENCE        0x30u
#define EXPLICIT_0      0xa0u
#define INTEGER         0x02u

static const uint8_t type_x509[16] = { 0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a,
				       0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72 };
static const uint8_t type_sha256[16] = { 0x26, 0x16, 0xc4, 0xc1, 0x4c, 0x50, 0x92, 0x40,
					 0xac, 0xa9, 0x41, 0xf9, 0x36, 0x93, 0x43, 0x28 };

/* --- DER ---------------------------------------------------------------------------- */

struct der {
	const uint8_t *at;
	size_t left;
};

/* Its content; at most 64 KiB, as certificates are. */
static bool take(struct der *in, uint8_t tag, struct der *content)
{
	const uint8_t *p = in->at;
	size_t head = 2, len;

	if (in->left < 2 || p[0] != tag)
		return false;
	len = p[1];
	if (len == 0x81 || len == 0x82) {
		head += len - 0x80;
		if (in->left < head)
			return false;
		len = head == 3 ? p[2] : lb_be16(p + 2);
	} else if (len > 0x7f) {
		return false;
	}
	if (!lb_within(head, len, in->left))
		return false;
	*content = (struct der){ p + head, len };
	in->at += head + len;
	in->left -= head + len;
	return true;
}

const uint8_t *signature_db_subject(const uint8_t *der, size_t len, size_t *bytes)
{
	struct der all = { der, len }, certificate, fields, skipped;

	if (!take(&all, SEQUENCE, &certificate) || !take(&certificate, SEQUENCE, &fields))
		return NULL;
	(void)take(&fields, EXPLICIT_0, &skipped); /* the version may be left out */
	if (!take(&fields, INTEGER, &skipped))
		return NULL;
	for (int i = 0; i < 3; i++) /* algorithm, issuer, validity */
		if (!take(&fields, SEQUENCE, &skipped))
			return NULL;
	const uint8_t *subject = fields.at;

	if (!take(&fields, SEQUENCE, &skipped) || skipped.left == 0)
		return NULL;
	*bytes = (size_t)(fields.at - subject);
	return subject;
}

/* --- the image ---------------------------------------------------------------------- */

/* All but the checksum, the signature and where that is; filled up to 8 bytes. */
static void digest(const struct signature_db_image *image,
		   uint8_t out[CRYPTO_MAX_DIGEST_BYTES])
{
	static const uint8_t zeros[8];
	const uint8_t *file = image->file;
	const size_t head = lb_le32(file + PE_AT);
	const size_t end =
		image->pe->signature_bytes > 0 ? image->pe->signature_offset : image->len;
	const size_t checksum = head + CHECKSUM_AT, table = head + CERTIFICATES_AT;
	struct crypto_digest d;

	crypto_digest_init(&d, CRYPTO_SHA256);
	crypto_digest_update(&d, file, checksum);
	crypto_digest_update(&d, file + checksum + 4, table - checksum - 4);
	crypto_digest_update(&d, file + table + 8, end - table - 8);
	crypto_digest_update(&d, zeros, (8 - end % 8) % 8);
	crypto_digest_final(&d, out);
}

/* Where the first of them begins; NULL: nowhere. */
static const uint8_t *find(const uint8_t *bytes, size_t len, const uint8_t *part,
			   size_t part_len)
{
	for (size_t at = 0; lb_within(at, part_len, len); at++)
		if (memcmp(bytes + at, part, part_len) == 0)
			return bytes + at;
	return NULL;
}

/* One that it has issued says its name, and its key's: names alone are the same after
 * keys were changed. */
static bool issued(const uint8_t *signature, size_t signature_len,
		   const uint8_t *certificate, size_t len)
{
	static const uint8_t own[] = { 0x06, 3,  0x55, 0x1d,        0x0e,
				       0x04, 22, 0x04, KEY_ID_BYTES };
	uint8_t issuer[2 + KEY_ID_BYTES] = { 0x80, KEY_ID_BYTES };
	size_t bytes;
	const uint8_t *subject = signature_db_subject(certificate, len, &bytes);
	const uint8_t *id = find(certificate, len, own, sizeof own);

	if (subject == NULL || id == NULL ||
	    !lb_within((size_t)(id - certificate) + sizeof own, KEY_ID_BYTES, len))
		return false;
	memcpy(issuer + 2, id + sizeof own, KEY_ID_BYTES);
	return find(signature, signature_len, subject, bytes) != NULL &&
	       find(signature, signature_len, issuer, sizeof issuer) != NULL;
}

static bool signed_by(const struct signature_db_image *image, const uint8_t *certificate,
		      size_t len)
{
	const uint8_t *signature = image->file + image->pe->signature_offset;
	const size_t bytes = image->pe->signature_bytes;

	return len > 0 && (find(signature, bytes, certificate, len) != NULL ||
			   issued(signature, bytes, certificate, len));
}

static bool entry_names(const struct signature_db_image *image, const uint8_t type[16],
			const uint8_t *data, size_t len)
{
	uint8_t sum[CRYPTO_MAX_DIGEST_BYTES];

	if (memcmp(type, type_x509, sizeof type_x509) == 0)
		return signed_by(image, data, len);
	if (memcmp(type, type_sha256, sizeof type_sha256) != 0 ||
	    len != CRYPTO_SHA256_BYTES)
		return false;
	digest(image, sum);
	return memcmp(sum, data, CRYPTO_SHA256_BYTES) == 0;
}

static bool list_names(const struct signature_db_image *image, const uint8_t *list,
		       size_t len)
{
	const size_t size = lb_le32(list + 24);
	uint64_t at = (uint64_t)LIST_BYTES + lb_le32(list + 20);

	for (; size > OWNER_BYTES && lb_within(at, size, len); at += size)
		if (entry_names(image, list, list + at + OWNER_BYTES, size - OWNER_BYTES))
			return true;
	return false;
}

bool signature_db_names(const struct signature_db_image *image, const uint8_t *list,
			size_t len)
{
	for (size_t at = 0; lb_within(at, LIST_BYTES, len);) {
		const size_t bytes = lb_le32(list + at + 16);

		if (bytes < LIST_BYTES || !lb_within(at, bytes, len))
			return false;
		if (list_names(image, list + at, bytes))
			return true;
		at += bytes;
	}
	return false;
}

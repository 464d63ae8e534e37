/* The section of an enrolment program, and the signature lists in it. */
#include "boot/enroll/bundle.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"

/* EFI_SIGNATURE_LIST: type GUID, then three sizes, header, signatures. */
enum {
	LIST_BYTES_AT = 16,
	LIST_HEADER_BYTES_AT = 20,
	LIST_SIGNATURE_BYTES_AT = 24,
	LIST_HEADER_BYTES = 28,
	OWNER_BYTES = 16,
};

/* EFI_VARIABLE_AUTHENTICATION_2: time, then WIN_CERTIFICATE_UEFI_GUID. */
enum {
	TIME_BYTES = 16,
	CERTIFICATE_TYPE_AT = 22,
	CERTIFICATE_MIN_BYTES = 24, /* length, revision, type, GUID */
	WIN_CERT_TYPE_EFI_GUID = 0x0ef1,
};

/* One list at the start of @lists: its size, how many signatures, the size of one. */
static enum lb_status parse_list(const uint8_t *lists, size_t left, size_t *bytes,
				 size_t *count, size_t *each)
{
	if (left < LIST_HEADER_BYTES)
		return LB_ERR_RANGE;

	const uint32_t all = lb_le32(lists + LIST_BYTES_AT);
	const uint32_t header = lb_le32(lists + LIST_HEADER_BYTES_AT);
	const uint32_t one = lb_le32(lists + LIST_SIGNATURE_BYTES_AT);

	if (all < LIST_HEADER_BYTES || all > left || header != 0 || one <= OWNER_BYTES)
		return LB_ERR_RANGE;

	const uint32_t signatures = all - LIST_HEADER_BYTES;

	if (signatures == 0 || signatures % one != 0)
		return LB_ERR_RANGE;
	*bytes = all;
	*count = signatures / one;
	*each = one;
	return LB_OK;
}

enum lb_status enroll_lists_count(const uint8_t *lists, size_t bytes, size_t *count)
{
	size_t at = 0, all = 0;

	do {
		size_t list_bytes, signatures, each;
		const enum lb_status status = parse_list(lists + at, bytes - at,
							 &list_bytes, &signatures, &each);

		if (status != LB_OK)
			return status;
		at += list_bytes;
		all += signatures;
	} while (at < bytes);
	*count = all;
	return LB_OK;
}

const uint8_t *enroll_lists_first(const struct enroll_key *key, size_t *bytes)
{
	*bytes = lb_le32(key->list + LIST_SIGNATURE_BYTES_AT) - OWNER_BYTES;
	return key->list + LIST_HEADER_BYTES + OWNER_BYTES;
}

static enum lb_status parse_key(const uint8_t *update, size_t bytes,
				struct enroll_key *out)
{
	if (bytes < TIME_BYTES + CERTIFICATE_MIN_BYTES)
		return LB_ERR_RANGE;

	const uint32_t certificate = lb_le32(update + TIME_BYTES);

	if (lb_le16(update + CERTIFICATE_TYPE_AT) != WIN_CERT_TYPE_EFI_GUID ||
	    certificate < CERTIFICATE_MIN_BYTES || certificate > bytes - TIME_BYTES)
		return LB_ERR_RANGE;
	*out = (struct enroll_key){
		.update = update,
		.update_bytes = bytes,
		.list = update + TIME_BYTES + certificate,
		.list_bytes = bytes - TIME_BYTES - certificate,
	};
	return enroll_lists_count(out->list, out->list_bytes, &out->count);
}

static uint32_t section_crc(const uint8_t *section, uint32_t bytes)
{
	static const uint8_t zero[4];
	uint32_t crc = lb_crc32(0, section, ENROLL_AT_CRC);

	crc = lb_crc32(crc, zero, sizeof zero);
	return lb_crc32(crc, section + ENROLL_AT_TABLE, bytes - ENROLL_AT_TABLE);
}

enum lb_status enroll_bundle_parse(const uint8_t *section, size_t bytes,
				   struct enroll_bundle *out)
{
	struct enroll_bundle found = { 0 };

	if (bytes < ENROLL_HEADER_BYTES ||
	    memcmp(section, ENROLL_MAGIC, ENROLL_MAGIC_BYTES) != 0)
		return LB_ERR_MAGIC;

	const uint32_t all = lb_le32(section + ENROLL_AT_BYTES);

	if (all < ENROLL_HEADER_BYTES || all > bytes)
		return LB_ERR_RANGE;
	if (section_crc(section, all) != lb_le32(section + ENROLL_AT_CRC))
		return LB_ERR_CRC;
	for (size_t i = 0; i < ENROLL_VARIABLES; i++) {
		const uint8_t *entry = section + ENROLL_AT_TABLE + i * ENROLL_ENTRY_BYTES;
		const uint32_t offset = lb_le32(entry), len = lb_le32(entry + 4);

		if (offset < ENROLL_HEADER_BYTES || !lb_within(offset, len, all))
			return LB_ERR_RANGE;

		const enum lb_status status =
			parse_key(section + offset, len, &found.key[i]);

		if (status != LB_OK)
			return status;
	}
	*out = found;
	return LB_OK;
}

/* The header of a payload. */
#include "update/container.h"

#include <string.h>

#include "base/bytes.h"

enum { AT_MAJOR = 4, AT_MANIFEST_BYTES = 12, AT_SIGNATURE_BYTES = 20 };

static const uint8_t magic[4] = { 'C', 'r', 'A', 'U' };

static enum update_reason check(const struct update_header *h, uint64_t payload_bytes,
				struct update_verdict *why)
{
	if (h->manifest_bytes == 0 || h->manifest_bytes > UPDATE_MAX_MANIFEST_BYTES)
		return update_verdict_set(why, UPDATE_CONTAINER,
					  "offset 12: manifest of %llu bytes, at most %u",
					  (unsigned long long)h->manifest_bytes,
					  UPDATE_MAX_MANIFEST_BYTES);
	if (h->signature_bytes > UPDATE_MAX_SIGNATURES_BYTES)
		return update_verdict_set(why, UPDATE_CONTAINER,
					  "offset 20: signatures of %u bytes, at most %u",
					  h->signature_bytes,
					  UPDATE_MAX_SIGNATURES_BYTES);
	if (UPDATE_HEADER_BYTES + h->manifest_bytes + h->signature_bytes > payload_bytes)
		return update_verdict_set(
			why, UPDATE_CONTAINER,
			"offset 12: manifest and signatures of %llu bytes in a payload "
			"of %llu",
			(unsigned long long)(h->manifest_bytes + h->signature_bytes),
			(unsigned long long)payload_bytes);
	return update_verdict_set(why, UPDATE_OK, NULL);
}

enum update_reason update_header_parse(const uint8_t bytes[UPDATE_HEADER_BYTES],
				       uint64_t payload_bytes, struct update_header *out,
				       struct update_verdict *why)
{
	if (memcmp(bytes, magic, sizeof magic) != 0)
		return update_verdict_set(why, UPDATE_CONTAINER,
					  "offset 0: \"%.4s\" instead of \"CrAU\"",
					  (const char *)bytes);
	if (lb_be64(bytes + AT_MAJOR) != UPDATE_MAJOR_VERSION)
		return update_verdict_set(why, UPDATE_CONTAINER,
					  "offset 4: major version %llu, known is %u",
					  (unsigned long long)lb_be64(bytes + AT_MAJOR),
					  UPDATE_MAJOR_VERSION);
	const struct update_header h = {
		.manifest_bytes = lb_be64(bytes + AT_MANIFEST_BYTES),
		.signature_bytes = lb_be32(bytes + AT_SIGNATURE_BYTES),
	};

	if (check(&h, payload_bytes, why) == UPDATE_OK)
		*out = h;
	return why->reason;
}

void update_header_encode(const struct update_header *header,
			  uint8_t out[UPDATE_HEADER_BYTES])
{
	memcpy(out, magic, sizeof magic);
	lb_put_be64(out + AT_MAJOR, UPDATE_MAJOR_VERSION);
	lb_put_be64(out + AT_MANIFEST_BYTES, header->manifest_bytes);
	lb_put_be32(out + AT_SIGNATURE_BYTES, header->signature_bytes);
}

/* Refused profiles. */
#include "tools/lib/profile_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "crypto/profile.h"
#include "tools/lib/key_words.h"
#include "tools/lib/tool.h"

enum { AT_VERSION = 7, AT_BYTES = 8, AT_SUM = 12, ITEM_BYTES = 8 };

static char *magic_fault(const uint8_t *bytes, size_t len)
{
	static const uint8_t magic[AT_VERSION] = { 'L', 'B', 'P', 'R', 'O', 'F', 0 };
	const char *kind = tool_file_kind_words(bytes, len);

	if (memcmp(bytes, magic, sizeof(magic)) == 0)
		return tool_format("offset 7: format %u, only 1 is known",
				   bytes[AT_VERSION]);
	if (kind != NULL && memcmp(bytes, magic, 6) != 0)
		return tool_format("it is %s; 'lifeboat profile make' makes profiles",
				   kind);
	return tool_strdup("it does not begin with LBPROF; 'lifeboat profile make' makes "
			   "one of an ini file");
}

static char *size_fault(uint32_t says, size_t len)
{
	if (says > len)
		return tool_format("offset 8: it says %u bytes, there are %zu: cut short",
				   says, len);
	if (says < PROFILE_HEADER_BYTES || says > PROFILE_SECTION_BYTES)
		return tool_format("offset 8: it says %u bytes, %u to %u are possible",
				   says, PROFILE_HEADER_BYTES, PROFILE_SECTION_BYTES);
	return NULL;
}

static char *sum_fault(const uint8_t *bytes, uint32_t says)
{
	static const uint8_t zero[4];
	uint32_t sum = lb_crc32(0, bytes, AT_SUM);

	sum = lb_crc32(sum, zero, sizeof(zero));
	sum = lb_crc32(sum, bytes + PROFILE_HEADER_BYTES, says - PROFILE_HEADER_BYTES);
	return sum == lb_le32(bytes + AT_SUM)
		       ? NULL
		       : tool_format("offset 12: its checksum is 0x%08x, it says 0x%08x: "
				     "changed or damaged",
				     sum, lb_le32(bytes + AT_SUM));
}

static char *item_fault(const uint8_t *bytes, size_t len, size_t offset,
			enum lb_status status)
{
	if (!lb_within(offset, ITEM_BYTES, len))
		return tool_format("offset %zu: %s", offset, lb_status_name(status));
	const uint32_t item = lb_le32(bytes + offset + 4);
	const unsigned int tag = lb_le16(bytes + offset);

	if (!lb_within(offset + ITEM_BYTES, item, len))
		return tool_format("offset %zu: an item of %u bytes, %zu are left",
				   offset, item, len - offset - ITEM_BYTES);
	return tool_format("offset %zu: item with tag %u, %u bytes: %s%s", offset, tag,
			   item, lb_status_name(status),
			   status == LB_ERR_VERSION ? " (made by a newer lifeboat?)"
						    : "");
}

char *tool_profile_fault(const uint8_t *bytes, size_t len)
{
	size_t count, offset = 0;
	const enum lb_status status = profile_count(bytes, len, &count, &offset);
	char *fault = NULL;

	if (status == LB_OK)
		return NULL;
	if (status == LB_ERR_NOT_FOUND)
		return tool_strdup("there is none in it, it would boot nothing: see "
				   "'lifeboat profile install'");
	if (len < PROFILE_HEADER_BYTES)
		return tool_format("%zu bytes, a header has %u: cut short", len,
				   PROFILE_HEADER_BYTES);
	if (status == LB_ERR_MAGIC)
		return magic_fault(bytes, len);
	const uint32_t says = lb_le32(bytes + AT_BYTES);

	if (offset < PROFILE_HEADER_BYTES) {
		fault = size_fault(says, len);
		fault = fault != NULL ? fault : sum_fault(bytes, says);
		if (fault == NULL)
			return tool_format("offset %u: bytes behind its end, which are "
					   "not zero",
					   says);
	}
	return fault != NULL ? fault : item_fault(bytes, len, offset, status);
}

bool tool_profile_refuse(const char *name, size_t at, const uint8_t *bytes, size_t len)
{
	char *fault = tool_profile_fault(bytes, len);

	if (at != 0)
		tool_error("%s: no valid profile at offset %zu: %s", name, at, fault);
	else
		tool_error("%s: no valid profile: %s", name, fault);
	free(fault);
	return false;
}

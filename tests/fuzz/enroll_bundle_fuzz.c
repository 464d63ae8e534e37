/* An enrolment program's section from anywhere, its checksum put right. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "boot/enroll/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* All that is said of a variable lies in the section, and adds up. */
static void check(const struct enroll_key *key, const uint8_t *section, size_t len)
{
	size_t bytes, count;
	const uint8_t *first = enroll_lists_first(key, &bytes);

	assert(key->update >= section &&
	       lb_within((uint64_t)(key->update - section), key->update_bytes, len));
	assert(key->list > key->update &&
	       key->list + key->list_bytes == key->update + key->update_bytes);
	assert(bytes > 0 && first > key->list &&
	       first + bytes <= key->list + key->list_bytes);
	assert(enroll_lists_count(key->list, key->list_bytes, &count) == LB_OK);
	assert(count == key->count && count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *section;
	struct enroll_bundle b;
	size_t count;

	(void)enroll_lists_count(data, len, &count);
	if (len < ENROLL_HEADER_BYTES || len > ENROLL_SECTION_BYTES)
		return 0;
	section = malloc(len);
	memcpy(section, data, len);
	const uint32_t all = lb_le32(section + ENROLL_AT_BYTES);

	lb_put_le32(section + ENROLL_AT_CRC, 0);
	lb_put_le32(section + ENROLL_AT_CRC,
		    lb_crc32(0, section, all <= len ? all : len));
	if (enroll_bundle_parse(section, len, &b) == LB_OK)
		for (unsigned i = 0; i < ENROLL_VARIABLES; i++)
			check(&b.key[i], section, len);
	free(section);
	return 0;
}

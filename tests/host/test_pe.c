/* Making PE images for tests. */
#include "tests/host/test_pe.h"

#include <string.h>

#include "base/bytes.h"

#define FIRST_SECTION 1024u

size_t test_pe_make(uint8_t out[TEST_PE_BYTES], uint16_t machine,
		    const struct test_section *sections, size_t count)
{
	memset(out, 0, TEST_PE_BYTES);
	memcpy(out, "MZ", 2);
	lb_put_le32(out + 60, TEST_PE_OFFSET);
	memcpy(out + TEST_PE_OFFSET, "PE\0", 4);
	lb_put_le16(out + TEST_PE_OFFSET + 4, machine);
	lb_put_le16(out + TEST_PE_OFFSET + 6, (uint16_t)count);
	lb_put_le16(out + TEST_PE_OFFSET + 20, 240);
	lb_put_le16(out + TEST_PE_OPTIONAL, 0x20b);
	lb_put_le16(out + TEST_PE_OPTIONAL + 68, 10);
	lb_put_le32(out + TEST_PE_OPTIONAL + 108, 16);
	for (size_t i = 0; i < count; i++) {
		uint8_t *s = out + TEST_PE_SECTIONS + 40 * i;
		const uint32_t at = FIRST_SECTION + (uint32_t)i * TEST_PE_SECTION_SIZE;
		strncpy((char *)s, sections[i].name, 8);
		lb_put_le32(s + 8, (uint32_t)strlen(sections[i].contents));
		lb_put_le32(s + 16, TEST_PE_SECTION_SIZE);
		lb_put_le32(s + 20, at);
		memcpy(out + at, sections[i].contents, strlen(sections[i].contents));
	}
	return FIRST_SECTION + count * TEST_PE_SECTION_SIZE;
}

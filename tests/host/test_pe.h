/* Making PE images for tests: headers by hand, sections with given contents. */
#ifndef LIFEBOAT_TESTS_TEST_PE_H
#define LIFEBOAT_TESTS_TEST_PE_H

#include <stddef.h>
#include <stdint.h>

#define TEST_PE_BYTES        16384u
#define TEST_PE_OFFSET       128u                   /* of the PE signature */
#define TEST_PE_OPTIONAL     (TEST_PE_OFFSET + 24u) /* of the optional header */
#define TEST_PE_SECTIONS     (TEST_PE_OPTIONAL + 240u)
#define TEST_PE_SECTION_SIZE 512u /* raw size of each section */
#define TEST_PE_MAX_SECTIONS 8u

struct test_section {
	const char *name;     /* up to 8 characters */
	const char *contents; /* VirtualSize is its length */
};

/** test_pe_make() - returns the file's length, at most TEST_PE_BYTES. */
size_t test_pe_make(uint8_t out[TEST_PE_BYTES], uint16_t machine,
		    const struct test_section *sections, size_t count);

#endif

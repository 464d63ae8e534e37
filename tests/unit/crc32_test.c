/* CRC-32: known vectors, and zlib's crc32 as the judge. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <zlib.h>

#include "base/crc32.h"

static const struct {
	const char *name;
	const char *text;
	uint32_t want;
} vectors[] = {
	{ "nothing", "", 0x00000000 },
	{ "one byte", "a", 0xe8b7be43 },
	{ "check value of the catalogue", "123456789", 0xcbf43926 },
	{ "a sentence", "The quick brown fox jumps over the lazy dog", 0x414fa339 },
};

static void known_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		print_message("%s\n", vectors[i].name);
		assert_int_equal(lb_crc32(0, vectors[i].text, strlen(vectors[i].text)),
				 vectors[i].want);
	}
}

static void fill(uint8_t *p, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		p[i] = (uint8_t)(seed >> 24);
	}
}

static void agrees_with_zlib(void **state)
{
	uint8_t data[1031];

	(void)state;
	for (uint32_t seed = 0; seed < 200; seed++) {
		const size_t len = (seed * 37) % sizeof(data);

		fill(data, sizeof(data), seed);
		assert_int_equal(lb_crc32(0, data, len), crc32(0, data, (uInt)len));
	}
}

static void pieces_make_the_whole(void **state)
{
	uint8_t data[257];

	(void)state;
	fill(data, sizeof(data), 7);
	const uint32_t whole = lb_crc32(0, data, sizeof(data));
	for (size_t cut = 0; cut <= sizeof(data); cut++) {
		const uint32_t first = lb_crc32(0, data, cut);

		assert_int_equal(lb_crc32(first, data + cut, sizeof(data) - cut), whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_vectors),
		cmocka_unit_test(agrees_with_zlib),
		cmocka_unit_test(pieces_make_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

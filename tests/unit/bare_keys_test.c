/* Keys from a serial line: bytes in, keys out. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/bare/keys.h"

/* Each key as scan * 0x10000 + unicode, plus CTRL. */
#define CTRL    0x80000000u
#define SCAN(n) ((uint32_t)(n) << 16)

static const struct {
	const char *name, *bytes;
	size_t count;
	uint32_t want[4];
} rows[] = {
	{ "letters", "aZ", 2, { 'a', 'Z' } },
	{ "enter", "\r", 1, { '\r' } },
	{ "tab", "\t", 1, { '\t' } },
	{ "backspace", "\b", 1, { '\b' } },
	{ "delete is backspace", "\x7f", 1, { '\b' } },
	{ "ctrl-d, ctrl-u", "\x04\x15", 2, { CTRL | 'd', CTRL | 'u' } },
	{ "up down right left",
	  "\x1b[A\x1b[B\x1b[C\x1b[D",
	  4,
	  { SCAN(1), SCAN(2), SCAN(3), SCAN(4) } },
	{ "application mode", "\x1bOA\x1bOD", 2, { SCAN(1), SCAN(4) } },
	{ "home, end",
	  "\x1b[H\x1b[F\x1b[1~\x1b[4~",
	  4,
	  { SCAN(5), SCAN(6), SCAN(5), SCAN(6) } },
	{ "F1, F5, F12",
	  "\x1bOP\x1b[15~\x1b[24~",
	  3,
	  { SCAN(0x0b), SCAN(0x0f), SCAN(0x16) } },
	{ "unknown sequence, then a letter", "\x1b[99~x", 1, { 'x' } },
	{ "endless sequence, then a letter", "\x1b[1234567x", 4, { '5', '6', '7', 'x' } },
	{ "alt-x is nothing", "\x1bxy", 1, { 'y' } },
	{ "escape twice, then up", "\x1b\x1b[A", 2, { SCAN(0x17), SCAN(1) } },
	{ "bytes above ASCII", "\x80\xff\xc3\xa4z", 1, { 'z' } },
	{ "other control bytes", "\x1c\x1d\x1e\x1fq", 1, { 'q' } },
};

static uint32_t number(const struct platform_key *key)
{
	assert_true(key->serial);
	return SCAN(key->scan) | key->unicode | (key->ctrl ? CTRL : 0);
}

static void bytes_become_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bare_keys keys = { .used = 0 };
		struct platform_key key;
		size_t got = 0;

		print_message("%s\n", rows[i].name);
		for (const char *p = rows[i].bytes; *p != '\0'; p++) {
			if (!bare_keys_byte(&keys, (uint8_t)*p, 1000, &key))
				continue;
			assert_true(got < rows[i].count);
			assert_int_equal(number(&key), rows[i].want[got++]);
		}
		assert_false(bare_keys_idle(&keys, UINT64_C(1) << 40, &key));
		assert_int_equal(got, rows[i].count);
	}
}

static void escape_alone_needs_time(void **state)
{
	struct bare_keys keys = { .used = 0 };
	struct platform_key key;

	(void)state;
	assert_false(bare_keys_byte(&keys, 0x1b, 1000, &key));
	assert_false(bare_keys_idle(&keys, 1000 + BARE_KEYS_ESCAPE_US - 1, &key));
	assert_true(bare_keys_idle(&keys, 1000 + BARE_KEYS_ESCAPE_US, &key));
	assert_int_equal(number(&key), SCAN(0x17));
	assert_false(bare_keys_idle(&keys, 1000 + 3 * BARE_KEYS_ESCAPE_US, &key));

	/* A sequence that breaks off is dropped, and the next key is whole. */
	assert_false(bare_keys_byte(&keys, 0x1b, 0, &key));
	assert_false(bare_keys_byte(&keys, '[', 0, &key));
	assert_false(bare_keys_idle(&keys, BARE_KEYS_ESCAPE_US, &key));
	assert_true(bare_keys_byte(&keys, 'A', BARE_KEYS_ESCAPE_US, &key));
	assert_int_equal(number(&key), 'A');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_keys),
		cmocka_unit_test(escape_alone_needs_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Keys from a serial line: bytes in, keys out; and the PL011's own limits. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/bare/drivers/pl011.h"
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

/* --- the port ----------------------------------------------------------------------- */

struct port {
	uint32_t flags, control, line, baud_int, baud_frac;
	const uint16_t *input;
	char out[64];
	size_t used;
	uint32_t looks;
};

static uint32_t port_read(void *ctx, uint32_t offset)
{
	struct port *p = ctx;

	if (offset == 0x18) {
		p->looks++;
		return p->flags | (p->input == NULL || *p->input == 0 ? 1u << 4 : 0);
	}
	return offset == 0x00 ? *p->input++ : p->control;
}

static void port_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct port *p = ctx;

	switch (offset) {
	case 0x00:
		p->out[p->used++] = (char)value;
		break;
	case 0x24:
		p->baud_int = value;
		break;
	case 0x28:
		p->baud_frac = value;
		break;
	case 0x2c:
		p->line = value;
		break;
	case 0x30:
		p->control = value;
		break;
	default:
		assert_int_equal(offset, 0x38);
	}
}

static void port_starts(void **state)
{
	struct port p = { .flags = 0 };
	const struct bare_io io = { .ctx = &p,
				    .read32 = port_read,
				    .write32 = port_write };

	(void)state;
	/* 24 MHz / (16 * 115200) = 13.02: ARM DDI 0183 gives 13 and 1/64. */
	pl011_start(&io, 24000000);
	assert_int_equal(p.baud_int, 13);
	assert_int_equal(p.baud_frac, 1);
	assert_int_equal(p.line, 0x70);
	assert_int_equal(p.control, 0x301);
	/* One that is on stays as the first stage set it. */
	pl011_start(&io, 48000000);
	assert_int_equal(p.baud_int, 13);
}

static void port_writes_lines(void **state)
{
	struct port p = { .flags = 0 };
	const struct bare_io io = { .ctx = &p,
				    .read32 = port_read,
				    .write32 = port_write };

	(void)state;
	pl011_write(&io, "one\ntwo\n", 8);
	assert_string_equal(p.out, "one\r\ntwo\r\n");
}

static void a_stuck_port_does_not_hang_us(void **state)
{
	struct port p = { .flags = 1u << 5 | 1u << 3 };
	const struct bare_io io = { .ctx = &p,
				    .read32 = port_read,
				    .write32 = port_write };

	(void)state;
	pl011_write(&io, "text", 4);
	pl011_drain(&io);
	assert_int_equal(p.used, 0);
	assert_in_range(p.looks, 1, 1000000);
}

static void bytes_with_errors_are_dropped(void **state)
{
	static const uint16_t input[] = { 'a', 0x100 | 'b', 'c', 0x800 | 'd', 0 };
	struct port p = { .input = input };
	const struct bare_io io = { .ctx = &p,
				    .read32 = port_read,
				    .write32 = port_write };
	uint8_t byte;

	(void)state;
	assert_true(pl011_read(&io, &byte));
	assert_int_equal(byte, 'a');
	assert_false(pl011_read(&io, &byte));
	assert_true(pl011_read(&io, &byte));
	assert_int_equal(byte, 'c');
	assert_false(pl011_read(&io, &byte));
	assert_false(pl011_read(&io, &byte));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_keys),
		cmocka_unit_test(escape_alone_needs_time),
		cmocka_unit_test(port_starts),
		cmocka_unit_test(port_writes_lines),
		cmocka_unit_test(a_stuck_port_does_not_hang_us),
		cmocka_unit_test(bytes_with_errors_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Serial ports: lines and their ends, ports that take nothing; and the PL011, against its
 * registers. Spec: ARM DDI 0183, 3.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/bare/drivers/pl011.h"

static struct port {
	uint32_t integer, fraction, line, control, interrupts;
	char sent[64];
	size_t count, room; /* bytes sent, and how many it takes */
	const uint32_t *in; /* data register's values, 0 ends them */
	unsigned looks;
	bool busy; /* for ever */
} port;

static uint32_t read32(void *ctx, uint32_t offset)
{
	(void)ctx;
	switch (offset) {
	case 0x00:
		return *port.in++;
	case 0x18:
		port.looks++;
		return (port.busy ? 1u << 3 : 0) |
		       (port.in == NULL || *port.in == 0 ? 1u << 4 : 0) |
		       (port.count >= port.room ? 1u << 5 : 0);
	case 0x30:
		return port.control;
	default:
		fail_msg("register %x is not for reading", offset);
		return 0;
	}
}

static void write32(void *ctx, uint32_t offset, uint32_t value)
{
	(void)ctx;
	switch (offset) {
	case 0x00:
		assert_in_range(port.count, 0, sizeof port.sent - 1);
		port.sent[port.count++] = (char)value;
		break;
	case 0x24:
		port.integer = value;
		break;
	case 0x28:
		port.fraction = value;
		break;
	case 0x2c:
		assert_int_equal(port.control & 1, 0); /* only while it is off */
		port.line = value;
		break;
	case 0x30:
		port.control = value;
		break;
	case 0x38:
		port.interrupts = value;
		break;
	default:
		fail_msg("register %x is not for writing", offset);
	}
}

static const struct serial serial = { .driver = &pl011,
				      .io = { .read32 = read32, .write32 = write32 } };

static int set_up(void **state)
{
	(void)state;
	memset(&port, 0, sizeof port);
	port.room = sizeof port.sent - 1;
	port.interrupts = 0x7ff;
	return 0;
}

/* 24 MHz / (16 * 115200) = 13 + 1.33/64; left as it is when it is on. */
static void starts_at_115200(void **state)
{
	(void)state;
	serial_start(&serial, 24000000);
	assert_int_equal(port.integer, 13);
	assert_int_equal(port.fraction, 1);
	assert_int_equal(port.line, 0x70);
	assert_int_equal(port.control, 0x301);
	assert_int_equal(port.interrupts, 0);
	port.integer = 7;
	serial_start(&serial, 24000000);
	assert_int_equal(port.integer, 7);
}

static void no_rate_no_divisor(void **state)
{
	static const uint32_t rates[] = { 0, 16 * 115200 - 1 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		port.control = 0;
		port.integer = 99;
		serial_start(&serial, rates[i]);
		assert_int_equal(port.integer, 99);
		assert_int_equal(port.control, 0x301);
	}
	port.control = 0;
	serial_start(&serial, 16 * 115200);
	assert_int_equal(port.integer, 1);
	assert_int_equal(port.fraction, 0);
}

static void lines_end_as_terminals_like_it(void **state)
{
	(void)state;
	serial_write(&serial, "a\nb\n", 4);
	assert_string_equal(port.sent, "a\r\nb\r\n");
	serial_write(&serial, "xyz", 1);
	assert_string_equal(port.sent, "a\r\nb\r\nx");
}

/* The rest is lost, and not tried byte by byte. */
static void a_port_that_takes_nothing_ends(void **state)
{
	(void)state;
	port.room = 2;
	serial_write(&serial, "ab\ncdef", 7);
	assert_string_equal(port.sent, "ab");
	assert_in_range(port.looks, 1000, 1000000);
	port.busy = true;
	port.looks = 0;
	serial_drain(&serial);
	assert_in_range(port.looks, 1000, 1000000);
	port.busy = false;
	port.looks = 0;
	serial_drain(&serial);
	assert_int_equal(port.looks, 1);
}

static void bytes_with_errors_are_dropped(void **state)
{
	static const uint32_t in[] = { 'a', 'b' | 0x100, 'c' | 0x800, 'd', 0 };
	uint8_t byte;

	(void)state;
	port.in = in;
	assert_true(serial_read(&serial, &byte));
	assert_int_equal(byte, 'a');
	assert_false(serial_read(&serial, &byte));
	assert_false(serial_read(&serial, &byte));
	assert_true(serial_read(&serial, &byte));
	assert_int_equal(byte, 'd');
	assert_false(serial_read(&serial, &byte));
}

static void no_port_is_silent(void **state)
{
	const struct serial none = { .driver = NULL };
	uint8_t byte;

	(void)state;
	serial_start(&none, 1);
	serial_write(&none, "a", 1);
	serial_drain(&none);
	assert_false(serial_read(&none, &byte));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(starts_at_115200),
		TEST(no_rate_no_divisor),
		TEST(lines_end_as_terminals_like_it),
		TEST(a_port_that_takes_nothing_ends),
		TEST(bytes_with_errors_are_dropped),
		TEST(no_port_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

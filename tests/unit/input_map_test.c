/* Keys of evdev and bytes of a serial line as the screens know them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/input-event-codes.h>

#include "host/input_map.h"

static struct platform_key press(uint16_t code, struct input_modifiers held)
{
	struct platform_key key = { 0 };

	(void)input_map_key(code, 1, &held, &key);
	return key;
}

static void test_keys(void **state)
{
	static const struct {
		uint16_t code;
		bool shift, ctrl;
		uint16_t scan, unicode;
	} rows[] = {
		{ KEY_A, false, false, 0, 'a' },
		{ KEY_A, true, false, 0, 'A' },
		{ KEY_D, false, true, 0, 'd' },
		{ KEY_D, true, true, 0, 'd' },
		{ KEY_ENTER, false, false, 0, '\r' },
		{ KEY_KPENTER, false, false, 0, '\r' },
		{ KEY_BACKSPACE, false, false, 0, '\b' },
		{ KEY_TAB, false, false, 0, '\t' },
		{ KEY_SPACE, false, false, 0, ' ' },
		{ KEY_SLASH, true, false, 0, '?' },
		{ KEY_EQUAL, true, false, 0, '+' },
		{ KEY_Z, false, false, 0, 'z' },
		{ KEY_KP7, false, false, 0, '7' },
		{ KEY_ESC, false, false, PLATFORM_KEY_ESC, 0 },
		{ KEY_UP, false, false, PLATFORM_KEY_UP, 0 },
		{ KEY_END, false, false, PLATFORM_KEY_END, 0 },
		{ KEY_F5, false, false, 0, 0 },
		{ KEY_RESERVED, false, false, 0, 0 },
		{ KEY_MAX, false, false, 0, 0 },
		{ UINT16_MAX, true, false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct platform_key key = press(
			rows[i].code, (struct input_modifiers){ .shift = rows[i].shift,
								.ctrl = rows[i].ctrl });

		assert_int_equal(key.scan, rows[i].scan);
		assert_int_equal(key.unicode, rows[i].unicode);
		assert_false(key.serial);
	}
}

/* Held keys repeat, releases and modifiers are no keys, Alt is for others. */
static void test_modifiers(void **state)
{
	struct input_modifiers held = { 0 };
	struct platform_key key;

	(void)state;
	assert_false(input_map_key(KEY_LEFTCTRL, 1, &held, &key));
	assert_false(input_map_key(KEY_LEFTCTRL, 2, &held, &key));
	assert_true(input_map_key(KEY_D, 1, &held, &key) && key.ctrl);
	assert_true(input_map_key(KEY_D, 2, &held, &key) && key.ctrl);
	assert_false(input_map_key(KEY_D, 0, &held, &key));
	assert_false(input_map_key(KEY_LEFTCTRL, 0, &held, &key));
	assert_true(input_map_key(KEY_D, 1, &held, &key) && !key.ctrl);
	assert_false(input_map_key(KEY_RIGHTALT, 1, &held, &key));
	assert_false(input_map_key(KEY_D, 1, &held, &key));
}

static void test_bytes(void **state)
{
	static const struct {
		uint8_t byte;
		uint16_t unicode;
		bool ctrl;
	} rows[] = {
		{ 'a', 'a', false },   { '\n', '\r', false }, { '\r', '\r', false },
		{ '\t', '\t', false }, { '\b', '\b', false }, { 4, 'd', true },
		{ 26, 'z', true },     { 27, 27, false },     { 127, 127, false },
		{ 0, 0, false },       { 255, 255, false },
	};
	struct platform_key key;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		input_map_byte(rows[i].byte, &key);
		assert_int_equal(key.unicode, rows[i].unicode);
		assert_int_equal(key.ctrl, rows[i].ctrl);
		assert_int_equal(key.scan, PLATFORM_KEY_NONE);
		assert_true(key.serial);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_modifiers),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Keys that a person typed, and those of a scanner, a modem, a receiver, a book on the
 * keyboard: by their times alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "boot/person/keys.h"

/* What @text gives on a screen, one character each @every_ms, asked for every 15 ms. */
static const char *typed(const char *text, uint64_t every_ms)
{
	static char out[64];
	struct key_gate gate = { 0 };
	struct platform_key key;
	size_t n = 0, fed = 0;

	for (uint64_t now = 1000; now < 1000 + (strlen(text) + 8) * every_ms + 500;
	     now++) {
		if (fed < strlen(text) && now >= 1000 + fed * every_ms) {
			key = (struct platform_key){ .unicode = (uint8_t)text[fed++] };
			key_gate_feed(&gate, &key, now);
		}
		if (now % 15 == 0 && key_gate_take(&gate, now, &key) &&
		    n < sizeof out - 1)
			out[n++] = (char)key.unicode;
	}
	out[n] = '\0';
	return out;
}

static void people(void **state)
{
	(void)state;
	for (uint64_t ms = 80; ms <= 400; ms += 10)
		assert_string_equal(typed("KBTNRP", ms), "KBTNRP");
	assert_string_equal(typed("p", 1000), "p");
	assert_string_equal(typed("pp", 200), "pp");
}

/* A scanner (50 ms a key), NMEA sentences, a modem, a dump: not one key of it. */
static void devices(void **state)
{
	(void)state;
	assert_string_equal(typed("partner77\r", 50), "");
	assert_string_equal(typed("$GPRMC,123519,A,4807.038,N\r\n", 1), "");
	assert_string_equal(typed("RING\r\n", 10), "");
	assert_string_equal(typed("pr", 70), "");
}

/* The end of a burst and the beginning of the next one are no keys either, as long as
 * there is no quiet between them. */
static void bursts(void **state)
{
	struct key_gate gate = { 0 };
	struct platform_key key;
	uint64_t now = 1000;

	(void)state;
	for (int sentence = 0; sentence < 50; sentence++) {
		for (const char *c = "RING\r\n"; *c != '\0'; c++, now++) {
			key = (struct platform_key){ .unicode = (uint8_t)*c };
			key_gate_feed(&gate, &key, now);
			assert_false(key_gate_take(&gate, now, &key));
		}
		for (int i = 0; i < 200; i++, now++)
			assert_false(key_gate_take(&gate, now, &key));
	}
}

/* A key that is held is pressed once, however it repeats; but lists and pages run on. */
static void held(void **state)
{
	static const struct {
		uint16_t scan;
		uint64_t delay, rate, least, most;
	} rows[] = {
		{ PLATFORM_KEY_ESC, 500, 33, 1, 1 },
		{ PLATFORM_KEY_ESC, 250, 92, 1, 1 },
		{ PLATFORM_KEY_DOWN, 500, 33, 50, 400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct platform_key down = { .scan = rows[i].scan };
		struct key_gate gate = { 0 };
		struct platform_key key;
		uint64_t next = 1000, count = 0;

		for (uint64_t now = 1000; now < 6000; now++) {
			if (now == next) {
				key_gate_feed(&gate, &down, now);
				next += now == 1000 ? rows[i].delay : rows[i].rate;
			}
			count += key_gate_take(&gate, now, &key);
		}
		assert_in_range(count, rows[i].least, rows[i].most);
	}
}

static void hushed(void **state)
{
	const struct platform_key p = { .unicode = 'p', .serial = true };
	struct key_gate gate = { 0 };
	struct platform_key key;

	(void)state;
	key_gate_hush(&gate, 1000);
	key_gate_feed(&gate, &p, 1200); /* an echo of what was printed */
	assert_false(key_gate_take(&gate, 1400, &key));
	key_gate_feed(&gate, &p, 1600); /* it was quiet since */
	assert_true(key_gate_take(&gate, 1800, &key));
	key_gate_feed(&gate, &p, 2500);
	key_gate_forget(&gate);
	assert_false(key_gate_take(&gate, 2700, &key));
}

/* --- on the way to a boot ----------------------------------------------------------- */

#define ESC_AT(t)                                                                        \
	{                                                                                \
		t,                                                                       \
		{                                                                        \
			.scan = PLATFORM_KEY_ESC                                         \
		}                                                                        \
	}
#define CHAR_AT(t, c)                                                                    \
	{                                                                                \
		t,                                                                       \
		{                                                                        \
			.unicode = c                                                     \
		}                                                                        \
	}
#define LINE_AT(t, c)                                                                    \
	{                                                                                \
		t,                                                                       \
		{                                                                        \
			.unicode = c, .serial = true                                     \
		}                                                                        \
	}
#define CTRL_AT(t, c)                                                                    \
	{                                                                                \
		t,                                                                       \
		{                                                                        \
			.unicode = c, .ctrl = true, .serial = true                       \
		}                                                                        \
	}

static const struct {
	const char *name;
	bool want;
	struct {
		uint64_t at;
		struct platform_key key;
	} keys[6];
} wishes[] = {
	/* clang-format off */
	{ "nothing", false, { { 0 } } },
	{ "Escape twice", true, { ESC_AT(5), ESC_AT(300) } },
	{ "F8 twice", true,
	  { { 5, { .scan = PLATFORM_KEY_F8 } }, { 300, { .scan = PLATFORM_KEY_F8 } } } },
	{ "another F key", false, { { 5, { .scan = 0x0c } }, { 300, { .scan = 0x0c } } } },
	{ "Escape held", true, { ESC_AT(5), ESC_AT(505), ESC_AT(538) } },
	{ "Escape once", false, { ESC_AT(5) } },
	{ "Escape twice, slowly", false, { ESC_AT(5), ESC_AT(1500) } },
	{ "R, as it was", false, { CHAR_AT(5, 'r'), CHAR_AT(300, 'r') } },
	{ "R held", false, { CHAR_AT(5, 'R'), CHAR_AT(38, 'R'), CHAR_AT(71, 'R') } },
	{ "text with Escape in it", false,
	  { CHAR_AT(5, 'a'), ESC_AT(10), ESC_AT(15), CHAR_AT(20, 'b') } },
	{ "text before", false, { CHAR_AT(5, 'a'), ESC_AT(100), ESC_AT(200) } },
	{ "text long before", true, { CHAR_AT(5, 'a'), ESC_AT(600), ESC_AT(900) } },
	{ "text between", false, { ESC_AT(5), CHAR_AT(50, 'x'), ESC_AT(90) } },
	{ "Escape by serial line", false,
	  { { 5, { .scan = PLATFORM_KEY_ESC, .serial = true } },
	    { 300, { .scan = PLATFORM_KEY_ESC, .serial = true } } } },
	{ "the sequence", true, { CTRL_AT(5, 'r'), CTRL_AT(205, 'e'), CTRL_AT(405, 'v') } },
	{ "the sequence, and keys after it", true,
	  { CTRL_AT(5, 'r'), CTRL_AT(205, 'e'), CTRL_AT(405, 'v'), CTRL_AT(605, 'v'),
	    LINE_AT(805, 'x'), CTRL_AT(1005, 'r') } },
	{ "Escape twice, and the line after it", true,
	  { ESC_AT(5), ESC_AT(300), CTRL_AT(305, 'r'), CTRL_AT(505, 'e'),
	    CTRL_AT(705, 'v'), CTRL_AT(905, 'v') } },
	{ "its first key pressed again and again", true,
	  { CTRL_AT(5, 'r'), CTRL_AT(25, 'r'), CTRL_AT(45, 'r'), CTRL_AT(205, 'e'),
	    CTRL_AT(405, 'v') } },
	{ "faster than people", false,
	  { CTRL_AT(5, 'r'), CTRL_AT(6, 'e'), CTRL_AT(7, 'v') } },
	{ "too slowly", false, { CTRL_AT(5, 'r'), CTRL_AT(205, 'e'), CTRL_AT(3100, 'v') } },
	{ "another order", false,
	  { CTRL_AT(5, 'e'), CTRL_AT(205, 'r'), CTRL_AT(405, 'v') } },
	{ "without Ctrl", false, { LINE_AT(5, 'r'), LINE_AT(205, 'e'), LINE_AT(405, 'v') } },
	{ "on a line that is not quiet", false,
	  { LINE_AT(5, '$'), CTRL_AT(100, 'r'), CTRL_AT(300, 'e'), CTRL_AT(500, 'v') } },
	{ "noise within", false,
	  { CTRL_AT(5, 'r'), LINE_AT(100, 'x'), CTRL_AT(205, 'e'), CTRL_AT(405, 'v') } },
	{ "quiet again", true,
	  { LINE_AT(5, '$'), CTRL_AT(600, 'r'), CTRL_AT(800, 'e'), CTRL_AT(1000, 'v') } },
	{ "noise on the line does not disturb the keyboard", true,
	  { LINE_AT(5, '$'), ESC_AT(10), LINE_AT(20, 'R'), ESC_AT(300) } },
	/* clang-format on */
};

static void wishes_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		struct key_wish wish = { 0 };

		for (size_t k = 0; k < 6 && wishes[i].keys[k].at != 0; k++)
			key_wish_feed(&wish, &wishes[i].keys[k].key,
				      wishes[i].keys[k].at);
		if (wish.granted != wishes[i].want)
			fail_msg("%s", wishes[i].name);
		assert_false(key_wish_begun(&wish, 10000)); /* every wait ends */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people), cmocka_unit_test(devices),
		cmocka_unit_test(bursts), cmocka_unit_test(held),
		cmocka_unit_test(hushed), cmocka_unit_test(wishes_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Keys by tables. */
#include "host/input_map.h"

#include <linux/input-event-codes.h>
#include <stddef.h>

/* By code: what it gives alone, and with Shift. */
static const char plain[] = "\0\033"
			    "1234567890-=\b\t"
			    "qwertyuiop[]\r\0"
			    "asdfghjkl;'`\0"
			    "\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033"
			      "!@#$%^&*()_+\b\t"
			      "QWERTYUIOP{}\r\0"
			      "ASDFGHJKL:\"~\0"
			      "|ZXCVBNM<>?\0*\0 ";

_Static_assert(sizeof plain == KEY_SPACE + 2 && sizeof shifted == sizeof plain,
	       "one entry for each code up to the space bar");

static const struct {
	uint16_t code, scan;
} special[] = {
	{ KEY_ESC, PLATFORM_KEY_ESC },     { KEY_UP, PLATFORM_KEY_UP },
	{ KEY_DOWN, PLATFORM_KEY_DOWN },   { KEY_LEFT, PLATFORM_KEY_LEFT },
	{ KEY_RIGHT, PLATFORM_KEY_RIGHT }, { KEY_HOME, PLATFORM_KEY_HOME },
	{ KEY_END, PLATFORM_KEY_END },
};

static const struct {
	uint16_t code;
	char character;
} keypad[] = {
	{ KEY_KPENTER, '\r' }, { KEY_KPPLUS, '+' }, { KEY_KPMINUS, '-' },
	{ KEY_KP0, '0' },      { KEY_KP1, '1' },    { KEY_KP2, '2' },
	{ KEY_KP3, '3' },      { KEY_KP4, '4' },    { KEY_KP5, '5' },
	{ KEY_KP6, '6' },      { KEY_KP7, '7' },    { KEY_KP8, '8' },
	{ KEY_KP9, '9' },
};

static bool modifier(uint16_t code, bool down, struct input_modifiers *held)
{
	if (code == KEY_LEFTSHIFT || code == KEY_RIGHTSHIFT)
		held->shift = down;
	else if (code == KEY_LEFTCTRL || code == KEY_RIGHTCTRL)
		held->ctrl = down;
	else if (code == KEY_LEFTALT || code == KEY_RIGHTALT)
		held->alt = down;
	else
		return false;
	return true;
}

static uint16_t scan_of(uint16_t code)
{
	for (size_t i = 0; i < sizeof special / sizeof *special; i++)
		if (special[i].code == code)
			return special[i].scan;
	return PLATFORM_KEY_NONE;
}

static char character_of(uint16_t code, bool shift)
{
	if (code < sizeof plain - 1)
		return shift ? shifted[code] : plain[code];
	for (size_t i = 0; i < sizeof keypad / sizeof *keypad; i++)
		if (keypad[i].code == code)
			return keypad[i].character;
	return '\0';
}

bool input_map_key(uint16_t code, int32_t value, struct input_modifiers *held,
		   struct platform_key *out)
{
	if (modifier(code, value != 0, held) || value == 0 || held->alt)
		return false;
	*out = (struct platform_key){ .scan = scan_of(code), .ctrl = held->ctrl };
	if (out->scan != PLATFORM_KEY_NONE)
		return true;
	out->unicode = (uint8_t)character_of(code, held->shift && !held->ctrl);
	return out->unicode != 0;
}

/* Control characters but those that are keys of their own come with Ctrl. */
void input_map_byte(uint8_t byte, struct platform_key *out)
{
	*out = (struct platform_key){ .unicode = byte, .serial = true };
	if (byte == '\n')
		out->unicode = '\r';
	if (byte == 0 || byte >= 27 || byte == '\b' || byte == '\t' || byte == '\n' ||
	    byte == '\r')
		return;
	out->unicode = (uint16_t)(byte + 'a' - 1);
	out->ctrl = true;
}

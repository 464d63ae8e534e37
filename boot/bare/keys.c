/* Keys from a serial line. Spec: what xterm and vt100 send. */
#include "boot/bare/keys.h"

#include <string.h>

#define ESC       0x1bu
#define DELETE    0x7fu
#define BACKSPACE 0x08u

static const struct {
	const char *tail; /* after ESC */
	uint16_t scan;
} sequences[] = {
	{ "[A", PLATFORM_KEY_UP },        { "[B", PLATFORM_KEY_DOWN },
	{ "[C", PLATFORM_KEY_RIGHT },     { "[D", PLATFORM_KEY_LEFT },
	{ "[H", PLATFORM_KEY_HOME },      { "[F", PLATFORM_KEY_END },
	{ "[1~", PLATFORM_KEY_HOME },     { "[4~", PLATFORM_KEY_END },
	{ "OA", PLATFORM_KEY_UP },        { "OB", PLATFORM_KEY_DOWN },
	{ "OC", PLATFORM_KEY_RIGHT },     { "OD", PLATFORM_KEY_LEFT },
	{ "OH", PLATFORM_KEY_HOME },      { "OF", PLATFORM_KEY_END },
	{ "OP", PLATFORM_KEY_F1 },        { "OQ", PLATFORM_KEY_F1 + 1 },
	{ "OR", PLATFORM_KEY_F1 + 2 },    { "OS", PLATFORM_KEY_F1 + 3 },
	{ "[15~", PLATFORM_KEY_F1 + 4 },  { "[17~", PLATFORM_KEY_F1 + 5 },
	{ "[18~", PLATFORM_KEY_F1 + 6 },  { "[19~", PLATFORM_KEY_F1 + 7 },
	{ "[20~", PLATFORM_KEY_F1 + 8 },  { "[21~", PLATFORM_KEY_F1 + 9 },
	{ "[23~", PLATFORM_KEY_F1 + 10 }, { "[24~", PLATFORM_KEY_F1 + 11 },
};

static struct platform_key scan_key(uint16_t scan)
{
	return (struct platform_key){ .scan = scan, .serial = true };
}

static bool plain_byte(uint8_t byte, struct platform_key *out)
{
	struct platform_key key = { .unicode = byte, .serial = true };

	if (byte == DELETE) {
		key.unicode = BACKSPACE;
	} else if (byte > DELETE || byte == 0) {
		return false;
	} else if (byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t' &&
		   byte != BACKSPACE) {
		if (byte > 26)
			return false;
		key.unicode = (uint16_t)('a' + byte - 1);
		key.ctrl = true;
	}
	*out = key;
	return true;
}

/* CSI ends in a byte from '@'; SS3 is one byte more. */
static bool sequence_ended(const struct bare_keys *keys)
{
	const uint8_t last = keys->sequence[keys->used - 1];

	if (keys->used < 3)
		return keys->used == 2 && last != '[' && last != 'O';
	return keys->sequence[1] == 'O' || last >= '@' ||
	       keys->used == BARE_KEYS_SEQUENCE;
}

static bool take_sequence(struct bare_keys *keys, struct platform_key *out)
{
	const size_t tail = keys->used - 1u;

	keys->used = 0;
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		if (strlen(sequences[i].tail) == tail &&
		    memcmp(sequences[i].tail, keys->sequence + 1, tail) == 0) {
			*out = scan_key(sequences[i].scan);
			return true;
		}
	}
	return false;
}

bool bare_keys_byte(struct bare_keys *keys, uint8_t byte, uint64_t now_us,
		    struct platform_key *out)
{
	if (byte == ESC) {
		/* Two in a row are one Escape and the start of something new. */
		const bool pending = keys->used == 1;

		keys->sequence[0] = ESC;
		keys->used = 1;
		keys->since_us = now_us;
		*out = scan_key(PLATFORM_KEY_ESC);
		return pending;
	}
	if (keys->used == 0)
		return plain_byte(byte, out);

	keys->sequence[keys->used++] = byte;
	keys->since_us = now_us;
	return sequence_ended(keys) && take_sequence(keys, out);
}

bool bare_keys_idle(struct bare_keys *keys, uint64_t now_us, struct platform_key *out)
{
	if (keys->used == 0 || now_us - keys->since_us < BARE_KEYS_ESCAPE_US)
		return false;

	const bool alone = keys->used == 1;
	keys->used = 0;
	*out = scan_key(PLATFORM_KEY_ESC);
	return alone;
}

/* Keyboards, by evdev; they come and go. And the serial line, if the console is one. */
#ifndef LIFEBOAT_HOST_INPUT_H
#define LIFEBOAT_HOST_INPUT_H

#include <stddef.h>

#include "host/input_map.h"

#define INPUT_MAX_KEYBOARDS 8u
#define INPUT_NAME_BYTES    32u

struct input_keyboard {
	char name[INPUT_NAME_BYTES]; /* "event3" */
	int fd;
	struct input_modifiers held;
};

struct input {
	struct input_keyboard keyboard[INPUT_MAX_KEYBOARDS];
	size_t keyboards;
	int console;
	bool serial; /* the console is a serial line: keys are read from it */
};

/** input_open() - take over @console (may be -1): bytes as they are typed, nothing
 * echoed. */
void input_open(struct input *in, int console);

/** input_scan() - keyboards that have appeared. What is no keyboard (a mouse, a power
 * button) is left alone. */
void input_scan(struct input *in);

/** input_read() - the next key; false: none. A keyboard that was pulled is forgotten. */
bool input_read(struct input *in, struct platform_key *out);

#endif

/* From key codes of Linux to keys as the screens know them: a US keyboard, as firmware
 * has it. What must be typed are letters that AZERTY and QWERTZ have in the same places
 * (ui_challenge()). Pure. */
#ifndef LIFEBOAT_HOST_INPUT_MAP_H
#define LIFEBOAT_HOST_INPUT_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/platform.h"

struct input_modifiers {
	bool shift, ctrl, alt;
};

/**
 * input_map_key() - one event of type EV_KEY.
 * @value: 0 released, 1 pressed, 2 held long enough to repeat
 * @held: kept up to date
 *
 * False: it is no key by itself (a modifier, a release, one with Alt, one without
 * meaning).
 */
bool input_map_key(uint16_t code, int32_t value, struct input_modifiers *held,
		   struct platform_key *out);

/** input_map_byte() - one byte of a serial line. */
void input_map_byte(uint8_t byte, struct platform_key *out);

#endif

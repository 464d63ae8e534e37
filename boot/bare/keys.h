/* Keys from a serial line: bytes and escape sequences into platform keys. Pure. */
#ifndef LIFEBOAT_BARE_KEYS_H
#define LIFEBOAT_BARE_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/platform.h"

/* An ESC not followed by more within this time is the Escape key. */
#define BARE_KEYS_ESCAPE_US 50000u
#define BARE_KEYS_SEQUENCE  6u

struct bare_keys {
	uint8_t sequence[BARE_KEYS_SEQUENCE]; /* bytes since ESC, ESC included */
	uint8_t used;                         /* 0: not in a sequence */
	uint64_t since_us;                    /* when its last byte came */
};

/**
 * bare_keys_byte() - one byte received at @now_us. True when it completes a key.
 * bare_keys_idle() - nothing received until @now_us. True when that makes a key.
 *
 * Bytes above 0x7e and sequences not known give no key; they never block later keys.
 */
bool bare_keys_byte(struct bare_keys *keys, uint8_t byte, uint64_t now_us,
		    struct platform_key *out);
bool bare_keys_idle(struct bare_keys *keys, uint64_t now_us, struct platform_key *out);

#endif

/* Which keys a person has typed, and which came from something else: a scanner, a modem
 * or a receiver on the serial line, a book on the keyboard. Pure: time comes with the
 * calls.
 *
 * Design: DESIGN 5; docs/threat-model.md "Nobody malicious, just bad luck". */
#ifndef LIFEBOAT_BOOT_PERSON_KEYS_H
#define LIFEBOAT_BOOT_PERSON_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/platform.h"

/* Two different keys that come faster were not typed by a person (100 to 250 ms is
 * usual). */
#define KEYS_FAST_MS 75u
/* The same key again so soon is one that is held. */
#define KEYS_HELD_MS 130u
#define KEYS_REPEAT_MS                                                                   \
	1000u /* before that it may be the first repetition of a held key */
/* After what was not typed, and after what we print on a serial line (it may echo),
 * nothing counts before the line was quiet for so long. */
#define KEYS_QUIET_MS 300u

/* --- on a screen -------------------------------------------------------------------- */

/* One source of keys: the keyboards, or the serial lines. All zero: never heard of. */
struct key_gate {
	bool heard; /* last and last_ms are set */
	struct platform_key last;
	uint64_t last_ms;
	bool noisy;   /* nothing counts until it was quiet */
	bool pending; /* a key that counts, if nothing comes too soon after it */
	struct platform_key key;
	uint64_t key_ms, patience_ms;
	bool ready; /* a key that counts */
	struct platform_key ready_key;
};

/** key_gate_feed() - @key came at @now_ms. */
void key_gate_feed(struct key_gate *gate, const struct platform_key *key,
		   uint64_t now_ms);

/** key_gate_take() - the next key that a person typed; false when there is none (yet). */
bool key_gate_take(struct key_gate *gate, uint64_t now_ms, struct platform_key *out);

/** key_gate_forget() - what came until now does not count. */
void key_gate_forget(struct key_gate *gate);

/** key_gate_hush() - nothing counts before it was quiet for KEYS_QUIET_MS from @now_ms
 * on. */
void key_gate_hush(struct key_gate *gate, uint64_t now_ms);

/* --- on the way to a boot ----------------------------------------------------------- */

/* How long somebody who has begun may take. */
#define KEYS_AGAIN_MS                                                                    \
	1000u /* for Escape a second time; firmware repeats a held key within that */
#define KEYS_SEQUENCE_MS 3000u
/* Nothing but the sequence for so long before it. */
#define KEYS_BEFORE_MS 500u

/* Whether somebody wants recovery: Escape (or F8) twice or held, and nothing else with
 * it; from a serial line Ctrl-R, Ctrl-E, Ctrl-V one after the other, on a line that is
 * quiet otherwise. All zero at power-on. */
struct key_wish {
	bool escape; /* once, at escape_ms */
	uint64_t escape_ms;
	bool typed; /* another key of a keyboard came, at typed_ms last */
	uint64_t typed_ms;
	uint8_t sequence; /* so many of it have come, the first at sequence_ms */
	uint64_t sequence_ms, step_ms;
	bool noise; /* something else came from a serial line, at noise_ms last */
	uint64_t noise_ms;
	bool granted;
};

void key_wish_feed(struct key_wish *wish, const struct platform_key *key,
		   uint64_t now_ms);

/** key_wish_begun() - something has begun that may still become a wish: wait for it. */
bool key_wish_begun(const struct key_wish *wish, uint64_t now_ms);

#endif

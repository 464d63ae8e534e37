/* Any bytes from a serial line, at any times: into keys, through the gate of a screen,
 * and as a wish for recovery. Nothing is typed that did not come, nothing of a stream
 * that is faster than people, and recovery takes its whole sequence.
 *
 * Pairs of bytes: milliseconds before it, and the byte. */
#include <stdlib.h>
#include <string.h>

#include "boot/bare/keys.h"
#include "boot/person/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static struct {
	struct bare_keys keys;
	struct key_gate gate;
	struct key_wish wish;
	uint64_t now_ms, last_ms;
	size_t keys_in, keys_out, moves, slow, escapes;
	bool r, e, v;
} s;

static void key(const struct platform_key *k)
{
	must(k->serial && (k->scan == 0) != (k->unicode == 0));
	s.slow += s.keys_in == 0 || s.now_ms - s.last_ms >= KEYS_FAST_MS;
	s.moves += k->scan >= PLATFORM_KEY_UP && k->scan <= PLATFORM_KEY_END;
	s.keys_in++;
	s.last_ms = s.now_ms;
	s.r = s.r || (k->ctrl && k->unicode == 'r');
	s.e = s.e || (s.r && k->ctrl && k->unicode == 'e');
	s.v = s.v || (s.e && k->ctrl && k->unicode == 'v');
	key_gate_feed(&s.gate, k, s.now_ms);
	key_wish_feed(&s.wish, k, s.now_ms);
	must(!s.wish.granted || s.v);
}

static void pass_time(uint64_t until)
{
	struct platform_key k;

	for (; s.now_ms < until; s.now_ms++) {
		if (bare_keys_idle(&s.keys, s.now_ms * 1000, &k))
			key(&k);
		s.keys_out += key_gate_take(&s.gate, s.now_ms, &k);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct platform_key k;

	memset(&s, 0, sizeof s);
	s.now_ms = 1000;
	for (size_t i = 0; i + 1 < size; i += 2) {
		pass_time(s.now_ms + data[i]);
		if (bare_keys_byte(&s.keys, data[i + 1], s.now_ms * 1000, &k))
			key(&k);
	}
	pass_time(s.now_ms + KEYS_SEQUENCE_MS + 1);
	/* A key that is typed had no other just before it; arrows may be held. */
	must(s.keys_out <= s.slow + s.moves && s.keys_out <= s.keys_in);
	must(!key_wish_begun(&s.wish, s.now_ms));
	must(!key_gate_take(&s.gate, s.now_ms, &k));
	return 0;
}

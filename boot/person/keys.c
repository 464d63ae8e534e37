/* Typed, or not. */
#include "boot/person/keys.h"

#include <stddef.h>

static bool same_key(const struct platform_key *a, const struct platform_key *b)
{
	return a->scan == b->scan && a->unicode == b->unicode && a->ctrl == b->ctrl;
}

/* --- on a screen -------------------------------------------------------------------- */

/* Keys that are held on purpose: moving about in lists and pages. */
static bool moves(const struct platform_key *key)
{
	return key->scan >= PLATFORM_KEY_UP && key->scan <= PLATFORM_KEY_END;
}

static void make_ready(struct key_gate *gate, const struct platform_key *key)
{
	gate->ready = true;
	gate->ready_key = *key;
}

/* A key that came so soon after another one, which then does not count either. */
static void too_soon(struct key_gate *gate, const struct platform_key *key, bool same)
{
	gate->pending = false;
	if (!same)
		gate->noisy = true;
	else if (moves(key))
		make_ready(gate, key);
}

void key_gate_feed(struct key_gate *gate, const struct platform_key *key, uint64_t now_ms)
{
	const uint64_t gap = now_ms - gate->last_ms;
	const bool same = gate->heard && same_key(key, &gate->last);
	const bool soon = gate->heard && gap < (same ? KEYS_HELD_MS : KEYS_FAST_MS);

	if (gap >= KEYS_QUIET_MS)
		gate->noisy = false;
	gate->heard = true;
	gate->last = *key;
	gate->last_ms = now_ms;
	if (gate->noisy)
		return;
	if (soon) {
		too_soon(gate, key, same);
		return;
	}
	if (gate->pending) /* nobody has asked for it yet */
		make_ready(gate, &gate->key);
	gate->pending = true;
	gate->key = *key;
	gate->key_ms = now_ms;
	gate->patience_ms = same && gap < KEYS_REPEAT_MS ? KEYS_HELD_MS : KEYS_FAST_MS;
}

bool key_gate_take(struct key_gate *gate, uint64_t now_ms, struct platform_key *out)
{
	if (!gate->ready && gate->pending && now_ms - gate->key_ms >= gate->patience_ms) {
		make_ready(gate, &gate->key);
		gate->pending = false;
	}
	if (!gate->ready)
		return false;
	*out = gate->ready_key;
	gate->ready = false;
	return true;
}

void key_gate_forget(struct key_gate *gate)
{
	gate->pending = gate->ready = false;
}

void key_gate_hush(struct key_gate *gate, uint64_t now_ms)
{
	key_gate_forget(gate);
	gate->noisy = true;
	gate->last_ms = now_ms;
}

/* --- on the way to a boot ----------------------------------------------------------- */

static const char sequence[] = { 'r', 'e', 'v' }; /* with Ctrl: REcoVery */

#define SEQUENCE_KEYS (sizeof sequence)

/* Firmware often takes Escape at power-on for its own menu: F8 is the same. */
static bool is_escape(const struct platform_key *key)
{
	return (key->scan == PLATFORM_KEY_ESC || key->scan == PLATFORM_KEY_F8) &&
	       !key->ctrl;
}

static void feed_keyboard(struct key_wish *wish, const struct platform_key *key,
			  uint64_t now_ms)
{
	if (!is_escape(key)) {
		wish->typed = true;
		wish->typed_ms = now_ms;
		wish->escape = false;
		return;
	}
	if (wish->typed && now_ms - wish->typed_ms < KEYS_BEFORE_MS)
		return;
	if (wish->escape && now_ms - wish->escape_ms <= KEYS_AGAIN_MS)
		wish->granted = true;
	wish->escape = true;
	wish->escape_ms = now_ms;
}

static void spoil(struct key_wish *wish, uint64_t now_ms)
{
	wish->noise = true;
	wish->noise_ms = now_ms;
	wish->sequence = 0;
}

static void feed_serial(struct key_wish *wish, const struct platform_key *key,
			uint64_t now_ms)
{
	const bool first = key->ctrl && key->unicode == (uint8_t)sequence[0];

	if (wish->sequence > 0 && now_ms - wish->sequence_ms > KEYS_SEQUENCE_MS)
		wish->sequence = 0;
	if (wish->sequence == 0) {
		if (!first || (wish->noise && now_ms - wish->noise_ms < KEYS_BEFORE_MS)) {
			spoil(wish, now_ms);
			return;
		}
		wish->sequence_ms = now_ms;
	} else if (wish->sequence == 1 && first) {
		return; /* pressed until we say what comes next */
	} else if (!key->ctrl || key->unicode != (uint8_t)sequence[wish->sequence] ||
		   now_ms - wish->step_ms < KEYS_FAST_MS) {
		spoil(wish, now_ms);
		return;
	}
	wish->step_ms = now_ms;
	wish->sequence++;
	wish->granted = wish->sequence == SEQUENCE_KEYS;
}

void key_wish_feed(struct key_wish *wish, const struct platform_key *key, uint64_t now_ms)
{
	if (wish->granted)
		return; /* until it is taken; nothing more is asked of the line */
	if (key->serial)
		feed_serial(wish, key, now_ms);
	else
		feed_keyboard(wish, key, now_ms);
}

bool key_wish_begun(const struct key_wish *wish, uint64_t now_ms)
{
	if (wish->granted)
		return false;
	return (wish->escape && now_ms - wish->escape_ms < KEYS_AGAIN_MS) ||
	       (wish->sequence > 0 && now_ms - wish->sequence_ms < KEYS_SEQUENCE_MS);
}

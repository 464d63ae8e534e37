/* Screens, plain lines and keys. */
#include "boot/person/person.h"

#include <string.h>

#include "base/format.h"
#include "boot/tpm/tpm.h"

static void copy_text(char *out, size_t size, const struct profile_bytes *bytes)
{
	const size_t len = bytes->len < size ? bytes->len : size - 1;

	if (bytes->data != NULL)
		memcpy(out, bytes->data, len);
	out[bytes->data != NULL ? len : 0] = '\0';
}

void boot_person_init(struct boot_person *p, const struct platform *plat,
		      struct lb_log *log, const struct profile *profile,
		      struct platform_state *stored)
{
	p->outlet.plat = plat;
	p->outlet.log = log;
	p->profile = profile;
	p->stored = stored;
	p->refusal = UI_SCREEN_DEV_REFUSED;
	copy_text(p->url, sizeof p->url, &profile->recovery_url);
	copy_text(p->model, sizeof p->model, &profile->model);
	copy_text(p->support, sizeof p->support, &profile->support);
	p->state.url = p->url;
	p->state.support = p->support;
	p->state.model = p->model;
	if (stored->language[0] != '\0')
		lb_format(p->language, sizeof p->language, "%.*s",
			  (int)PLATFORM_LANGUAGE_BYTES, stored->language);
	else if (profile->language.data != NULL)
		copy_text(p->language, sizeof p->language, &profile->language);
	else
		lb_format(p->language, sizeof p->language, "en");
}

#define MOST_KEYS 64u /* at once: a line that never ends must not hold us here */

/* Takes what is waiting; false when there was nothing more. */
static bool read_key(struct boot_person *p, struct platform_key *key)
{
	return p->outlet.plat->read_key(p->outlet.plat->ctx, key) == LB_OK;
}

static uint64_t now_ms(const struct boot_person *p)
{
	return p->outlet.plat->clock_ms(p->outlet.plat->ctx);
}

/* A screen that was not there before: what was typed until now was not meant for it, and
 * what a serial line echoes of it was not typed. */
static void drop_keys(struct boot_person *p)
{
	struct platform_key key;

	for (size_t i = 0; i < MOST_KEYS && read_key(p, &key); i++)
		;
	key_gate_forget(&p->gate[0]);
	key_gate_hush(&p->gate[1], now_ms(p));
}

static bool has_no_keyboard(const struct boot_person *p)
{
	const struct platform *plat = p->outlet.plat;

	return !plat->machine(plat->ctx)->keyboard ||
	       p->profile->keyboard_input == PROFILE_KEYBOARD_NONE;
}

void boot_person_redraw(struct boot_person *p)
{
	const bool opened = ui_outlet_open(&p->outlet, p->language);

	p->state.no_keyboard = has_no_keyboard(p);
	if (opened && p->outlet.ui != NULL)
		p->state.language =
			(uint8_t)ui_text_find(&p->outlet.ui->text, p->language);
	ui_outlet_show(&p->outlet, &p->state);
	if (opened || p->shown != p->state.screen)
		drop_keys(p);
	p->shown = p->state.screen;
}

void boot_person_show(struct boot_person *p, enum ui_screen screen)
{
	p->state.screen = screen;
	boot_person_redraw(p);
}

/* A language that cannot be stored counts until the machine is switched off. */
static void remember_language(struct boot_person *p)
{
	const struct platform *plat = p->outlet.plat;
	struct platform_state *stored = p->stored;

	ui_text_code(ui_outlet_texts(&p->outlet), p->state.language, p->language);
	memset(stored->language, 0, sizeof stored->language);
	memcpy(stored->language, p->language,
	       strnlen(p->language, sizeof stored->language));

	const enum lb_status status = plat->write_state(plat->ctx, stored);

	lb_log(p->outlet.log, "screen: language %s: %s", p->language,
	       lb_status_name(status));
}

static bool key_counts(const struct boot_person *p, const struct platform_key *key)
{
	return key->serial ? p->profile->serial_input != PROFILE_SERIAL_NONE
			   : p->profile->keyboard_input != PROFILE_KEYBOARD_NONE;
}

static bool action_counts(const struct boot_person *p, const struct platform_key *key,
			  enum ui_action action)
{
	const bool full = key->serial
				  ? p->profile->serial_input == PROFILE_SERIAL_FULL
				  : p->profile->keyboard_input == PROFILE_KEYBOARD_FULL;

	return full || !ui_action_changes_mode(action);
}

/* --- on the way to a boot ----------------------------------------------------------- */

static void feed_wish(struct boot_person *p)
{
	const uint8_t before = p->wish.sequence;
	struct platform_key key;

	for (size_t i = 0; i < MOST_KEYS && read_key(p, &key); i++)
		if (key_counts(p, &key))
			key_wish_feed(&p->wish, &key, now_ms(p));
	if (before == 0 && p->wish.sequence == 1)
		lb_log(p->outlet.log,
		       "keys: Ctrl-R by serial line: Ctrl-E, then Ctrl-V for recovery");
}

bool boot_person_wants_recovery(struct boot_person *p)
{
	const struct platform *plat = p->outlet.plat;
	const uint64_t began = now_ms(p);

	feed_wish(p);
	while (key_wish_begun(&p->wish, now_ms(p)) && !p->waited && !p->gone) {
		plat->sleep_ms(plat->ctx, BOOT_KEY_POLL_MS);
		feed_wish(p);
		p->waited = now_ms(p) - began >= KEYS_SEQUENCE_MS;
	}
	const bool granted = p->wish.granted && !p->gone;

	if (granted)
		p->wish = (struct key_wish){ 0 };
	return granted;
}

/* --- challenges --------------------------------------------------------------------- */

/* The platform's source, or else the TPM's. */
static bool random_bytes(struct boot_person *p, uint8_t *out, size_t len)
{
	const struct platform *plat = p->outlet.plat;
	struct tpm tpm;

	if (plat->random(plat->ctx, out, len) == LB_OK)
		return true;
	tpm_init(&tpm, plat);
	return tpm_random(&tpm, out, (uint16_t)len) == LB_OK;
}

static bool refuse(struct boot_person *p, const char *why)
{
	lb_log(p->outlet.log, "screen: no confirmation: %s", why);
	lb_format(p->detail, sizeof p->detail, "%s", why);
	p->state.detail = p->detail;
	boot_person_show(p, p->refusal);
	return false;
}

bool boot_person_challenge(struct boot_person *p, enum ui_screen screen)
{
	uint8_t random[UI_CHALLENGE_CHARS];

	memset(p->state.typed, 0, sizeof p->state.typed);
	if (p->wrong_tries >= BOOT_MAX_TRIES)
		return refuse(p, "wrong characters three times: switch off and on");
	if (!random_bytes(p, random, sizeof random))
		return refuse(p, "this machine has no source of randomness");
	ui_challenge(random, p->state.challenge);
	boot_person_show(p, screen);
	drop_keys(p); /* also when only the characters are new */
	return true;
}

bool boot_person_challenge_wrong(struct boot_person *p)
{
	p->wrong_tries++;
	lb_log(p->outlet.log, "screen: wrong characters, try %u of %u", p->wrong_tries,
	       BOOT_MAX_TRIES);
	p->deaf_until_ms = now_ms(p) + BOOT_WRONG_MS;
	return boot_person_challenge(p, p->state.screen);
}

/* --- screens ------------------------------------------------------------------------ */

/* The actions that mean the same on every screen. */
static enum ui_action common_action(struct boot_person *p, enum ui_action action)
{
	const struct platform *plat = p->outlet.plat;

	switch (action) {
	case UI_ACTION_LANGUAGE:
		remember_language(p);
		break;
	case UI_ACTION_REDRAW:
		break;
	case UI_ACTION_POWER_OFF:
		boot_person_show(p, UI_SCREEN_POWER_OFF);
		plat->reset(plat->ctx, PLATFORM_RESET_POWER_OFF);
		return UI_ACTION_NONE;
	case UI_ACTION_RESTART:
		plat->reset(plat->ctx, PLATFORM_RESET_RESTART);
		return UI_ACTION_NONE;
	default:
		return action;
	}
	boot_person_redraw(p);
	return UI_ACTION_NONE;
}

static enum ui_action take_key(struct boot_person *p, const struct platform_key *key)
{
	const struct ui_state before = p->state;
	const enum ui_action action = ui_key(&p->state, ui_outlet_texts(&p->outlet), key);

	if (action == UI_ACTION_NONE)
		return UI_ACTION_NONE;
	if (!action_counts(p, key, action)) {
		p->state = before;
		lb_log(p->outlet.log, "screen: mode changes are not taken from a %s",
		       key->serial ? "serial line" : "keyboard");
		return UI_ACTION_NONE;
	}
	p->touched_ms = now_ms(p);
	return common_action(p, action);
}

static void feed_gates(struct boot_person *p)
{
	struct platform_key key;

	for (size_t i = 0; i < MOST_KEYS && read_key(p, &key); i++)
		if (key_counts(p, &key) && now_ms(p) >= p->deaf_until_ms)
			key_gate_feed(&p->gate[key.serial], &key, now_ms(p));
}

/* Keys are coming: their times are told apart. */
static bool lively(const struct boot_person *p)
{
	for (size_t i = 0; i < 2; i++)
		if (p->gate[i].heard &&
		    now_ms(p) - p->gate[i].last_ms < UINT64_C(2) * KEYS_QUIET_MS)
			return true;
	return false;
}

static bool next_key(struct boot_person *p, struct platform_key *out)
{
	feed_gates(p);
	for (size_t i = 0; i < 2; i++)
		if (key_gate_take(&p->gate[i], now_ms(p), out))
			return true;
	return false;
}

enum ui_action boot_person_take(struct boot_person *p)
{
	struct platform_key key;

	return next_key(p, &key) ? take_key(p, &key) : UI_ACTION_NONE;
}

enum ui_action boot_person_poll(struct boot_person *p)
{
	const struct platform *plat = p->outlet.plat;
	struct platform_key key;

	if (next_key(p, &key))
		return take_key(p, &key);
	/* A keyboard that was plugged in, or pulled: its keys are named, or not. */
	if (p->state.no_keyboard != has_no_keyboard(p))
		boot_person_redraw(p);
	plat->sleep_ms(plat->ctx, lively(p) ? BOOT_KEY_POLL_MS : BOOT_POLL_MS);
	return UI_ACTION_NONE;
}

bool boot_person_idle(const struct boot_person *p, uint64_t since_ms)
{
	const uint64_t last = p->touched_ms > since_ms ? p->touched_ms : since_ms;
	const uint64_t now = now_ms(p);

	return now - last >= BOOT_IDLE_MS || now - since_ms >= BOOT_LONGEST_MS;
}

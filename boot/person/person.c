/* Screens, plain lines and keys. */
#include "boot/person/person.h"

#include <string.h>

#include "base/format.h"

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
	copy_text(p->url, sizeof p->url, &profile->recovery_url);
	copy_text(p->model, sizeof p->model, &profile->model);
	p->state.url = p->url;
	p->state.model = p->model;
	if (stored->language[0] != '\0')
		lb_format(p->language, sizeof p->language, "%.*s",
			  (int)PLATFORM_LANGUAGE_BYTES, stored->language);
	else if (profile->language.data != NULL)
		copy_text(p->language, sizeof p->language, &profile->language);
	else
		lb_format(p->language, sizeof p->language, "en");
}

void boot_person_redraw(struct boot_person *p)
{
	if (ui_outlet_open(&p->outlet, p->language) && p->outlet.ui != NULL)
		p->state.language =
			(uint8_t)ui_text_find(&p->outlet.ui->text, p->language);
	ui_outlet_show(&p->outlet, &p->state);
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
	return !key->serial || p->profile->serial_input != PROFILE_SERIAL_NONE;
}

static bool action_counts(const struct boot_person *p, const struct platform_key *key,
			  enum ui_action action)
{
	return !key->serial || p->profile->serial_input == PROFILE_SERIAL_FULL ||
	       !ui_action_changes_mode(action);
}

bool boot_person_wants_recovery(struct boot_person *p)
{
	const struct platform *plat = p->outlet.plat;
	struct platform_key key;
	bool wanted = false;

	while (plat->read_key(plat->ctx, &key) == LB_OK)
		if (key_counts(p, &key) && (key.scan == PLATFORM_KEY_ESC ||
					    key.unicode == 'r' || key.unicode == 'R'))
			wanted = true;
	return wanted;
}

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

enum ui_action boot_person_poll(struct boot_person *p)
{
	const struct platform *plat = p->outlet.plat;
	struct platform_key key;

	if (plat->read_key(plat->ctx, &key) != LB_OK) {
		plat->sleep_ms(plat->ctx, BOOT_POLL_MS);
		return UI_ACTION_NONE;
	}
	if (!key_counts(p, &key))
		return UI_ACTION_NONE;
	p->touched_ms = plat->clock_ms(plat->ctx);

	const struct ui_state before = p->state;
	const enum ui_action action =
		ui_key(&p->state, ui_outlet_texts(&p->outlet), &key);

	if (action == UI_ACTION_NONE)
		return UI_ACTION_NONE;
	if (!action_counts(p, &key, action)) {
		p->state = before;
		lb_log(p->outlet.log,
		       "screen: mode changes are not taken from a serial line");
		return UI_ACTION_NONE;
	}
	return common_action(p, action);
}

bool boot_person_idle(const struct boot_person *p, uint64_t since_ms)
{
	const struct platform *plat = p->outlet.plat;
	const uint64_t last = p->touched_ms > since_ms ? p->touched_ms : since_ms;

	return plat->clock_ms(plat->ctx) - last >= BOOT_IDLE_MS;
}

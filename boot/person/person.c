/* Screens, plain lines and keys. */
#include "boot/person/person.h"

#include <string.h>

#include "base/crc32.h"
#include "base/format.h"
#include "boot/flow/flow.h"
#include "unpack/decompress.h"

static enum lb_status blt(void *ctx, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
			  const uint32_t *pixels, uint32_t stride)
{
	const struct platform *plat = ctx;

	return plat->blit(plat->ctx, x, y, w, h, pixels, stride);
}

static void open_texts(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;
	const struct platform *plat = ctx->plat;
	const struct kernel_packed packed = { ui_text_packed, ui_text_packed_bytes,
					      KERNEL_GZIP };
	struct lb_verdict why;
	size_t made = 0;

	p->texts =
		plat->alloc(plat->ctx, ui_text_packed_room, 4096, PLATFORM_ANY_ADDRESS);
	if (p->texts == NULL)
		return;
	if (kernel_unpack(plat, &packed, p->texts, ui_text_packed_room, &made, &why) ==
		    LB_REASON_OK &&
	    ui_text_open(&p->ui->text, p->texts, made) == LB_OK)
		return;
	lb_log(&ctx->log, "screen: texts cannot be read, English only");
	plat->free(plat->ctx, p->texts, ui_text_packed_room);
	p->texts = NULL;
}

static bool open_graphics(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;
	const struct platform *plat = ctx->plat;

	if (plat->open_display(plat->ctx, &p->display) != LB_OK ||
	    p->display.width > CANVAS_MAX_SIDE || p->display.height > CANVAS_MAX_SIDE)
		return false;
	const struct ui_display display = { (void *)(uintptr_t)plat, p->display.width,
					    p->display.height, blt };

	p->pixel_count = (size_t)p->display.width * p->display.height;
	p->pixels = plat->alloc(plat->ctx, p->pixel_count * sizeof *p->pixels, 4096,
				PLATFORM_ANY_ADDRESS);
	if (p->pixels != NULL &&
	    ui_open(p->ui, &display, p->pixels, p->pixel_count) == LB_OK)
		return true;
	if (p->pixels != NULL)
		plat->free(plat->ctx, p->pixels, p->pixel_count * sizeof *p->pixels);
	p->pixels = NULL;
	return false;
}

/* Everything that can be missing is: no display, no memory for it, no texts. Plain English
 * on the console needs none of them. */
static void open_person(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;
	const struct platform *plat = ctx->plat;

	p->opened = true;
	p->ui = plat->alloc(plat->ctx, sizeof *p->ui, 4096, PLATFORM_ANY_ADDRESS);
	if (p->ui == NULL)
		return;
	memset(p->ui, 0, sizeof *p->ui);
	p->graphics = open_graphics(ctx);
	open_texts(ctx);
	p->state.language = (uint8_t)ui_text_find(&p->ui->text, p->language);
	lb_log(&ctx->log, "screen: %ux%u, %s, language %s", p->display.width,
	       p->display.height, p->graphics ? "graphics" : "text only", p->language);
}

/* The same in words on the serial line, and on the screen when it shows no graphics. Lines
 * that only count down are not repeated: the state's countdown is left out. */
static void say(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;
	struct ui_state quiet = p->state;

	quiet.countdown_s = 0;
	const size_t len = ui_plain_text(&quiet, p->ui != NULL ? &p->ui->text : NULL,
					 p->plain, sizeof p->plain);
	const uint32_t crc = lb_crc32(0, p->plain, len);

	if (crc == p->plain_crc)
		return;
	p->plain_crc = crc;
	ctx->plat->log(ctx->plat->ctx, p->plain, len);
	if (!p->graphics)
		ctx->plat->show_text(ctx->plat->ctx, p->plain);
}

void boot_person_redraw(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;

	if (!p->opened)
		open_person(ctx);
	p->state.url = p->url;
	p->state.model = p->model;
	p->state.developer = ctx->developer;
	if (p->graphics && ui_show(p->ui, &p->state) != LB_OK) {
		lb_log(&ctx->log, "screen: cannot be drawn, going on as text");
		p->graphics = false;
	}
	say(ctx);
}

void boot_person_show(struct boot_ctx *ctx, enum ui_screen screen)
{
	ctx->person.state.screen = screen;
	boot_person_redraw(ctx);
}

static void copy_text(char *out, size_t size, const struct profile_bytes *bytes)
{
	const size_t len = bytes->len < size ? bytes->len : size - 1;

	if (bytes->data != NULL)
		memcpy(out, bytes->data, len);
	out[bytes->data != NULL ? len : 0] = '\0';
}

void boot_person_language(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;

	copy_text(p->url, sizeof p->url, &ctx->profile.recovery_url);
	copy_text(p->model, sizeof p->model, &ctx->profile.model);
	if (ctx->stored.language[0] != '\0')
		lb_format(p->language, sizeof p->language, "%.*s",
			  (int)PLATFORM_LANGUAGE_BYTES, ctx->stored.language);
	else if (ctx->profile.language.data != NULL)
		copy_text(p->language, sizeof p->language, &ctx->profile.language);
	else
		lb_format(p->language, sizeof p->language, "en");
}

/* A language that cannot be stored counts until the machine is switched off. */
static void remember_language(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;

	ui_text_code(p->ui != NULL ? &p->ui->text : NULL, p->state.language, p->language);
	memset(ctx->stored.language, 0, sizeof ctx->stored.language);
	memcpy(ctx->stored.language, p->language,
	       strnlen(p->language, sizeof ctx->stored.language));

	const enum lb_status status =
		ctx->plat->write_state(ctx->plat->ctx, &ctx->stored);

	lb_log(&ctx->log, "screen: language %s: %s", p->language, lb_status_name(status));
}

static bool key_counts(const struct boot_ctx *ctx, const struct platform_key *key)
{
	return !key->serial || ctx->profile.serial_input != PROFILE_SERIAL_NONE;
}

static bool action_counts(const struct boot_ctx *ctx, const struct platform_key *key,
			  enum ui_action action)
{
	return !key->serial || ctx->profile.serial_input == PROFILE_SERIAL_FULL ||
	       !ui_action_changes_mode(action);
}

bool boot_recovery_key(struct boot_ctx *ctx)
{
	struct platform_key key;
	bool wanted = false;

	while (ctx->plat->read_key(ctx->plat->ctx, &key) == LB_OK)
		if (key_counts(ctx, &key) && (key.scan == PLATFORM_KEY_ESC ||
					      key.unicode == 'r' || key.unicode == 'R'))
			wanted = true;
	return wanted;
}

/* The actions that mean the same on every screen. */
static enum ui_action common_action(struct boot_ctx *ctx, enum ui_action action)
{
	switch (action) {
	case UI_ACTION_LANGUAGE:
		remember_language(ctx);
		break;
	case UI_ACTION_DETAILS:
		boot_details_make(ctx);
		break;
	case UI_ACTION_REDRAW:
		break;
	case UI_ACTION_POWER_OFF:
		boot_person_show(ctx, UI_SCREEN_POWER_OFF);
		ctx->plat->reset(ctx->plat->ctx, PLATFORM_RESET_POWER_OFF);
		return UI_ACTION_NONE;
	case UI_ACTION_RESTART:
		ctx->plat->reset(ctx->plat->ctx, PLATFORM_RESET_RESTART);
		return UI_ACTION_NONE;
	default:
		return action;
	}
	boot_person_redraw(ctx);
	return UI_ACTION_NONE;
}

enum ui_action boot_person_poll(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;
	struct platform_key key;

	if (ctx->plat->read_key(ctx->plat->ctx, &key) != LB_OK) {
		ctx->plat->sleep_ms(ctx->plat->ctx, BOOT_POLL_MS);
		return UI_ACTION_NONE;
	}
	if (!key_counts(ctx, &key))
		return UI_ACTION_NONE;
	p->touched_ms = ctx->plat->clock_ms(ctx->plat->ctx);

	const struct ui_state before = p->state;
	const enum ui_action action =
		ui_key(&p->state, p->ui != NULL ? &p->ui->text : NULL, &key);

	if (action == UI_ACTION_NONE)
		return UI_ACTION_NONE;
	if (!action_counts(ctx, &key, action)) {
		p->state = before;
		lb_log(&ctx->log,
		       "screen: mode changes are not taken from a serial line");
		return UI_ACTION_NONE;
	}
	return common_action(ctx, action);
}

bool boot_person_idle(struct boot_ctx *ctx, uint64_t since_ms)
{
	const uint64_t touched = ctx->person.touched_ms;
	const uint64_t last = touched > since_ms ? touched : since_ms;

	return ctx->plat->clock_ms(ctx->plat->ctx) - last >= BOOT_IDLE_MS;
}

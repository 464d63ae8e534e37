/* The details screen: what a support engineer asks for first. */
#include "boot/flow/details.h"

#include <stdarg.h>
#include <string.h>

#include "base/format.h"

#define DETAILS_BYTES     32768u
#define DETAILS_MAX_LINES 400u
#define LOG_TAIL_BYTES    8192u
#define DETAILS_MAX_BOOTS 8u /* records of them */

void details_line(struct boot_details *d, const char *fmt, ...)
{
	char *at = d->text + d->used; /* where the next line begins */
	va_list args;

	if (d->count == DETAILS_MAX_LINES || d->used + 2 > DETAILS_BYTES)
		return;
	va_start(args, fmt);
	d->used += lb_vformat(at, DETAILS_BYTES - d->used, fmt, args) + 1;
	va_end(args);
	d->lines[d->count++] = at;
}

static void key_line(struct boot_details *d, const char *what,
		     const struct crypto_key *key)
{
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	char hex[2 * 8 + 1];

	if (key->data == NULL) {
		details_line(d, "%s: none", what);
		return;
	}
	crypto_key_id(key, id);
	lb_format_hex(hex, id, 8);
	details_line(d, "%s: %s... version %u, RSA-%u", what, hex, key->version,
		     8 * key->rsa_bytes);
}

/* Where the floors come from: the highest of these and the profile's counts. */
static void floor_lines(struct boot_details *d, const struct boot_ctx *ctx)
{
	const struct boot_floor_stores *s = &ctx->floor_stores;
	const struct platform_floors *v = &s->variable, *t = &s->index[0].value;

	details_line(d, "Floors: kernel %u.%u, recovery %u.%u",
		     LB_VERSION_PARTS(ctx->floors.kernel),
		     LB_VERSION_PARTS(ctx->floors.recovery));
	if (s->variable_status == LB_OK)
		details_line(d, "  variable: kernel %u.%u, recovery %u.%u",
			     LB_VERSION_PARTS(v->kernel), LB_VERSION_PARTS(v->recovery));
	else
		details_line(d, "  variable: %s", lb_status_name(s->variable_status));
	if (s->index[0].state == TPM_FLOOR_GOOD)
		details_line(d, "  TPM: kernel %u.%u, recovery %u.%u",
			     LB_VERSION_PARTS(t->kernel), LB_VERSION_PARTS(t->recovery));
	else
		details_line(d, "  TPM: %s",
			     s->index[0].state == TPM_FLOOR_NO_TPM ? "none"
			     : s->index[0].state == TPM_FLOOR_UNREADABLE
				     ? "cannot be read"
				     : "no floors in it");
}

static void state_lines(struct boot_details *d, const struct boot_ctx *ctx)
{
	char hex[2 * 8 + 1];

	details_line(d, "Recovery reason: %u (%s)", ctx->reason,
		     rec_reason_text(ctx->reason));
	if (ctx->watchdog_died)
		details_line(d, "The watchdog ended the boot before this one");
	details_line(d, "Mode: %s; developer mode %s", crypto_mode_name(ctx->policy.mode),
		     ctx->developer ? "on" : "off");
	floor_lines(d, ctx);
	details_line(d, "Loader generation: %u, floor %u", ctx->profile.generation,
		     ctx->floors.loader);
	key_line(d, "Kernel key", &ctx->profile.kernel_key);
	key_line(d, "Recovery key", &ctx->profile.recovery_key);
	for (size_t i = 0; i < ctx->machine->foreign_count; i++)
		details_line(d, "%s was made by somebody else and cannot be replaced",
			     ctx->machine->foreign[i]);
	details_line(d, "Enrolled developer keys: %u",
		     (unsigned int)ctx->stored.dev_key_count);
	for (size_t i = 0; i < ctx->stored.dev_key_count; i++) {
		lb_format_hex(hex, ctx->stored.dev_key[i], 8);
		details_line(d, "  %s...", hex);
	}
}

static void machine_lines(struct boot_details *d, const struct boot_ctx *ctx)
{
	const struct platform_machine *m = ctx->machine;

	details_line(d, "Lifeboat %s, %s, Secure Boot %s", ctx->config->version,
		     m->cpu == PLATFORM_CPU_X86_64 ? "x86_64" : "aarch64",
		     m->secure_boot ? "on" : "off");
	details_line(d, "Firmware: %s", m->firmware);
	if (m->vendor[0] != '\0' || m->compatible_count == 0)
		details_line(d, "Machine: %s / %s", m->vendor, m->product);
	else
		details_line(d, "Machine: %s", m->compatible[0]);
	if (!ctx->profile_valid)
		details_line(d, "Profile: none that is valid");
	details_line(d, "Model: %s", ctx->person.model);
	if (ctx->profile.hardware_id.data != NULL)
		details_line(d, "Hardware id: %.*s", (int)ctx->profile.hardware_id.len,
			     (const char *)ctx->profile.hardware_id.data);
	details_line(d, "Display: %ux%u, language %s", ctx->person.outlet.display.width,
		     ctx->person.outlet.display.height, ctx->person.language);
	state_lines(d, ctx);
}

/* Why slots were refused in this boot, down to their last byte. */
static void finding_lines(struct boot_details *d, const struct boot_ctx *ctx)
{
	if (ctx->finding_count > 0)
		details_line(d, "Refused in this boot:");
	for (size_t i = 0; i < ctx->finding_count; i++) {
		const struct boot_finding *f = &ctx->findings[i];
		char slot[40] = "";

		if (f->partition != 0)
			lb_format(slot, sizeof slot, " slot %c (partition %u)", f->slot,
				  f->partition);
		details_line(d, "  %s%s: %s %u: %s", f->disk, slot,
			     lb_reason_name(f->verdict.reason), f->verdict.reason,
			     f->verdict.detail);
	}
	details_line(d, "Recovery media:%s", ctx->media.found.count == 0 ? " none" : "");
	for (size_t i = 0; i < ctx->media.found.count; i++) {
		const struct rec_candidate *c = &ctx->media.found.candidate[i];

		details_line(d, "  %s partition %u: %s %u: %s", c->disk.name,
			     c->partition, lb_reason_name(c->verdict.reason),
			     c->verdict.reason, c->verdict.detail);
	}
}

static void history_lines(struct boot_details *d, const struct boot_ctx *ctx)
{
	details_line(d, "%s", "");
	details_line(d, "Earlier boots%s:",
		     ctx->history.usable ? "" : " (no history partition)");
	for (size_t i = 0; i < ctx->history.kept_count && i < DETAILS_MAX_BOOTS; i++) {
		const struct history_record *r = &ctx->history.kept[i];
		char guid[LB_GUID_TEXT_BYTES];

		lb_format_guid(guid, r->slot);
		details_line(
			d,
			"  %llu.%u %s, mode %s, reason %u, version %u.%u, "
			"floor %u.%u, %.8s%s%s%s",
			(unsigned long long)r->boot, r->update,
			history_stage_text(r->stage),
			crypto_mode_name((enum crypto_mode)r->mode), r->reason,
			LB_VERSION_PARTS(r->version), LB_VERSION_PARTS(r->floor), guid,
			(r->flags & HISTORY_FLAG_WATCHDOG) != 0 ? ", after the watchdog"
								: "",
			(r->flags & HISTORY_FLAG_PANIC) != 0 ? ", after a panic" : "",
			(r->flags & HISTORY_FLAG_MARKED) != 0 ? ", marked good" : "");
	}
}

static void log_lines(struct boot_details *d, const struct boot_ctx *ctx, char *tail)
{
	char *from = tail;

	details_line(d, "%s", "");
	details_line(d, "Log:");
	(void)lb_log_copy(&ctx->log, tail, LOG_TAIL_BYTES);
	for (char *c = tail; *c != '\0'; c++) {
		if (*c != '\n')
			continue;
		*c = '\0';
		details_line(d, "  %s", from);
		from = c + 1;
	}
}

static bool have_memory(struct boot_details *d, const struct platform *plat)
{
	if (d->lines == NULL)
		d->lines = plat->alloc(plat->ctx, DETAILS_MAX_LINES * sizeof *d->lines,
				       4096, PLATFORM_ANY_ADDRESS);
	if (d->text == NULL)
		d->text = plat->alloc(plat->ctx, DETAILS_BYTES + LOG_TAIL_BYTES, 4096,
				      PLATFORM_ANY_ADDRESS);
	return d->lines != NULL && d->text != NULL;
}

static void make(struct boot_ctx *ctx)
{
	struct boot_details *d = &ctx->details;

	d->count = 0;
	d->used = 0;
	if (!have_memory(d, ctx->plat))
		return;
	machine_lines(d, ctx);
	details_disks(d, ctx);
	finding_lines(d, ctx);
	history_lines(d, ctx);
	log_lines(d, ctx, d->text + DETAILS_BYTES);
}

enum ui_action boot_poll(struct boot_ctx *ctx)
{
	struct ui_state *state = &ctx->person.state;
	const enum ui_action action = boot_person_poll(&ctx->person);

	if (action != UI_ACTION_DETAILS)
		return action;
	make(ctx);
	state->lines = ctx->details.lines;
	state->line_count = ctx->details.count;
	boot_person_redraw(&ctx->person);
	return UI_ACTION_NONE;
}

/* The details screen: what a support engineer asks for first. */
#include "boot/flow.h"

#include <stdarg.h>
#include <string.h>

#include "boot/base/format.h"

#define DETAILS_BYTES     24576u
#define DETAILS_MAX_LINES 400u
#define LOG_TAIL_BYTES    8192u

struct page {
	struct boot_person *person;
	size_t used;
};

/* The rest of the text room, where the next line begins. */
static void line(struct page *page, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void line(struct page *page, const char *fmt, ...)
{
	struct boot_person *p = page->person;
	char *at = p->lines_text + page->used;
	va_list args;

	if (p->state.line_count == DETAILS_MAX_LINES || page->used + 2 > DETAILS_BYTES)
		return;
	va_start(args, fmt);
	page->used += lb_vformat(at, DETAILS_BYTES - page->used, fmt, args) + 1;
	va_end(args);
	p->lines[p->state.line_count++] = at;
}

static void key_line(struct page *page, const char *what, const struct crypto_key *key)
{
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	char hex[2 * 8 + 1];

	if (key->data == NULL) {
		line(page, "%s: none", what);
		return;
	}
	crypto_key_id(key, id);
	lb_format_hex(hex, id, 8);
	line(page, "%s: %s... version %u, RSA-%u", what, hex, key->version,
	     8 * key->rsa_bytes);
}

static void machine_lines(struct page *page, const struct boot_ctx *ctx)
{
	line(page, "Lifeboat %s, %s, Secure Boot %s", ctx->config->version,
	     ctx->machine->cpu == PLATFORM_CPU_X86_64 ? "x86_64" : "aarch64",
	     ctx->machine->secure_boot ? "on" : "off");
	line(page, "Machine: %s / %s", ctx->machine->vendor, ctx->machine->product);
	line(page, "Model: %s", ctx->person.model);
	line(page, "Recovery reason: %u (%s)", ctx->reason, rec_reason_text(ctx->reason));
	line(page, "Mode: %s; developer mode %s", crypto_mode_name(ctx->policy.mode),
	     ctx->developer ? "on" : "off");
	line(page, "Floors: kernel %u.%u, recovery %u.%u", ctx->floors.kernel >> 16,
	     ctx->floors.kernel & 0xffff, ctx->floors.recovery >> 16,
	     ctx->floors.recovery & 0xffff);
	key_line(page, "Kernel key", &ctx->profile.kernel_key);
	key_line(page, "Recovery key", &ctx->profile.recovery_key);
	line(page, "Enrolled developer keys: %u",
	     (unsigned int)ctx->stored.dev_key_count);
}

static void finding_lines(struct page *page, const struct boot_ctx *ctx)
{
	line(page, "%s", "");
	line(page, "Internal disks:");
	for (size_t i = 0; i < ctx->finding_count; i++) {
		const struct boot_finding *f = &ctx->findings[i];
		char slot[40] = "";

		if (f->partition != 0)
			lb_format(slot, sizeof slot, " slot %c (partition %u)", f->slot,
				  f->partition);
		line(page, "  %s%s: %s %u: %s", f->disk, slot,
		     lb_reason_name(f->verdict.reason), f->verdict.reason,
		     f->verdict.detail);
	}
	line(page, "Recovery media:");
	for (size_t i = 0; i < ctx->media.found.count; i++) {
		const struct rec_candidate *c = &ctx->media.found.candidate[i];

		line(page, "  %s partition %u: %s %u: %s", c->disk.name, c->partition,
		     lb_reason_name(c->verdict.reason), c->verdict.reason,
		     c->verdict.detail);
	}
}

static void log_lines(struct page *page, const struct boot_ctx *ctx, char *tail)
{
	char *from = tail;

	line(page, "%s", "");
	line(page, "Log:");
	(void)lb_log_copy(&ctx->log, tail, LOG_TAIL_BYTES);
	for (char *c = tail; *c != '\0'; c++) {
		if (*c != '\n')
			continue;
		*c = '\0';
		line(page, "  %s", from);
		from = c + 1;
	}
}

static void history_lines(struct page *page, const struct boot_ctx *ctx)
{
	line(page, "%s", "");
	line(page,
	     "Earlier boots%s:", ctx->history.usable ? "" : " (no history partition)");
	for (size_t i = 0; i < ctx->history.kept_count; i++) {
		const struct history_record *r = &ctx->history.kept[i];
		char guid[LB_GUID_TEXT_BYTES];

		lb_format_guid(guid, r->slot);
		line(page, "  %llu.%u %s, mode %s, reason %u, version %u.%u, %.8s%s",
		     (unsigned long long)r->boot, r->update, history_stage_text(r->stage),
		     crypto_mode_name((enum crypto_mode)r->mode), r->reason,
		     r->version >> 16, r->version & 0xffff, guid,
		     (r->flags & HISTORY_FLAG_WATCHDOG) != 0 ? ", after the watchdog"
							     : "");
	}
}

static bool have_memory(struct boot_ctx *ctx)
{
	struct boot_person *p = &ctx->person;
	const struct platform *plat = ctx->plat;

	if (p->lines == NULL)
		p->lines = plat->alloc(plat->ctx, DETAILS_MAX_LINES * sizeof *p->lines,
				       4096, PLATFORM_ANY_ADDRESS);
	if (p->lines_text == NULL)
		p->lines_text = plat->alloc(plat->ctx, DETAILS_BYTES + LOG_TAIL_BYTES,
					    4096, PLATFORM_ANY_ADDRESS);
	return p->lines != NULL && p->lines_text != NULL;
}

void boot_details_make(struct boot_ctx *ctx)
{
	struct page page = { .person = &ctx->person };

	ctx->person.state.line_count = 0;
	if (!have_memory(ctx))
		return;
	machine_lines(&page, ctx);
	finding_lines(&page, ctx);
	history_lines(&page, ctx);
	log_lines(&page, ctx, ctx->person.lines_text + DETAILS_BYTES);
	ctx->person.state.lines = ctx->person.lines;
}

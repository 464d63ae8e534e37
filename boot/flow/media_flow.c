/* The media flow: its table and the steps that need nobody. */
#include "boot/flow/media_flow.h"

#include <string.h>

#include "base/format.h"
#include "gpt/gpt_header.h"
#include "gpt/gpt_source.h"
#include "boot/flow/flow.h"
#include "boot/flow/reading.h"
#include "boot/flow/systems.h"
#include "boot/judge/slot_check.h"

#define PULLED_MS      2500u
#define PULLED_LOOK_MS 250u

/* --- steps -------------------------------------------------------------------------- */

static void log_candidates(struct boot_ctx *ctx)
{
	for (size_t i = 0; i < ctx->media.found.count; i++) {
		const struct rec_candidate *c = &ctx->media.found.candidate[i];

		lb_log(&ctx->log, "media: %s partition %u: %s%s%s", c->disk.name,
		       c->partition, lb_reason_name(c->verdict.reason),
		       c->verdict.detail[0] ? ": " : "", c->verdict.detail);
	}
}

static bool was_present(const struct boot_media *m, uint32_t id)
{
	for (size_t i = 0; i < m->present_count; i++)
		if (m->present[i] == id)
			return true;
	return false;
}

/* Which media are there now. One more, and what was pulled before is of no interest. */
static void note_present(struct boot_ctx *ctx)
{
	struct boot_media *m = &ctx->media;
	const size_t count = boot_media_list(ctx);

	for (size_t i = 0; i < count; i++)
		m->was_pulled = m->was_pulled && was_present(m, ctx->disks[i].id);
	m->present_count = count;
	for (size_t i = 0; i < count; i++)
		m->present[i] = ctx->disks[i].id;
}

static enum boot_event scan(struct boot_ctx *ctx)
{
	struct boot_media *m = &ctx->media;
	const struct platform *plat = ctx->plat;

	boot_let_go(ctx);
	boot_connect_all(ctx);
	m->found.count = m->found.order_count = 0;
	m->next = 0;
	m->candidate = NULL;
	note_present(ctx);
	if (m->head == NULL)
		m->head = plat->alloc(plat->ctx, CRYPTO_HEAD_BYTES, 4096,
				      PLATFORM_ANY_ADDRESS);
	if (m->head == NULL)
		return EV_BAD;
	for (size_t i = 0; i < m->present_count; i++)
		rec_media_scan(plat, &ctx->disks[i], &m->policy, ctx->machine->cpu,
			       m->head, &m->found);
	rec_media_order(&m->found);
	if (!m->developer_stick)
		boot_name_systems(ctx);
	log_candidates(ctx);
	return EV_OK;
}

static enum boot_event pick(struct boot_ctx *ctx)
{
	struct boot_media *m = &ctx->media;

	boot_let_go(ctx);
	m->consent = (struct boot_consent){ 0 }; /* it was to the one before */
	if (m->next == m->found.order_count)
		return EV_NONE;
	m->candidate = &m->found.candidate[m->found.order[m->next++]];
	lb_log(&ctx->log, "media: trying %s partition %u, version %u.%u",
	       m->candidate->disk.name, m->candidate->partition,
	       LB_VERSION_PARTS(m->candidate->version));
	return EV_OK;
}

static bool is_gone(struct boot_ctx *ctx, uint32_t id)
{
	const size_t count = boot_media_list(ctx);

	for (size_t i = 0; i < count; i++)
		if (ctx->disks[i].id == id)
			return false;
	return true;
}

/* The table's sector, which was read before: a stick with a bad spot still gives it. Some
 * firmware lists one for ever that was pulled in the middle of a transfer. */
static bool answers(struct boot_ctx *ctx, const struct platform_disk *disk)
{
	uint8_t sector[GPT_MAX_SECTOR_BYTES];

	return disk->sector_bytes <= sizeof sector &&
	       ctx->plat->read(ctx->plat->ctx, disk->id, 1, 1, sector) == LB_OK;
}

/* A stick that cannot be read any more was perhaps pulled out: some firmware notices that
 * only after a while. */
static void look_whether_pulled(struct boot_ctx *ctx)
{
	struct boot_media *m = &ctx->media;
	const struct platform *plat = ctx->plat;
	const bool told = ctx->verdict.reason == LB_REASON_DISK_REMOVED;
	bool gone = told || is_gone(ctx, m->candidate->disk.id);

	for (uint32_t ms = 0; !gone && ms < PULLED_MS; ms += PULLED_LOOK_MS) {
		plat->sleep_ms(plat->ctx, PULLED_LOOK_MS);
		gone = is_gone(ctx, m->candidate->disk.id);
	}
	if (!gone && answers(ctx, &m->candidate->disk))
		return;
	if (!told)
		lb_verdict_set(&ctx->verdict, LB_REASON_DISK_REMOVED, NULL);
	m->was_pulled = true;
	m->pulled = *m->candidate;
	m->pulled.verdict = ctx->verdict;
}

static enum boot_event refuse(struct boot_ctx *ctx)
{
	struct rec_candidate *c = ctx->media.candidate;

	if (lb_reason_class(ctx->verdict.reason) == LB_CLASS_READ ||
	    ctx->verdict.reason == LB_REASON_DISK_REMOVED)
		look_whether_pulled(ctx);
	c->verdict = ctx->verdict;
	lb_log(&ctx->log, "media: %s partition %u: %s: %s", c->disk.name, c->partition,
	       lb_reason_name(c->verdict.reason), c->verdict.detail);
	return EV_BAD;
}

/* What the scan read has put the candidate into its place in line, no more: the medium
 * may say something else now. One that does is not asked a third time. */
static enum lb_reason same_as_scanned(struct boot_ctx *ctx)
{
	const struct rec_candidate *c = ctx->media.candidate;
	const struct crypto_headers *now = crypto_kernel_headers(ctx->verified);
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	char before[2 * 4 + 1], hex[2 * 4 + 1];

	crypto_key_id(&now->keyblock.data_key, id);
	if (now->version == c->version && now->self_signed == c->self_signed &&
	    memcmp(id, c->data_key_id, sizeof id) == 0)
		return LB_REASON_OK;
	lb_format_hex(before, c->data_key_id, 4);
	lb_format_hex(hex, id, 4);
	return lb_verdict_set(&ctx->verdict, LB_REASON_READS_DISAGREE,
			      "version %u.%u by data key %s..., then %u.%u by %s...",
			      LB_VERSION_PARTS(c->version), before,
			      LB_VERSION_PARTS(now->version), hex);
}

static enum boot_event verify(struct boot_ctx *ctx)
{
	const struct rec_candidate *c = ctx->media.candidate;
	struct gpt_source partition = { ctx->plat, c->disk.id, c->disk.sector_bytes,
					c->first_lba, c->sectors };
	const struct lb_source raw = gpt_source_open(&partition);
	struct boot_reading reading;
	const struct lb_source source =
		boot_reading_open(&reading, ctx, &raw, c->signed_bytes);

	if (boot_source_verify(ctx->plat, &ctx->media.policy, &source, &ctx->verified,
			       &ctx->verdict) != LB_REASON_OK ||
	    same_as_scanned(ctx) != LB_REASON_OK)
		return refuse(ctx);
	boot_announce(ctx, "media");
	return EV_OK;
}

static enum boot_event prepare(struct boot_ctx *ctx)
{
	const struct rec_candidate *c = ctx->media.candidate;

	/* Asked first: what is prepared was decided with the answer, twice. */
	if (ctx->media.developer_stick && !boot_media_may_start(ctx)) {
		lb_verdict_set(&ctx->verdict, LB_REASON_DEV_KEY_UNKNOWN, "not enrolled");
		return refuse(ctx);
	}
	if (boot_prepare_kernel(ctx, ctx->media.developer_stick ? 'U' : 'R', c->guid) !=
	    LB_REASON_OK)
		return refuse(ctx);
	return EV_OK;
}

static enum boot_event measure(struct boot_ctx *ctx)
{
	/* Before it: what is measured ends the writing of the TPM's indices. */
	boot_floors_seal(ctx);
	return boot_measure_kernel(ctx) == LB_REASON_OK ? EV_OK : refuse(ctx);
}

static enum boot_event hand_off(struct boot_ctx *ctx)
{
	const struct rec_candidate *c = ctx->media.candidate;

	lb_log(&ctx->log, "boot: starting %s partition %u in %s mode", c->disk.name,
	       c->partition, crypto_mode_name(ctx->policy.mode));

	const enum lb_status status = boot_start(ctx);

	if (ctx->media.developer_stick && status == LB_OK)
		ctx->plat->reset(ctx->plat->ctx, PLATFORM_RESET_RESTART); /* DESIGN 5 */
	lb_verdict_set(&ctx->verdict, LB_REASON_HANDOFF_RETURNED, "%s",
		       lb_status_name(status));
	return refuse(ctx);
}

static enum boot_event wait(struct boot_ctx *ctx)
{
	return boot_media_wait(ctx) == MEDIA_WAIT_CHANGED ? EV_OK : EV_NONE;
}

static enum boot_event leave(struct boot_ctx *ctx)
{
	boot_let_go(ctx);
	return EV_NONE;
}

/* --- the table ---------------------------------------------------------------------- */

static const struct media_transition {
	enum boot_event (*run)(struct boot_ctx *ctx);
	enum media_state next[EV_COUNT];
} transitions[MEDIA_STATES] = {
	/* clang-format off */
/*                  step       EV_OK            EV_BAD        EV_NONE */
[MEDIA_WAIT]    = { wait,    { MEDIA_SCAN,      MEDIA_WAIT,   MEDIA_LEAVE } },
[MEDIA_SCAN]    = { scan,    { MEDIA_PICK,      MEDIA_WAIT,   MEDIA_WAIT  } },
[MEDIA_PICK]    = { pick,    { MEDIA_VERIFY,    MEDIA_WAIT,   MEDIA_WAIT  } },
[MEDIA_VERIFY]  = { verify,  { MEDIA_PREPARE,   MEDIA_PICK,   MEDIA_PICK  } },
[MEDIA_PREPARE] = { prepare, { MEDIA_MEASURE,   MEDIA_PICK,   MEDIA_PICK  } },
[MEDIA_MEASURE] = { measure, { MEDIA_HANDOFF,   MEDIA_PICK,   MEDIA_PICK  } },
[MEDIA_HANDOFF] = { hand_off,{ MEDIA_PICK,      MEDIA_PICK,   MEDIA_PICK  } },
[MEDIA_LEAVE]   = { leave,   { MEDIA_LEAVE,     MEDIA_LEAVE,  MEDIA_LEAVE } },
	/* clang-format on */
};

static const char *const state_names[MEDIA_STATES] = {
	[MEDIA_WAIT] = "WAIT",       [MEDIA_SCAN] = "SCAN",
	[MEDIA_PICK] = "PICK",       [MEDIA_VERIFY] = "VERIFY",
	[MEDIA_PREPARE] = "PREPARE", [MEDIA_MEASURE] = "MEASURE",
	[MEDIA_HANDOFF] = "HANDOFF", [MEDIA_LEAVE] = "LEAVE",
};

enum media_end boot_media_run(struct boot_ctx *ctx)
{
	struct boot_media *m = &ctx->media;

	m->state = MEDIA_SCAN;
	m->entered_ms = m->looked_ms = ctx->plat->clock_ms(ctx->plat->ctx);
	while (m->state != MEDIA_LEAVE) {
		const enum media_state from = m->state;
		const enum boot_event event = transitions[from].run(ctx);

		m->state = event < EV_COUNT ? transitions[from].next[event] : MEDIA_WAIT;
		lb_log(&ctx->log, "media: %s -> %s", state_names[from],
		       state_names[m->state]);
	}
	(void)transitions[MEDIA_LEAVE].run(ctx);
	return m->end;
}

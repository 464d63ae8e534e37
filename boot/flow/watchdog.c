/* The hardware watchdog in the boot flow: asked at entry whether it ended the boot
 * before, armed as the last thing before a hand-off; and what follows from deaths in a
 * row.
 *
 * Design: DESIGN 8 "Watchdog", "Boot history"; docs/watchdog.md. */
#include "boot/flow/flow.h"

#include <string.h>

/* DESIGN 8: so many deaths in a row of a proven slot put the next one first. */
#define DEATHS_IN_A_ROW 3u

void boot_watchdog_ask(struct boot_ctx *ctx)
{
	bool died = false;

	if (ctx->profile.watchdog_s == 0)
		return;
	const enum lb_status status = ctx->plat->watchdog_died(ctx->plat->ctx, &died);

	if (status != LB_OK) {
		lb_log(&ctx->log, "watchdog: cannot be asked: %s",
		       lb_status_name(status));
		return;
	}
	ctx->watchdog_died = died;
	if (died)
		lb_log(&ctx->log, "watchdog: it ended the boot before");
}

/* --- at the hand-off ---------------------------------------------------------------- */

void boot_watchdog_arm(struct boot_ctx *ctx)
{
	/* A developer's kernel or a recovery system need not have the driver, and a
	 * person is there. */
	if (ctx->profile.watchdog_s == 0 || ctx->policy.mode != CRYPTO_MODE_NORMAL)
		return;
	const enum lb_status status =
		ctx->plat->watchdog_arm(ctx->plat->ctx, ctx->profile.watchdog_s);

	ctx->watchdog_armed = status == LB_OK;
	if (status != LB_OK) /* the boot goes on: better unguarded than not at all */
		lb_log(&ctx->log, "watchdog: not armed: %s", lb_status_name(status));
}

void boot_watchdog_stop(struct boot_ctx *ctx)
{
	if (!ctx->watchdog_armed)
		return;
	const enum lb_status status = ctx->plat->watchdog_arm(ctx->plat->ctx, 0);

	ctx->watchdog_armed = false;
	if (status != LB_OK) /* then it resets the machine, and the next boot goes on */
		lb_log(&ctx->log, "watchdog: cannot be stopped: %s",
		       lb_status_name(status));
}

/* --- what the history tells --------------------------------------------------------- */

/* The slot whose start was the last thing the boot before recorded; NULL: something else
 * was. */
static const uint8_t *started_before(const struct boot_ctx *ctx)
{
	const struct boot_history *h = &ctx->history;

	if (h->kept_count == 0 || h->kept[0].stage != HISTORY_STAGE_HANDOFF)
		return NULL;
	return h->kept[0].slot;
}

/* How many boots up to now, one after the other, started that slot and were ended by the
 * watchdog. That a boot was is told by the one after it; of the newest, by this one. */
static unsigned int deaths_in_a_row(const struct boot_ctx *ctx)
{
	const struct boot_history *h = &ctx->history;
	const uint8_t *slot = started_before(ctx);
	bool died = ctx->watchdog_died;
	uint64_t boot = slot != NULL ? h->kept[0].boot : 0;
	unsigned int deaths = 0;

	for (size_t i = 0; slot != NULL && died && i < h->kept_count; i++) {
		const struct history_record *r = &h->kept[i];

		if (r->boot == boot + 1)
			continue; /* an older record of the boot just counted */
		if (r->boot != boot || r->stage != HISTORY_STAGE_HANDOFF ||
		    memcmp(r->slot, slot, sizeof r->slot) != 0)
			break;
		deaths++;
		died = (r->flags & HISTORY_FLAG_WATCHDOG) != 0;
		boot--;
	}
	return deaths;
}

/* Where a proven slot with this GUID is in the sequence; sequence_count: it is not
 * there. */
static size_t proven_at(const struct boot_ctx *ctx, const uint8_t guid[16])
{
	const struct boot_target *t = &ctx->target;
	size_t i = 0;

	while (i < t->sequence_count) {
		const struct gpt_slot *slot = &t->slots[t->sequence[i]];

		if (memcmp(slot->guid, guid, sizeof slot->guid) == 0 &&
		    gpt_slot_state(slot, ctx->profile.slot_order) == GPT_SLOT_PROVEN)
			break;
		i++;
	}
	return i;
}

static size_t next_proven(const struct boot_ctx *ctx, size_t after)
{
	const struct boot_target *t = &ctx->target;
	size_t i = after + 1;

	while (i < t->sequence_count &&
	       gpt_slot_state(&t->slots[t->sequence[i]], ctx->profile.slot_order) !=
		       GPT_SLOT_PROVEN)
		i++;
	return i;
}

void boot_watchdog_order(struct boot_ctx *ctx)
{
	struct boot_target *t = &ctx->target;

	if (deaths_in_a_row(ctx) < DEATHS_IN_A_ROW)
		return;
	const size_t dead = proven_at(ctx, started_before(ctx));
	const size_t next = next_proven(ctx, dead);

	if (dead >= t->sequence_count)
		return;
	if (next >= t->sequence_count) {
		lb_log(&ctx->log,
		       "watchdog: it ended slot %c %u times in a row, and there is no "
		       "other proven slot",
		       t->slots[t->sequence[dead]].letter, DEATHS_IN_A_ROW);
		return;
	}
	const size_t first = t->sequence[next];

	memmove(&t->sequence[dead + 1], &t->sequence[dead],
		(next - dead) * sizeof t->sequence[0]);
	t->sequence[dead] = first;
	lb_log(&ctx->log,
	       "watchdog: it ended slot %c %u times in a row: slot %c goes before it "
	       "in this boot",
	       t->slots[t->sequence[dead + 1]].letter, DEATHS_IN_A_ROW,
	       t->slots[first].letter);
}

void boot_watchdog_note_mark(struct boot_ctx *ctx)
{
	const struct boot_target *t = &ctx->target;
	const uint8_t *guid = started_before(ctx);

	ctx->not_marked = false;
	for (size_t i = 0; guid != NULL && i < t->slot_count; i++) {
		const struct gpt_slot *slot = &t->slots[i];

		if (memcmp(slot->guid, guid, sizeof slot->guid) != 0 ||
		    gpt_slot_state(slot, ctx->profile.slot_order) == GPT_SLOT_PROVEN)
			continue;
		ctx->not_marked = true;
		lb_log(&ctx->log,
		       "slot %c: the boot before started it and it was not marked good",
		       slot->letter);
		return;
	}
}

/* What the boot history says of the boots before, and what follows for the order of the
 * slots.
 *
 * Design: DESIGN 2 "Behind the others", DESIGN 8 "Boot history"; the rule itself:
 * boot/history/behind.h. */
#include "boot/flow/flow.h"

#include <string.h>

#include "base/format.h"

struct history_past boot_past(const struct boot_ctx *ctx)
{
	unsigned int ended = 0;

	if (ctx->watchdog_died)
		ended |= HISTORY_FLAG_WATCHDOG;
	if (ctx->panicked)
		ended |= HISTORY_FLAG_PANIC;
	return (struct history_past){ .record = ctx->history.kept,
				      .count = ctx->history.kept_count,
				      .marking = &ctx->history.marking,
				      .flags = (uint8_t)ended };
}

/* --- how the boot before ended ---------------------------------------------------- */

/* Which crash dumps there are; once. Firmware goes through all its variables for it. */
static void ask_dumps(struct boot_ctx *ctx)
{
	size_t count = 0;

	if (ctx->dumps_asked)
		return;
	ctx->dumps_asked = true;
	const enum lb_status status =
		ctx->plat->crash_dumps(ctx->plat->ctx, ctx->dumps, HISTORY_DUMPS, &count);

	ctx->dump_count = status == LB_OK && count <= HISTORY_DUMPS
				  ? (uint8_t)count
				  : HISTORY_DUMPS_UNKNOWN;
	if (status != LB_OK && status != LB_ERR_UNSUPPORTED)
		lb_log(&ctx->log, "history: crash dumps cannot be listed: %s",
		       lb_status_name(status));
	else if (status == LB_OK && count > HISTORY_DUMPS)
		lb_log(&ctx->log, "history: %u crash dumps: too many to tell a new one",
		       (unsigned int)count);
}

static bool among(uint32_t id, const uint32_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* The start that was the last thing the boot before recorded; NULL: something else
 * was. */
static const struct history_record *start_before(const struct boot_ctx *ctx)
{
	const struct boot_history *h = &ctx->history;

	return h->kept_count > 0 && history_is_start(&h->kept[0]) ? &h->kept[0] : NULL;
}

/* A dump is there that was not there at the hand-off. Loaders that did not tell what
 * a slot was started as did not note dumps either. */
static bool left_a_dump(const struct boot_ctx *ctx, const struct history_record *start)
{
	if (start->started_as == HISTORY_START_UNKNOWN ||
	    start->dump_count == HISTORY_DUMPS_UNKNOWN ||
	    ctx->dump_count == HISTORY_DUMPS_UNKNOWN)
		return false;
	for (size_t i = 0; i < ctx->dump_count; i++)
		if (!among(ctx->dumps[i], start->dump, start->dump_count))
			return true;
	return false;
}

/* A slot whose system writes no marks is judged by what the table says of it. */
static bool not_marked(const struct boot_ctx *ctx, const struct gpt_slot *slot,
		       const struct history_record *start)
{
	const struct history_past past = boot_past(ctx);

	if ((start->flags & HISTORY_FLAG_MARKED) != 0)
		return false;
	return gpt_slot_state(slot, ctx->profile.slot_order) != GPT_SLOT_PROVEN ||
	       history_starts(&past, slot->guid).marks;
}

void boot_past_ended(struct boot_ctx *ctx)
{
	const struct history_record *start = start_before(ctx);

	if (ctx->history.usable)
		ask_dumps(ctx);
	const bool panicked = start != NULL && left_a_dump(ctx, start);

	if (panicked && !ctx->panicked)
		lb_log(&ctx->log, "history: the boot before left a crash dump");
	ctx->panicked = panicked;
}

void boot_past_look(struct boot_ctx *ctx)
{
	const struct boot_target *t = &ctx->target;
	const struct history_record *start = start_before(ctx);

	boot_past_ended(ctx);
	ctx->not_marked = false;
	for (size_t i = 0; start != NULL && i < t->slot_count; i++) {
		const struct gpt_slot *slot = &t->slots[i];

		if (memcmp(slot->guid, start->slot, sizeof slot->guid) != 0 ||
		    !not_marked(ctx, slot, start))
			continue;
		ctx->not_marked = true;
		lb_log(&ctx->log,
		       "slot %c: the boot before started it and it was not marked good",
		       slot->letter);
	}
}

/* --- behind the others ------------------------------------------------------------ */

/* Why, in the log. */
static void say_dying(struct boot_ctx *ctx, uint32_t dying)
{
	const struct boot_target *t = &ctx->target;
	const struct history_past past = boot_past(ctx);

	for (size_t i = 0; i < t->slot_count; i++) {
		const struct gpt_slot *slot = &t->slots[i];
		const struct history_starts starts = history_starts(&past, slot->guid);

		if (history_order_has(dying, slot))
			lb_log(&ctx->log,
			       "history: slot %c: its last %u starts ended without its "
			       "system's mark, %u of them by a panic or the watchdog",
			       slot->letter, starts.unmarked, starts.deaths);
	}
}

void boot_past_order(struct boot_ctx *ctx)
{
	struct boot_target *t = &ctx->target;
	const struct history_past past = boot_past(ctx);
	const struct history_order order = history_order(
		&past, t->slots, ctx->profile.slot_order, t->sequence, t->sequence_count);

	t->behind = order.behind;
	if (order.dying == 0)
		return;
	say_dying(ctx, order.dying);
	lb_log(&ctx->log, "history: %s",
	       order.behind != 0 ? "the other proven slots go first"
				 : "no proven slot is better: the usual order");
}

/* --- told on ---------------------------------------------------------------------- */

void boot_past_words(const struct boot_ctx *ctx, char *out, size_t size)
{
	const struct boot_target *t = &ctx->target;
	const struct history_past past = boot_past(ctx);
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < t->slot_count; i++) {
		const struct gpt_slot *slot = &t->slots[i];

		if (!history_order_has(t->behind, slot) || size - used < 2)
			continue;
		const struct history_starts starts = history_starts(&past, slot->guid);

		used += lb_format(out + used, size - used, "%s%c %u %u",
				  used > 0 ? ", " : "", slot->letter, starts.unmarked,
				  starts.deaths);
	}
}

enum history_start boot_started_as(const struct boot_ctx *ctx)
{
	switch (ctx->target.was) {
	case GPT_SLOT_TRYING:
		return HISTORY_START_TRYING;
	case GPT_SLOT_PROVEN:
		return HISTORY_START_PROVEN;
	default:
		return HISTORY_START_LAST_RESORT;
	}
}

/* Its system is known to write marks: not one that was installed meanwhile. */
static bool marks(const struct boot_ctx *ctx, const struct gpt_slot *slot,
		  uint32_t version)
{
	const struct history_past past = boot_past(ctx);
	const struct history_starts starts = history_starts(&past, slot->guid);

	if (gpt_slot_state(slot, ctx->profile.slot_order) == GPT_SLOT_TRYING)
		return false;
	return starts.marks &&
	       (slot != ctx->target.slot || !starts.started || starts.version == version);
}

/* As each start is recorded: what a later boot needs to know of this one. */
void boot_past_record(const struct boot_ctx *ctx, struct history_record *record)
{
	const struct boot_target *t = &ctx->target;

	record->started_as = (uint8_t)boot_started_as(ctx);
	record->behind = t->behind;
	record->dump_count = ctx->dump_count;
	memcpy(record->dump, ctx->dumps, sizeof record->dump);
	for (size_t i = 0; i < t->slot_count; i++)
		if (marks(ctx, &t->slots[i], record->version))
			history_slots_add(&record->marking, t->slots[i].guid);
}

/* The last resort: every slot is drained, or what is not drained does not start, but a
 * drained one still verifies. It is tried again rather than never: at once when a
 * person says so, with nobody there after a while in recovery, and then at growing
 * intervals. Uncharged: there is nothing left to charge. Damaged slots, those below the
 * floor and half-installed ones do not verify and stay out.
 *
 * Design: DESIGN 2 "Last resort"; docs/boot-flow.md. */
#include "boot/flow/flow.h"

#include <string.h>

#include "boot/judge/disk.h"
#include "boot/judge/policy.h"

#define FIRST_WAIT_MS 900000u   /* 15 minutes */
#define MOST_DOUBLED  7u        /* 32 hours, then: */
#define LONGEST_MS    86400000u /* once a day */
/* What the history can say of recoveries that restart themselves. */
#define REMEMBERED_MS ((HISTORY_CELLS / 2 - 1) * BOOT_RESTART_MS)

/* --- which slots ------------------------------------------------------------------ */

void boot_resort_failed(struct boot_ctx *ctx)
{
	ctx->resort.failed += ctx->resort.now;
}

void boot_resort_refused(struct boot_ctx *ctx)
{
	const enum lb_reason_class class = lb_reason_class(ctx->verdict.reason);

	if (class == LB_CLASS_READ)
		boot_resort_failed(ctx);
	else if (class == LB_CLASS_DAMAGED && ctx->resort.now)
		(void)boot_guids_add(&ctx->resort.refused, ctx->target.slot->guid);
}

/* A slot that was a last resort less often goes first: a good one gets its turn. */
static bool goes_before(const struct boot_ctx *ctx, const struct gpt_slot *a,
			const struct gpt_slot *b)
{
	const struct history_past past = boot_past(ctx);
	const unsigned int tried_a = history_last_resorts(&past, a->guid);
	const unsigned int tried_b = history_last_resorts(&past, b->guid);

	if (tried_a != tried_b)
		return tried_a < tried_b;
	return a->priority > b->priority;
}

size_t boot_resort_sort(const struct boot_ctx *ctx, const struct gpt_slot *slots,
			size_t count, size_t sequence[GPT_MAX_SLOTS])
{
	size_t used = 0;

	for (size_t i = 0; i < count && i < GPT_MAX_SLOTS; i++) {
		size_t at = used;

		if (gpt_slot_state(&slots[i], ctx->profile.slot_order) != GPT_SLOT_DEAD ||
		    boot_guids_have(&ctx->resort.refused, slots[i].guid))
			continue;
		for (; at > 0 && goes_before(ctx, &slots[i], &slots[sequence[at - 1]]);
		     at--)
			sequence[at] = sequence[at - 1];
		sequence[at] = i;
		used++;
	}
	return used;
}

/* --- whether there is one --------------------------------------------------------- */

/* The first of the disk's dead slots whose headers verify. Its body is read when it
 * is tried: this is asked every 30 seconds. */
static bool find_on(struct boot_ctx *ctx, const struct platform_disk *disk, uint8_t *head)
{
	const struct crypto_policy policy = boot_policy_make(
		ctx->developer ? CRYPTO_MODE_DEVELOPER : CRYPTO_MODE_NORMAL,
		&ctx->profile, &ctx->stored, ctx->machine, &ctx->floors);
	struct gpt_slot slots[GPT_MAX_SLOTS];
	size_t sequence[GPT_MAX_SLOTS];
	struct lb_verdict why;
	uint32_t version;
	struct gpt gpt;

	if (boot_disk_role(disk, &ctx->profile) != BOOT_ROLE_INTERNAL ||
	    gpt_load(ctx->plat, disk, &gpt, &why) != LB_OK)
		return false;
	const size_t count = gpt_slots(&gpt, slots);
	const size_t dead = boot_resort_sort(ctx, slots, count, sequence);

	gpt_unload(ctx->plat, &gpt);
	for (size_t i = 0; i < dead; i++) {
		const struct gpt_slot *slot = &slots[sequence[i]];

		if (boot_slot_headers(ctx->plat, disk, slot, &policy, head, &version,
				      &why) != LB_REASON_OK)
			continue;
		ctx->resort.letter = slot->letter;
		return true;
	}
	return false;
}

static bool find(struct boot_ctx *ctx)
{
	const struct platform *plat = ctx->plat;
	size_t count = 0;
	bool found = false;
	uint8_t *head;

	if (!ctx->profile_valid || !boot_generation_counts(&ctx->profile, &ctx->floors) ||
	    plat->list_disks(plat->ctx, ctx->disks, PLATFORM_MAX_DISKS, &count) != LB_OK)
		return false;
	head = plat->alloc(plat->ctx, CRYPTO_HEAD_BYTES, 4096, PLATFORM_ANY_ADDRESS);
	if (head == NULL)
		return false;
	for (size_t i = 0; i < count && !found; i++)
		found = find_on(ctx, &ctx->disks[i], head);
	plat->free(plat->ctx, head, CRYPTO_HEAD_BYTES);
	return found;
}

/* --- when ------------------------------------------------------------------------- */

/* Twice as long after each one in a row, in this power-on or before. */
static uint64_t wait_ms(const struct boot_ctx *ctx)
{
	const struct history_past past = boot_past(ctx);
	const unsigned int times = history_last_resorts(&past, NULL) + ctx->resort.failed;
	const uint64_t wait = (uint64_t)FIRST_WAIT_MS
			      << (times < MOST_DOUBLED ? times : MOST_DOUBLED);
	const uint64_t most = ctx->machine->media_fixed ? REMEMBERED_MS : LONGEST_MS;

	return wait < most ? wait : most;
}

/* How long this recovery has lasted. Where it restarts itself to look for media, so
 * have the boots before. */
static uint64_t waited_ms(const struct boot_ctx *ctx)
{
	const struct history_past past = boot_past(ctx);
	const uint64_t here = ctx->plat->clock_ms(ctx->plat->ctx) - ctx->resort.since_ms;

	if (!ctx->machine->media_fixed)
		return here;
	return here +
	       (uint64_t)BOOT_RESTART_MS * history_recoveries(&past, REC_REASON_NO_SLOT);
}

bool boot_resort_holds(const struct boot_ctx *ctx)
{
	return ctx->resort.found && !ctx->recovery_counts;
}

/* Nobody has touched a key for a while; after an hour whatever comes counts for
 * nobody. */
static bool nobody_there(const struct boot_ctx *ctx)
{
	const uint64_t now = ctx->plat->clock_ms(ctx->plat->ctx);
	const uint64_t touched = ctx->person.touched_ms;

	return touched <= ctx->resort.since_ms || now - touched >= BOOT_IDLE_MS ||
	       now - ctx->resort.since_ms >= BOOT_LONGEST_MS;
}

uint32_t boot_resort_left_s(const struct boot_ctx *ctx)
{
	const uint64_t wait = ctx->resort.wait_ms, waited = waited_ms(ctx);

	if (!ctx->resort.found || !rec_reason_unasked(ctx->reason))
		return 0;
	return wait > waited ? (uint32_t)((wait - waited + 999) / 1000) : 1;
}

bool boot_resort_due(const struct boot_ctx *ctx)
{
	return ctx->resort.found && rec_reason_unasked(ctx->reason) &&
	       waited_ms(ctx) >= ctx->resort.wait_ms && nobody_there(ctx);
}

/* --- in the flow ------------------------------------------------------------------ */

void boot_resort_look(struct boot_ctx *ctx)
{
	struct boot_resort *r = &ctx->resort;

	if (r->now || r->since_ms == 0) /* the waiting begins (again) */
		r->since_ms = ctx->plat->clock_ms(ctx->plat->ctx);
	r->wanted = r->now = false;
	r->found = find(ctx);
	r->wait_ms = wait_ms(ctx);
	if (r->found && rec_reason_unasked(ctx->reason))
		lb_log(&ctx->log,
		       "recovery: slot %c is used up and still verifies: tried again in "
		       "%u s",
		       r->letter, boot_resort_left_s(ctx));
}

bool boot_resort_begin(struct boot_ctx *ctx)
{
	struct boot_resort *r = &ctx->resort;

	if (!r->wanted || r->now)
		return false;
	r->now = true;
	ctx->visited_count = 0;
	lb_log(&ctx->log, "boot: nothing else starts: a last resort");
	return true;
}

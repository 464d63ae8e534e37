/* The rule of DESIGN 2 "Behind the others". */
#include "boot/history/behind.h"

#include <string.h>

static bool of_slot(const struct history_record *r, const uint8_t guid[16])
{
	return history_is_start(r) && memcmp(r->slot, guid, sizeof r->slot) == 0;
}

/* The system's copies of a start come before it; it is one start all the same. */
static bool said_already(const struct history_past *past, size_t i)
{
	const struct history_record *r = &past->record[i];
	const struct history_record *newer = i > 0 ? r - 1 : NULL;

	return newer != NULL && newer->boot == r->boot &&
	       newer->stage >= HISTORY_STAGE_MARKED;
}

/* Whether nothing else came in this boot after the start: then how the boot ended is
 * how the start did. */
static bool last_of_boot(const struct history_past *past, size_t i)
{
	return i == 0 || past->record[i - 1].boot != past->record[i].boot;
}

/* How a start ended, as the boot after it has found: flags, or 0. */
static uint8_t ended_by(const struct history_past *past, size_t i)
{
	const uint64_t boot = past->record[i].boot;

	if (!last_of_boot(past, i))
		return 0;
	if (i == 0)
		return past->flags;
	return boot != UINT64_MAX && past->record[i - 1].boot == boot + 1
		       ? past->record[i - 1].flags
		       : 0;
}

static void count_start(struct history_starts *s, uint8_t ended)
{
	const bool watchdog = (ended & HISTORY_FLAG_WATCHDOG) != 0;

	if (s->watchdog == s->unmarked && watchdog)
		s->watchdog++;
	if (s->deaths == s->unmarked && (watchdog || (ended & HISTORY_FLAG_PANIC) != 0))
		s->deaths++;
	s->unmarked++;
}

/* Starts while on trial, or as a last resort, are paid for otherwise; and what was
 * before them was another system. */
static bool is_first(const struct history_record *r)
{
	return r->started_as == HISTORY_START_TRYING ||
	       r->started_as == HISTORY_START_LAST_RESORT;
}

struct history_starts history_starts(const struct history_past *past,
				     const uint8_t guid[16])
{
	/* Each record says it of all slots, so what older ones say does not count:
	 * another system may have been there. */
	struct history_starts s = { .marks = history_slots_have(past->marking, guid) };
	const struct history_record *start = NULL;
	bool open = true; /* nothing has ended the row yet */

	for (size_t i = 0; i < past->count; i++) {
		const struct history_record *r = &past->record[i];
		const bool mine = of_slot(r, guid);

		if (mine && start != NULL && r->version != start->version)
			break; /* another system */
		open &= !history_slots_have(&r->set, guid);
		if (!mine || said_already(past, i))
			continue;
		if (start == NULL) {
			s.started = true;
			s.version = r->version;
		}
		start = r;
		open &= (r->flags & HISTORY_FLAG_MARKED) == 0;
		if (is_first(r))
			break;
		if (open && !(past->running && i == 0))
			count_start(&s, ended_by(past, i));
	}
	return s;
}

bool history_goes_behind(const struct history_starts *s)
{
	if (!s->marks)
		return s->watchdog >= HISTORY_DEATHS;
	return s->deaths >= HISTORY_DEATHS || s->unmarked >= HISTORY_UNMARKED;
}

static uint32_t bit_of(const struct gpt_slot *slot)
{
	return UINT32_C(1) << (slot->letter - 'A');
}

bool history_order_has(uint32_t bits, const struct gpt_slot *slot)
{
	return (bits & bit_of(slot)) != 0;
}

/* Moves them behind all others, each group in its order. Trying slots stay in front:
 * with attempts-first every proven one comes after them. */
static void move_behind(const struct gpt_slot *slots, uint32_t behind, size_t *sequence,
			size_t count)
{
	size_t last[GPT_MAX_SLOTS];
	size_t kept = 0, moved = 0;

	for (size_t i = 0; i < count; i++)
		if (history_order_has(behind, &slots[sequence[i]]))
			last[moved++] = sequence[i];
		else
			sequence[kept++] = sequence[i];
	for (size_t i = 0; i < moved; i++)
		sequence[kept + i] = last[i];
}

struct history_order history_order(const struct history_past *past,
				   const struct gpt_slot *slots,
				   enum gpt_slot_order order, size_t *sequence,
				   size_t count)
{
	struct history_order out = { 0 };
	size_t others = 0;

	for (size_t i = 0; order == GPT_ORDER_ATTEMPTS_FIRST && i < count; i++) {
		const struct gpt_slot *slot = &slots[sequence[i]];

		if (gpt_slot_state(slot, order) != GPT_SLOT_PROVEN)
			continue;
		const struct history_starts starts = history_starts(past, slot->guid);

		if (history_goes_behind(&starts))
			out.dying |= bit_of(slot);
		else
			others++;
	}
	if (others > 0)
		out.behind = out.dying;
	if (out.behind != 0)
		move_behind(slots, out.behind, sequence, count);
	return out;
}

unsigned int history_last_resorts(const struct history_past *past, const uint8_t guid[16])
{
	unsigned int count = 0;

	for (size_t i = 0; i < past->count; i++) {
		const struct history_record *r = &past->record[i];

		if (!history_is_start(r) || said_already(past, i))
			continue;
		if (r->started_as != HISTORY_START_LAST_RESORT ||
		    (r->flags & HISTORY_FLAG_MARKED) != 0)
			break;
		if (guid == NULL || memcmp(r->slot, guid, sizeof r->slot) == 0)
			count++;
	}
	return count;
}

unsigned int history_recoveries(const struct history_past *past, uint16_t reason)
{
	unsigned int count = 0;

	for (size_t i = 0; i < past->count; i++) {
		const struct history_record *r = &past->record[i];

		if (history_is_start(r) && r->started_as == HISTORY_START_LAST_RESORT)
			break; /* the waiting began anew */
		if (i > 0 && r->boot == r[-1].boot)
			continue; /* what came back before it */
		if (r->stage != HISTORY_STAGE_RECOVERY || r->reason != reason)
			break;
		count++;
	}
	return count;
}

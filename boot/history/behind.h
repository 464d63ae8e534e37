/* What the boot history says of a slot's last starts, and the rule that follows: a
 * proven slot whose starts all ended without its system's mark goes behind the other
 * proven ones. Pure.
 *
 * Design: DESIGN 2 "Behind the others", "Last resort"; docs/boot-flow.md. */
#ifndef LIFEBOAT_BOOT_HISTORY_BEHIND_H
#define LIFEBOAT_BOOT_HISTORY_BEHIND_H

#include <stddef.h>

#include "boot/history/history_cell.h"
#include "gpt/gpt_slot.h"

#define HISTORY_DEATHS   3u /* so many deaths on record in a row */
#define HISTORY_UNMARKED 6u /* so many starts without a mark, whatever ended them */

/* Records, newest first, and what is known of how the newest boot ended. */
struct history_past {
	const struct history_record *record;
	size_t count;
	const struct history_slots *marking; /* of the newest of all, this boot's too */
	bool running;                        /* it has not: its system asks */
	uint8_t flags; /* HISTORY_FLAG_WATCHDOG, HISTORY_FLAG_PANIC: how it did */
};

/* A slot's starts since it was installed, set by hand, or marked last. */
struct history_starts {
	bool started;          /* at all; of this version the last time */
	uint32_t version;      /* combined */
	bool marks;            /* its system is known to write marks */
	unsigned int unmarked; /* starts that ended without one */
	unsigned int deaths;   /* the last so many of them by a panic or the watchdog */
	unsigned int watchdog; /* the last so many by the watchdog */
};

/** history_starts() - of the slot with this GUID. */
struct history_starts history_starts(const struct history_past *past,
				     const uint8_t guid[16]);

/** history_goes_behind() - the rule. */
bool history_goes_behind(const struct history_starts *starts);

/* Slots as bits: bit 0 is A. */
struct history_order {
	uint32_t dying;  /* proven ones that the rule is about */
	uint32_t behind; /* those of them that now come after others: all or none */
};

/**
 * history_order() - put proven slots that keep dying behind the other proven ones.
 * @sequence: indexes into @slots, as gpt_slot_sort() has made it; changed
 *
 * Only with GPT_ORDER_ATTEMPTS_FIRST, and only where another proven slot is better: else
 * the usual order holds.
 */
struct history_order history_order(const struct history_past *past,
				   const struct gpt_slot *slots,
				   enum gpt_slot_order order, size_t *sequence,
				   size_t count);
bool history_order_has(uint32_t bits, const struct gpt_slot *slot);

/** history_last_resorts() - how many of the newest starts in a row were a last resort;
 * @guid: only those of this slot are counted, NULL: all. A mark ends the row. */
unsigned int history_last_resorts(const struct history_past *past,
				  const uint8_t guid[16]);

/** history_recoveries() - how many of the newest boots in a row ended in recovery for
 * @reason (enum rec_reason), since the newest last resort. */
unsigned int history_recoveries(const struct history_past *past, uint16_t reason);

#endif

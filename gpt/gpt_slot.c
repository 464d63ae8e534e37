/* Slots and their order. */
#include "gpt/gpt_slot.h"

#include <string.h>

#define FIELD_MASK UINT64_C(0xf)

/* --- attributes -------------------------------------------------------------------- */

void gpt_slot_decode(struct gpt_slot *slot, uint64_t attributes)
{
	slot->attributes = attributes;
	slot->priority = (uint8_t)(attributes >> GPT_ATTR_PRIORITY_SHIFT & FIELD_MASK);
	slot->remaining_attempts =
		(uint8_t)(attributes >> GPT_ATTR_ATTEMPTS_SHIFT & FIELD_MASK);
	slot->bootable = (attributes & GPT_ATTR_BOOTABLE) != 0;
}

uint64_t gpt_slot_encode(const struct gpt_slot *slot)
{
	const uint64_t mine = FIELD_MASK << GPT_ATTR_PRIORITY_SHIFT |
			      FIELD_MASK << GPT_ATTR_ATTEMPTS_SHIFT | GPT_ATTR_BOOTABLE;

	return (slot->attributes & ~mine) |
	       (slot->priority & FIELD_MASK) << GPT_ATTR_PRIORITY_SHIFT |
	       (slot->remaining_attempts & FIELD_MASK) << GPT_ATTR_ATTEMPTS_SHIFT |
	       (slot->bootable ? GPT_ATTR_BOOTABLE : 0);
}

/* --- finding ----------------------------------------------------------------------- */

static bool has_type(const struct gpt_entry *entry, const uint8_t type[16])
{
	return memcmp(entry->type, type, sizeof entry->type) == 0;
}

static void add_slot(struct gpt_slot *slot, size_t number, uint32_t index,
		     const struct gpt_entry *entry)
{
	*slot = (struct gpt_slot){
		.letter = (char)('A' + number),
		.kernel = index,
		.first_lba = entry->first_lba,
		.sectors = entry->last_lba - entry->first_lba + 1,
	};
	memcpy(slot->guid, entry->guid, sizeof slot->guid);
	gpt_slot_decode(slot, entry->attributes);
}

size_t gpt_slots(const struct gpt *gpt, struct gpt_slot out[GPT_MAX_SLOTS])
{
	struct gpt_entry entry;
	size_t count = 0;
	size_t with_root = 0; /* slots before this one have their root */

	for (uint32_t i = 0; gpt_entry_get(gpt, i, &entry) == LB_OK; i++) {
		if (has_type(&entry, gpt_type_kernel) && count < GPT_MAX_SLOTS) {
			add_slot(&out[count], count, i, &entry);
			count++;
		} else if (has_type(&entry, gpt_type_root) && with_root < count) {
			out[with_root].has_root = true;
			out[with_root].root = i;
			with_root++;
		}
	}
	return count;
}

/* --- states and order -------------------------------------------------------------- */

enum gpt_slot_state gpt_slot_state(const struct gpt_slot *slot, enum gpt_slot_order order)
{
	if (order == GPT_ORDER_PRIORITY) {
		if (slot->priority == 0)
			return GPT_SLOT_DEAD;
		if (slot->bootable)
			return GPT_SLOT_PROVEN;
	}
	if (slot->remaining_attempts > 0)
		return GPT_SLOT_TRYING;
	return slot->bootable ? GPT_SLOT_PROVEN : GPT_SLOT_DEAD;
}

const char *gpt_slot_state_words(enum gpt_slot_state state)
{
	switch (state) {
	case GPT_SLOT_PROVEN:
		return "booted correctly";
	case GPT_SLOT_TRYING:
		return "still trying";
	case GPT_SLOT_DEAD:
		break;
	}
	return "booted incorrectly";
}

/* Higher goes first. */
static unsigned int rank(const struct gpt_slot *slot, enum gpt_slot_order order)
{
	const bool first = order == GPT_ORDER_ATTEMPTS_FIRST &&
			   gpt_slot_state(slot, order) == GPT_SLOT_TRYING;

	return slot->priority + (first ? GPT_MAX_PRIORITY + 1 : 0);
}

size_t gpt_slot_sort(const struct gpt_slot *slots, size_t count,
		     enum gpt_slot_order order, size_t sequence[GPT_MAX_SLOTS])
{
	size_t used = 0;

	for (size_t i = 0; i < count && i < GPT_MAX_SLOTS; i++) {
		size_t at = used;

		if (gpt_slot_state(&slots[i], order) == GPT_SLOT_DEAD)
			continue;
		for (; at > 0 &&
		       rank(&slots[sequence[at - 1]], order) < rank(&slots[i], order);
		     at--)
			sequence[at] = sequence[at - 1];
		sequence[at] = i;
		used++;
	}
	return used;
}

/* --- changes ----------------------------------------------------------------------- */

uint64_t gpt_slot_charged(const struct gpt_slot *slot, enum gpt_slot_order order)
{
	struct gpt_slot s = *slot;

	if (gpt_slot_state(slot, order) != GPT_SLOT_TRYING)
		return slot->attributes;
	s.remaining_attempts--;
	if (order == GPT_ORDER_PRIORITY && s.remaining_attempts == 0)
		s.priority = 0;
	return gpt_slot_encode(&s);
}

uint64_t gpt_slot_rejected(const struct gpt_slot *slot, enum gpt_slot_order order)
{
	struct gpt_slot s = *slot;

	if (gpt_slot_state(slot, order) != GPT_SLOT_TRYING)
		return slot->attributes;
	s.remaining_attempts = 0;
	if (order == GPT_ORDER_PRIORITY)
		s.priority = 0;
	return gpt_slot_encode(&s);
}

uint64_t gpt_slot_marked_good(const struct gpt_slot *slot)
{
	struct gpt_slot s = *slot;

	s.bootable = true;
	s.remaining_attempts = 0;
	return gpt_slot_encode(&s);
}

/* New priorities of all slots when slots[@which] gets the highest one. */
static void raise_above(const struct gpt_slot *slots, size_t count, size_t which,
			uint8_t priority[GPT_MAX_SLOTS])
{
	bool taken[GPT_MAX_PRIORITY + 1] = { false };
	uint8_t renumbered[GPT_MAX_PRIORITY + 1] = { 0 };
	uint8_t highest = 0;
	uint8_t distinct = 0;

	for (size_t i = 0; i < count; i++) {
		if (i == which)
			continue;
		taken[slots[i].priority & FIELD_MASK] = true;
		if (slots[i].priority > highest)
			highest = slots[i].priority;
	}
	for (uint8_t p = 1; p <= GPT_MAX_PRIORITY; p++) {
		distinct = (uint8_t)(distinct + taken[p]);
		renumbered[p] = highest < GPT_MAX_PRIORITY ? p : distinct;
	}
	if (distinct == GPT_MAX_PRIORITY) /* no room above: 1 and 2 become 1 */
		for (uint8_t p = 2; p <= GPT_MAX_PRIORITY; p++)
			renumbered[p]--;
	for (size_t i = 0; i < count; i++)
		priority[i] = i == which ? (uint8_t)(renumbered[highest] + 1)
					 : renumbered[slots[i].priority & FIELD_MASK];
}

void gpt_slots_activate(const struct gpt_slot *slots, size_t count, size_t which,
			uint64_t attributes[GPT_MAX_SLOTS])
{
	uint8_t priority[GPT_MAX_SLOTS];

	raise_above(slots, count, which, priority);
	for (size_t i = 0; i < count; i++) {
		struct gpt_slot s = slots[i];

		s.priority = priority[i];
		if (i == which) {
			s.bootable = false;
			s.remaining_attempts = GPT_INSTALL_ATTEMPTS;
		}
		attributes[i] = gpt_slot_encode(&s);
	}
}

void gpt_slots_mark_good(const struct gpt_slot *slots, size_t count, size_t which,
			 enum gpt_slot_order order, uint64_t attributes[GPT_MAX_SLOTS])
{
	const bool lost = order == GPT_ORDER_PRIORITY && slots[which].priority == 0;
	uint8_t priority[GPT_MAX_SLOTS];

	raise_above(slots, count, which, priority);
	for (size_t i = 0; i < count; i++) {
		struct gpt_slot s = slots[i];

		if (lost)
			s.priority = priority[i];
		attributes[i] =
			i == which ? gpt_slot_marked_good(&s) : gpt_slot_encode(&s);
	}
}

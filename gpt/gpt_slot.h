/* Slots: kernel partitions with their attributes, in words, and the order in which they
 * are tried. Pure.
 *
 * Design: DESIGN 2. Glossary: docs/glossary.md (slot, trying, proven, dead, charge). */
#ifndef LIFEBOAT_GPT_SLOT_H
#define LIFEBOAT_GPT_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slot_order.h"
#include "gpt/gpt_table.h"

#define GPT_MAX_SLOTS           26u /* A..Z */
#define GPT_MAX_PRIORITY        15u
#define GPT_MAX_ATTEMPTS        15u
#define GPT_INSTALL_ATTEMPTS    6u
#define GPT_ATTR_PRIORITY_SHIFT 48u
#define GPT_ATTR_ATTEMPTS_SHIFT 52u
#define GPT_ATTR_BOOTABLE       (UINT64_C(1) << 56)

enum gpt_slot_state {
	GPT_SLOT_DEAD,
	GPT_SLOT_TRYING,
	GPT_SLOT_PROVEN,
};

struct gpt_slot {
	char letter;     /* 'A'.. in table order */
	uint32_t kernel; /* entry index of the kernel partition */
	bool has_root;
	uint32_t root;    /* entry index of the next root partition in table order */
	uint8_t guid[16]; /* unique GUID of the kernel partition */
	uint64_t first_lba;
	uint64_t sectors;
	uint64_t attributes;
	uint8_t priority;           /* 0..15 */
	uint8_t remaining_attempts; /* 0..15 */
	bool bootable;
};

/**
 * gpt_slots() - all slots of a table, in table order; at most GPT_MAX_SLOTS.
 *
 * A kernel partition's root is the next root partition after it in table order that no
 * earlier slot has taken, so that both usual orders (kernel, root, kernel, root and
 * kernel, kernel, root, root) pair as meant. Returns how many.
 */
size_t gpt_slots(const struct gpt *gpt, struct gpt_slot out[GPT_MAX_SLOTS]);

/** gpt_slot_decode() / gpt_slot_encode() - attribute bits to fields and back; other bits
 * are kept. */
void gpt_slot_decode(struct gpt_slot *slot, uint64_t attributes);
uint64_t gpt_slot_encode(const struct gpt_slot *slot);

/** gpt_slot_state() - the state under @order (DESIGN 2); under GPT_ORDER_PRIORITY a
 * bootable slot is PROVEN whatever its attempts, and priority 0 is DEAD. */
enum gpt_slot_state gpt_slot_state(const struct gpt_slot *slot,
				   enum gpt_slot_order order);

/** gpt_slot_state_words() - "booted correctly", "booted incorrectly", "still trying". */
const char *gpt_slot_state_words(enum gpt_slot_state state);

/**
 * gpt_slot_sort() - the order in which @count slots are tried.
 * @sequence: indexes into @slots, first to be tried first; dead slots are left out
 *
 * Returns how many are in @sequence.
 */
size_t gpt_slot_sort(const struct gpt_slot *slots, size_t count,
		     enum gpt_slot_order order, size_t sequence[GPT_MAX_SLOTS]);

/** gpt_slot_charged() - attributes after one attempt was spent; of a slot that is not
 * trying: unchanged. Under GPT_ORDER_PRIORITY exactly ChromeOS's rule (the last attempt
 * also takes the priority). */
uint64_t gpt_slot_charged(const struct gpt_slot *slot, enum gpt_slot_order order);

/** gpt_slot_rejected() - attributes of a trying slot found damaged: attempts 0 (and
 * priority 0 under GPT_ORDER_PRIORITY). Of any other slot: unchanged. */
uint64_t gpt_slot_rejected(const struct gpt_slot *slot, enum gpt_slot_order order);

/** gpt_slot_marked_good() - bootable 1, remaining_attempts 0. */
uint64_t gpt_slot_marked_good(const struct gpt_slot *slot);

/**
 * gpt_slots_mark_good() - attributes of all slots after slots[@which] was marked good.
 * @attributes: one per slot, out
 *
 * As gpt_slot_marked_good(); but under GPT_ORDER_PRIORITY the last attempt has taken the
 * slot's priority, and with priority 0 it would never boot again: then it gets the
 * highest one, as gpt_slots_activate() gives it.
 */
void gpt_slots_mark_good(const struct gpt_slot *slots, size_t count, size_t which,
			 enum gpt_slot_order order, uint64_t attributes[GPT_MAX_SLOTS]);

/**
 * gpt_slots_activate() - attributes of all slots after an update was put into
 * slots[@which]: bootable 0, attempts 6, highest priority; the others renumbered when 15
 * is reached.
 * @attributes: one per slot, out
 *
 * Renumbering keeps the order of the others; 0 stays 0 and nothing else becomes 0. Only
 * when all of 1..15 are taken do the lowest two become one.
 */
void gpt_slots_activate(const struct gpt_slot *slots, size_t count, size_t which,
			uint64_t attributes[GPT_MAX_SLOTS]);

#endif

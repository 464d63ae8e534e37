/* Sets of address ranges: which memory there is, and which of it is free. Kept sorted,
 * apart from each other, in a fixed array. Pure. */
#ifndef LIFEBOAT_BARE_RANGES_H
#define LIFEBOAT_BARE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

#define BARE_MAX_RANGES 128u
#define BARE_PAGE_BYTES LB_PAGE_BYTES

struct bare_range {
	uint64_t base;
	uint64_t bytes; /* not 0; base + bytes does not wrap */
};

struct bare_ranges {
	size_t count;
	struct bare_range at[BARE_MAX_RANGES];
};

/**
 * bare_ranges_add() - put [@base, @base + @bytes) in; overlap with what is there is fine.
 * bare_ranges_remove() - take it out, as far as it is there.
 *
 * LB_ERR_RANGE when the range wraps, LB_ERR_FULL when the array has no room; on errors
 * the set is as it was. No bytes: nothing happens.
 */
enum lb_status bare_ranges_add(struct bare_ranges *set, uint64_t base, uint64_t bytes);
enum lb_status bare_ranges_remove(struct bare_ranges *set, uint64_t base, uint64_t bytes);

/** bare_ranges_contain() - true when all of it is in the set. */
bool bare_ranges_contain(const struct bare_ranges *set, uint64_t base, uint64_t bytes);

/**
 * bare_ranges_find() - the lowest place for @bytes at a multiple of @align, not before
 * @from and wholly below @limit. LB_ERR_NOMEM when there is none.
 */
enum lb_status bare_ranges_find(const struct bare_ranges *set, uint64_t bytes,
				uint64_t align, uint64_t from, uint64_t limit,
				uint64_t *base);

/** bare_ranges_shrink() - cut every range to whole pages inside it. */
void bare_ranges_shrink(struct bare_ranges *set);

/** bare_ranges_total() - bytes of all together. */
uint64_t bare_ranges_total(const struct bare_ranges *set);

#endif

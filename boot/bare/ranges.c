/* Sets of address ranges. */
#include "boot/bare/ranges.h"

#include "base/bytes.h"

static uint64_t range_end(const struct bare_range *range)
{
	return range->base + range->bytes;
}

static void delete_at(struct bare_ranges *set, size_t first, size_t count)
{
	for (size_t i = first; i + count < set->count; i++)
		set->at[i] = set->at[i + count];
	set->count -= count;
}

static void insert_at(struct bare_ranges *set, size_t index, uint64_t base, uint64_t end)
{
	for (size_t i = set->count; i > index; i--)
		set->at[i] = set->at[i - 1];
	set->at[index] = (struct bare_range){ .base = base, .bytes = end - base };
	set->count++;
}

enum lb_status bare_ranges_add(struct bare_ranges *set, uint64_t base, uint64_t bytes)
{
	uint64_t end;

	if (!lb_add(base, bytes, &end))
		return LB_ERR_RANGE;
	if (bytes == 0)
		return LB_OK;

	/* first..last touch or overlap the new range and become one with it. */
	size_t first = 0;
	while (first < set->count && range_end(&set->at[first]) < base)
		first++;
	size_t last = first;
	while (last < set->count && set->at[last].base <= end)
		last++;

	if (first == last) {
		if (set->count == BARE_MAX_RANGES)
			return LB_ERR_FULL;
		insert_at(set, first, base, end);
		return LB_OK;
	}
	if (set->at[first].base < base)
		base = set->at[first].base;
	if (range_end(&set->at[last - 1]) > end)
		end = range_end(&set->at[last - 1]);
	delete_at(set, first, last - first - 1);
	set->at[first] = (struct bare_range){ .base = base, .bytes = end - base };
	return LB_OK;
}

enum lb_status bare_ranges_remove(struct bare_ranges *set, uint64_t base, uint64_t bytes)
{
	uint64_t end;

	if (!lb_add(base, bytes, &end))
		return LB_ERR_RANGE;
	if (bytes == 0)
		return LB_OK;

	/* Only a hole inside one range needs room. */
	for (size_t i = 0; i < set->count; i++)
		if (set->at[i].base < base && range_end(&set->at[i]) > end &&
		    set->count == BARE_MAX_RANGES)
			return LB_ERR_FULL;

	for (size_t i = set->count; i-- > 0;) {
		struct bare_range *range = &set->at[i];
		const uint64_t old_end = range_end(range);

		if (old_end <= base || range->base >= end)
			continue;
		if (range->base < base && old_end > end) {
			range->bytes = base - range->base;
			insert_at(set, i + 1, end, old_end);
		} else if (range->base < base) {
			range->bytes = base - range->base;
		} else if (old_end > end) {
			*range = (struct bare_range){ .base = end,
						      .bytes = old_end - end };
		} else {
			delete_at(set, i, 1);
		}
	}
	return LB_OK;
}

bool bare_ranges_contain(const struct bare_ranges *set, uint64_t base, uint64_t bytes)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct bare_range *range = &set->at[i];

		if (base >= range->base &&
		    lb_within(base - range->base, bytes, range->bytes))
			return true;
	}
	return false;
}

enum lb_status bare_ranges_find(const struct bare_ranges *set, uint64_t bytes,
				uint64_t align, uint64_t from, uint64_t limit,
				uint64_t *base)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct bare_range *range = &set->at[i];
		uint64_t at;
		const uint64_t first = range->base < from ? from : range->base;

		if (!lb_round_up(first, align, &at))
			continue;
		if (lb_within(at - range->base, bytes, range->bytes) &&
		    lb_within(at, bytes, limit)) {
			*base = at;
			return LB_OK;
		}
	}
	return LB_ERR_NOMEM;
}

void bare_ranges_shrink(struct bare_ranges *set)
{
	const uint64_t mask = BARE_PAGE_BYTES - 1;

	for (size_t i = set->count; i-- > 0;) {
		const uint64_t end = range_end(&set->at[i]) & ~mask;
		uint64_t base;

		if (!lb_round_up(set->at[i].base, BARE_PAGE_BYTES, &base) || base >= end)
			delete_at(set, i, 1);
		else
			set->at[i] =
				(struct bare_range){ .base = base, .bytes = end - base };
	}
}

uint64_t bare_ranges_total(const struct bare_ranges *set)
{
	uint64_t total = 0;

	for (size_t i = 0; i < set->count; i++)
		total += set->at[i].bytes;
	return total;
}

/* The page allocator. */
#include "boot/bare/memory.h"

#include "base/bytes.h"

enum lb_status bare_memory_alloc_in(struct bare_memory *memory, uint64_t bytes,
				    uint64_t align, uint64_t from, uint64_t limit,
				    uint64_t *base)
{
	uint64_t at;

	if (bytes == 0 || !lb_is_power_of_two(align) ||
	    !lb_round_up(bytes, BARE_PAGE_BYTES, &bytes))
		return LB_ERR_ARGUMENT;
	if (align < BARE_PAGE_BYTES)
		align = BARE_PAGE_BYTES;

	const enum lb_status status =
		bare_ranges_find(&memory->free, bytes, align, from, limit, &at);
	if (status != LB_OK)
		return status;
	if (bare_ranges_remove(&memory->free, at, bytes) != LB_OK)
		return LB_ERR_NOMEM;
	*base = at;
	return LB_OK;
}

enum lb_status bare_memory_alloc(struct bare_memory *memory, uint64_t bytes,
				 uint64_t align, uint64_t limit, uint64_t *base)
{
	return bare_memory_alloc_in(memory, bytes, align, 0, limit, base);
}

void bare_memory_free(struct bare_memory *memory, uint64_t base, uint64_t bytes)
{
	if (!lb_round_up(bytes, BARE_PAGE_BYTES, &bytes))
		return;
	(void)bare_ranges_add(&memory->free, base, bytes); /* full: lost, as documented */
}

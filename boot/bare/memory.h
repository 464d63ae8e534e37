/* The page allocator: over what of the RAM is free. Pure; lowest fitting place first, so
 * that a boot with the same tree places everything at the same addresses. */
#ifndef LIFEBOAT_BARE_MEMORY_H
#define LIFEBOAT_BARE_MEMORY_H

#include "boot/bare/ranges.h"

struct bare_memory {
	struct bare_ranges free;
};

/**
 * bare_memory_alloc() - @bytes, rounded up to whole pages, at a multiple of @align.
 * @align: a power of two; less than a page means a page
 * @limit: the first address that may not be used any more
 *
 * bare_memory_alloc_in() - the same, and not before @from.
 *
 * LB_ERR_ARGUMENT (no bytes, @align), LB_ERR_NOMEM. Address 0 is never given.
 */
enum lb_status bare_memory_alloc(struct bare_memory *memory, uint64_t bytes,
				 uint64_t align, uint64_t limit, uint64_t *base);
enum lb_status bare_memory_alloc_in(struct bare_memory *memory, uint64_t bytes,
				    uint64_t align, uint64_t from, uint64_t limit,
				    uint64_t *base);

/** bare_memory_free() - give back what one alloc returned, with the same @bytes. Memory
 * that the table of ranges has no room for is lost, which costs nothing but itself. */
void bare_memory_free(struct bare_memory *memory, uint64_t base, uint64_t bytes);

#endif

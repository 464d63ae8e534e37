/* Data caches, by address, to the point of coherency: what devices see that do not look
 * into them. Each CPU has its own (boot/bare/aarch64/cache.S). */
#ifndef LIFEBOAT_BARE_CACHE_H
#define LIFEBOAT_BARE_CACHE_H

#include <stdint.h>

/**
 * cache_clean() - what was written is in memory.
 * cache_invalidate() - what is read next comes from memory; what was written and not
 * cleaned may be lost.
 * cache_clean_invalidate() - both: nothing of it is written back later.
 * cache_barrier() - all accesses to memory and devices before it are done.
 *
 * The first three end with such a barrier. Whole lines are treated.
 */
void cache_clean(const void *start, uint64_t bytes);
void cache_invalidate(void *start, uint64_t bytes);
void cache_clean_invalidate(const void *start, uint64_t bytes);
void cache_barrier(void);

#endif

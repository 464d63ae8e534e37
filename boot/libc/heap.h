/* calloc() and free() of the firmware builds, on top of the back end's allocator. */
#ifndef LIFEBOAT_LIBC_HEAP_H
#define LIFEBOAT_LIBC_HEAP_H

#include <stddef.h>

/**
 * lb_heap_init() - where calloc() gets its memory from; call once, before anything else.
 * @alloc:   returns @bytes bytes aligned to 16, or NULL
 * @release: takes back what @alloc gave, with the same number of bytes
 *
 * mbedtls asks for memory by calloc() without a context, so this is the one place outside
 * the back ends that keeps mutable state. Without it, calloc() returns NULL.
 */
void lb_heap_init(void *(*alloc)(void *ctx, size_t bytes),
		  void (*release)(void *ctx, void *p, size_t bytes), void *ctx);

#endif

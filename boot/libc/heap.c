/* calloc() and free() on top of the back end's allocator. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boot/libc/heap.h"
#include "boot/libc/panic.h"

#define BLOCK_MAGIC 0x706165484c6f6f62u
#define BLOCK_FREED 0x65657266706f6f62u

/* In front of each block; 16 bytes keep the alignment. */
struct block {
	uint64_t magic;
	uint64_t bytes; /* with this header */
};
_Static_assert(sizeof(struct block) == 16, "blocks stay aligned to 16");

static struct {
	void *(*alloc)(void *ctx, size_t bytes);
	void (*release)(void *ctx, void *p, size_t bytes);
	void *ctx;
} heap;

void lb_heap_init(void *(*alloc)(void *ctx, size_t bytes),
		  void (*release)(void *ctx, void *p, size_t bytes), void *ctx)
{
	heap.alloc = alloc;
	heap.release = release;
	heap.ctx = ctx;
}

void *calloc(size_t count, size_t size)
{
	struct block *block;
	size_t bytes;

	if (heap.alloc == NULL || __builtin_mul_overflow(count, size, &bytes) ||
	    __builtin_add_overflow(bytes, sizeof(*block), &bytes))
		return NULL;
	block = heap.alloc(heap.ctx, bytes);
	if (block == NULL)
		return NULL;
	memset(block, 0, bytes);
	block->magic = BLOCK_MAGIC;
	block->bytes = bytes;
	return block + 1;
}

void free(void *p)
{
	struct block *block = p;

	if (p == NULL)
		return;
	block--;
	if (block->magic != BLOCK_MAGIC)
		lb_panic("free of a block that is not allocated", __FILE__, __LINE__);
	block->magic = BLOCK_FREED;
	heap.release(heap.ctx, block, block->bytes);
}

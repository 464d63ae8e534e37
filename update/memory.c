/* Counted memory, and the arena for messages. */
#include "update/memory.h"

#include <string.h>

#define ALIGNMENT    16u
#define PREFIX_BYTES 16u /* in front of counted memory: its size */

void *update_alloc(struct update_memory *memory, size_t bytes)
{
	if (bytes == 0 || bytes > memory->limit - memory->used)
		return NULL;
	void *p = memory->plat->alloc(memory->plat->ctx, bytes, ALIGNMENT,
				      PLATFORM_ANY_ADDRESS);

	if (p == NULL)
		return NULL;
	memset(p, 0, bytes);
	memory->used += bytes;
	if (memory->used > memory->peak)
		memory->peak = memory->used;
	return p;
}

void update_free(struct update_memory *memory, void *p, size_t bytes)
{
	if (p == NULL)
		return;
	memory->plat->free(memory->plat->ctx, p, bytes);
	memory->used -= bytes;
}

void *update_alloc_counted(struct update_memory *memory, size_t bytes)
{
	if (bytes > SIZE_MAX - PREFIX_BYTES)
		return NULL;
	uint8_t *p = update_alloc(memory, bytes + PREFIX_BYTES);

	if (p == NULL)
		return NULL;
	memcpy(p, &bytes, sizeof bytes);
	return p + PREFIX_BYTES;
}

void update_free_counted(struct update_memory *memory, void *p)
{
	size_t bytes;

	if (p == NULL)
		return;
	uint8_t *start = (uint8_t *)p - PREFIX_BYTES;

	memcpy(&bytes, start, sizeof bytes);
	update_free(memory, start, bytes + PREFIX_BYTES);
}

void *update_arena_take(struct update_arena *arena, size_t bytes)
{
	const size_t at = (arena->used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

	if (at > arena->bytes || bytes > arena->bytes - at)
		return NULL;
	arena->used = at + bytes;
	return arena->room + at;
}

static void *take(void *arena, size_t bytes)
{
	return update_arena_take(arena, bytes);
}

static void leave(void *arena, void *p)
{
	(void)arena;
	(void)p; /* the whole room is used again for the next message */
}

void update_arena_init(struct update_arena *arena, uint8_t *room, size_t bytes)
{
	*arena = (struct update_arena){ .room = room, .bytes = bytes };
	arena->allocator = (ProtobufCAllocator){ take, leave, arena };
}

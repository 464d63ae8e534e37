/* Memory with a limit: everything that reading and applying a payload needs is taken
 * here, so that "at most so much" is counted and not hoped for. */
#ifndef LIFEBOAT_UPDATE_MEMORY_H
#define LIFEBOAT_UPDATE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/platform.h"

struct update_memory {
	const struct platform *plat; /* its alloc and free alone are used */
	size_t limit;                /* bytes; SIZE_MAX: none */
	size_t used, peak;
};

/** update_alloc() - cleared memory, or NULL: none, or over the limit. */
void *update_alloc(struct update_memory *memory, size_t bytes);
/** update_free() - NULL is fine; @bytes as asked for. */
void update_free(struct update_memory *memory, void *p, size_t bytes);

/* For libraries that free without saying how much. */
void *update_alloc_counted(struct update_memory *memory, size_t bytes);
void update_free_counted(struct update_memory *memory, void *p);

/* A room in which protobuf-c unpacks one message; nothing in it is freed singly. */
struct update_arena {
	uint8_t *room;
	size_t bytes, used;
	ProtobufCAllocator allocator;
};

/** update_arena_init() - over @room, which stays the caller's. */
void update_arena_init(struct update_arena *arena, uint8_t *room, size_t bytes);
/** update_arena_take() - @bytes aligned for any type; NULL when it is full. */
void *update_arena_take(struct update_arena *arena, size_t bytes);

#endif

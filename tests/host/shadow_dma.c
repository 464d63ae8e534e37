/* Two copies of one memory. */
#include "tests/host/shadow_dma.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define LINE      BARE_DMA_ALIGN_BYTES
#define DEVICE_AT UINT64_C(0x812345000)

static enum lb_status alloc(void *ctx, size_t bytes, struct bare_dma_memory *out)
{
	struct shadow_dma *s = ctx;
	const size_t whole = (bytes + 4095) / 4096 * 4096;

	if (s->no_memory)
		return LB_ERR_NOMEM;
	assert_null(s->device);
	s->memory =
		(struct bare_dma_memory){ aligned_alloc(4096, whole), DEVICE_AT, bytes };
	s->device = aligned_alloc(4096, whole);
	memset(s->memory.cpu, 0, whole);
	memset(s->device, 0, whole);
	*out = s->memory;
	return LB_OK;
}

/* The lines of a part. */
static size_t lines(size_t offset, size_t bytes, size_t *first)
{
	*first = offset / LINE * LINE;
	return (offset + bytes + LINE - 1) / LINE * LINE - *first;
}

static void check(const struct shadow_dma *s, const struct bare_dma_memory *memory,
		  size_t offset, size_t bytes)
{
	assert_ptr_equal(memory->cpu, s->memory.cpu);
	assert_true(bytes > 0 && lb_within(offset, bytes, s->memory.bytes));
}

static void sync_for_device(void *ctx, const struct bare_dma_memory *memory,
			    size_t offset, size_t bytes, enum bare_dma_direction dir)
{
	struct shadow_dma *s = ctx;
	size_t first, free_one = SHADOW_DMA_GIVEN;
	const size_t all = lines(offset, bytes, &first);

	check(s, memory, offset, bytes);
	if (dir == BARE_DMA_FROM_DEVICE)
		assert_int_equal(offset % LINE, 0);
	for (size_t i = SHADOW_DMA_GIVEN; i-- > 0;)
		if (!s->given[i].active ||
		    (s->given[i].offset == offset && s->given[i].bytes == bytes))
			free_one = i;
	assert_int_not_equal(free_one, SHADOW_DMA_GIVEN);
	s->given[free_one].offset = offset;
	s->given[free_one].bytes = bytes;
	s->given[free_one].dir = dir;
	s->given[free_one].active = true;
	memcpy(s->device + first, s->memory.cpu + first, all);
}

static bool is_kept(const struct shadow_dma *s, size_t offset, size_t bytes)
{
	for (size_t i = 0; i < SHADOW_DMA_KEPT; i++)
		if (s->kept[i] >= DEVICE_AT + offset &&
		    s->kept[i] - DEVICE_AT - offset < bytes)
			return true;
	return false;
}

static void sync_for_cpu(void *ctx, const struct bare_dma_memory *memory, size_t offset,
			 size_t bytes, enum bare_dma_direction dir)
{
	struct shadow_dma *s = ctx;
	size_t first, found = SHADOW_DMA_GIVEN;
	const size_t all = lines(offset, bytes, &first);

	check(s, memory, offset, bytes);
	for (size_t i = 0; i < SHADOW_DMA_GIVEN; i++)
		if (s->given[i].active && s->given[i].offset == offset &&
		    s->given[i].bytes == bytes && s->given[i].dir == dir)
			found = i;
	assert_int_not_equal(found, SHADOW_DMA_GIVEN); /* never given */
	if (dir == BARE_DMA_FROM_DEVICE)
		memcpy(s->memory.cpu + first, s->device + first, all);
	s->given[found].active = is_kept(s, offset, bytes);
}

static void barrier(void *ctx)
{
	((struct shadow_dma *)ctx)->barriers++;
}

struct bare_dma shadow_dma(struct shadow_dma *shadow)
{
	return (struct bare_dma){ shadow, alloc, sync_for_device, sync_for_cpu, barrier };
}

uint8_t *shadow_dma_view(struct shadow_dma *shadow, uint64_t address, size_t bytes,
			 bool writes)
{
	const enum bare_dma_direction dir =
		writes ? BARE_DMA_FROM_DEVICE : BARE_DMA_TO_DEVICE;

	for (size_t i = 0; i < SHADOW_DMA_GIVEN; i++) {
		const uint64_t at = DEVICE_AT + shadow->given[i].offset;

		if (shadow->given[i].active && shadow->given[i].dir == dir &&
		    address >= at &&
		    lb_within(address - at, bytes, shadow->given[i].bytes))
			return shadow->device + (address - DEVICE_AT);
	}
	return NULL;
}

void shadow_dma_reset(struct shadow_dma *shadow)
{
	memset(shadow->given, 0, sizeof shadow->given);
	memset(shadow->kept, 0, sizeof shadow->kept);
}

void shadow_dma_scribble(struct shadow_dma *shadow)
{
	for (size_t i = 0; i < SHADOW_DMA_GIVEN; i++)
		if (shadow->given[i].active &&
		    shadow->given[i].dir == BARE_DMA_FROM_DEVICE)
			memset(shadow->memory.cpu + shadow->given[i].offset, 0xaa,
			       shadow->given[i].bytes);
}

void shadow_dma_free(struct shadow_dma *shadow)
{
	free(shadow->memory.cpu);
	free(shadow->device);
	*shadow = (struct shadow_dma){ .device = NULL };
}

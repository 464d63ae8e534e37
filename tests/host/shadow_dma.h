/* Memory shared with a made-up device as it is without coherent caches: CPU and device
 * each have a copy of their own, and only whole cache lines go over, when a driver asks
 * for it. What a driver forgets to hand over is not seen; a line that both write loses
 * what one of them wrote. */
#ifndef LIFEBOAT_TESTS_SHADOW_DMA_H
#define LIFEBOAT_TESTS_SHADOW_DMA_H

#include <stdbool.h>

#include "boot/bare/io.h"

#define SHADOW_DMA_GIVEN 16
#define SHADOW_DMA_KEPT  4

struct shadow_dma {
	struct bare_dma_memory memory; /* one allocation */
	uint8_t *device;               /* its copy */
	bool no_memory;                /* fault: alloc fails */
	unsigned barriers;
	/* What the device may work in; what the driver took back is not. */
	struct {
		size_t offset, bytes;
		enum bare_dma_direction dir;
		bool active;
	} given[SHADOW_DMA_GIVEN];
	/* Addresses whose parts stay given when the CPU looks, as rings do. */
	uint64_t kept[SHADOW_DMA_KEPT];
};

/** shadow_dma() - for drivers. Breaking its rules fails the test that runs. */
struct bare_dma shadow_dma(struct shadow_dma *shadow);

/** shadow_dma_view() - what the device finds at an address; NULL when it may not: never
 * given, or for the other direction. */
uint8_t *shadow_dma_view(struct shadow_dma *shadow, uint64_t address, size_t bytes,
			 bool writes);

/** shadow_dma_reset() - the device was reset: it works in nothing any more. */
void shadow_dma_reset(struct shadow_dma *shadow);

/** shadow_dma_scribble() - the device writes wherever it may, and the CPU sees all of
 * it. */
void shadow_dma_scribble(struct shadow_dma *shadow);

void shadow_dma_free(struct shadow_dma *shadow);

#endif

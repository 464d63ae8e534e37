/* Memory shared with devices. Where a device does not see the caches, lines are cleaned
 * before it reads and dropped before the CPU does. */
#include "boot/bare/dma.h"

#include <string.h>

#include "boot/bare/cache.h"

static enum lb_status alloc(void *ctx, size_t bytes, struct bare_dma_memory *out)
{
	const struct dma_device *device = ctx;
	const struct bare_dma_window *window = &device->window;
	uint64_t base;
	const enum lb_status status =
		bare_memory_alloc_in(device->memory, bytes, BARE_PAGE_BYTES, window->cpu,
				     window->cpu + window->bytes, &base);

	if (status != LB_OK)
		return status;
	*out = (struct bare_dma_memory){
		.cpu = (uint8_t *)(uintptr_t)base,
		.device = window->device + (base - window->cpu),
		.bytes = bytes,
	};
	memset(out->cpu, 0, bytes);
	return LB_OK;
}

static void sync_for_device(void *ctx, const struct bare_dma_memory *memory,
			    size_t offset, size_t bytes, enum bare_dma_direction dir)
{
	const struct dma_device *device = ctx;

	if (device->coherent)
		return;
	if (dir == BARE_DMA_TO_DEVICE)
		cache_clean(memory->cpu + offset, bytes);
	else
		cache_clean_invalidate(memory->cpu + offset, bytes);
}

static void sync_for_cpu(void *ctx, const struct bare_dma_memory *memory, size_t offset,
			 size_t bytes, enum bare_dma_direction dir)
{
	const struct dma_device *device = ctx;

	if (device->coherent)
		cache_barrier();
	else if (dir == BARE_DMA_FROM_DEVICE)
		cache_invalidate(memory->cpu + offset, bytes);
}

static void barrier(void *ctx)
{
	(void)ctx;
	cache_barrier();
}

struct bare_dma dma_of(struct dma_device *device)
{
	return (struct bare_dma){
		.ctx = device,
		.alloc = alloc,
		.sync_for_device = sync_for_device,
		.sync_for_cpu = sync_for_cpu,
		.barrier = barrier,
	};
}

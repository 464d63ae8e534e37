/* Memory shared with devices, on this machine: out of its RAM, at addresses as the
 * device tree says the device sees them, with or without its caches. */
#ifndef LIFEBOAT_BARE_DMA_H
#define LIFEBOAT_BARE_DMA_H

#include <stdbool.h>

#include "boot/bare/fdt.h"
#include "boot/bare/io.h"
#include "boot/bare/memory.h"

struct dma_device {
	struct bare_memory *memory;
	struct bare_dma_window window; /* what of it the device reaches, and where */
	bool coherent;                 /* it sees the CPU's caches */
};

/** dma_of() - as @device says, which stays; its fields are set by the caller. */
struct bare_dma dma_of(struct dma_device *device);

#endif

/* What a driver needs of the machine: registers, memory shared with the device, time.
 * Structs of pointers, so that the same driver runs against a fake device on the host,
 * which answers as a broken one would. */
#ifndef LIFEBOAT_BARE_IO_H
#define LIFEBOAT_BARE_IO_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* No cache line of any supported CPU is larger. What the CPU writes and what the device
 * writes never share one. */
#define BARE_DMA_ALIGN_BYTES 128u

/* Registers of one device; offsets in bytes, at a multiple of what is accessed. One call
 * is one access of that width: a device may tell 64 bits at once from two halves. A
 * device that is gone reads as all ones; that is the driver's to notice. */
struct bare_io {
	void *ctx;
	uint8_t (*read8)(void *ctx, uint32_t offset);
	uint16_t (*read16)(void *ctx, uint32_t offset);
	uint32_t (*read32)(void *ctx, uint32_t offset);
	uint64_t (*read64)(void *ctx, uint32_t offset);
	void (*write8)(void *ctx, uint32_t offset, uint8_t value);
	void (*write16)(void *ctx, uint32_t offset, uint16_t value);
	void (*write32)(void *ctx, uint32_t offset, uint32_t value);
	void (*write64)(void *ctx, uint32_t offset, uint64_t value);
};

enum bare_dma_direction {
	BARE_DMA_TO_DEVICE,   /* the device only reads */
	BARE_DMA_FROM_DEVICE, /* the device only writes; what it leaves alone stays */
};

/* Memory that was allocated for a device, and where each side finds it. */
struct bare_dma_memory {
	uint8_t *cpu;
	uint64_t device;
	size_t bytes;
};

/* Memory shared with a device. Devices work in what alloc gave and in nothing else, so
 * there is no mapping of other memory: what a caller reads or writes is copied. */
struct bare_dma {
	void *ctx;
	/* Whole pages of zeros that the device can reach, in one piece for both sides.
	 * There is no way to give them back: a device that hangs may write there at any
	 * later time. LB_ERR_NOMEM. */
	enum lb_status (*alloc)(void *ctx, size_t bytes, struct bare_dma_memory *out);
	/* Before the device works in a part of it: what the CPU wrote there is what the
	 * device reads, and nothing of it is written back later over what the device
	 * writes. After that the CPU does not write there. Parts that the device writes
	 * begin and end at BARE_DMA_ALIGN_BYTES. */
	void (*sync_for_device)(void *ctx, const struct bare_dma_memory *memory,
				size_t offset, size_t bytes, enum bare_dma_direction dir);
	/* Before the CPU reads: it sees what the device has written until now. As often
	 * as one likes. */
	void (*sync_for_cpu)(void *ctx, const struct bare_dma_memory *memory,
			     size_t offset, size_t bytes, enum bare_dma_direction dir);
	/* All accesses before are visible to the device before any after it. */
	void (*barrier)(void *ctx);
};

struct bare_clock {
	void *ctx;
	uint64_t (*now_us)(void *ctx); /* never goes back */
	void (*relax)(void *ctx);      /* called in every waiting loop */
};

/* All of it, for one device. */
struct bare_device {
	struct bare_io io;
	struct bare_dma dma;
	struct bare_clock clock;
};

#endif

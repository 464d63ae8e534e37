/* What a driver needs of the machine: registers, memory shared with the device, time.
 * Structs of pointers, so that the same driver runs against a fake device on the host. */
#ifndef LIFEBOAT_BARE_IO_H
#define LIFEBOAT_BARE_IO_H

#include <stddef.h>
#include <stdint.h>

/* No cache line of any supported CPU is larger. Memory shared with a device starts and
 * ends on such a boundary, or goes through a buffer of the driver that does. */
#define BARE_DMA_ALIGN_BYTES 128u

/* Registers of one device; offsets in bytes. */
struct bare_io {
	void *ctx;
	uint32_t (*read32)(void *ctx, uint32_t offset);
	void (*write32)(void *ctx, uint32_t offset, uint32_t value);
	/* For devices whose registers are bytes; NULL where nobody asks. */
	uint8_t (*read8)(void *ctx, uint32_t offset);
	void (*write8)(void *ctx, uint32_t offset, uint8_t value);
};

enum bare_dma_direction {
	BARE_DMA_TO_DEVICE,   /* the device only reads */
	BARE_DMA_FROM_DEVICE, /* the device only writes; what it leaves alone stays */
};

/* Memory shared with a device. Between map and unmap it belongs to the device: the CPU
 * neither writes it nor relies on what it reads there. */
struct bare_dma {
	void *ctx;
	/* Gives @memory to the device; returns the address the device uses. */
	uint64_t (*map)(void *ctx, void *memory, size_t bytes,
			enum bare_dma_direction dir);
	/* Takes it back: from here on the CPU sees what the device wrote. */
	void (*unmap)(void *ctx, void *memory, size_t bytes, enum bare_dma_direction dir);
	/* All accesses before are visible to the device before any after it. */
	void (*barrier)(void *ctx);
};

struct bare_clock {
	void *ctx;
	uint64_t (*now_us)(void *ctx); /* never goes back */
	void (*relax)(void *ctx);      /* called in every waiting loop */
};

#endif

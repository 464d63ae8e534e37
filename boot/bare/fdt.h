/* The device tree as the loader reads it: checked once as a whole, then asked. The bytes
 * come from whoever started us; every answer is bounds-checked, every walk is bounded by
 * the tree's size. Pure; libfdt does the walking.
 *
 * Spec: Devicetree Specification 0.4. */
#ifndef LIFEBOAT_BARE_FDT_H
#define LIFEBOAT_BARE_FDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/status.h"
#include "boot/bare/ranges.h"

#define BARE_FDT_MAX_BYTES  0x200000u /* the arm64 boot protocol's own limit */
#define BARE_FDT_MAX_DEPTH  16
#define BARE_FDT_CELL_BYTES 4

struct bare_fdt {
	const void *tree;
	size_t bytes;
};

/**
 * bare_fdt_open() - check a whole tree.
 * @tree:  8-byte aligned; nothing is read beyond its header before the size in it is
 *         known to be at most BARE_FDT_MAX_BYTES
 *
 * LB_ERR_ARGUMENT (NULL, alignment), LB_ERR_MAGIC, LB_ERR_RANGE (size, structure).
 */
enum lb_status bare_fdt_open(const void *tree, struct bare_fdt *out);

/* --- fdt_memory.c ------------------------------------------------------------------- */

/**
 * bare_fdt_memory() - all memory: nodes with device_type "memory" that are not disabled,
 * without reserved regions marked no-map, in whole pages.
 * bare_fdt_take_reserved() - take out of @free what the tree reserves: /memreserve/
 * entries, /reserved-memory, and the tree itself.
 *
 * LB_ERR_NOT_FOUND (no memory), LB_ERR_RANGE (a reg or its address is nonsense),
 * LB_ERR_FULL (more ranges than fit).
 */
enum lb_status bare_fdt_memory(const struct bare_fdt *fdt, struct bare_ranges *ram);
enum lb_status bare_fdt_take_reserved(const struct bare_fdt *fdt,
				      struct bare_ranges *free);

/**
 * bare_fdt_reserve() - a tree of our own says that this memory is not the kernel's.
 * @room: bytes that the tree may grow to
 *
 * LB_ERR_FULL when it has no room for that.
 */
enum lb_status bare_fdt_reserve(void *tree, size_t room, const struct bare_range *range);

/* --- fdt_devices.c ------------------------------------------------------------------ */

/** bare_fdt_cells() - a big-endian number of @cells cells; false when it does not fit 64
 * bits. */
bool bare_fdt_cells(const uint8_t *p, int cells, uint64_t *out);

/** bare_fdt_available() - true when @node and all nodes above it are not disabled. */
bool bare_fdt_available(const struct bare_fdt *fdt, int node);

/**
 * bare_fdt_reg() - one entry of a node's reg, as the CPU sees it (`ranges` of all buses
 * above applied). LB_ERR_NOT_FOUND when there is no such entry or no way through the
 * buses, LB_ERR_RANGE when cells or sums are nonsense.
 */
enum lb_status bare_fdt_reg(const struct bare_fdt *fdt, int node, unsigned index,
			    uint64_t *base, uint64_t *bytes);

/** bare_fdt_next() - next available node compatible with @compatible after @node (-1:
 * first), or -1. */
int bare_fdt_next(const struct bare_fdt *fdt, int node, const char *compatible);

/** bare_fdt_path() - the node's path; "" when it does not fit. */
void bare_fdt_path(const struct bare_fdt *fdt, int node, char *out, size_t size);

/** bare_fdt_compatible() - true when @node says that it is compatible with that. */
bool bare_fdt_compatible(const struct bare_fdt *fdt, int node, const char *compatible);

/** bare_fdt_stdout() - the available node that /chosen/stdout-path names, or -1. */
int bare_fdt_stdout(const struct bare_fdt *fdt);

/** bare_fdt_clock_hz() - rate of the first clock of @node when that is a fixed clock,
 * else 0. */
uint32_t bare_fdt_clock_hz(const struct bare_fdt *fdt, int node);

enum bare_psci {
	BARE_PSCI_NONE,
	BARE_PSCI_HVC,
	BARE_PSCI_SMC,
};

/** bare_fdt_psci() - how to reach PSCI 0.2 or newer. */
enum bare_psci bare_fdt_psci(const struct bare_fdt *fdt);

/* What a device reaches by DMA: memory from @cpu on, which it finds at @device. */
struct bare_dma_window {
	uint64_t cpu;
	uint64_t device;
	uint64_t bytes; /* cpu + bytes does not wrap; nor does device + bytes */
};

/**
 * bare_fdt_dma_window() - the `dma-ranges` of all buses above @node. Where a bus has
 * several, the largest; a bus without any changes nothing.
 *
 * LB_ERR_RANGE: cells are nonsense, or there is nothing that it reaches.
 */
enum lb_status bare_fdt_dma_window(const struct bare_fdt *fdt, int node,
				   struct bare_dma_window *out);

/** bare_fdt_dma_coherent() - true when the device sees the CPU's caches. */
bool bare_fdt_dma_coherent(const struct bare_fdt *fdt, int node);

/** bare_fdt_machine() - fill in the compatible strings and the tree. */
void bare_fdt_machine(const struct bare_fdt *fdt, struct platform_machine *machine);

#endif

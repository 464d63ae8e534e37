/* How devices reach memory, as the device tree tells it.
 * Spec: Devicetree Specification 0.4, 2.3.9 (dma-ranges), 2.3.10 (dma-coherent). */
#include "boot/bare/fdt.h"

#include <libfdt.h>

#include "base/bytes.h"

#define PCI_CELLS 3 /* the first is no part of the address */

/* [@base, @base + @bytes) without what does not fit 64 bits. */
static uint64_t end_of(uint64_t base, uint64_t bytes)
{
	return bytes > UINT64_MAX - base ? UINT64_MAX : base + bytes;
}

/* @window as its parent's bus sees it, when all below goes through one entry: @from of
 * the children is @to of the parent. False when nothing is left of it. */
static bool through(const struct bare_dma_window *window, uint64_t from, uint64_t to,
		    uint64_t bytes, struct bare_dma_window *out)
{
	const uint64_t start = window->cpu > from ? window->cpu : from;
	const uint64_t a = end_of(window->cpu, window->bytes), b = end_of(from, bytes);
	const uint64_t end = a < b ? a : b;

	if (start >= end)
		return false;
	*out = (struct bare_dma_window){
		.device = window->device + (start - window->cpu),
		.bytes = end - start,
	};
	return lb_add(to, start - from, &out->cpu) &&
	       end_of(out->cpu, out->bytes) - out->cpu == out->bytes;
}

/* One bus upwards. */
static enum lb_status through_bus(const struct bare_fdt *fdt, int bus, int parent,
				  struct bare_dma_window *window)
{
	int len;
	const uint8_t *ranges = fdt_getprop(fdt->tree, bus, "dma-ranges", &len);
	int child_cells = fdt_address_cells(fdt->tree, bus);
	const int size_cells = fdt_size_cells(fdt->tree, bus);
	const int parent_cells = fdt_address_cells(fdt->tree, parent);
	const int skip = child_cells == PCI_CELLS ? 1 : 0;
	struct bare_dma_window best = { 0 }, one;

	if (ranges == NULL || len == 0)
		return LB_OK;
	if (child_cells < 1 || size_cells < 1 || parent_cells < 1)
		return LB_ERR_RANGE;

	const int entry = (child_cells + parent_cells + size_cells) * BARE_FDT_CELL_BYTES;

	child_cells -= skip;
	for (int at = 0; len - at >= entry; at += entry) {
		const uint8_t *p = ranges + at + skip * BARE_FDT_CELL_BYTES;
		const uint8_t *q = p + child_cells * BARE_FDT_CELL_BYTES;
		uint64_t from, to, bytes;

		if (bare_fdt_cells(p, child_cells, &from) &&
		    bare_fdt_cells(q, parent_cells, &to) &&
		    bare_fdt_cells(q + parent_cells * BARE_FDT_CELL_BYTES, size_cells,
				   &bytes) &&
		    through(window, from, to, bytes, &one) && one.bytes > best.bytes)
			best = one;
	}
	*window = best;
	return best.bytes == 0 ? LB_ERR_RANGE : LB_OK;
}

enum lb_status bare_fdt_dma_window(const struct bare_fdt *fdt, int node,
				   struct bare_dma_window *out)
{
	struct bare_dma_window window = { .bytes = UINT64_MAX };
	int bus = fdt_parent_offset(fdt->tree, node);

	for (int depth = 0; bus != 0; depth++) {
		const int parent = bus < 0 ? -1 : fdt_parent_offset(fdt->tree, bus);

		if (parent < 0 || depth == BARE_FDT_MAX_DEPTH)
			return LB_ERR_RANGE;

		const enum lb_status status = through_bus(fdt, bus, parent, &window);

		if (status != LB_OK)
			return status;
		bus = parent;
	}
	*out = window;
	return LB_OK;
}

bool bare_fdt_dma_coherent(const struct bare_fdt *fdt, int node)
{
	for (int depth = 0; node >= 0 && depth <= BARE_FDT_MAX_DEPTH; depth++) {
		if (fdt_getprop(fdt->tree, node, "dma-coherent", NULL) != NULL)
			return true;
		if (node == 0 ||
		    fdt_getprop(fdt->tree, node, "dma-noncoherent", NULL) != NULL)
			return false;
		node = fdt_parent_offset(fdt->tree, node);
	}
	return false;
}

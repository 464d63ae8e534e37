/* Memory nodes and reservations, from the firmware's device tree into the FIT's. A
 * board's tree as built does not know how much memory is fitted, nor what the firmware
 * keeps. */
#include <string.h>

#include <libfdt.h>

#include "base/bytes.h"
#include "boot/kernel/device_tree.h"

#define MAX_RANGES  64u /* of one reg property */
#define MAX_NODES   64u /* memory nodes, and reserved ones */
#define CELLS_BYTES ((size_t)4)

struct cells {
	uint32_t address, size;
};

static enum lb_status from_fdt(int error)
{
	if (error >= 0)
		return LB_OK;
	return error == -FDT_ERR_NOSPACE ? LB_ERR_FULL : LB_ERR_RANGE;
}

static int read_cells(const void *tree, int node, struct cells *out)
{
	const int address = fdt_address_cells(tree, node);
	const int size = fdt_size_cells(tree, node);

	if (address < 1 || address > 2 || size < 1 || size > 2)
		return -FDT_ERR_BADNCELLS;
	*out = (struct cells){ (uint32_t)address, (uint32_t)size };
	return 0;
}

static uint64_t get_number(const uint8_t *p, uint32_t cells)
{
	return cells == 2 ? lb_be64(p) : lb_be32(p);
}

/* False when @value needs more cells than there are. */
static bool put_number(uint8_t *p, uint32_t cells, uint64_t value)
{
	if (cells == 2)
		lb_put_be64(p, value);
	else
		lb_put_be32(p, (uint32_t)value);
	return cells == 2 || value <= UINT32_MAX;
}

/* reg of @from in @tree's cells. */
static int copy_reg(void *tree, int to, const struct cells *to_cells,
		    const void *firmware, int from, const struct cells *from_cells)
{
	const size_t in_bytes = (from_cells->address + from_cells->size) * CELLS_BYTES;
	const size_t out_bytes = (to_cells->address + to_cells->size) * CELLS_BYTES;
	uint8_t out[CELLS_BYTES * 4 * MAX_RANGES];
	int len;

	const uint8_t *reg = fdt_getprop(firmware, from, "reg", &len);
	if (reg == NULL)
		return len;
	const size_t count = (size_t)len / in_bytes;
	if ((size_t)len % in_bytes != 0 || count > MAX_RANGES)
		return -FDT_ERR_BADVALUE;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *p = reg + i * in_bytes;
		uint8_t *q = out + i * out_bytes;
		const uint64_t address = get_number(p, from_cells->address);
		const uint64_t size = get_number(p + from_cells->address * CELLS_BYTES,
						 from_cells->size);
		if (!put_number(q, to_cells->address, address) ||
		    !put_number(q + to_cells->address * CELLS_BYTES, to_cells->size,
				size))
			return -FDT_ERR_BADNCELLS;
	}
	return fdt_setprop(tree, to, "reg", out, (int)(count * out_bytes));
}

static bool is_memory(const void *tree, int node)
{
	int len;
	const char *type = fdt_getprop(tree, node, "device_type", &len);

	return type != NULL && len == 7 && memcmp(type, "memory", 7) == 0;
}

static int find_memory(const void *tree)
{
	int node;

	fdt_for_each_subnode (node, tree, 0)
		if (is_memory(tree, node))
			return node;
	return -FDT_ERR_NOTFOUND;
}

static int drop_memory(void *tree)
{
	int node, error = 0;

	while (error == 0 && (node = find_memory(tree)) >= 0)
		error = fdt_del_node(tree, node);
	return error;
}

/* A new sub-node with the name and reg of one in the firmware's tree. */
static int copy_node(void *tree, int parent, const struct cells *cells,
		     const void *firmware, int from, const struct cells *from_cells)
{
	const int node =
		fdt_add_subnode(tree, parent, fdt_get_name(firmware, from, NULL));

	if (node < 0)
		return node;
	return copy_reg(tree, node, cells, firmware, from, from_cells);
}

static int take_memory(void *tree, const void *firmware)
{
	struct cells cells, from_cells;
	uint32_t count = 0;
	int node;

	if (find_memory(firmware) < 0)
		return 0;
	int error = read_cells(tree, 0, &cells);
	if (error == 0)
		error = read_cells(firmware, 0, &from_cells);
	if (error == 0)
		error = drop_memory(tree);
	fdt_for_each_subnode (node, firmware, 0) {
		if (error < 0 || count >= MAX_NODES)
			break;
		if (!is_memory(firmware, node))
			continue;
		count++;
		error = copy_node(tree, 0, &cells, firmware, node, &from_cells);
		if (error < 0)
			break;
		const int made =
			fdt_subnode_offset(tree, 0, fdt_get_name(firmware, node, NULL));
		error = made < 0 ? made
				 : fdt_setprop(tree, made, "device_type", "memory",
					       sizeof "memory");
	}
	return error;
}

/* Entries of the /memreserve/ block. */
static int take_reserve_map(void *tree, const void *firmware)
{
	const int count = fdt_num_mem_rsv(firmware);
	int error = count < 0 ? count : 0;

	for (int i = 0; i < count && error == 0; i++) {
		uint64_t address, size;
		error = fdt_get_mem_rsv(firmware, i, &address, &size);
		if (error == 0)
			error = fdt_add_mem_rsv(tree, address, size);
	}
	return error;
}

static int have_reserved_memory(void *tree, const struct cells *root)
{
	int node = fdt_subnode_offset(tree, 0, "reserved-memory");

	if (node != -FDT_ERR_NOTFOUND)
		return node;
	node = fdt_add_subnode(tree, 0, "reserved-memory");
	int error =
		node < 0 ? node
			 : fdt_setprop_u32(tree, node, "#address-cells", root->address);
	if (error >= 0)
		error = fdt_setprop_u32(tree, node, "#size-cells", root->size);
	if (error >= 0)
		error = fdt_setprop_empty(tree, node, "ranges");
	return error < 0 ? error : node;
}

/* One child of /reserved-memory with fixed addresses; one the tree has as well stays. */
static int take_reserved(void *tree, int parent, const struct cells *cells,
			 const void *firmware, int from, const struct cells *from_cells)
{
	const char *name = fdt_get_name(firmware, from, NULL);

	if (fdt_getprop(firmware, from, "reg", NULL) == NULL ||
	    fdt_subnode_offset(tree, parent, name) >= 0)
		return 0;
	const int error = copy_node(tree, parent, cells, firmware, from, from_cells);
	if (error < 0 || fdt_getprop(firmware, from, "no-map", NULL) == NULL)
		return error;
	const int node = fdt_subnode_offset(tree, parent, name);
	return node < 0 ? node : fdt_setprop_empty(tree, node, "no-map");
}

static int take_reserved_memory(void *tree, const void *firmware)
{
	const int from = fdt_subnode_offset(firmware, 0, "reserved-memory");
	struct cells root, cells, from_cells;
	uint32_t count = 0;
	int node;

	if (from < 0)
		return from == -FDT_ERR_NOTFOUND ? 0 : from;
	int error = read_cells(tree, 0, &root);
	int to = error == 0 ? have_reserved_memory(tree, &root) : error;
	error = to < 0 ? to : read_cells(tree, to, &cells);
	if (error == 0)
		error = read_cells(firmware, from, &from_cells);
	fdt_for_each_subnode (node, firmware, from) {
		if (error < 0 || count++ >= MAX_NODES)
			break;
		to = fdt_subnode_offset(tree, 0, "reserved-memory");
		error = to < 0 ? to
			       : take_reserved(tree, to, &cells, firmware, node,
					       &from_cells);
	}
	return error;
}

enum lb_status kernel_dt_take_memory(void *tree, const void *firmware)
{
	int error = take_memory(tree, firmware);

	if (error >= 0)
		error = take_reserve_map(tree, firmware);
	if (error >= 0)
		error = take_reserved_memory(tree, firmware);
	return from_fdt(error);
}

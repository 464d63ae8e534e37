/* Any bytes as the firmware's device tree, and as the one that the kernel gets: memory
 * nodes and reservations go over, or a clean refusal; what was changed is a whole tree
 * still. */
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "base/bytes.h"
#include "boot/kernel/device_tree.h"

#define TREE_BYTES 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(8) uint8_t firmware[TREE_BYTES], tree[TREE_BYTES];

static void must(int held)
{
	if (!held)
		abort();
}

/* A small tree of a board that does not know its memory. */
static void board(uint8_t cells)
{
	must(fdt_create_empty_tree(tree, TREE_BYTES) == 0);
	if ((cells & 1) != 0)
		(void)fdt_setprop_u32(tree, 0, "#address-cells", 1 + (cells >> 1 & 1));
	if ((cells & 4) != 0)
		(void)fdt_setprop_u32(tree, 0, "#size-cells", 1 + (cells >> 3 & 1));
	if ((cells & 16) != 0)
		(void)fdt_add_subnode(tree, 0, "memory@0");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size - 1 > TREE_BYTES)
		return 0;
	memcpy(firmware, data + 1, size - 1);
	if (kernel_dt_check(firmware, size - 1) != 0)
		return 0;
	board(data[0]);

	const enum lb_status status = kernel_dt_take_memory(tree, firmware);

	must(status == LB_OK || status == LB_ERR_FULL || status == LB_ERR_RANGE);
	if (status == LB_OK)
		must(kernel_dt_check(tree, TREE_BYTES) == 0);
	return 0;
}

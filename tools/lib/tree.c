/* Checks of flattened trees. */
#include "tools/lib/tree.h"

#include <libfdt.h>

#define STRUCT_ALIGN  4u
#define RESERVE_ALIGN 8u

int tool_tree_check(const void *tree, size_t len)
{
	if (len < sizeof(struct fdt_header))
		return -FDT_ERR_TRUNCATED;
	const int status = fdt_check_header(tree);

	if (status != 0)
		return status;
	if (fdt_totalsize(tree) > len)
		return -FDT_ERR_TRUNCATED;
	if (fdt_off_dt_struct(tree) % STRUCT_ALIGN != 0 ||
	    fdt_off_mem_rsvmap(tree) % RESERVE_ALIGN != 0)
		return -FDT_ERR_ALIGNMENT;
	return fdt_check_full(tree, fdt_totalsize(tree));
}

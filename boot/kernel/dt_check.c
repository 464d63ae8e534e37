/* The check every tree passes before anything else reads it: libfdt's own, and what
 * libfdt takes for granted - alignment, and blocks in the order the specification gives
 * them, none over another (it would put them right in a buffer that need not be aligned).
 *
 * Spec: Devicetree Specification 0.4, 5.1. */
#include <libfdt.h>

#include "base/bytes.h"
#include "boot/kernel/device_tree.h"

#define HEADER_BYTES  40u /* of version 17 */
#define VERSION       17u
#define STRUCT_ALIGN  4u /* libfdt reads words and 64-bit words there */
#define RESERVE_ALIGN 8u
#define RESERVE_BYTES 16u /* of one entry; a zero one ends them */

/* All bounds are checked already. */
static bool blocks_in_order(const void *tree)
{
	const uint64_t reserved = ((uint64_t)fdt_num_mem_rsv(tree) + 1) * RESERVE_BYTES;

	return lb_within(fdt_off_mem_rsvmap(tree), reserved, fdt_off_dt_struct(tree)) &&
	       lb_within(fdt_off_dt_struct(tree), fdt_size_dt_struct(tree),
			 fdt_off_dt_strings(tree));
}

int kernel_dt_check(const void *tree, size_t limit)
{
	if (limit < HEADER_BYTES)
		return -FDT_ERR_TRUNCATED;
	if (fdt_magic(tree) != FDT_MAGIC)
		return -FDT_ERR_BADMAGIC;
	if (fdt_version(tree) != VERSION)
		return -FDT_ERR_BADVERSION;
	if (fdt_off_dt_struct(tree) % STRUCT_ALIGN != 0 ||
	    fdt_off_mem_rsvmap(tree) % RESERVE_ALIGN != 0)
		return -FDT_ERR_ALIGNMENT;
	const int error = fdt_check_full(tree, limit);
	if (error != 0)
		return error;
	return blocks_in_order(tree) ? 0 : -FDT_ERR_BADLAYOUT;
}

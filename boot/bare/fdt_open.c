/* The one place where a device tree's own header is believed: after checking it. */
#include "boot/bare/fdt.h"

#include <libfdt.h>

#include "base/bytes.h"

#define FDT_HEADER_BYTES 40u
#define OFF_STRUCT       8u
#define OFF_RESERVED     16u

enum lb_status bare_fdt_open(const void *tree, struct bare_fdt *out)
{
	if (tree == NULL || (uintptr_t)tree % 8 != 0)
		return LB_ERR_ARGUMENT;

	const uint8_t *header = tree;
	if (lb_be32(header) != FDT_MAGIC)
		return LB_ERR_MAGIC;
	const uint32_t bytes = lb_be32(header + 4);
	if (bytes < FDT_HEADER_BYTES || bytes > BARE_FDT_MAX_BYTES)
		return LB_ERR_RANGE;
	/* libfdt loads whole cells from there, and with the MMU off a load that is not
	 * aligned is an abort. Spec: 5.6, "Alignment". */
	if (lb_be32(header + OFF_STRUCT) % 4 != 0 ||
	    lb_be32(header + OFF_RESERVED) % 8 != 0)
		return LB_ERR_RANGE;
	if (fdt_check_full(tree, bytes) != 0)
		return LB_ERR_RANGE;

	*out = (struct bare_fdt){ .tree = tree, .bytes = bytes };
	return LB_OK;
}

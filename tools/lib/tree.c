/* Checks of flattened trees. */
#include "tools/lib/tree.h"

#include <libfdt.h>

#include "base/bytes.h"
#include "tools/lib/key_words.h"
#include "tools/lib/tool.h"

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

/* A block that the header names, against the size that it names. */
static char *block_fault(const char *name, unsigned int field, uint32_t at,
			 uint32_t bytes, uint32_t total, uint32_t align)
{
	if (!lb_within(at, bytes, total))
		return tool_format("offset %u: %s (%u bytes at %u) outside the tree's %u",
				   field, name, bytes, at, total);
	if (at % align != 0)
		return tool_format("offset %u: %s at %u, which is no multiple of %u",
				   field, name, at, align);
	return NULL;
}

static char *blocks_fault(const void *tree)
{
	const uint32_t total = fdt_totalsize(tree);
	char *fault = block_fault("structure", 8, fdt_off_dt_struct(tree),
				  fdt_size_dt_struct(tree), total, STRUCT_ALIGN);

	if (fault == NULL)
		fault = block_fault("strings", 12, fdt_off_dt_strings(tree),
				    fdt_size_dt_strings(tree), total, 1);
	if (fault == NULL)
		fault = block_fault("memory reservations", 16, fdt_off_mem_rsvmap(tree),
				    0, total, RESERVE_ALIGN);
	return fault;
}

char *tool_tree_fault(const void *tree, size_t len)
{
	if (len < sizeof(struct fdt_header))
		return tool_format("%zu bytes, a header has %zu: cut short", len,
				   sizeof(struct fdt_header));
	const uint32_t magic = lb_be32(tree);
	const char *kind = tool_file_kind_words(tree, len);

	if (magic != FDT_MAGIC)
		return tool_format("offset 0: 0x%08x, 0x%08x expected%s%s", magic,
				   FDT_MAGIC, kind != NULL ? ": it is " : "",
				   kind != NULL ? kind : "");
	if (fdt_totalsize(tree) > len)
		return tool_format("offset 4: it says %u bytes, there are %zu: cut short",
				   fdt_totalsize(tree), len);
	if (fdt_version(tree) < FDT_FIRST_SUPPORTED_VERSION ||
	    fdt_last_comp_version(tree) > FDT_LAST_SUPPORTED_VERSION)
		return tool_format("offset 20: version %u, compatible with %u; 17 "
				   "expected",
				   fdt_version(tree), fdt_last_comp_version(tree));
	char *fault = blocks_fault(tree);

	return fault != NULL ? fault
			     : tool_format("its structure is malformed: %s",
					   fdt_strerror(tool_tree_check(tree, len)));
}

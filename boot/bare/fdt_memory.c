/* Memory as the device tree tells it: what there is, what is reserved. */
#include "boot/bare/fdt.h"

#include <libfdt.h>
#include <string.h>

#include "base/bytes.h"

#define RESERVE_ROOM_BYTES 32u /* an entry, and the parts behind it aligned */

static bool is_memory(const struct bare_fdt *fdt, int node)
{
	int len;
	const char *type = fdt_getprop(fdt->tree, node, "device_type", &len);

	return type != NULL && len == 7 && memcmp(type, "memory", 7) == 0;
}

/* Every entry of one node's reg, given to add or remove. */
static enum lb_status each_reg(const struct bare_fdt *fdt, int node,
			       struct bare_ranges *set,
			       enum lb_status (*apply)(struct bare_ranges *, uint64_t,
						       uint64_t))
{
	for (unsigned i = 0;; i++) {
		uint64_t base, bytes;
		enum lb_status status = bare_fdt_reg(fdt, node, i, &base, &bytes);

		if (status == LB_ERR_NOT_FOUND)
			return LB_OK;
		if (status == LB_OK)
			status = apply(set, base, bytes);
		if (status != LB_OK)
			return status;
	}
}

/* Widens to whole pages before removing: a page is reserved when any byte of it is. */
static enum lb_status remove_pages(struct bare_ranges *set, uint64_t base, uint64_t bytes)
{
	uint64_t end;

	if (!lb_add(base, bytes, &end) || !lb_round_up(end, BARE_PAGE_BYTES, &end))
		return LB_ERR_RANGE;
	base &= ~(uint64_t)(BARE_PAGE_BYTES - 1);
	return bare_ranges_remove(set, base, end - base);
}

static enum lb_status take_reserved_nodes(const struct bare_fdt *fdt,
					  struct bare_ranges *set, bool only_no_map)
{
	const int parent = fdt_path_offset(fdt->tree, "/reserved-memory");
	int node;

	if (parent < 0)
		return LB_OK;
	fdt_for_each_subnode (node, fdt->tree, parent) {
		if (!bare_fdt_available(fdt, node))
			continue;
		if (only_no_map && fdt_getprop(fdt->tree, node, "no-map", NULL) == NULL)
			continue;
		const enum lb_status status = each_reg(fdt, node, set, remove_pages);
		if (status != LB_OK)
			return status;
	}
	return LB_OK;
}

enum lb_status bare_fdt_memory(const struct bare_fdt *fdt, struct bare_ranges *ram)
{
	struct bare_ranges found = { .count = 0 };
	int depth = 0;

	for (int node = fdt_next_node(fdt->tree, -1, &depth); node >= 0;
	     node = fdt_next_node(fdt->tree, node, &depth)) {
		if (!is_memory(fdt, node) || !bare_fdt_available(fdt, node))
			continue;
		const enum lb_status status =
			each_reg(fdt, node, &found, bare_ranges_add);
		if (status != LB_OK)
			return status;
	}

	const enum lb_status status = take_reserved_nodes(fdt, &found, true);
	if (status != LB_OK)
		return status;
	bare_ranges_shrink(&found);
	if (found.count == 0)
		return LB_ERR_NOT_FOUND;
	*ram = found;
	return LB_OK;
}

enum lb_status bare_fdt_take_reserved(const struct bare_fdt *fdt,
				      struct bare_ranges *free)
{
	const int entries = fdt_num_mem_rsv(fdt->tree);

	if (entries < 0)
		return LB_ERR_RANGE;
	for (int i = 0; i < entries; i++) {
		uint64_t base, bytes;

		if (fdt_get_mem_rsv(fdt->tree, i, &base, &bytes) != 0)
			return LB_ERR_RANGE;
		const enum lb_status status = remove_pages(free, base, bytes);
		if (status != LB_OK)
			return status;
	}

	const enum lb_status status = take_reserved_nodes(fdt, free, false);
	if (status != LB_OK)
		return status;
	return remove_pages(free, (uintptr_t)fdt->tree, fdt->bytes);
}

enum lb_status bare_fdt_reserve(void *tree, size_t room, const struct bare_range *range)
{
	const size_t wanted = fdt_totalsize(tree) + RESERVE_ROOM_BYTES;

	if (wanted > room || wanted > BARE_FDT_MAX_BYTES ||
	    fdt_open_into(tree, tree, (int)wanted) != 0)
		return LB_ERR_FULL;
	return fdt_add_mem_rsv(tree, range->base, range->bytes) == 0 ? LB_OK
								     : LB_ERR_FULL;
}

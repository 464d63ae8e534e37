/* Checks of a FIT's tree beyond libfdt's: nothing in it may be ambiguous, so that no two
 * readers can take it for two different images. Refused: names twice among siblings or
 * properties, unit addresses ("kernel@1" also answers to "kernel"), properties behind
 * sub-nodes (most readers do not see them), more nodes or depth than any real FIT has. */
#include <string.h>

#include <libfdt.h>

#include "boot/kernel/device_tree.h"
#include "boot/kernel/fit.h"

struct walk {
	const uint8_t *tree;
	uint32_t nodes;
	uint32_t depth;
	bool child_seen[KERNEL_FIT_MAX_DEPTH + 1]; /* by depth */
	uint32_t properties[KERNEL_FIT_MAX_DEPTH + 1];
	const char *problem;
};

static bool fail(struct walk *w, const char *problem)
{
	w->problem = problem;
	return false;
}

static bool name_allowed(const char *name)
{
	if (name[0] == '\0')
		return false;
	for (size_t i = 0; name[i] != '\0'; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '@' || name[i] == '/' ||
		    i >= KERNEL_FIT_MAX_NAME)
			return false;
	return true;
}

static bool enter_node(struct walk *w, int offset)
{
	const char *name = fdt_get_name(w->tree, offset, NULL);

	if (++w->nodes > KERNEL_FIT_MAX_NODES)
		return fail(w, "more than 2048 nodes");
	if (++w->depth > KERNEL_FIT_MAX_DEPTH)
		return fail(w, "nodes nested too deeply");
	if (w->depth > 1 && (name == NULL || !name_allowed(name)))
		return fail(w, "node name that is not allowed");
	w->child_seen[w->depth - 1] = true;
	w->child_seen[w->depth] = false;
	w->properties[w->depth] = 0;
	return true;
}

/* No later property of the same node may have this one's name. */
static bool check_property(struct walk *w, int offset)
{
	const char *name, *other;

	if (w->depth == 0 || w->child_seen[w->depth])
		return fail(w, "property behind a sub-node");
	if (++w->properties[w->depth] > KERNEL_FIT_MAX_PROPERTIES)
		return fail(w, "node with more than 64 properties");
	if (fdt_getprop_by_offset(w->tree, offset, &name, NULL) == NULL)
		return fail(w, "unreadable property");
	for (int next = fdt_next_property_offset(w->tree, offset); next >= 0;
	     next = fdt_next_property_offset(w->tree, next))
		if (fdt_getprop_by_offset(w->tree, next, &other, NULL) == NULL ||
		    strcmp(name, other) == 0)
			return fail(w, "property that is there twice");
	return true;
}

/* All tags in order; true when the END of a tree with a root was reached. */
static bool walk_tags(struct walk *w, int *at)
{
	int next = 0;

	for (;;) {
		*at = next;
		switch (fdt_next_tag(w->tree, *at, &next)) {
		case FDT_BEGIN_NODE:
			if (!enter_node(w, *at))
				return false;
			break;
		case FDT_END_NODE:
			w->depth--;
			break;
		case FDT_PROP:
			if (!check_property(w, *at))
				return false;
			break;
		case FDT_NOP:
			break;
		default:
			return w->nodes > 0 || fail(w, "no root node");
		}
	}
}

static bool check_siblings(struct walk *w, int parent, int *at)
{
	int node, other;

	fdt_for_each_subnode (node, w->tree, parent) {
		const char *name = fdt_get_name(w->tree, node, NULL);
		for (other = fdt_next_subnode(w->tree, node); other >= 0;
		     other = fdt_next_subnode(w->tree, other))
			if (strcmp(name, fdt_get_name(w->tree, other, NULL)) == 0) {
				*at = other;
				return fail(w, "node that is there twice");
			}
	}
	return true;
}

static bool check_all_siblings(struct walk *w, int *at)
{
	for (int node = 0; node >= 0; node = fdt_next_node(w->tree, node, NULL))
		if (!check_siblings(w, node, at))
			return false;
	return true;
}

enum lb_reason kernel_fit_check_tree(const uint8_t *tree, size_t limit,
				     struct lb_verdict *why)
{
	struct walk w = { .tree = tree };
	int at = 0;

	const int error = kernel_dt_check(tree, limit);
	if (error != 0)
		return lb_verdict_set(why, LB_REASON_FIT_DAMAGED, "image tree: %s",
				      fdt_strerror(error));
	if (!walk_tags(&w, &at) || !check_all_siblings(&w, &at))
		return lb_verdict_set(why, LB_REASON_FIT_DAMAGED, "%s at offset %u",
				      w.problem, fdt_off_dt_struct(tree) + (uint32_t)at);
	return LB_REASON_OK;
}

/* Choosing the configuration of a FIT that is for this machine. */
#include <string.h>

#include <libfdt.h>

#include "boot/kernel/device_tree.h"
#include "boot/kernel/fit.h"

#define NO_RANK    SIZE_MAX
#define TREE_MAX   0x200000u /* bytes; Linux takes no larger device tree */
#define TREE_ALIGN 8u

struct chooser {
	const struct kernel_fit *fit;
	const struct platform *plat;
	const struct kernel_context *context;
	struct lb_verdict *why;
};

/* True when @text is "vendor/product". */
static bool is_product(const struct platform_machine *machine, const char *text)
{
	const size_t vendor = strlen(machine->vendor);

	return vendor + strlen(machine->product) > 0 &&
	       strncmp(text, machine->vendor, vendor) == 0 && text[vendor] == '/' &&
	       strcmp(text + vendor + 1, machine->product) == 0;
}

/* How well a name fits this machine, lower is better: the device tree's compatible
 * strings in order, then the profile's hardware id, then SMBIOS vendor/product. */
static size_t rank(const struct kernel_context *context, const char *name)
{
	const struct platform_machine *machine = context->machine;
	const size_t count = machine->compatible_count;

	for (size_t i = 0; i < count; i++)
		if (strcmp(machine->compatible[i], name) == 0)
			return i;
	if (name[0] != '\0' && strcmp(context->hardware_id, name) == 0)
		return count;
	return is_product(machine, name) ? count + 1 : NO_RANK;
}

static size_t best_rank(const struct chooser *c, const void *tree, int node)
{
	size_t best = NO_RANK;
	const char *name;

	for (int i = 0;
	     (name = fdt_stringlist_get(tree, node, "compatible", i, NULL)) != NULL;
	     i++) {
		const size_t r = rank(c->context, name);
		if (r < best)
			best = r;
	}
	return best;
}

/* The rank by the configuration's first device tree, which must be aligned to be read. */
static enum lb_reason rank_of_tree(const struct chooser *c,
				   const struct kernel_fit_image *image, size_t *out)
{
	const size_t bytes = image->bytes;

	*out = NO_RANK;
	if (bytes == 0 || bytes > TREE_MAX ||
	    (image->compression != NULL && strcmp(image->compression, "none") != 0))
		return LB_REASON_OK;
	void *copy =
		c->plat->alloc(c->plat->ctx, bytes, TREE_ALIGN, PLATFORM_ANY_ADDRESS);
	if (copy == NULL)
		return lb_verdict_set(c->why, LB_REASON_TOO_LITTLE_MEMORY,
				      "%zu bytes for device tree %s", bytes, image->name);
	memcpy(copy, image->data, bytes);
	if (kernel_dt_check(copy, bytes) == 0)
		*out = best_rank(c, copy, 0);
	c->plat->free(c->plat->ctx, copy, bytes);
	return LB_REASON_OK;
}

static enum lb_reason rank_of_configuration(const struct chooser *c, int node,
					    size_t *out)
{
	struct kernel_fit_image image;

	*out = best_rank(c, c->fit->data, node);
	const char *tree = kernel_fit_string(c->fit, node, "fdt", 0);
	if (fdt_getprop(c->fit->data, node, "compatible", NULL) != NULL || tree == NULL)
		return LB_REASON_OK;
	const enum lb_reason reason = kernel_fit_image(c->fit, tree, &image, c->why);
	return reason == LB_REASON_OK ? rank_of_tree(c, &image, out) : reason;
}

/* Is there any kernel for this CPU? */
static enum lb_reason check_cpu(const struct chooser *c)
{
	enum lb_reason reason = LB_REASON_OK;
	int node;

	fdt_for_each_subnode (node, c->fit->data, c->fit->configurations) {
		struct kernel_fit_image kernel;
		const char *name = kernel_fit_string(c->fit, node, "kernel", 0);
		if (name == NULL)
			continue;
		reason = kernel_fit_image(c->fit, name, &kernel, c->why);
		if (reason == LB_REASON_OK)
			reason = kernel_fit_check_arch(&kernel, c->context->machine->cpu,
						       c->why);
		if (reason != LB_REASON_WRONG_CPU)
			return reason;
	}
	return reason;
}

/* The best by rank, first in the tree among equals; *best stays -1 when none fits. */
static enum lb_reason choose_by_rank(const struct chooser *c, int *best)
{
	size_t lowest = NO_RANK;
	int node;

	fdt_for_each_subnode (node, c->fit->data, c->fit->configurations) {
		size_t r;
		const enum lb_reason reason = rank_of_configuration(c, node, &r);
		if (reason != LB_REASON_OK)
			return reason;
		if (r < lowest) {
			lowest = r;
			*best = node;
		}
	}
	return LB_REASON_OK;
}

/* The default, else the only one. */
static enum lb_reason choose_otherwise(const struct chooser *c, int *chosen)
{
	const void *tree = c->fit->data;
	const char *wanted =
		kernel_fit_string(c->fit, c->fit->configurations, "default", 0);
	uint32_t count = 0;
	int node;

	fdt_for_each_subnode (node, tree, c->fit->configurations) {
		count++;
		if (wanted == NULL || strcmp(fdt_get_name(tree, node, NULL), wanted) == 0)
			*chosen = node;
	}
	if (wanted != NULL && *chosen < 0)
		return lb_verdict_set(c->why, LB_REASON_FIT_DAMAGED,
				      "default configuration %s is not there", wanted);
	if (wanted == NULL && count != 1)
		return lb_verdict_set(c->why, LB_REASON_NO_CONFIGURATION,
				      "none of %u fits, and there is no default", count);
	return LB_REASON_OK;
}

enum lb_reason kernel_fit_choose(const struct kernel_fit *fit,
				 const struct platform *plat,
				 const struct kernel_context *context, int *node,
				 struct lb_verdict *why)
{
	const struct chooser c = {
		.fit = fit, .plat = plat, .context = context, .why = why
	};
	int chosen = -1;

	enum lb_reason reason = check_cpu(&c);
	if (reason == LB_REASON_OK)
		reason = choose_by_rank(&c, &chosen);
	if (reason == LB_REASON_OK && chosen < 0)
		reason = choose_otherwise(&c, &chosen);
	if (reason == LB_REASON_OK)
		*node = chosen;
	return reason;
}

/* Opening a FIT: tree, images, and where their data lie. */
#include "boot/kernel/fit.h"

#include <string.h>

#include <libfdt.h>

#include "base/bytes.h"

struct range {
	size_t start, bytes;
};

static enum lb_reason damaged(struct lb_verdict *why, const char *node, const char *what)
{
	return lb_verdict_set(why, LB_REASON_FIT_DAMAGED, "%s: %s", node, what);
}

/* The sub-node of exactly this name; fdt_subnode_offset() would also take others. */
static int find_node(const struct kernel_fit *fit, int parent, const char *name)
{
	int node;

	fdt_for_each_subnode (node, fit->data, parent)
		if (strcmp(fdt_get_name(fit->data, node, NULL), name) == 0)
			return node;
	return -1;
}

const char *kernel_fit_string(const struct kernel_fit *fit, int node,
			      const char *property, int index)
{
	return fdt_stringlist_get(fit->data, node, property, index, NULL);
}

/* A number of one or two cells, which must then be readable; absent: *there is false. */
static bool read_number(const struct kernel_fit *fit, int node, const char *property,
			bool *there, uint64_t *out)
{
	int len;
	const uint8_t *value = fdt_getprop(fit->data, node, property, &len);

	*there = value != NULL;
	if (value == NULL)
		return true;
	if (len == 4)
		*out = lb_be32(value);
	else if (len == 8)
		*out = lb_be64(value);
	return len == 4 || len == 8;
}

/* data-position counts from the tree's start, data-offset from its end. */
static const char *find_external(const struct kernel_fit *fit, int node,
				 struct range *out)
{
	uint64_t start = 0, position = 0, bytes = 0;
	bool has_offset, has_position, has_size;

	if (!read_number(fit, node, "data-offset", &has_offset, &start) ||
	    !read_number(fit, node, "data-position", &has_position, &position) ||
	    !read_number(fit, node, "data-size", &has_size, &bytes))
		return "number of neither 4 nor 8 bytes";
	if (has_offset == has_position || !has_size)
		return "no data, or not clear where";
	if (has_position)
		start = position;
	else if (!lb_add(start, fit->external, &start))
		return "data outside the signed body";
	if (start < fit->external)
		return "data inside the tree";
	if (!lb_within(start, bytes, fit->limit))
		return "data outside the signed body";
	*out = (struct range){ .start = (size_t)start, .bytes = (size_t)bytes };
	return NULL;
}

static bool has(const struct kernel_fit *fit, int node, const char *property)
{
	return fdt_getprop(fit->data, node, property, NULL) != NULL;
}

static const char *find_data(const struct kernel_fit *fit, int node, struct range *out)
{
	int len;
	const uint8_t *data = fdt_getprop(fit->data, node, "data", &len);

	if (data == NULL)
		return find_external(fit, node, out);
	if (has(fit, node, "data-offset") || has(fit, node, "data-position"))
		return "data both inside and outside the tree";
	*out = (struct range){ .start = (size_t)(data - fit->data),
			       .bytes = (size_t)len };
	return NULL;
}

/* Embedded data cannot overlap: each is a property of its own. */
static bool overlaps(const struct range *a, const struct range *b)
{
	return a->bytes > 0 && b->bytes > 0 && a->start < b->start + b->bytes &&
	       b->start < a->start + a->bytes;
}

static enum lb_reason check_images(const struct kernel_fit *fit, struct lb_verdict *why)
{
	struct range ranges[KERNEL_FIT_MAX_IMAGES];
	size_t count = 0;
	int node;

	fdt_for_each_subnode (node, fit->data, fit->images) {
		const char *name = fdt_get_name(fit->data, node, NULL);
		if (count == KERNEL_FIT_MAX_IMAGES)
			return damaged(why, name, "more than 256 images");
		const char *problem = find_data(fit, node, &ranges[count]);
		if (problem != NULL)
			return damaged(why, name, problem);
		for (size_t i = 0; i < count; i++)
			if (overlaps(&ranges[i], &ranges[count]))
				return damaged(why, name, "data overlap another image's");
		count++;
	}
	return count > 0 ? LB_REASON_OK : damaged(why, "/images", "empty");
}

enum lb_reason kernel_fit_open(uint8_t *data, size_t limit, struct kernel_fit *out,
			       struct lb_verdict *why)
{
	const enum lb_reason reason = kernel_fit_check_tree(data, limit, why);
	if (reason != LB_REASON_OK)
		return reason;

	struct kernel_fit fit = {
		.data = data,
		.limit = limit,
		.external = ((size_t)fdt_totalsize(data) + 3) & ~(size_t)3,
	};
	fit.images = find_node(&fit, 0, "images");
	fit.configurations = find_node(&fit, 0, "configurations");
	if (fit.images < 0 || fit.configurations < 0)
		return damaged(why, "/", "no images or no configurations");

	*out = fit;
	return check_images(&fit, why);
}

enum lb_reason kernel_fit_image(const struct kernel_fit *fit, const char *name,
				struct kernel_fit_image *out, struct lb_verdict *why)
{
	struct range range;

	const int node = find_node(fit, fit->images, name);
	if (node < 0)
		return damaged(why, name, "named by the configuration, but not there");
	const char *problem = find_data(fit, node, &range);
	if (problem != NULL)
		return damaged(why, name, problem);
	*out = (struct kernel_fit_image){
		.name = fdt_get_name(fit->data, node, NULL),
		.type = kernel_fit_string(fit, node, "type", 0),
		.arch = kernel_fit_string(fit, node, "arch", 0),
		.os = kernel_fit_string(fit, node, "os", 0),
		.compression = kernel_fit_string(fit, node, "compression", 0),
		.data = fit->data + range.start,
		.bytes = range.bytes,
	};
	return LB_REASON_OK;
}

/* mkimage's "x86" is said of 64-bit kernels too; their setup header tells. */
enum lb_reason kernel_fit_check_arch(const struct kernel_fit_image *image,
				     enum platform_cpu cpu, struct lb_verdict *why)
{
	static const struct {
		const char *name;
		enum platform_cpu cpu;
	} known[] = {
		{ "x86_64", PLATFORM_CPU_X86_64 },
		{ "x86", PLATFORM_CPU_X86_64 },
		{ "arm64", PLATFORM_CPU_AARCH64 },
	};

	if (image->arch == NULL)
		return damaged(why, image->name, "no arch");
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].cpu == cpu && strcmp(image->arch, known[i].name) == 0)
			return LB_REASON_OK;
	return lb_verdict_set(why, LB_REASON_WRONG_CPU, "%s: made for %s", image->name,
			      image->arch);
}

enum lb_reason kernel_fit_packed(const struct kernel_fit_image *image,
				 struct kernel_packed *out, struct lb_verdict *why)
{
	static const struct {
		const char *name;
		enum kernel_compression how;
	} known[] = {
		{ "none", KERNEL_PLAIN },
		{ "gzip", KERNEL_GZIP },
		{ "lz4", KERNEL_LZ4 },
		{ "zstd", KERNEL_ZSTD },
	};
	const char *wanted = image->compression != NULL ? image->compression : "none";

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(wanted, known[i].name) == 0) {
			*out = (struct kernel_packed){
				.data = image->data,
				.bytes = image->bytes,
				.how = known[i].how,
			};
			return LB_REASON_OK;
		}
	return lb_verdict_set(why, LB_REASON_DECOMPRESSION,
			      "%s: compression \"%s\" is not known", image->name, wanted);
}

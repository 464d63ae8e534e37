/* Forged trees: everything that two readers could see differently, or that is larger than
 * any real FIT. Trees are written tag by tag, so that nothing sets them right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "base/bytes.h"
#include "boot/kernel/fit.h"

#define TREE_BYTES    (1u << 20)
#define STRUCT_OFFSET 0x40u
#define STRING_BYTES  1024u
#define LIMIT         (TREE_BYTES - 64)

/* A tree in the making. */
struct forge {
	uint8_t *data; /* TREE_BYTES, struct block at STRUCT_OFFSET */
	size_t used;
	char strings[STRING_BYTES];
	size_t strings_used;
};

static void u32(struct forge *f, uint32_t v)
{
	assert_true(f->used + 4 < LIMIT);
	lb_put_be32(f->data + f->used, v);
	f->used += 4;
}

static void bytes(struct forge *f, const void *data, size_t n)
{
	assert_true(f->used + n + 4 < LIMIT);
	memcpy(f->data + f->used, data, n);
	f->used = (f->used + n + 3) & ~(size_t)3;
}

static void begin(struct forge *f, const char *name)
{
	u32(f, FDT_BEGIN_NODE);
	bytes(f, name, strlen(name) + 1);
}

static void end(struct forge *f)
{
	u32(f, FDT_END_NODE);
}

static uint32_t string(struct forge *f, const char *name)
{
	const size_t n = strlen(name) + 1;

	for (size_t at = 0; at + n <= f->strings_used; at++)
		if (memcmp(f->strings + at, name, n) == 0)
			return (uint32_t)at;
	assert_true(f->strings_used + n <= STRING_BYTES);
	memcpy(f->strings + f->strings_used, name, n);
	f->strings_used += n;
	return (uint32_t)(f->strings_used - n);
}

static void property(struct forge *f, const char *name, const void *value, size_t n)
{
	u32(f, FDT_PROP);
	u32(f, (uint32_t)n);
	u32(f, string(f, name));
	bytes(f, value, n);
}

static void text(struct forge *f, const char *name, const char *value)
{
	property(f, name, value, strlen(value) + 1);
}

static void number(struct forge *f, const char *name, uint64_t value, size_t n)
{
	uint8_t be[8];

	lb_put_be64(be, value);
	property(f, name, be + 8 - (n < 8 ? n : 8), n);
}

static void start(struct forge *f)
{
	memset(f, 0, sizeof *f);
	f->data = calloc(1, TREE_BYTES);
	assert_non_null(f->data);
	f->used = STRUCT_OFFSET;
}

/* Header and strings around the struct block as it stands. */
static void finish(struct forge *f)
{
	uint8_t *d = f->data;
	const size_t struct_bytes = f->used - STRUCT_OFFSET;
	const size_t total = f->used + f->strings_used;

	memcpy(d + f->used, f->strings, f->strings_used);
	lb_put_be32(d, 0xd00dfeed);
	lb_put_be32(d + 4, (uint32_t)total);
	lb_put_be32(d + 8, STRUCT_OFFSET);
	lb_put_be32(d + 12, (uint32_t)f->used);
	lb_put_be32(d + 16, 0x30); /* one terminating entry of 16 zeros */
	lb_put_be32(d + 20, 17);
	lb_put_be32(d + 24, 16);
	lb_put_be32(d + 32, (uint32_t)f->strings_used);
	lb_put_be32(d + 36, (uint32_t)struct_bytes);
}

static void kernel_image(struct forge *f, const char *name)
{
	begin(f, name);
	property(f, "data", "0123456789abcdef", 16);
	text(f, "type", "kernel");
	text(f, "arch", "arm64");
	end(f);
}

static void configurations(struct forge *f)
{
	begin(f, "configurations");
	text(f, "default", "c");
	begin(f, "c");
	text(f, "kernel", "kernel");
	end(f);
	end(f);
}

/* --- the forgeries: each writes a whole struct block -------------------------------- */

static void good(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void good_with_nops(struct forge *f)
{
	begin(f, "");
	u32(f, FDT_NOP);
	begin(f, "images");
	u32(f, FDT_NOP);
	kernel_image(f, "kernel");
	u32(f, FDT_NOP);
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void no_root(struct forge *f)
{
	u32(f, FDT_END);
}

static void named_root(struct forge *f)
{
	begin(f, "root");
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void second_root(struct forge *f)
{
	good(f);
	f->used -= 4;
	good(f);
}

static void second_root_first(struct forge *f)
{
	begin(f, "");
	end(f);
	good(f);
}

static void no_end(struct forge *f)
{
	good(f);
	f->used -= 4;
}

static void root_not_closed(struct forge *f)
{
	good(f);
	f->used -= 8;
	u32(f, FDT_END);
}

static void closed_too_often(struct forge *f)
{
	good(f);
	f->used -= 4;
	end(f);
	u32(f, FDT_END);
}

static void unknown_tag(struct forge *f)
{
	begin(f, "");
	u32(f, 5);
	end(f);
	u32(f, FDT_END);
}

static void property_first(struct forge *f)
{
	text(f, "kernel", "kernel");
	good(f);
}

static void unit_address(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel@1");
	kernel_image(f, "kernel");
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void cloned_image(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel");
	kernel_image(f, "other");
	kernel_image(f, "kernel");
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void cloned_images(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	configurations(f);
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	end(f);
	u32(f, FDT_END);
}

static void cloned_configurations(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	configurations(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void property_twice(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	begin(f, "kernel");
	property(f, "data", "good", 4);
	text(f, "type", "kernel");
	property(f, "data", "evil", 4);
	end(f);
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void property_behind_node(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	begin(f, "configurations");
	begin(f, "c");
	text(f, "kernel", "kernel");
	end(f);
	text(f, "default", "c");
	end(f);
	end(f);
	u32(f, FDT_END);
}

static void slash_in_name(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "a/kernel");
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void escape_in_name(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel\x1b[2J");
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void empty_name(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "");
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void name_of_length(struct forge *f, size_t length)
{
	char name[128] = { 0 };

	memset(name, 'n', length);
	begin(f, "");
	begin(f, "images");
	kernel_image(f, name);
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void name_63(struct forge *f)
{
	name_of_length(f, 63);
}

static void name_64(struct forge *f)
{
	name_of_length(f, 64);
}

static void depth_of(struct forge *f, size_t depth)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	configurations(f);
	for (size_t i = 1; i < depth; i++)
		begin(f, "x");
	for (size_t i = 0; i < depth; i++)
		end(f);
	u32(f, FDT_END);
}

static void depth_6(struct forge *f)
{
	depth_of(f, 6);
}

static void depth_7(struct forge *f)
{
	depth_of(f, 7);
}

static void depth_10000(struct forge *f)
{
	depth_of(f, 10000);
}

static void nodes_in_all(struct forge *f, size_t count)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	configurations(f); /* 5 nodes so far */
	for (size_t i = 5; i < count; i++) {
		char name[24];
		(void)snprintf(name, sizeof name, "n%zu", i);
		begin(f, name);
		end(f);
	}
	end(f);
	u32(f, FDT_END);
}

static void nodes_2048(struct forge *f)
{
	nodes_in_all(f, 2048);
}

static void nodes_2049(struct forge *f)
{
	nodes_in_all(f, 2049);
}

static void images_in_all(struct forge *f, size_t count)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel");
	for (size_t i = 1; i < count; i++) {
		char name[24];
		(void)snprintf(name, sizeof name, "n%zu", i);
		kernel_image(f, name);
	}
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void images_256(struct forge *f)
{
	images_in_all(f, 256);
}

static void images_257(struct forge *f)
{
	images_in_all(f, 257);
}

static void properties_of(struct forge *f, size_t count)
{
	begin(f, "");
	for (size_t i = 0; i < count; i++) {
		char name[24];
		(void)snprintf(name, sizeof name, "p%zu", i);
		property(f, name, "", 0);
	}
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void properties_64(struct forge *f)
{
	properties_of(f, 64);
}

static void properties_65(struct forge *f)
{
	properties_of(f, 65);
}

static void no_images(struct forge *f)
{
	begin(f, "");
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void empty_images(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void no_configurations(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	kernel_image(f, "kernel");
	end(f);
	end(f);
	u32(f, FDT_END);
}

static void image_without_data(struct forge *f)
{
	begin(f, "");
	begin(f, "images");
	begin(f, "kernel");
	text(f, "type", "kernel");
	end(f);
	end(f);
	configurations(f);
	end(f);
	u32(f, FDT_END);
}

static void property_too_long(struct forge *f)
{
	good(f);
	/* the length word of the first property, "data" */
	for (size_t at = STRUCT_OFFSET; at < f->used; at += 4)
		if (lb_be32(f->data + at) == FDT_PROP) {
			lb_put_be32(f->data + at + 4, 0x7ffffff0);
			return;
		}
}

static void property_name_outside(struct forge *f)
{
	good(f);
	for (size_t at = STRUCT_OFFSET; at < f->used; at += 4)
		if (lb_be32(f->data + at) == FDT_PROP) {
			lb_put_be32(f->data + at + 8, 0x7ffffff0);
			return;
		}
}

static const struct {
	const char *name;
	void (*write)(struct forge *f);
	enum lb_reason want;
} rows[] = {
	{ "a good one", good, LB_REASON_OK },
	{ "a good one with NOPs", good_with_nops, LB_REASON_OK },
	{ "no root", no_root, LB_REASON_FIT_DAMAGED },
	{ "root with a name", named_root, LB_REASON_FIT_DAMAGED },
	{ "second root behind", second_root, LB_REASON_FIT_DAMAGED },
	{ "second root before", second_root_first, LB_REASON_FIT_DAMAGED },
	{ "no terminator", no_end, LB_REASON_FIT_DAMAGED },
	{ "root not closed", root_not_closed, LB_REASON_FIT_DAMAGED },
	{ "closed too often", closed_too_often, LB_REASON_FIT_DAMAGED },
	{ "unknown tag", unknown_tag, LB_REASON_FIT_DAMAGED },
	{ "property before the root", property_first, LB_REASON_FIT_DAMAGED },
	{ "unit address beside the plain name", unit_address, LB_REASON_FIT_DAMAGED },
	{ "image twice", cloned_image, LB_REASON_FIT_DAMAGED },
	{ "/images twice", cloned_images, LB_REASON_FIT_DAMAGED },
	{ "/configurations twice", cloned_configurations, LB_REASON_FIT_DAMAGED },
	{ "property twice", property_twice, LB_REASON_FIT_DAMAGED },
	{ "property behind a node", property_behind_node, LB_REASON_FIT_DAMAGED },
	{ "slash in a name", slash_in_name, LB_REASON_FIT_DAMAGED },
	{ "escape in a name", escape_in_name, LB_REASON_FIT_DAMAGED },
	{ "empty name", empty_name, LB_REASON_FIT_DAMAGED },
	{ "name of 63", name_63, LB_REASON_OK },
	{ "name of 64", name_64, LB_REASON_FIT_DAMAGED },
	{ "depth 6", depth_6, LB_REASON_OK },
	{ "depth 7", depth_7, LB_REASON_FIT_DAMAGED },
	{ "depth 10000", depth_10000, LB_REASON_FIT_DAMAGED },
	{ "2048 nodes", nodes_2048, LB_REASON_OK },
	{ "2049 nodes", nodes_2049, LB_REASON_FIT_DAMAGED },
	{ "256 images", images_256, LB_REASON_OK },
	{ "257 images", images_257, LB_REASON_FIT_DAMAGED },
	{ "64 properties", properties_64, LB_REASON_OK },
	{ "65 properties", properties_65, LB_REASON_FIT_DAMAGED },
	{ "no /images", no_images, LB_REASON_FIT_DAMAGED },
	{ "empty /images", empty_images, LB_REASON_FIT_DAMAGED },
	{ "no /configurations", no_configurations, LB_REASON_FIT_DAMAGED },
	{ "image without data", image_without_data, LB_REASON_FIT_DAMAGED },
	{ "property longer than the tree", property_too_long, LB_REASON_FIT_DAMAGED },
	{ "property name outside", property_name_outside, LB_REASON_FIT_DAMAGED },
};

/* Exactly as much memory as it may read, for the sanitizer's sake. */
static enum lb_reason open_exactly(const uint8_t *data, size_t limit)
{
	struct lb_verdict why = { .reason = LB_REASON_OK };
	struct kernel_fit fit;
	uint8_t *copy = aligned_alloc(8, (limit + 15) & ~(size_t)7);

	assert_non_null(copy);
	memcpy(copy, data, limit);
	const enum lb_reason reason = kernel_fit_open(copy, limit, &fit, &why);
	assert_int_equal(why.reason, reason);
	if (reason != LB_REASON_OK)
		print_message("  %s\n", why.detail);
	free(copy);
	return reason;
}

static void forged_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct forge f;

		print_message("%s\n", rows[i].name);
		start(&f);
		rows[i].write(&f);
		finish(&f);
		assert_int_equal(open_exactly(f.data, fdt_totalsize(f.data)),
				 rows[i].want);
		free(f.data);
	}
}

/* --- external data ------------------------------------------------------------------ */

#define BEHIND 4096u /* bytes of external data there are */

/* -1: the property is left out */
struct place {
	int64_t offset, position, size;
	size_t width;
};

static const struct {
	const char *name;
	struct place a, b;
	enum lb_reason want;
} places[] = {
	{ "side by side", { 0, -1, 16, 4 }, { 16, -1, 16, 4 }, LB_REASON_OK },
	{ "in the other order, 64 bits",
	  { 16, -1, 16, 8 },
	  { 0, -1, 16, 8 },
	  LB_REASON_OK },
	{ "up to the end", { 0, -1, 16, 4 }, { 16, -1, BEHIND - 16, 4 }, LB_REASON_OK },
	{ "empty ones anywhere", { 8, -1, 0, 4 }, { 0, -1, 16, 4 }, LB_REASON_OK },
	{ "the same", { 0, -1, 16, 4 }, { 0, -1, 16, 4 }, LB_REASON_FIT_DAMAGED },
	{ "one byte in common",
	  { 0, -1, 17, 4 },
	  { 16, -1, 16, 4 },
	  LB_REASON_FIT_DAMAGED },
	{ "one inside the other",
	  { 0, -1, 64, 4 },
	  { 16, -1, 8, 4 },
	  LB_REASON_FIT_DAMAGED },
	{ "one byte too long",
	  { 0, -1, 16, 4 },
	  { 16, -1, BEHIND - 15, 4 },
	  LB_REASON_FIT_DAMAGED },
	{ "far outside",
	  { 0, -1, 16, 4 },
	  { 0x7fffffff, -1, 16, 4 },
	  LB_REASON_FIT_DAMAGED },
	{ "sum of 32 bits wraps",
	  { 0, -1, 16, 4 },
	  { 0xffffff00, -1, 0x200, 4 },
	  LB_REASON_FIT_DAMAGED },
	{ "sum of 64 bits wraps",
	  { 0, -1, 16, 8 },
	  { -256, -1, 0x200, 8 },
	  LB_REASON_FIT_DAMAGED },
	{ "offset and position",
	  { 0, 0x800, 16, 4 },
	  { 64, -1, 16, 4 },
	  LB_REASON_FIT_DAMAGED },
	{ "no size", { 0, -1, -1, 4 }, { 64, -1, 16, 4 }, LB_REASON_FIT_DAMAGED },
	{ "no place", { -1, -1, 16, 4 }, { 64, -1, 16, 4 }, LB_REASON_FIT_DAMAGED },
	{ "inside the tree, by position",
	  { -1, 0, 16, 4 },
	  { 64, -1, 16, 4 },
	  LB_REASON_FIT_DAMAGED },
	{ "number of 2 bytes",
	  { 0, -1, 16, 2 },
	  { 64, -1, 16, 4 },
	  LB_REASON_FIT_DAMAGED },
	{ "number of 12 bytes",
	  { 0, -1, 16, 12 },
	  { 64, -1, 16, 4 },
	  LB_REASON_FIT_DAMAGED },
};

static void place_number(struct forge *f, const char *name, int64_t value, size_t width)
{
	static const uint8_t zeros[16];

	if (value == -1)
		return;
	if (width > 8)
		property(f, name, zeros, width);
	else
		number(f, name, (uint64_t)value, width);
}

static void external_image(struct forge *f, const char *name, const struct place *p)
{
	begin(f, name);
	place_number(f, "data-offset", p->offset, p->width);
	place_number(f, "data-position", p->position, p->width);
	place_number(f, "data-size", p->size, p->width);
	end(f);
}

static void external_data(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct forge f;

		print_message("%s\n", places[i].name);
		start(&f);
		begin(&f, "");
		begin(&f, "images");
		external_image(&f, "kernel", &places[i].a);
		external_image(&f, "other", &places[i].b);
		end(&f);
		configurations(&f);
		end(&f);
		u32(&f, FDT_END);
		finish(&f);
		const size_t tree = (fdt_totalsize(f.data) + 3) & ~(size_t)3;
		assert_int_equal(open_exactly(f.data, tree + BEHIND), places[i].want);
		free(f.data);
	}
}

static void data_twice(void **state)
{
	struct forge f;

	(void)state;
	start(&f);
	begin(&f, "");
	begin(&f, "images");
	begin(&f, "kernel");
	property(&f, "data", "in", 2);
	number(&f, "data-offset", 0, 4);
	number(&f, "data-size", 4, 4);
	end(&f);
	end(&f);
	configurations(&f);
	end(&f);
	u32(&f, FDT_END);
	finish(&f);
	assert_int_equal(open_exactly(f.data, fdt_totalsize(f.data) + 64),
			 LB_REASON_FIT_DAMAGED);
	free(f.data);
}

/* --- headers ------------------------------------------------------------------------ */

static void headers(void **state)
{
	static const struct {
		const char *name;
		size_t offset;
		uint32_t value;
	} header[] = {
		{ "magic", 0, 0xd00dfeee },
		{ "total size 0", 4, 0 },
		{ "total size beyond the limit", 4, 0x10000000 },
		{ "total size above 2 GiB", 4, 0x80000000 },
		{ "struct block outside", 8, 0x10000000 },
		{ "struct block in the header", 8, 0 },
		{ "strings outside", 12, 0x10000000 },
		{ "reserve map outside", 16, 0x10000000 },
		{ "version 16", 20, 16 },
		{ "version of the future only", 24, 18 },
		{ "strings too long", 32, 0x10000000 },
		{ "struct block too long", 36, 0x10000000 },
		{ "struct block too short", 36, 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof header / sizeof header[0]; i++) {
		struct forge f;

		print_message("%s\n", header[i].name);
		start(&f);
		good(&f);
		finish(&f);
		const size_t total = fdt_totalsize(f.data);
		lb_put_be32(f.data + header[i].offset, header[i].value);
		assert_int_equal(open_exactly(f.data, total), LB_REASON_FIT_DAMAGED);
		free(f.data);
	}
}

static void reserve_map_without_end(void **state)
{
	struct forge f;

	(void)state;
	start(&f);
	good(&f);
	finish(&f);
	const size_t total = fdt_totalsize(f.data);
	/* the last 16 bytes of the file, which are not zero */
	lb_put_be32(f.data + 16, (uint32_t)((total - 16) & ~(size_t)7));
	assert_int_equal(open_exactly(f.data, total), LB_REASON_FIT_DAMAGED);
	free(f.data);
}

/* Strings before the struct block, or inside it: libfdt reads both. */
static void blocks_out_of_order(void **state)
{
	struct forge f;

	(void)state;
	start(&f);
	good(&f);
	finish(&f);
	/* a string block with one string inside the struct block: the first node's
	 * name */
	lb_put_be32(f.data + 12, STRUCT_OFFSET + 4);
	lb_put_be32(f.data + 32, f.used - STRUCT_OFFSET - 4 < STRING_BYTES
					 ? (uint32_t)(f.used - STRUCT_OFFSET - 4)
					 : STRING_BYTES);
	for (size_t at = STRUCT_OFFSET; at < f.used; at += 4)
		if (lb_be32(f.data + at) == FDT_PROP)
			lb_put_be32(f.data + at + 8, 0);
	assert_int_equal(open_exactly(f.data, fdt_totalsize(f.data)),
			 LB_REASON_FIT_DAMAGED);
	free(f.data);
}

/* Cut anywhere, it is refused and nothing beyond is read. */
static void cut_anywhere(void **state)
{
	struct forge f;

	(void)state;
	start(&f);
	good(&f);
	finish(&f);
	for (size_t limit = 0; limit < fdt_totalsize(f.data); limit++)
		assert_int_equal(open_exactly(f.data, limit), LB_REASON_FIT_DAMAGED);
	free(f.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forged_trees),
		cmocka_unit_test(external_data),
		cmocka_unit_test(data_twice),
		cmocka_unit_test(headers),
		cmocka_unit_test(reserve_map_without_end),
		cmocka_unit_test(blocks_out_of_order),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

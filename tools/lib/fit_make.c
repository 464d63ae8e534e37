/* Making flattened image trees with libfdt's sequential writer. */
#include "tools/lib/fit_make.h"

#include <libfdt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tools/lib/tool.h"
#include "tools/lib/tree.h"

#define NAME_BYTES 64u
#define NODE_ROOM  1024u /* names and small properties of one image or configuration */

/* Writes until the first error, which is kept. */
struct writer {
	void *fdt;
	int status;
};

static void keep(struct writer *w, int status)
{
	if (w->status == 0)
		w->status = status;
}

static void begin(struct writer *w, const char *name)
{
	keep(w, w->status != 0 ? w->status : fdt_begin_node(w->fdt, name));
}

static void end(struct writer *w)
{
	keep(w, w->status != 0 ? w->status : fdt_end_node(w->fdt));
}

static void text(struct writer *w, const char *name, const char *value)
{
	keep(w, w->status != 0
			? w->status
			: fdt_property(w->fdt, name, value, (int)strlen(value) + 1));
}

static void number(struct writer *w, const char *name, uint32_t value)
{
	keep(w, w->status != 0 ? w->status : fdt_property_u32(w->fdt, name, value));
}

static void bytes(struct writer *w, const char *name, const void *data, size_t len)
{
	keep(w, w->status != 0 ? w->status : fdt_property(w->fdt, name, data, (int)len));
}

static void image(struct writer *w, const char *name, const char *type, const char *arch,
		  const char *compression, const struct tool_buffer *data)
{
	begin(w, name);
	text(w, "description", name);
	text(w, "type", type);
	text(w, "arch", arch);
	text(w, "os", "linux");
	text(w, "compression", compression);
	if (strcmp(type, "kernel") == 0) {
		/* Where it runs is the loader's choice; other readers want to see
		 * these. */
		number(w, "load", 0);
		number(w, "entry", 0);
	}
	bytes(w, "data", data->data, data->len);
	end(w);
}

static void images(struct writer *w, const struct tool_fit_parts *parts)
{
	char name[NAME_BYTES];

	begin(w, "images");
	image(w, "kernel-1", "kernel", parts->arch, parts->compression, &parts->kernel);
	if (parts->initrd.len != 0)
		image(w, "ramdisk-1", "ramdisk", parts->arch, "none", &parts->initrd);
	for (size_t i = 0; i < parts->tree_count; i++) {
		const struct tool_fit_tree *tree = &parts->tree[i];

		snprintf(name, sizeof(name), "fdt-%zu", i + 1);
		image(w, name, "flat_dt", parts->arch, "none", &tree->dtb);
		for (size_t k = 0; k < tree->overlay_count; k++) {
			snprintf(name, sizeof(name), "fdt-%zu-overlay-%zu", i + 1, k + 1);
			image(w, name, "flat_dt", parts->arch, "none", &tree->overlay[k]);
		}
	}
	end(w);
}

/* The list of strings: the tree, then its overlays. */
static void fdt_property_of(struct writer *w, const struct tool_fit_tree *tree,
			    size_t index)
{
	struct tool_buffer list = { 0 };
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), "fdt-%zu", index + 1);
	tool_buffer_append(&list, name, strlen(name) + 1);
	for (size_t k = 0; k < tree->overlay_count; k++) {
		snprintf(name, sizeof(name), "fdt-%zu-overlay-%zu", index + 1, k + 1);
		tool_buffer_append(&list, name, strlen(name) + 1);
	}
	bytes(w, "fdt", list.data, list.len);
	tool_buffer_free(&list);
}

static void configuration(struct writer *w, const struct tool_fit_parts *parts,
			  size_t index)
{
	const struct tool_fit_tree *tree =
		parts->tree_count != 0 ? &parts->tree[index] : NULL;
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), "conf-%zu", index + 1);
	begin(w, name);
	text(w, "description", tree != NULL ? tree->compatible : "Linux");
	text(w, "kernel", "kernel-1");
	if (parts->initrd.len != 0)
		text(w, "ramdisk", "ramdisk-1");
	if (tree != NULL) {
		text(w, "compatible", tree->compatible);
		fdt_property_of(w, tree, index);
	}
	end(w);
}

static void configurations(struct writer *w, const struct tool_fit_parts *parts)
{
	begin(w, "configurations");
	text(w, "default", "conf-1");
	configuration(w, parts, 0);
	for (size_t i = 1; i < parts->tree_count; i++)
		configuration(w, parts, i);
	end(w);
}

/* Seconds; part of the format, so fixed unless the builder says otherwise. */
static uint32_t timestamp(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;

	if (epoch == NULL || !tool_number(epoch, &seconds) || seconds > UINT32_MAX)
		return 0;
	return (uint32_t)seconds;
}

static uint64_t room_needed(const struct tool_fit_parts *parts)
{
	uint64_t room = 4096 + parts->kernel.len + parts->initrd.len + 3 * NODE_ROOM;

	for (size_t i = 0; i < parts->tree_count; i++) {
		room += parts->tree[i].dtb.len + 2 * NODE_ROOM +
			2 * strlen(parts->tree[i].compatible);
		for (size_t k = 0; k < parts->tree[i].overlay_count; k++)
			room += parts->tree[i].overlay[k].len + NODE_ROOM;
	}
	return room;
}

static int write_tree(const struct tool_fit_parts *parts, void *room, int room_bytes)
{
	struct writer w = { .fdt = room };

	keep(&w, fdt_create(room, room_bytes));
	keep(&w, w.status != 0 ? w.status : fdt_finish_reservemap(room));
	begin(&w, "");
	number(&w, "timestamp", timestamp());
	text(&w, "description", "Linux");
	number(&w, "#address-cells", 1);
	images(&w, parts);
	configurations(&w, parts);
	end(&w);
	keep(&w, w.status != 0 ? w.status : fdt_finish(room));
	return w.status;
}

bool tool_fit_make(const struct tool_fit_parts *parts, struct tool_buffer *out)
{
	const uint64_t room = room_needed(parts);

	if (room > INT_MAX)
		return tool_error("FIT: %llu bytes; more than 2 GiB do not fit into one",
				  (unsigned long long)room);
	tool_buffer_free(out);
	void *tree = tool_buffer_grow(out, (size_t)room);
	const int status = write_tree(parts, tree, (int)room);

	if (status != 0)
		return tool_error("FIT: %s", fdt_strerror(status));
	out->len = fdt_totalsize(tree);
	return true;
}

bool tool_dtb_check(const struct tool_buffer *dtb, const char *name)
{
	const int status = tool_tree_check(dtb->data, dtb->len);

	return status == 0 ||
	       tool_error("%s: not a device tree: %s", name, fdt_strerror(status));
}

const char *tool_dtb_compatible(const struct tool_buffer *dtb)
{
	return fdt_stringlist_get(dtb->data, 0, "compatible", 0, NULL);
}

bool tool_gzip(const struct tool_buffer *in, struct tool_buffer *out)
{
	enum { GZIP_WINDOW = 15 + 16 };
	z_stream z = { 0 };

	if (in->len > UINT_MAX ||
	    deflateInit2(&z, 9, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return tool_error("gzip: cannot compress %zu bytes", in->len);
	const size_t bound = deflateBound(&z, in->len);

	z.next_in = in->data;
	z.avail_in = (uInt)in->len;
	z.next_out = tool_buffer_grow(out, bound);
	z.avail_out = (uInt)bound;
	const bool good = deflate(&z, Z_FINISH) == Z_STREAM_END;

	out->len -= z.avail_out;
	deflateEnd(&z);
	return good || tool_error("gzip: failed");
}

/* From files to the kernel part of a body. */
#include "tools/lib/sign_input.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tools/lib/file.h"
#include "tools/lib/fit_make.h"
#include "tools/lib/kernel_file.h"
#include "tools/lib/key_words.h"
#include "tools/lib/pe_file.h"
#include "tools/lib/tool.h"
#include "tools/lib/tree.h"
#include "tools/lib/uki.h"

static const char *const kind_names[] = {
	[KERNEL_KIND_CROS_X86] = "cros-x86",
	[KERNEL_KIND_FIT] = "fit",
	[KERNEL_KIND_PE] = "pe",
};

const char *tool_sign_kind_name(enum kernel_kind kind)
{
	return kind_names[kind];
}

static bool choose_kind(const struct tool_sign_input *input,
			const struct tool_buffer *file, enum kernel_kind *kind)
{
	for (size_t i = 0; input->kind != NULL && i < 3; i++)
		if (strcmp(input->kind, kind_names[i]) == 0) {
			*kind = (enum kernel_kind)i;
			return true;
		}
	if (input->kind != NULL)
		return tool_error("'%s' is no kind: cros-x86, fit or pe", input->kind);
	if (input->uki != NULL)
		*kind = KERNEL_KIND_PE;
	else if (input->fit != NULL || input->initrd.count != 0 ||
		 input->trees.count != 0 || !tool_is_bzimage(file))
		*kind = KERNEL_KIND_FIT;
	else
		*kind = KERNEL_KIND_CROS_X86;
	return true;
}

/* Options that the kind has no place for. */
static bool options_fit_kind(const struct tool_sign_input *input, enum kernel_kind kind)
{
	const char *name = kind_names[kind];

	if (input->fit != NULL && kind != KERNEL_KIND_FIT)
		return tool_error("--fit does not go with --kind %s", name);
	if (input->uki != NULL && kind != KERNEL_KIND_PE)
		return tool_error("--uki does not go with --kind %s", name);
	if (kind == KERNEL_KIND_FIT && input->fit == NULL)
		return true;
	if (input->initrd.count != 0)
		return tool_error("--initrd: a %s has no place for one%s", name,
				  kind == KERNEL_KIND_CROS_X86 ? "; use --kind fit"
							       : " beside its own");
	if (input->trees.count != 0)
		return tool_error("--%s: a ready or %s image has no place for one",
				  input->trees.item[0].option, name);
	if (input->compress != NULL)
		return tool_error("--compress is for FITs made from --kernel");
	return true;
}

/* --- FIT ---------------------------------------------------------------------------- */

static bool load_initrd(const struct tool_list *list, struct tool_buffer *out)
{
	for (size_t i = 0; i < list->count; i++) {
		/* Archives one after another, each from a multiple of four bytes. */
		tool_buffer_align(out, 4);
		if (!tool_read_file(list->item[i].value, TOOL_FILE_LIMIT, out))
			return false;
	}
	if (list->count != 0 && out->len == 0)
		return tool_error("%s: is empty", list->item[0].value);
	return true;
}

static bool add_tree(struct tool_fit_parts *parts, const char *option)
{
	const char *equals = strrchr(option, '=');
	char *file = tool_strdup(option);
	struct tool_fit_tree *tree = &parts->tree[parts->tree_count];
	bool good = false;

	if (equals != NULL)
		file[equals - option] = '\0';
	if (parts->tree_count == TOOL_FIT_MAX_TREES) {
		tool_error("--dtb: more than %u", TOOL_FIT_MAX_TREES);
	} else if (tool_read_file(file, TOOL_FILE_LIMIT, &tree->dtb) &&
		   tool_dtb_check(&tree->dtb, file)) {
		const char *board =
			equals != NULL ? equals + 1 : tool_dtb_compatible(&tree->dtb);

		good = board != NULL && board[0] != '\0';
		if (good)
			tree->compatible = tool_strdup(board);
		else
			tool_error("%s: its root has no compatible; use --dtb FILE=BOARD",
				   file);
		parts->tree_count += good;
	}
	free(file);
	return good;
}

static bool add_overlay(struct tool_fit_parts *parts, const char *file)
{
	if (parts->tree_count == 0)
		return tool_error("--overlay %s: there is no --dtb before it", file);
	struct tool_fit_tree *tree = &parts->tree[parts->tree_count - 1];

	if (tree->overlay_count == TOOL_FIT_MAX_OVERLAYS)
		return tool_error("--overlay: more than %u", TOOL_FIT_MAX_OVERLAYS);
	struct tool_buffer *overlay = &tree->overlay[tree->overlay_count++];

	return tool_read_file(file, TOOL_FILE_LIMIT, overlay) &&
	       tool_dtb_check(overlay, file);
}

static bool load_trees(const struct tool_list *list, struct tool_fit_parts *parts)
{
	parts->tree = tool_alloc(TOOL_FIT_MAX_TREES * sizeof(*parts->tree));
	for (size_t i = 0; i < list->count; i++) {
		const char *value = list->item[i].value;

		if (!(strcmp(list->item[i].option, "dtb") == 0
			      ? add_tree(parts, value)
			      : add_overlay(parts, value)))
			return false;
	}
	return true;
}

static void free_fit_parts(struct tool_fit_parts *parts)
{
	tool_buffer_free(&parts->kernel);
	tool_buffer_free(&parts->initrd);
	for (size_t i = 0; parts->tree != NULL && i < TOOL_FIT_MAX_TREES; i++) {
		tool_buffer_free(&parts->tree[i].dtb);
		free((void *)(uintptr_t)parts->tree[i].compatible);
		for (size_t k = 0; k < parts->tree[i].overlay_count; k++)
			tool_buffer_free(&parts->tree[i].overlay[k]);
	}
	free(parts->tree);
}

static bool compress_option(const struct tool_sign_input *input)
{
	const char *method = input->compress;

	if (method == NULL || strcmp(method, "none") == 0 ||
	    strcmp(method, "gzip") == 0 || strcmp(method, "lz4") == 0 ||
	    strcmp(method, "zstd") == 0)
		return true;
	return tool_error("--compress: '%s' is none of none, gzip, lz4 and zstd", method);
}

/* A vmlinux is what people take for the kernel at first. */
static bool refuse_kernel(const char *name, const struct tool_buffer *file)
{
	const bool elf = file->len > 4 && memcmp(file->data, "\177ELF", 4) == 0;
	const char *kind = tool_file_kind_words(file->data, file->len);

	if (file->len == 0)
		return tool_error("%s: is empty", name);
	if (tool_is_pe(file))
		kind = NULL;
	return tool_error(
		"%s: %s%sneither an x86 bzImage nor an arm64 Image (plain, gzip, lz4, "
		"zstd or vmlinuz.efi)%s",
		name, kind != NULL ? kind : "", kind != NULL ? ": " : "",
		tool_is_pe(file) ? "; another EFI program wants --kind pe"
		: elf            ? "; of a vmlinux take arch/x86/boot/bzImage or "
				   "arch/arm64/boot/Image from beside it"
				 : "");
}

/* Takes @file over: as it is, or compressed. */
static bool fit_kernel(const struct tool_sign_input *input, struct tool_buffer *file,
		       struct tool_fit_parts *parts)
{
	const char *wanted = input->compress;

	if (!compress_option(input) ||
	    (tool_is_zboot(file) && !tool_zboot_unwrap(file, input->kernel)))
		return false;
	const char *packed = tool_compression(file);
	const bool bzimage = tool_is_bzimage(file);
	const bool pack = wanted != NULL && strcmp(wanted, "none") != 0;

	if (packed == NULL && !bzimage && !tool_is_arm64_image(file))
		return refuse_kernel(input->kernel, file);
	if (pack && (bzimage || (packed != NULL && strcmp(packed, wanted) != 0)))
		return tool_error("%s: is compressed already (%s)", input->kernel,
				  bzimage ? "a bzImage" : packed);
	parts->arch = bzimage ? "x86_64" : "arm64";
	parts->compression = packed != NULL ? packed : pack ? wanted : "none";
	if (packed == NULL && pack)
		return tool_compress(wanted, file, &parts->kernel);
	parts->kernel = *file;
	*file = (struct tool_buffer){ 0 };
	return true;
}

static bool make_fit(const struct tool_sign_input *input, struct tool_sign_kernel *out)
{
	struct tool_fit_parts parts = { 0 };
	struct tool_buffer fit = { 0 };
	const bool good = fit_kernel(input, &out->bytes, &parts) &&
			  load_initrd(&input->initrd, &parts.initrd) &&
			  load_trees(&input->trees, &parts) &&
			  tool_fit_make(&parts, &fit);

	out->cpu = parts.arch != NULL && strcmp(parts.arch, "x86_64") == 0
			   ? PLATFORM_CPU_X86_64
			   : PLATFORM_CPU_AARCH64;
	free_fit_parts(&parts);
	tool_buffer_free(&out->bytes);
	out->bytes = fit;
	return good;
}

/* The first kernel image says which CPU the check is to be done for. */
static const char *fit_arch(const void *fit)
{
	const int images = fdt_path_offset(fit, "/images");
	int node = images < 0 ? images : fdt_first_subnode(fit, images);

	for (; node >= 0; node = fdt_next_subnode(fit, node)) {
		const char *type = fdt_stringlist_get(fit, node, "type", 0, NULL);

		if (type != NULL && strncmp(type, "kernel", 6) == 0)
			return fdt_stringlist_get(fit, node, "arch", 0, NULL);
	}
	return NULL;
}

/* External data may follow the tree. */
static bool take_fit(const struct tool_sign_input *input, struct tool_sign_kernel *out)
{
	const struct tool_buffer *b = &out->bytes;

	if (tool_tree_check(b->data, b->len) != 0) {
		char *fault = tool_tree_fault(b->data, b->len);

		tool_error("%s: no image tree (FIT): %s", input->fit, fault);
		free(fault);
		return false;
	}
	const char *arch = fit_arch(b->data);

	if (arch == NULL)
		return tool_error("%s: no image of type kernel with an arch", input->fit);
	out->cpu =
		strcmp(arch, "arm64") == 0 ? PLATFORM_CPU_AARCH64 : PLATFORM_CPU_X86_64;
	return true;
}

/* --- the kinds ---------------------------------------------------------------------- */

static bool take_pe(const char *name, struct tool_sign_kernel *out)
{
	struct tool_pe pe;

	if (!tool_pe_parse(&out->bytes, name, &pe))
		return false;
	if (pe.machine != TOOL_PE_X86_64 && pe.machine != TOOL_PE_AARCH64)
		return tool_error("%s: PE machine 0x%x is neither x86_64 nor aarch64",
				  name, pe.machine);
	out->cpu =
		pe.machine == TOOL_PE_X86_64 ? PLATFORM_CPU_X86_64 : PLATFORM_CPU_AARCH64;
	return tool_uki_cmdline(&out->bytes, name, &out->own_cmdline);
}

static bool take_kind(const struct tool_sign_input *input, const char *name,
		      struct tool_sign_kernel *out)
{
	switch (out->kind) {
	case KERNEL_KIND_CROS_X86:
		out->cpu = PLATFORM_CPU_X86_64;
		return tool_body_cros_x86(&out->bytes, name, &out->parts);
	case KERNEL_KIND_PE:
		if (!take_pe(name, out))
			return false;
		break;
	case KERNEL_KIND_FIT:
		if (!(input->fit != NULL ? take_fit(input, out) : make_fit(input, out)))
			return false;
		break;
	}
	out->parts.kernel = out->bytes.data;
	out->parts.kernel_bytes = out->bytes.len;
	return true;
}

bool tool_sign_kernel_load(const struct tool_sign_input *input,
			   struct tool_sign_kernel *out)
{
	const char *name = input->kernel != NULL ? input->kernel
			   : input->fit != NULL  ? input->fit
						 : input->uki;

	*out = (struct tool_sign_kernel){ 0 };
	if (!tool_read_file(name, TOOL_FILE_LIMIT, &out->bytes) ||
	    !choose_kind(input, &out->bytes, &out->kind) ||
	    !options_fit_kind(input, out->kind) || !take_kind(input, name, out))
		return false;
	if (input->bootloader == NULL)
		return true;
	if (!tool_read_file(input->bootloader, 1u << 20, &out->bootloader))
		return false;
	out->parts.bootloader = out->bootloader.data;
	out->parts.bootloader_bytes = out->bootloader.len;
	return true;
}

void tool_sign_kernel_free(struct tool_sign_kernel *kernel)
{
	tool_buffer_free(&kernel->bytes);
	tool_buffer_free(&kernel->bootloader);
	free(kernel->own_cmdline);
	*kernel = (struct tool_sign_kernel){ 0 };
}

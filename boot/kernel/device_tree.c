/* Making the kernel's device tree: base, overlays, fix-ups. */
#include "boot/kernel/device_tree.h"

#include <string.h>

#include <libfdt.h>

#include "base/bytes.h"

#define TREE_ALIGN   8u
#define MAX_OVERLAYS 64
#define SEEDS_BYTES  (8 + KERNEL_SEED_BYTES)

static enum lb_reason refuse(struct kernel_job *job, const char *name, const char *what)
{
	return lb_verdict_set(job->why, LB_REASON_OVERLAY, "%s: %s", name, what);
}

/* libfdt would take a tree without fragments for an overlay that changes nothing. */
static bool is_overlay(const void *tree)
{
	int node;

	fdt_for_each_subnode (node, tree, 0)
		if (fdt_subnode_offset(tree, node, "__overlay__") >= 0)
			return true;
	return false;
}

/* One device tree of the FIT, decompressed and checked, in memory of its own with @slack
 * bytes to grow. */
static enum lb_reason load_tree(struct kernel_job *job, const struct kernel_fit *fit,
				const char *name, size_t slack, uint8_t **out,
				size_t *out_bytes)
{
	struct kernel_fit_image image;
	struct kernel_packed packed;
	size_t bytes = 0;

	enum lb_reason reason = kernel_fit_image(fit, name, &image, job->why);
	if (reason == LB_REASON_OK)
		reason = kernel_fit_packed(&image, &packed, job->why);
	if (reason != LB_REASON_OK)
		return reason;
	const size_t room =
		packed.how == KERNEL_PLAIN ? packed.bytes : KERNEL_TREE_MAX_BYTES;
	if (packed.bytes == 0 || room > KERNEL_TREE_MAX_BYTES)
		return refuse(job, name, "empty, or larger than 2 MiB");
	uint8_t *memory = kernel_job_alloc(job, room + slack, TREE_ALIGN,
					   PLATFORM_ANY_ADDRESS, "a device tree");
	if (memory == NULL)
		return job->why->reason;
	reason = kernel_unpack(job->plat, &packed, memory, room, &bytes, job->why);
	if (reason != LB_REASON_OK)
		return reason;
	const int error = kernel_dt_check(memory, bytes);
	if (error != 0)
		return refuse(job, name, fdt_strerror(error));
	*out = memory;
	*out_bytes = room + slack;
	return LB_REASON_OK;
}

static enum lb_reason copy_firmware_tree(struct kernel_job *job, uint8_t **out,
					 size_t *out_bytes)
{
	const struct platform_machine *machine = job->context->machine;
	const size_t bytes = fdt_totalsize(machine->device_tree);

	if (bytes > KERNEL_TREE_MAX_BYTES)
		return refuse(job, "the firmware's device tree", "larger than 2 MiB");
	uint8_t *memory = kernel_job_alloc(job, bytes + KERNEL_TREE_SLACK, TREE_ALIGN,
					   PLATFORM_ANY_ADDRESS, "the device tree");
	if (memory == NULL)
		return job->why->reason;
	memcpy(memory, machine->device_tree, bytes);
	*out = memory;
	*out_bytes = bytes + KERNEL_TREE_SLACK;
	return LB_REASON_OK;
}

static bool firmware_tree_usable(const struct platform_machine *machine)
{
	return machine->device_tree != NULL &&
	       kernel_dt_check(machine->device_tree, machine->device_tree_bytes) == 0;
}

/* Bytes that overlays may add, or the reason for not knowing. */
static enum lb_reason overlay_room(struct kernel_job *job, const struct kernel_fit *fit,
				   int node, size_t *room)
{
	const char *name;

	*room = KERNEL_TREE_SLACK;
	for (int i = 1; (name = kernel_fit_string(fit, node, "fdt", i)) != NULL; i++) {
		struct kernel_fit_image image;
		const enum lb_reason reason =
			kernel_fit_image(fit, name, &image, job->why);
		if (reason != LB_REASON_OK)
			return reason;
		if (i > MAX_OVERLAYS || image.bytes > KERNEL_TREE_MAX_BYTES)
			return refuse(job, name, "larger than 2 MiB, or one of too many");
		/* Compressed ones grow; more than the whole limit is refused at the
		 * end. */
		*room += image.compression == NULL ||
					 strcmp(image.compression, "none") == 0
				 ? image.bytes
				 : KERNEL_TREE_MAX_BYTES;
	}
	return LB_REASON_OK;
}

static enum lb_reason apply_overlays(struct kernel_job *job, const struct kernel_fit *fit,
				     int node, uint8_t *tree)
{
	const char *name;

	for (int i = 1; (name = kernel_fit_string(fit, node, "fdt", i)) != NULL; i++) {
		uint8_t *overlay = NULL;
		size_t bytes = 0;
		const enum lb_reason reason =
			load_tree(job, fit, name, 0, &overlay, &bytes);
		if (reason != LB_REASON_OK)
			return reason;
		if (!is_overlay(overlay))
			return refuse(job, name, "not an overlay");
		const int error = fdt_overlay_apply(tree, overlay);
		if (error != 0)
			return refuse(job, name, fdt_strerror(error));
		kernel_job_drop(job, overlay);
	}
	return LB_REASON_OK;
}

/* Base and overlays of the configuration, in memory with room for the fix-ups. */
static enum lb_reason merge_trees(struct kernel_job *job, const struct kernel_fit *fit,
				  int node, const char *base, uint8_t **out,
				  size_t *out_bytes)
{
	size_t room;

	enum lb_reason reason = overlay_room(job, fit, node, &room);
	if (reason == LB_REASON_OK)
		reason = load_tree(job, fit, base, room, out, out_bytes);
	if (reason != LB_REASON_OK)
		return reason;
	if (is_overlay(*out))
		return refuse(job, base, "an overlay, without a device tree before it");
	const int error = fdt_open_into(*out, *out, (int)*out_bytes);
	if (error != 0)
		return refuse(job, base, fdt_strerror(error));
	return apply_overlays(job, fit, node, *out);
}

static struct kernel_dt_facts gather_facts(const struct kernel_job *job,
					   uint8_t seeds[SEEDS_BYTES])
{
	const struct kernel_layout *layout = &job->prepared->layout;
	/* An EFI stub asks for its initrd by LoadFile2. */
	const bool tells_initrd = layout->start == KERNEL_START_ARM64;
	const bool seeded =
		!job->context->dry_run &&
		job->plat->random(job->plat->ctx, seeds, SEEDS_BYTES) == LB_OK;

	return (struct kernel_dt_facts){
		.cmdline = layout->cmdline,
		.initrd = tells_initrd ? layout->initrd : NULL,
		.initrd_bytes = tells_initrd ? layout->initrd_bytes : 0,
		.kaslr_seed = seeded ? seeds : NULL,
		.rng_seed = seeded ? seeds + 8 : NULL,
		.tpm_log = tells_initrd ? job->context->machine->tpm_log : NULL,
		.tpm_log_bytes = job->context->machine->tpm_log_bytes,
		.handover = job->context->handover,
	};
}

static enum lb_reason finish(struct kernel_job *job, uint8_t *tree, size_t bytes)
{
	uint8_t seeds[SEEDS_BYTES];
	const struct kernel_dt_facts facts = gather_facts(job, seeds);

	const enum lb_status status = kernel_dt_fixup(tree, &facts);
	memset(seeds, 0, sizeof seeds);
	if (status != LB_OK)
		return refuse(job, "fix-ups of the device tree", lb_status_name(status));
	if (fdt_pack(tree) != 0 || fdt_totalsize(tree) > KERNEL_TREE_MAX_BYTES)
		return refuse(job, "the device tree", "larger than 2 MiB");
	job->prepared->layout.device_tree = tree;
	job->prepared->layout.device_tree_bytes = bytes;
	return LB_REASON_OK;
}

static enum lb_reason place_own_tree(struct kernel_job *job, const struct kernel_fit *fit,
				     int node, const char *base)
{
	const struct platform_machine *machine = job->context->machine;
	uint8_t *tree = NULL;
	size_t bytes = 0;

	const enum lb_reason reason = merge_trees(job, fit, node, base, &tree, &bytes);
	if (reason != LB_REASON_OK)
		return reason;
	if (tree == NULL)
		return refuse(job, base, "nothing was loaded");
	if (!machine->uefi && firmware_tree_usable(machine)) {
		const enum lb_status status =
			kernel_dt_take_memory(tree, machine->device_tree);
		if (status != LB_OK)
			return refuse(job, base, "memory and reservations do not fit in");
	}
	return finish(job, tree, bytes);
}

static enum lb_reason place_firmware_tree(struct kernel_job *job)
{
	const struct platform_machine *machine = job->context->machine;
	uint8_t *tree = NULL;
	size_t bytes = 0;

	if (machine->device_tree == NULL)
		return LB_REASON_OK;
	if (!firmware_tree_usable(machine))
		return refuse(job, "the firmware's device tree", "malformed");
	const enum lb_reason reason = copy_firmware_tree(job, &tree, &bytes);
	if (reason != LB_REASON_OK)
		return reason;
	if (tree == NULL)
		return refuse(job, "the firmware's device tree", "nothing was loaded");
	const int error = fdt_open_into(tree, tree, (int)bytes);
	if (error != 0)
		return refuse(job, "the firmware's device tree", fdt_strerror(error));
	return finish(job, tree, bytes);
}

enum lb_reason kernel_place_device_tree(struct kernel_job *job,
					const struct kernel_fit *fit, int node)
{
	const struct platform_machine *machine = job->context->machine;
	const char *base = kernel_fit_string(fit, node, "fdt", 0);

	if (base != NULL)
		return place_own_tree(job, fit, node, base);
	if (machine->cpu != PLATFORM_CPU_AARCH64 || machine->acpi)
		return LB_REASON_OK;
	return place_firmware_tree(job);
}

/* Starting a kernel by the arm64 boot protocol.
 * Spec: Linux Documentation/arm64/booting.rst. */
#include "boot/bare/start.h"

#include "boot/bare/aarch64/machine.h"
#include "boot/bare/cache.h"
#include "boot/kernel/arm64_image.h"

static enum lb_status refuse(struct lb_verdict *why, enum lb_reason reason,
			     enum lb_status status, const char *what)
{
	(void)lb_verdict_set(why, reason, "%s", what);
	return status;
}

enum lb_status start_check(const struct kernel_layout *layout, struct lb_verdict *why)
{
	struct bare_fdt tree;

	if (layout->start != KERNEL_START_ARM64)
		return refuse(why, LB_REASON_KIND_UNSUPPORTED, LB_ERR_UNSUPPORTED,
			      "needs UEFI, and this machine has none");
	if (layout->image_bytes == 0 || layout->image_room < layout->image_bytes ||
	    (uintptr_t)layout->image % KERNEL_ALIGN_BYTES != 0)
		return refuse(why, LB_REASON_PREPARE_FAILED, LB_ERR_RANGE,
			      "kernel is not placed as the arm64 protocol wants it");
	if (layout->initrd != NULL &&
	    !kernel_arm64_in_window((uintptr_t)layout->image, layout->image_room,
				    (uintptr_t)layout->initrd, layout->initrd_bytes))
		return refuse(why, LB_REASON_PREPARE_FAILED, LB_ERR_RANGE,
			      "kernel and initrd are more than 32 GiB apart");
	if (layout->device_tree == NULL ||
	    bare_fdt_open(layout->device_tree, &tree) != LB_OK ||
	    tree.bytes > layout->device_tree_bytes)
		return refuse(why, LB_REASON_PREPARE_FAILED, LB_ERR_RANGE,
			      "no usable device tree for the kernel");
	return LB_OK;
}

/* What a disk would not let go of is not given to the kernel either. */
static enum lb_status withhold(const struct bare_disks *disks,
			       const struct kernel_layout *layout)
{
	struct bare_range held;
	enum lb_status status = LB_OK;

	for (size_t i = 0; status == LB_OK && disks_held(disks, i, &held); i++)
		status = bare_fdt_reserve(layout->device_tree, layout->device_tree_bytes,
					  &held);
	return status;
}

enum lb_status start_now(struct bare_disks *disks, const struct kernel_layout *layout)
{
	disks_stop(disks);

	const enum lb_status status = withhold(disks, layout);

	if (status != LB_OK) {
		disks_resume(disks); /* the next slot lies on them */
		return status;
	}
	serial_drain(&disks->board->console);

	/* To the point of coherency: the kernel starts with its caches off. The rest of
	 * the kernel's room as well, so that no line of ours is written over it later. */
	cache_clean_invalidate(layout->image, layout->image_room);
	if (layout->initrd != NULL)
		cache_clean_invalidate(layout->initrd, layout->initrd_bytes);
	cache_clean_invalidate(layout->device_tree, layout->device_tree_bytes);
	const struct platform_machine *machine = &disks->board->machine;

	if (machine->tpm_log != NULL)
		cache_clean_invalidate((void *)(uintptr_t)machine->tpm_log,
				       machine->tpm_log_bytes);
	board_close(disks->board);
	bare_leave((uintptr_t)layout->image, (uintptr_t)layout->device_tree);
}

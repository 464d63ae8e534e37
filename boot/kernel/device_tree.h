/* The device tree a kernel gets: from the FIT's configuration or the firmware, with
 * overlays and fix-ups. Private to boot/kernel and its tests. */
#ifndef LIFEBOAT_BOOT_KERNEL_DEVICE_TREE_H
#define LIFEBOAT_BOOT_KERNEL_DEVICE_TREE_H

#include "boot/kernel/fit.h"
#include "boot/kernel/prepared.h"

#define KERNEL_TREE_MAX_BYTES 0x200000u /* Linux maps no more */
#define KERNEL_TREE_SLACK     0x10000u  /* for fix-ups, ours and the firmware's */
#define KERNEL_SEED_BYTES     64u

/**
 * kernel_dt_check() - is this a whole and well-formed tree of version 17?
 * @tree: 8-byte aligned; at most @limit bytes are read
 *
 * Returns 0 or libfdt's negative error.
 */
int kernel_dt_check(const void *tree, size_t limit);

/* What is written into a tree. */
struct kernel_dt_facts {
	const char *cmdline;
	const uint8_t *initrd; /* NULL: none, or handed over in another way */
	size_t initrd_bytes;
	const uint8_t *kaslr_seed; /* 8 bytes, NULL: none */
	const uint8_t *rng_seed;   /* KERNEL_SEED_BYTES, NULL: none */
	const uint8_t *tpm_log;    /* NULL: none, or handed over in another way */
	size_t tpm_log_bytes;
	const struct lb_handover *handover;
};

/**
 * kernel_dt_fixup() - write the facts into /chosen and /firmware/lifeboat; whatever stood
 * there about them before is gone, seeds of an earlier start above all.
 * @tree: checked by kernel_dt_check(), opened with room to grow
 *
 * Returns LB_OK, LB_ERR_FULL or LB_ERR_RANGE (the tree cannot be changed).
 */
enum lb_status kernel_dt_fixup(void *tree, const struct kernel_dt_facts *facts);

/**
 * kernel_dt_take_memory() - what only the running machine knows goes from the firmware's
 * tree into another one: memory nodes and reservations. Bare metal only; under UEFI the
 * memory map counts. Both trees checked, @tree opened with room to grow.
 */
enum lb_status kernel_dt_take_memory(void *tree, const void *firmware);

/**
 * kernel_place_device_tree() - layout.device_tree for a chosen configuration.
 * @node: the configuration
 *
 * Command line and initrd must be in the layout already. Returns LB_REASON_OK, _OVERLAY,
 * _FIT_DAMAGED, _DECOMPRESSION, _TOO_LITTLE_MEMORY.
 */
enum lb_reason kernel_place_device_tree(struct kernel_job *job,
					const struct kernel_fit *fit, int node);

#endif

/* Fix-ups of a device tree: /chosen and /firmware/lifeboat. */
#include <string.h>

#include <libfdt.h>

#include "base/bytes.h"
#include "boot/kernel/device_tree.h"

#define KASLR_SEED_BYTES 8

/* Never kept from whoever had the tree before: an initrd that is not ours, seeds that
 * were used, and what only a kernel's EFI stub may say. */
static const char *const stale[] = {
	"bootargs",
	"bootargs-append",
	"linux,initrd-start",
	"linux,initrd-end",
	"kaslr-seed",
	"rng-seed",
	"linux,uefi-system-table",
	"linux,uefi-mmap-start",
	"linux,uefi-mmap-size",
	"linux,uefi-mmap-desc-size",
	"linux,uefi-mmap-desc-ver",
	"linux,uefi-secure-boot",
};

static enum lb_status from_fdt(int error)
{
	if (error >= 0)
		return LB_OK;
	return error == -FDT_ERR_NOSPACE ? LB_ERR_FULL : LB_ERR_RANGE;
}

/* The sub-node of this name, made when it is not there; or a negative error. */
static int have_node(void *tree, int parent, const char *name)
{
	const int node = fdt_subnode_offset(tree, parent, name);

	return node == -FDT_ERR_NOTFOUND ? fdt_add_subnode(tree, parent, name) : node;
}

static int set_u64(void *tree, int node, const char *name, uint64_t value)
{
	uint8_t bytes[8];

	lb_put_be64(bytes, value);
	return fdt_setprop(tree, node, name, bytes, sizeof bytes);
}

static int set_string(void *tree, int node, const char *name, const char *text)
{
	return fdt_setprop(tree, node, name, text, (int)strlen(text) + 1);
}

static int drop_stale(void *tree, int chosen)
{
	for (size_t i = 0; i < sizeof stale / sizeof stale[0]; i++) {
		const int error = fdt_delprop(tree, chosen, stale[i]);
		if (error != 0 && error != -FDT_ERR_NOTFOUND)
			return error;
	}
	return 0;
}

static int set_initrd(void *tree, int chosen, const struct kernel_dt_facts *facts)
{
	const uint64_t start = (uint64_t)(uintptr_t)facts->initrd;

	if (facts->initrd == NULL)
		return 0;
	const int error = set_u64(tree, chosen, "linux,initrd-start", start);
	return error != 0 ? error
			  : set_u64(tree, chosen, "linux,initrd-end",
				    start + facts->initrd_bytes);
}

static int set_chosen(void *tree, const struct kernel_dt_facts *facts)
{
	const int chosen = have_node(tree, 0, "chosen");

	if (chosen < 0)
		return chosen;
	int error = drop_stale(tree, chosen);
	if (error == 0)
		error = set_string(tree, chosen, "bootargs", facts->cmdline);
	if (error == 0)
		error = set_initrd(tree, chosen, facts);
	if (error == 0 && facts->kaslr_seed != NULL)
		error = fdt_setprop(tree, chosen, "kaslr-seed", facts->kaslr_seed,
				    KASLR_SEED_BYTES);
	if (error == 0 && facts->rng_seed != NULL)
		error = fdt_setprop(tree, chosen, "rng-seed", facts->rng_seed,
				    KERNEL_SEED_BYTES);
	return error;
}

/* A node made anew, so that nothing in it comes from anyone else. */
static int set_handover(void *tree, const struct lb_handover *handover)
{
	const int firmware = have_node(tree, 0, "firmware");
	if (firmware < 0)
		return firmware;
	const int old = fdt_subnode_offset(tree, firmware, "lifeboat");
	int error = old >= 0 ? fdt_del_node(tree, old) : 0;
	const int node = error == 0 ? fdt_add_subnode(tree, firmware, "lifeboat") : error;
	if (node < 0)
		return node;

	error = set_string(tree, node, "compatible", "lifeboat,handover");
	for (size_t i = 0; i < handover->count && error == 0; i++) {
		char name[LB_HANDOVER_PROPERTY_BYTES];
		lb_handover_property(handover->item[i].name, name);
		error = set_string(tree, node, name, handover->item[i].value);
	}
	return error;
}

/* Where Linux looks for the log of a TPM that no firmware has. Spec: devicetree binding
 * tpm/tpm-common (linux,sml-base, linux,sml-size); no node: the kernel knows no TPM. */
static int set_tpm_log(void *tree, const struct kernel_dt_facts *facts)
{
	const uint64_t base = (uint64_t)(uintptr_t)facts->tpm_log;
	uint8_t bytes[4];

	if (facts->tpm_log == NULL)
		return 0;
	const int node = fdt_node_offset_by_compatible(tree, -1, "tcg,tpm-tis-mmio");
	if (node < 0)
		return node == -FDT_ERR_NOTFOUND ? 0 : node;
	lb_put_be32(bytes, (uint32_t)facts->tpm_log_bytes);
	int error = set_u64(tree, node, "linux,sml-base", base);
	if (error == 0)
		error = fdt_setprop(tree, node, "linux,sml-size", bytes, sizeof bytes);
	return error == 0 ? fdt_add_mem_rsv(tree, base, facts->tpm_log_bytes) : error;
}

enum lb_status kernel_dt_fixup(void *tree, const struct kernel_dt_facts *facts)
{
	int error = set_chosen(tree, facts);

	if (error >= 0)
		error = set_handover(tree, facts->handover);
	if (error >= 0)
		error = set_tpm_log(tree, facts);
	return from_fdt(error);
}

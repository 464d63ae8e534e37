/* The device tree for a kernel that starts by its EFI stub: fixed up by the firmware
 * where it offers that, installed as configuration table, and taken back. */
#include "boot/uefi/stub.h"

#include "base/bytes.h"

#include <string.h>

#include <libfdt.h>

#define FIXUP_ROOM_BYTES 0x2000u

static EFI_GUID tree_guid = EFI_DTB_TABLE_GUID;

/* A copy with room to grow, in memory that stays until the kernel has read it. */
static enum lb_status copy_tree(struct uefi *u, const uint8_t *tree, size_t bytes)
{
	struct uefi_start *s = &u->start;

	s->tree = uefi_alloc_type(u, bytes, LB_PAGE_BYTES, PLATFORM_ANY_ADDRESS,
				  EfiACPIReclaimMemory);
	if (s->tree == NULL)
		return LB_ERR_NOMEM;
	s->tree_bytes = bytes;
	return fdt_open_into(tree, s->tree, (int)bytes) == 0 ? LB_OK : LB_ERR_RANGE;
}

static void free_tree(struct uefi *u)
{
	if (u->start.tree != NULL)
		uefi_free(u, u->start.tree, u->start.tree_bytes);
	u->start.tree = NULL;
}

static enum lb_status fix_up(struct uefi *u, const uint8_t *tree)
{
	struct uefi_dt_fixup *fixup = uefi_protocol(u, (EFI_GUID)UEFI_DT_FIXUP_GUID);
	const UINT32 flags = UEFI_DT_APPLY_FIXUPS | UEFI_DT_RESERVE_MEMORY;
	UINTN bytes = u->start.tree_bytes;
	enum lb_status status;

	if (fixup == NULL)
		return LB_OK;

	EFI_STATUS efi = fixup->fixup(fixup, u->start.tree, &bytes, flags);

	if (efi == EFI_BUFFER_TOO_SMALL && bytes > u->start.tree_bytes &&
	    bytes < INT32_MAX) {
		free_tree(u);
		status = copy_tree(u, tree, bytes);
		if (status != LB_OK)
			return status;
		efi = fixup->fixup(fixup, u->start.tree, &bytes, flags);
	}
	return uefi_status(efi);
}

enum lb_status uefi_tree_install(struct uefi *u, const uint8_t *tree)
{
	struct uefi_start *s = &u->start;
	enum lb_status status =
		copy_tree(u, tree, fdt_totalsize(tree) + FIXUP_ROOM_BYTES);

	if (status == LB_OK)
		status = fix_up(u, tree);
	if (status != LB_OK)
		return status;
	s->firmware_tree = uefi_table(u, &tree_guid);
	status = uefi_status(u->bs->InstallConfigurationTable(&tree_guid, s->tree));
	s->tree_installed = status == LB_OK;
	return status;
}

void uefi_tree_withdraw(struct uefi *u)
{
	/* NULL removes the table; the firmware's own comes back where there was one. */
	if (u->start.tree_installed &&
	    u->bs->InstallConfigurationTable(&tree_guid, u->start.firmware_tree) !=
		    EFI_SUCCESS)
		uefi_log(u, "start: the device tree cannot be withdrawn");
	u->start.tree_installed = false;
	free_tree(u);
}

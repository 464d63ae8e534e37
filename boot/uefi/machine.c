/* Identity of the machine: SMBIOS, ACPI, device tree, Secure Boot. */
#include "boot/uefi/cpu.h"

#include <string.h>

#include <libfdt.h>

#include "base/format.h"
#include "boot/uefi/smbios.h"

#define TREE_MAX_BYTES 0x1000000u

/* Table pointers come from the firmware we run on; their contents are checked. */
static void find_smbios(const struct uefi *u, struct platform_machine *m)
{
	const uint8_t *entry = uefi_table(u, &(EFI_GUID)SMBIOS3_TABLE_GUID);
	uint64_t address;
	size_t bytes;

	if (entry == NULL)
		entry = uefi_table(u, &(EFI_GUID)SMBIOS_TABLE_GUID);
	if (entry == NULL || smbios_entry_parse(entry, &address, &bytes) != LB_OK)
		return;
	/* Without a system structure both stay "": an unknown machine. */
	(void)smbios_system((const uint8_t *)(uintptr_t)address, bytes, m->vendor,
			    m->product);
}

static void read_compatible(struct platform_machine *m)
{
	for (int i = 0; i < (int)PLATFORM_MAX_COMPATIBLE; i++) {
		int len;
		const char *text =
			fdt_stringlist_get(m->device_tree, 0, "compatible", i, &len);

		if (text == NULL || len < 0 || (size_t)len >= PLATFORM_ID_BYTES)
			return;
		memcpy(m->compatible[m->compatible_count++], text, (size_t)len + 1);
	}
}

static void find_device_tree(const struct uefi *u, struct platform_machine *m)
{
	const uint8_t *tree = uefi_table(u, &(EFI_GUID)EFI_DTB_TABLE_GUID);

	if (tree == NULL || fdt_check_header(tree) != 0 ||
	    fdt_totalsize(tree) > TREE_MAX_BYTES ||
	    fdt_check_full(tree, fdt_totalsize(tree)) != 0)
		return;
	m->device_tree = tree;
	m->device_tree_bytes = fdt_totalsize(tree);
	read_compatible(m);
}

static bool secure_boot_enforcing(const struct uefi *u)
{
	return uefi_variable_u8(u, L"SecureBoot", 0) == 1 &&
	       uefi_variable_u8(u, L"SetupMode", 0) == 0;
}

/* U-Boot keeps variables in a plain file on the EFI system partition: whoever can write
 * that disk can write them all, whatever their attributes say. (With a secure world
 * behind it, it may do better, but does not say so.) */
static bool is_u_boot(const struct uefi *u)
{
	static const CHAR16 u_boot[] = L"Das U-Boot";
	const CHAR16 *vendor = u->st->FirmwareVendor;

	for (size_t i = 0; vendor != NULL; i++) {
		if (vendor[i] != u_boot[i])
			return false;
		if (vendor[i] == 0)
			return true;
	}
	return false;
}

/* "EDK II 1.0, UEFI 2.7", "Das U-Boot 2023.01, UEFI 2.10". The vendor's string is the
 * firmware's own. U-Boot's version is binary-coded decimal, year, month and a zero. */
static void name_firmware(const struct uefi *u, struct platform_machine *m)
{
	const bool u_boot = is_u_boot(u);
	const CHAR16 *vendor = u->st->FirmwareVendor;
	const uint32_t own = u->st->FirmwareRevision, spec = u->st->Hdr.Revision;
	char name[32];
	size_t n = 0;

	for (; vendor != NULL && vendor[n] != 0 && n < sizeof name - 1; n++)
		name[n] = vendor[n] < 0x80 ? (char)vendor[n] : '?';
	name[n] = '\0';
	if (u_boot)
		lb_format(m->firmware, sizeof m->firmware, "%s %x.%02x, UEFI %u.%u", name,
			  own >> 16, own >> 8 & 0xff, spec >> 16, (spec & 0xffff) / 10);
	else
		lb_format(m->firmware, sizeof m->firmware, "%s %u.%u, UEFI %u.%u", name,
			  own >> 16, own & 0xffff, spec >> 16, (spec & 0xffff) / 10);
}

/* Boot-services variables: is there room for any? (Emulated ones may have none.) */
static bool variables_kept(const struct uefi *u)
{
	UINT64 all = 0, left = 0, largest = 0;

	return u->rt->Hdr.Revision >= (2u << 16) &&
	       u->rt->QueryVariableInfo(EFI_VARIABLE_NON_VOLATILE |
						EFI_VARIABLE_BOOTSERVICE_ACCESS,
					&all, &left, &largest) == EFI_SUCCESS &&
	       all != 0;
}

void uefi_machine_init(struct uefi *u)
{
	struct platform_machine *m = &u->machine;

	m->cpu = uefi_cpu;
	m->uefi = true;
	m->acpi = uefi_table(u, &(EFI_GUID)ACPI_20_TABLE_GUID) != NULL ||
		  uefi_table(u, &(EFI_GUID)ACPI_TABLE_GUID) != NULL;
	m->secure_boot = secure_boot_enforcing(u);
	m->media_fixed = is_u_boot(u); /* it looks for disks before it starts us */
	m->protected_storage = !is_u_boot(u) && variables_kept(u);
	name_firmware(u, m);
	find_smbios(u, m);
	find_device_tree(u, m);
}

const struct platform_machine *uefi_machine(void *ctx)
{
	const struct uefi *u = ctx;

	return &u->machine;
}

/* Devices with an option ROM: with Secure Boot on, the firmware starts it only when db
 * trusts its signer. A graphics card whose ROM is refused shows no picture.
 *
 * Spec: UEFI 2.10, 14.4 (EFI_PCI_IO_PROTOCOL, RomImage). */
#include "boot/enroll/enroll.h"

#include <efipciio.h>

#define PCI_ID_AT 0u /* u16 vendor, u16 device */

static void say_device(struct uefi *u, EFI_PCI_IO_PROTOCOL *pci)
{
	UINTN segment = 0, bus = 0, device = 0, function = 0;
	uint16_t id[2] = { 0 };

	if (pci->GetLocation(pci, &segment, &bus, &device, &function) != EFI_SUCCESS ||
	    pci->Pci.Read(pci, EfiPciIoWidthUint16, PCI_ID_AT, 2, id) != EFI_SUCCESS) {
		enroll_say(u, "  a device that does not say where it is\n");
		return;
	}
	enroll_say(u, "  %02x:%02x.%x, vendor %04x, device %04x\n", (unsigned)bus,
		   (unsigned)device, (unsigned)function, id[0], id[1]);
}

size_t enroll_option_roms(struct uefi *u)
{
	EFI_GUID guid = EFI_PCI_IO_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;
	size_t found = 0;

	if (u->bs->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles) !=
	    EFI_SUCCESS)
		return 0;
	for (UINTN i = 0; i < count; i++) {
		EFI_PCI_IO_PROTOCOL *pci = uefi_protocol_of(u, handles[i], guid);

		if (pci == NULL || pci->RomImage == NULL || pci->RomSize == 0)
			continue;
		if (found++ == 0)
			enroll_say(u, "\nDevices here that bring firmware of their own "
				      "(option ROM):\n");
		say_device(u, pci);
	}
	(void)u->bs->FreePool(handles); /* a leak at worst */
	return found;
}

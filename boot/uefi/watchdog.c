/* Hardware watchdogs of machines with UEFI: found among the PCI devices, reached through
 * the firmware's PCI protocol; chipset registers outside of PCI directly. */
#include "boot/uefi/cpu.h"

#include <efipciio.h>

#define PCI_ID              0x00u
#define PCI_CLASS           0x08u
#define CHIPSET_DEVICE      0x1fu
#define PCI_ATTRIBUTE_SPACE 0x200u /* EFI_PCI_IO_ATTRIBUTE_MEMORY */

static EFI_GUID pci_io_guid = EFI_PCI_IO_PROTOCOL_GUID;

static EFI_PCI_IO_PROTOCOL_WIDTH width_of(unsigned int bytes)
{
	if (bytes == 1)
		return EfiPciIoWidthUint8;
	return bytes == 2 ? EfiPciIoWidthUint16 : EfiPciIoWidthUint32;
}

static uint32_t ones(unsigned int bytes)
{
	return UINT32_MAX >> (32 - 8 * bytes);
}

/* Memory is mapped one to one here, devices included. */
static volatile uint32_t *at_address(uint32_t address)
{
	return (volatile uint32_t *)(uintptr_t)address;
}

static uint32_t io_read(void *ctx, enum watchdog_space space, uint32_t at,
			unsigned int bytes)
{
	EFI_PCI_IO *pci = ctx;
	const EFI_PCI_IO_PROTOCOL_WIDTH width = width_of(bytes);
	uint32_t value = 0; /* little-endian: the first bytes of it are filled */
	EFI_STATUS status = EFI_SUCCESS;

	switch (space) {
	case WATCHDOG_CONFIG:
		status = pci->Pci.Read(pci, width, at, 1, &value);
		break;
	case WATCHDOG_BAR0:
		status = pci->Mem.Read(pci, width, 0, at, 1, &value);
		break;
	case WATCHDOG_PORT:
		return uefi_cpu_port_read((uint16_t)at, bytes);
	case WATCHDOG_MEMORY:
		return *at_address(at);
	}
	return status == EFI_SUCCESS ? value : ones(bytes);
}

static void io_write(void *ctx, enum watchdog_space space, uint32_t at,
		     unsigned int bytes, uint32_t value)
{
	EFI_PCI_IO *pci = ctx;
	const EFI_PCI_IO_PROTOCOL_WIDTH width = width_of(bytes);

	/* Drivers read back what matters. */
	switch (space) {
	case WATCHDOG_CONFIG:
		(void)pci->Pci.Write(pci, width, at, 1, &value);
		break;
	case WATCHDOG_BAR0:
		(void)pci->Mem.Write(pci, width, 0, at, 1, &value);
		break;
	case WATCHDOG_PORT:
		uefi_cpu_port_write((uint16_t)at, bytes, value);
		break;
	case WATCHDOG_MEMORY:
		*at_address(at) = value;
		break;
	}
}

static const char *name_of(const struct watchdog *w)
{
	return w->driver->name;
}

/* Puts one more into the list: a card of its own before what is part of the chipset,
 * whose reset line may not be connected. */
static void add(struct uefi *u, const struct watchdog *w)
{
	struct uefi_watchdogs *all = &u->watchdogs;

	if (all->count == UEFI_MAX_WATCHDOGS)
		return;
	all->found[all->count] = *w;
	if (all->count > 0 && w->driver == &watchdog_i6300esb) {
		all->found[all->count] = all->found[0];
		all->found[0] = *w;
	}
	all->count++;
}

/* A chipset's own devices are at a place where nothing can be plugged in, and only on
 * x86. Elsewhere the ids are a lie, and registers that such a device names could be any
 * memory. */
static bool in_its_place(const struct uefi *u, EFI_PCI_IO *pci,
			 const struct watchdog_driver *driver)
{
	UINTN segment, bus, device, function;

	if (driver == &watchdog_i6300esb)
		return true;
	return u->machine.cpu == PLATFORM_CPU_X86_64 &&
	       pci->GetLocation(pci, &segment, &bus, &device, &function) == EFI_SUCCESS &&
	       segment == 0 && bus == 0 && device == CHIPSET_DEVICE;
}

/* @why: of what is left alone, kept when nothing better is found. */
static void look_at(struct uefi *u, EFI_PCI_IO *pci, const char **why)
{
	struct watchdog w = { .io = { pci, io_read, io_write } };
	const uint32_t id = io_read(pci, WATCHDOG_CONFIG, PCI_ID, 4);
	const uint32_t class_code = io_read(pci, WATCHDOG_CONFIG, PCI_CLASS, 4);
	const struct watchdog_match match = watchdog_match(
		(uint16_t)id, (uint16_t)(id >> 16), (uint16_t)(class_code >> 16));

	if (match.left_alone != NULL)
		*why = match.left_alone;
	if (match.driver == NULL || !in_its_place(u, pci, match.driver))
		return;
	w.driver = match.driver;
	/* Without it the registers read as all ones, and open() says so. */
	(void)pci->Attributes(pci, EfiPciIoAttributeOperationEnable, PCI_ATTRIBUTE_SPACE,
			      NULL);

	const enum lb_status status = w.driver->open(&w);

	if (status == LB_OK)
		add(u, &w);
	else
		uefi_log(u, "watchdog: %s: its registers: %s", name_of(&w),
			 lb_status_name(status));
}

static void look(struct uefi *u)
{
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;
	const char *why = NULL;

	if (u->watchdogs.looked)
		return;
	u->watchdogs.looked = true;
	if (u->bs->LocateHandleBuffer(ByProtocol, &pci_io_guid, NULL, &count, &handles) !=
	    EFI_SUCCESS)
		return;
	for (UINTN i = 0; i < count; i++) {
		EFI_PCI_IO *pci = uefi_protocol_of(u, handles[i], pci_io_guid);

		if (pci != NULL)
			look_at(u, pci, &why);
	}
	(void)u->bs->FreePool(handles); /* a leak at worst */
	if (u->watchdogs.count == 0 && why != NULL)
		uefi_log(u, "watchdog: left alone: %s", why);
}

static enum lb_status stop(struct uefi *u)
{
	const struct watchdog *w = u->watchdogs.armed;

	u->watchdogs.armed = NULL;
	return w == NULL ? LB_OK : w->driver->stop(w);
}

/* The first that can be armed is enough. */
enum lb_status uefi_hardware_watchdog_arm(void *ctx, uint32_t seconds)
{
	struct uefi *u = ctx;
	enum lb_status status = LB_ERR_NOT_FOUND;

	if (seconds == 0)
		return stop(u);
	look(u);
	/* First: a firmware may drive its own timer by the very same device. */
	uefi_watchdog_off(u);
	for (size_t i = 0; i < u->watchdogs.count && status != LB_OK; i++) {
		const struct watchdog *w = &u->watchdogs.found[i];
		uint32_t ms = 0;

		status = w->driver->arm(w, seconds, &ms);
		if (status == LB_OK) {
			u->watchdogs.armed = w;
			uefi_log(u, "watchdog: %s resets in %u.%u s", name_of(w),
				 ms / 1000, ms / 100 % 10);
		} else {
			uefi_log(u, "watchdog: %s: %u s: %s", name_of(w), seconds,
				 lb_status_name(status));
		}
	}
	return status;
}

enum lb_status uefi_hardware_watchdog_died(void *ctx, bool *died)
{
	struct uefi *u = ctx;

	*died = false;
	look(u);
	/* Each is asked: asking clears. */
	for (size_t i = 0; i < u->watchdogs.count; i++)
		if (u->watchdogs.found[i].driver->died(&u->watchdogs.found[i])) {
			uefi_log(u, "watchdog: %s timed out before this boot",
				 name_of(&u->watchdogs.found[i]));
			*died = true;
		}
	return u->watchdogs.count == 0 ? LB_ERR_NOT_FOUND : LB_OK;
}

/* The initrd, served to the kernel's EFI stub where it looks first.
 *
 * Spec: Linux Documentation/x86/boot.rst, "initrd"; UEFI 2.10, 13.2. */
#include "boot/uefi/stub.h"

#include <string.h>

#define VENDOR_NODE_BYTES 20u

static const struct {
	uint8_t vendor[4];
	EFI_GUID guid;
	uint8_t end[4];
} __attribute__((packed)) initrd_path = {
	.vendor = { MEDIA_DEVICE_PATH, MEDIA_VENDOR_DP, VENDOR_NODE_BYTES, 0 },
	.guid = UEFI_LINUX_INITRD_GUID,
	.end = { END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4, 0 },
};

struct offer {
	struct uefi_load_file2 protocol; /* first: the callee gets its address */
	const uint8_t *data;
	size_t bytes;
};

static EFI_STATUS EFIAPI load_file(struct uefi_load_file2 *this, EFI_DEVICE_PATH *path,
				   BOOLEAN boot_policy, UINTN *bytes, void *buffer)
{
	const struct offer *o = (const struct offer *)this;

	(void)path; /* the handle serves one file */
	if (boot_policy)
		return EFI_UNSUPPORTED;
	if (bytes == NULL)
		return EFI_INVALID_PARAMETER;
	if (buffer == NULL || *bytes < o->bytes) {
		*bytes = o->bytes;
		return EFI_BUFFER_TOO_SMALL;
	}
	memcpy(buffer, o->data, o->bytes);
	*bytes = o->bytes;
	return EFI_SUCCESS;
}

/* Firmware keeps the address until the protocol is uninstalled. */
static struct offer offer = { .protocol = { .load_file = load_file } };

static EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID load_file2_guid = UEFI_LOAD_FILE2_GUID;

/* Does someone else serve this path? Then the kernel would take that. */
static bool foreign_offer(const struct uefi *u)
{
	EFI_DEVICE_PATH *path = (EFI_DEVICE_PATH *)(uintptr_t)&initrd_path;
	EFI_HANDLE handle;

	return u->bs->LocateDevicePath(&load_file2_guid, &path, &handle) == EFI_SUCCESS &&
	       IsDevicePathEnd(path);
}

enum lb_status uefi_initrd_offer(struct uefi *u, const uint8_t *data, size_t bytes)
{
	if (foreign_offer(u))
		return LB_ERR_DENIED;
	/* The x86 stub takes a path that serves nothing for an error, so then there is
	 * none. */
	if (data == NULL)
		return LB_OK;
	offer.data = data;
	offer.bytes = bytes;
	return uefi_status(u->bs->InstallMultipleProtocolInterfaces(
		&u->start.initrd_handle, &path_guid, &initrd_path, &load_file2_guid,
		&offer.protocol, NULL));
}

void uefi_initrd_withdraw(struct uefi *u)
{
	if (u->start.initrd_handle == NULL)
		return;
	if (u->bs->UninstallMultipleProtocolInterfaces(
		    u->start.initrd_handle, &path_guid, &initrd_path, &load_file2_guid,
		    &offer.protocol, NULL) != EFI_SUCCESS)
		uefi_log(u, "start: the initrd cannot be withdrawn");
	u->start.initrd_handle = NULL;
	offer.data = NULL;
}

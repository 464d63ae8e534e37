/* Small things every file of the back end needs. */
#include "boot/uefi/uefi.h"

#include <stdarg.h>
#include <string.h>

#include "base/log.h"
#include "boot/uefi/device_path.h"

enum lb_status uefi_status(EFI_STATUS status)
{
	switch (status) {
	case EFI_SUCCESS:
		return LB_OK;
	case EFI_INVALID_PARAMETER:
		return LB_ERR_ARGUMENT;
	case EFI_UNSUPPORTED:
		return LB_ERR_UNSUPPORTED;
	case EFI_NO_MEDIA:
	case EFI_MEDIA_CHANGED:
		return LB_ERR_REMOVED;
	case EFI_TIMEOUT:
		return LB_ERR_TIMEOUT;
	case EFI_WRITE_PROTECTED:
		return LB_ERR_READ_ONLY;
	case EFI_OUT_OF_RESOURCES:
		return LB_ERR_NOMEM;
	case EFI_VOLUME_FULL:
		return LB_ERR_FULL;
	case EFI_NOT_FOUND:
	case EFI_NOT_READY:
		return LB_ERR_NOT_FOUND;
	case EFI_ACCESS_DENIED:
	case EFI_SECURITY_VIOLATION:
		return LB_ERR_DENIED;
	default:
		return LB_ERR_IO;
	}
}

void uefi_log(struct uefi *u, const char *fmt, ...)
{
	char line[LB_LOG_LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	const size_t len = lb_log_line(line, fmt, args);
	va_end(args);
	uefi_write_log(u, line, len);
}

void *uefi_table(const struct uefi *u, const EFI_GUID *guid)
{
	for (UINTN i = 0; i < u->st->NumberOfTableEntries; i++)
		if (memcmp(&u->st->ConfigurationTable[i].VendorGuid, guid,
			   sizeof *guid) == 0)
			return u->st->ConfigurationTable[i].VendorTable;
	return NULL;
}

void *uefi_protocol(const struct uefi *u, EFI_GUID guid)
{
	void *found = NULL;

	if (u->bs->LocateProtocol(&guid, NULL, &found) != EFI_SUCCESS)
		return NULL;
	return found;
}

void *uefi_protocol_of(const struct uefi *u, EFI_HANDLE handle, EFI_GUID guid)
{
	void *found = NULL;

	if (handle == NULL || u->bs->HandleProtocol(handle, &guid, &found) != EFI_SUCCESS)
		return NULL;
	return found;
}

const uint8_t *uefi_device_path(const struct uefi *u, EFI_HANDLE handle, size_t *bytes)
{
	const uint8_t *path =
		uefi_protocol_of(u, handle, (EFI_GUID)EFI_DEVICE_PATH_PROTOCOL_GUID);

	*bytes = uefi_path_bytes(path, UEFI_PATH_MAX_BYTES);
	return *bytes == 0 ? NULL : path;
}

void uefi_ascii16(const char *text, CHAR16 *out)
{
	do
		*out++ = (CHAR16)(unsigned char)*text;
	while (*text++ != '\0');
}

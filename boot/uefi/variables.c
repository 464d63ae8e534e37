/* Variables: floors that the OS cannot reach, and facts it is told.
 *
 * Design: DESIGN 8. A protected variable counts only when its attributes read exactly
 * non-volatile and boot-services: one with run-time access was planted by an OS. */
#include "boot/uefi/uefi.h"

#include <string.h>

#include "base/bytes.h"
#include "base/format.h"

#define PROTECTED (EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS)
#define FOR_OS    (EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS)

#define FLOOR_BYTES         8u
#define PROTECTED_MAX_BYTES 128u /* all protected variables are shorter */
#define NAME_MAX_BYTES      40u
#define NAME_PREFIX         "Lifeboat"
#define NAME_SLOT           "Slot" /* its value starts with the slot's letter */

static EFI_GUID lifeboat_guid = UEFI_LIFEBOAT_GUID;
static CHAR16 floor_name[] = L"LifeboatFloor";

uint8_t uefi_variable_u8(const struct uefi *u, const CHAR16 *name, uint8_t missing)
{
	EFI_GUID guid = EFI_GLOBAL_VARIABLE;
	UINTN bytes = 1;
	uint8_t value = missing;

	if (u->rt->GetVariable((CHAR16 *)(uintptr_t)name, &guid, NULL, &bytes, &value) !=
		    EFI_SUCCESS ||
	    bytes != 1)
		return missing;
	return value;
}

static EFI_STATUS delete_variable(struct uefi *u, CHAR16 *name)
{
	return u->rt->SetVariable(name, &lifeboat_guid, 0, 0, NULL);
}

/* One of our own names, which are ASCII. */
static void ascii(const CHAR16 *name, char out[NAME_MAX_BYTES])
{
	size_t i = 0;

	for (; name[i] != 0 && i < NAME_MAX_BYTES - 1; i++)
		out[i] = (char)name[i];
	out[i] = '\0';
}

enum lb_status uefi_read_protected(struct uefi *u, CHAR16 *name, uint8_t *out,
				   size_t bytes, bool fewer, size_t *got)
{
	UINTN len = bytes;
	UINT32 attributes = 0;
	EFI_STATUS status =
		u->rt->GetVariable(name, &lifeboat_guid, &attributes, &len, out);

	if (status == EFI_NOT_FOUND)
		return LB_ERR_NOT_FOUND;
	if (status != EFI_SUCCESS && status != EFI_BUFFER_TOO_SMALL)
		return LB_ERR_IO;
	if (status == EFI_SUCCESS && attributes == PROTECTED && (len == bytes || fewer)) {
		*got = len;
		return LB_OK;
	}

	char text[NAME_MAX_BYTES];

	ascii(name, text);
	status = delete_variable(u, name);
	uefi_log(u, "variables: %s is not ours (attributes 0x%x, %u bytes): ignored, %s",
		 text, attributes, (unsigned)len,
		 status == EFI_SUCCESS ? "deleted" : "cannot be deleted");
	return LB_ERR_NOT_FOUND;
}

enum lb_status uefi_write_protected(struct uefi *u, CHAR16 *name, const uint8_t *data,
				    size_t bytes)
{
	uint8_t check[PROTECTED_MAX_BYTES];
	size_t got = 0;
	const EFI_STATUS set =
		u->rt->SetVariable(name, &lifeboat_guid, bytes > 0 ? PROTECTED : 0, bytes,
				   (void *)(uintptr_t)data);

	if (set != EFI_SUCCESS && !(bytes == 0 && set == EFI_NOT_FOUND))
		return uefi_status(set);

	const enum lb_status status =
		uefi_read_protected(u, name, check, sizeof check, true, &got);

	if (bytes == 0)
		return status == LB_ERR_NOT_FOUND ? LB_OK : LB_ERR_IO;
	if (status != LB_OK)
		return status;
	return got == bytes && memcmp(check, data, bytes) == 0 ? LB_OK : LB_ERR_IO;
}

enum lb_status uefi_read_floors(void *ctx, struct platform_floors *out)
{
	const struct uefi *u = ctx;
	uint8_t bytes[FLOOR_BYTES];
	size_t got;

	*out = (struct platform_floors){ 0 };
	if (!u->machine.protected_storage)
		return LB_ERR_UNSUPPORTED;

	const enum lb_status status =
		uefi_read_protected(ctx, floor_name, bytes, sizeof bytes, false, &got);

	if (status != LB_OK)
		return status;
	out->kernel = lb_le32(bytes);
	out->recovery = lb_le32(bytes + 4);
	return LB_OK;
}

static uint32_t higher(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

enum lb_status uefi_raise_floors(void *ctx, const struct platform_floors *floors)
{
	struct platform_floors now;
	uint8_t bytes[FLOOR_BYTES];
	const enum lb_status status = uefi_read_floors(ctx, &now);

	if (status != LB_OK && status != LB_ERR_NOT_FOUND)
		return status;

	const struct platform_floors want = {
		.kernel = higher(now.kernel, floors->kernel),
		.recovery = higher(now.recovery, floors->recovery)
	};
	if (want.kernel == now.kernel && want.recovery == now.recovery)
		return LB_OK;

	lb_put_le32(bytes, want.kernel);
	lb_put_le32(bytes + 4, want.recovery);
	return uefi_write_protected(ctx, floor_name, bytes, sizeof bytes);
}

/* An OS may have left a variable of that name with other attributes, which would make
 * setting it fail, or survive as if we had said it. */
static void remove_foreign(struct uefi *u, CHAR16 *name, EFI_GUID *vendor)
{
	UINTN len = 0;
	UINT32 attributes = 0;
	uint8_t unused;
	const EFI_STATUS status =
		u->rt->GetVariable(name, vendor, &attributes, &len, &unused);

	/* If it stays, setting it will fail. */
	if (status != EFI_NOT_FOUND)
		(void)u->rt->SetVariable(name, vendor, 0, 0, NULL);
}

enum lb_status uefi_tell_os(struct uefi *u, EFI_GUID vendor, const char *name,
			    const void *data, size_t bytes)
{
	CHAR16 wide[NAME_MAX_BYTES];

	if (name[0] == '\0' || strlen(name) >= NAME_MAX_BYTES)
		return LB_ERR_ARGUMENT;
	uefi_ascii16(name, wide);
	remove_foreign(u, wide, &vendor);
	if (bytes == 0)
		return LB_OK; /* an empty variable is one that is not there */
	return uefi_status(u->rt->SetVariable(wide, &vendor, FOR_OS, bytes,
					      (void *)(uintptr_t)data));
}

enum lb_status uefi_hand_over(void *ctx, const char *name, const char *value)
{
	struct uefi *u = ctx;
	char full[NAME_MAX_BYTES];

	if (name[0] == '\0' || strlen(name) >= sizeof full - (sizeof NAME_PREFIX - 1))
		return LB_ERR_ARGUMENT;
	lb_format(full, sizeof full, NAME_PREFIX "%s", name);
	if (strcmp(name, NAME_SLOT) == 0)
		uefi_bli_selected(u, value[0]);
	return uefi_tell_os(u, lifeboat_guid, full, value, strlen(value));
}

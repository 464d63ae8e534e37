/* Variables: floors that the OS cannot reach, and facts it is told.
 *
 * Design: DESIGN 8. A protected variable counts only when its attributes read exactly
 * non-volatile and boot-services: one with run-time access was planted by an OS. */
#include "boot/uefi/uefi.h"

#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "base/handover.h"

#define PROTECTED (EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS)
#define FOR_OS    (EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS)

#define FLOOR_BYTES         8u
#define LOADER_FLOOR_BYTES  4u
#define PROTECTED_MAX_BYTES 128u /* all protected variables are shorter */
#define NAME_MAX_BYTES      40u
#define TOLD_BYTES          LB_HANDOVER_VALUE_BYTES
#define NAME_PREFIX         "Lifeboat"

static EFI_GUID lifeboat_guid = UEFI_LIFEBOAT_GUID;
static CHAR16 floor_name[] = L"LifeboatFloor";
static CHAR16 loader_name[] = L"LifeboatLoaderFloor";

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

void uefi_note_foreign(struct uefi *u, const char *name)
{
	struct platform_machine *m = &u->machine;

	for (size_t i = 0; i < m->foreign_count; i++)
		if (strcmp(m->foreign[i], name) == 0)
			return;
	if (m->foreign_count < PLATFORM_MAX_FOREIGN)
		lb_format(m->foreign[m->foreign_count++], PLATFORM_FOREIGN_BYTES, "%s",
			  name);
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
	if (status != EFI_SUCCESS)
		uefi_note_foreign(u, text);
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

static enum lb_status read_loader_floor(struct uefi *u, uint32_t *out)
{
	uint8_t bytes[LOADER_FLOOR_BYTES];
	size_t got;
	const enum lb_status status =
		uefi_read_protected(u, loader_name, bytes, sizeof bytes, false, &got);

	*out = status == LB_OK ? lb_le32(bytes) : 0;
	return status;
}

enum lb_status uefi_read_floors(void *ctx, struct platform_floors *out)
{
	const struct uefi *u = ctx;
	uint8_t bytes[FLOOR_BYTES];
	size_t got;

	*out = (struct platform_floors){ 0 };
	if (!u->machine.protected_storage)
		return LB_ERR_UNSUPPORTED;

	/* Both are looked at, whatever the first one says: what is planted goes now. */
	const enum lb_status loader = read_loader_floor(ctx, &out->loader);
	const enum lb_status status =
		uefi_read_protected(ctx, floor_name, bytes, sizeof bytes, false, &got);

	if (status == LB_OK) {
		out->kernel = lb_le32(bytes);
		out->recovery = lb_le32(bytes + 4);
		return loader == LB_ERR_NOT_FOUND ? LB_OK : loader;
	}
	return status == LB_ERR_NOT_FOUND ? loader : status;
}

static uint32_t higher(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static enum lb_status write_floors(struct uefi *u, const struct platform_floors *floors)
{
	uint8_t bytes[FLOOR_BYTES];

	lb_put_le32(bytes, floors->kernel);
	lb_put_le32(bytes + 4, floors->recovery);
	return uefi_write_protected(u, floor_name, bytes, sizeof bytes);
}

static enum lb_status write_loader_floor(struct uefi *u, uint32_t loader)
{
	uint8_t bytes[LOADER_FLOOR_BYTES];

	lb_put_le32(bytes, loader);
	return uefi_write_protected(u, loader_name, bytes, sizeof bytes);
}

enum lb_status uefi_raise_floors(void *ctx, const struct platform_floors *floors)
{
	struct platform_floors now;
	enum lb_status status = uefi_read_floors(ctx, &now);

	if (status != LB_OK && status != LB_ERR_NOT_FOUND)
		return status;

	const struct platform_floors want = {
		.kernel = higher(now.kernel, floors->kernel),
		.recovery = higher(now.recovery, floors->recovery),
		.loader = higher(now.loader, floors->loader),
	};
	status = LB_OK;
	if (want.kernel != now.kernel || want.recovery != now.recovery)
		status = write_floors(ctx, &want);
	if (status == LB_OK && want.loader != now.loader)
		status = write_loader_floor(ctx, want.loader);
	return status;
}

/* An OS may have left a variable of that name with other attributes, which would make
 * setting it fail, or survive as if we had said it. */
static bool remove_foreign(struct uefi *u, CHAR16 *name, EFI_GUID *vendor)
{
	UINTN len = 0;
	UINT32 attributes = 0;
	uint8_t unused;
	const EFI_STATUS status =
		u->rt->GetVariable(name, vendor, &attributes, &len, &unused);

	return status == EFI_NOT_FOUND ||
	       u->rt->SetVariable(name, vendor, 0, 0, NULL) == EFI_SUCCESS;
}

/* As readers will see it: a firmware that keeps an older variable's attributes has told
 * nothing. */
static bool is_told(struct uefi *u, CHAR16 *name, EFI_GUID *vendor, const void *data,
		    size_t bytes)
{
	uint8_t now[TOLD_BYTES];
	UINTN len = sizeof now;
	UINT32 attributes = 0;

	if (bytes > sizeof now)
		return true; /* nobody's word depends on those */
	return u->rt->GetVariable(name, vendor, &attributes, &len, now) == EFI_SUCCESS &&
	       attributes == FOR_OS && len == bytes && memcmp(now, data, bytes) == 0;
}

enum lb_status uefi_tell_os(struct uefi *u, EFI_GUID vendor, const char *name,
			    const void *data, size_t bytes)
{
	CHAR16 wide[NAME_MAX_BYTES];

	if (name[0] == '\0' || strlen(name) >= NAME_MAX_BYTES)
		return LB_ERR_ARGUMENT;
	uefi_ascii16(name, wide);
	if (!remove_foreign(u, wide, &vendor))
		uefi_note_foreign(u, name); /* readers tell by its attributes */
	if (bytes == 0)
		return LB_OK; /* an empty variable is one that is not there */
	const EFI_STATUS status =
		u->rt->SetVariable(wide, &vendor, FOR_OS, bytes, (void *)(uintptr_t)data);

	if (status != EFI_SUCCESS)
		return uefi_status(status);
	return is_told(u, wide, &vendor, data, bytes) ? LB_OK : LB_ERR_DENIED;
}

enum lb_status uefi_hand_over(void *ctx, const char *name, const char *value)
{
	struct uefi *u = ctx;
	char full[NAME_MAX_BYTES];

	if (name[0] == '\0' || strlen(name) >= sizeof full - (sizeof NAME_PREFIX - 1))
		return LB_ERR_ARGUMENT;
	lb_format(full, sizeof full, NAME_PREFIX "%s", name);
	return uefi_tell_os(u, lifeboat_guid, full, value, strlen(value));
}

/* --- the first start ---------------------------------------------------------------- */

/* Every protected variable with what stands for "nothing stored"; UEFI knows no empty
 * ones. */
static const struct {
	CHAR16 *name;
	size_t bytes;
	uint8_t first; /* of them; the rest is zero */
} protected_names[] = {
	{ floor_name, FLOOR_BYTES, 0 },
	{ loader_name, LOADER_FLOOR_BYTES, 0 },
	{ uefi_state_name, UEFI_STATE_BYTES, UEFI_STATE_VERSION },
	{ uefi_dev_keys_name, PLATFORM_KEY_ID_BYTES, 0 },
	{ uefi_seed_name, UEFI_SEED_BYTES, 0 },
};

static void claim(struct uefi *u, CHAR16 *name, size_t bytes, uint8_t first)
{
	uint8_t data[PROTECTED_MAX_BYTES] = { first };
	uint8_t now[PROTECTED_MAX_BYTES];
	char text[NAME_MAX_BYTES];
	size_t got;

	if (uefi_read_protected(u, name, now, sizeof now, true, &got) != LB_ERR_NOT_FOUND)
		return;
	const enum lb_status status = uefi_write_protected(u, name, data, bytes);

	ascii(name, text);
	uefi_log(u, "variables: %s made: %s", text, lb_status_name(status));
}

void uefi_claim_names(struct uefi *u)
{
	if (!u->machine.protected_storage)
		return;
	for (size_t i = 0; i < sizeof protected_names / sizeof protected_names[0]; i++)
		claim(u, protected_names[i].name, protected_names[i].bytes,
		      protected_names[i].first);
}

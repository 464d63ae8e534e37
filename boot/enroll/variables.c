/* The variables of Secure Boot. Spec: UEFI 2.10, 32.3. */
#include "boot/enroll/enroll.h"

#include <string.h>

#define ATTRIBUTES                                                                       \
	(EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS |                   \
	 EFI_VARIABLE_RUNTIME_ACCESS |                                                   \
	 EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS)

#define IMAGE_SECURITY_DATABASE                                                          \
	{                                                                                \
		0xd719b2cb, 0x3d3a, 0x4596,                                              \
		{                                                                        \
			0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f                   \
		}                                                                        \
	}

#define MISSING 0xff

static const struct {
	const char *name;
	EFI_GUID vendor;
} variables[ENROLL_VARIABLES] = {
	[ENROLL_DB] = { "db", IMAGE_SECURITY_DATABASE },
	[ENROLL_KEK] = { "KEK", EFI_GLOBAL_VARIABLE },
	[ENROLL_PK] = { "PK", EFI_GLOBAL_VARIABLE },
};

enum { NAME_CHARS = 8 };

const char *enroll_name(enum enroll_variable which)
{
	return variables[which].name;
}

enum enroll_mode enroll_mode(const struct uefi *u)
{
	switch (uefi_variable_u8(u, L"SetupMode", MISSING)) {
	case 0:
		return ENROLL_MODE_USER;
	case 1:
		return ENROLL_MODE_SETUP;
	default:
		return ENROLL_MODE_UNKNOWN;
	}
}

bool enroll_is_stored(const struct uefi *u, enum enroll_variable which,
		      const struct enroll_key *key)
{
	static uint8_t stored[ENROLL_SECTION_BYTES];
	CHAR16 name[NAME_CHARS];
	EFI_GUID vendor = variables[which].vendor;
	UINTN bytes = sizeof stored;

	uefi_ascii16(variables[which].name, name);
	return u->rt->GetVariable(name, &vendor, NULL, &bytes, stored) == EFI_SUCCESS &&
	       bytes == key->list_bytes && memcmp(stored, key->list, bytes) == 0;
}

enum lb_status enroll_write(const struct uefi *u, enum enroll_variable which,
			    const struct enroll_key *key)
{
	CHAR16 name[NAME_CHARS];
	EFI_GUID vendor = variables[which].vendor;

	uefi_ascii16(variables[which].name, name);
	const EFI_STATUS status =
		u->rt->SetVariable(name, &vendor, ATTRIBUTES, key->update_bytes,
				   (void *)(uintptr_t)key->update);

	if (status != EFI_SUCCESS)
		return uefi_status(status);
	return enroll_is_stored(u, which, key) ? LB_OK : LB_ERR_IO;
}

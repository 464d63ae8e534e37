/* A made-up firmware's variables. Spec: UEFI 2.10, 8.2. */
#include "tests/host/uefi_store.h"

#include <assert.h>
#include <string.h>

struct uefi_store uefi_store;

static bool same_name(const CHAR16 *a, const CHAR16 *b)
{
	for (size_t i = 0;; i++) {
		if (a[i] != b[i])
			return false;
		if (a[i] == 0)
			return true;
	}
}

struct uefi_store_variable *uefi_store_find(const CHAR16 *name, EFI_GUID vendor)
{
	for (size_t i = 0; i < UEFI_STORE_VARIABLES; i++) {
		struct uefi_store_variable *v = &uefi_store.variable[i];

		if (v->exists && same_name(v->name, name) &&
		    memcmp(&v->vendor, &vendor, sizeof vendor) == 0)
			return v;
	}
	return NULL;
}

void uefi_store_reset(void)
{
	memset(&uefi_store, 0, sizeof uefi_store);
}

void uefi_store_put(const CHAR16 *name, EFI_GUID vendor, UINT32 attributes,
		    const void *data, size_t bytes)
{
	struct uefi_store_variable *v = uefi_store_find(name, vendor);

	for (size_t i = 0; v == NULL && i < UEFI_STORE_VARIABLES; i++)
		if (!uefi_store.variable[i].exists)
			v = &uefi_store.variable[i];
	assert(v != NULL && bytes <= UEFI_STORE_DATA_BYTES);
	memset(v, 0, sizeof *v);
	v->exists = true;
	for (size_t i = 0; name[i] != 0; i++) {
		assert(i + 1 < UEFI_STORE_NAME_CHARS);
		v->name[i] = name[i];
	}
	v->vendor = vendor;
	v->attributes = attributes;
	memcpy(v->data, data, bytes);
	v->bytes = bytes;
}

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes,
				      UINTN *bytes, void *data)
{
	const struct uefi_store_variable *v = uefi_store_find(name, *vendor);

	if (uefi_store.broken)
		return EFI_DEVICE_ERROR;
	if (v == NULL)
		return EFI_NOT_FOUND;
	if (attributes != NULL)
		*attributes = v->attributes;
	if (*bytes < v->bytes) {
		*bytes = v->bytes;
		return EFI_BUFFER_TOO_SMALL;
	}
	memcpy(data, v->data, v->bytes);
	*bytes = v->bytes;
	return EFI_SUCCESS;
}

static EFI_STATUS change(struct uefi_store_variable *v, UINT32 attributes, UINTN bytes,
			 const void *data)
{
	if ((v->attributes & UEFI_AUTHENTICATED) != 0)
		return EFI_SECURITY_VIOLATION;
	if (bytes == 0 || attributes == 0) {
		v->exists = false;
		return EFI_SUCCESS;
	}
	if (attributes != v->attributes)
		return EFI_INVALID_PARAMETER;
	if (uefi_store.forgets)
		return EFI_SUCCESS;
	assert(bytes <= UEFI_STORE_DATA_BYTES);
	memcpy(v->data, data, bytes);
	v->bytes = bytes;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes,
				      UINTN bytes, void *data)
{
	struct uefi_store_variable *v = uefi_store_find(name, *vendor);
	EFI_STATUS status = EFI_SUCCESS;

	uefi_store.writes++;
	if (uefi_store.write_protected)
		return EFI_WRITE_PROTECTED;
	const bool cut = uefi_store.writes > uefi_store.cut_skips;

	if (cut && uefi_store.cut_before != NULL)
		longjmp(*uefi_store.cut_before, 1);
	if (v != NULL)
		status = change(v, attributes, bytes, data);
	else if (bytes == 0)
		status = EFI_NOT_FOUND;
	else if (!uefi_store.forgets)
		uefi_store_put(name, *vendor, attributes, data, bytes);
	v = uefi_store_find(name, *vendor);
	if (uefi_store.corrupts && v != NULL && v->bytes > 0)
		v->data[0] ^= 1;
	if (cut && uefi_store.cut_after != NULL)
		longjmp(*uefi_store.cut_after, 1);
	return status;
}

/* Where it is in the order that names are told in; UEFI_STORE_VARIABLES: nowhere. */
static size_t place_of(const CHAR16 *name, EFI_GUID vendor)
{
	const struct uefi_store_variable *v = uefi_store_find(name, vendor);

	return v != NULL ? (size_t)(v - uefi_store.variable) : UEFI_STORE_VARIABLES;
}

static EFI_STATUS EFIAPI get_next(UINTN *bytes, CHAR16 *name, EFI_GUID *vendor)
{
	size_t at = name[0] == 0 ? 0 : place_of(name, *vendor) + 1;
	UINTN chars = 0;

	if (uefi_store.broken)
		return EFI_DEVICE_ERROR;
	if (at > UEFI_STORE_VARIABLES)
		return EFI_INVALID_PARAMETER;
	while (at < UEFI_STORE_VARIABLES && !uefi_store.variable[at].exists)
		at++;
	if (at == UEFI_STORE_VARIABLES)
		return uefi_store.circles && uefi_store.variable[0].exists
			       ? (name[0] = 0, get_next(bytes, name, vendor))
			       : EFI_NOT_FOUND;
	while (uefi_store.variable[at].name[chars] != 0)
		chars++;
	if (*bytes < (chars + 1) * sizeof(CHAR16)) {
		*bytes = (chars + 1) * sizeof(CHAR16);
		return EFI_BUFFER_TOO_SMALL;
	}
	memcpy(name, uefi_store.variable[at].name, (chars + 1) * sizeof(CHAR16));
	*vendor = uefi_store.variable[at].vendor;
	return EFI_SUCCESS;
}

void uefi_store_services(EFI_RUNTIME_SERVICES *rt)
{
	rt->GetVariable = get_variable;
	rt->SetVariable = set_variable;
	rt->GetNextVariableName = get_next;
}

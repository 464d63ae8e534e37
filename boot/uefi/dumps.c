/* Crash dumps that a system has left in variables. Only their names are looked at:
 * whoever writes variables can make them, and all they can do is to count as a panic.
 *
 * Spec: Linux drivers/firmware/efi/efi-pstore.c ("dump-typeTYPE-PART-COUNT-TIME-C"
 * under LINUX_EFI_CRASH_GUID); UEFI 2.10, 8.2 (GetNextVariableName). */
#include "boot/uefi/uefi.h"

#include <string.h>

#include "base/crc32.h"

#define NAME_CHARS     512u  /* longer names are no dumps; EDK2 has none */
#define MOST_VARIABLES 4096u /* a firmware that never comes to an end */

static const EFI_GUID crash_guid = {
	0xcfc8fc79, 0xbe2e, 0x4ddc, { 0x97, 0xf0, 0x9f, 0x98, 0xbf, 0xe2, 0x98, 0xa0 }
};

/* One dump has many parts, each a variable: their names differ in the third field
 * only. False: the name is no dump's. */
static bool dump_id(const CHAR16 *name, uint32_t *id)
{
	static const char prefix[] = "dump-type";
	uint32_t crc = 0, field = 0;

	for (size_t i = 0; name[i] != 0; i++) {
		const uint8_t c = (uint8_t)name[i];

		if (i < sizeof prefix - 1 && name[i] != (CHAR16)prefix[i])
			return false;
		field += c == '-';
		if (field != 2)
			crc = lb_crc32(crc, &c, 1);
	}
	*id = crc;
	return field >= 3;
}

/* Into the ascending list; what is there already is not added, nor what is beyond
 * @max. */
static void add(uint32_t *ids, size_t max, size_t *count, uint32_t id)
{
	const size_t kept = *count < max ? *count : max;
	size_t at = 0;

	while (at < kept && ids[at] < id)
		at++;
	if (at < kept && ids[at] == id)
		return;
	if (*count < max)
		memmove(&ids[at + 1], &ids[at], (kept - at) * sizeof ids[0]);
	if (*count < max)
		ids[at] = id;
	++*count;
}

enum lb_status uefi_crash_dumps(void *ctx, uint32_t *ids, size_t max, size_t *count)
{
	const struct uefi *u = ctx;
	CHAR16 name[NAME_CHARS] = { 0 };
	EFI_GUID vendor = { 0 };
	uint32_t id;

	*count = 0;
	for (size_t n = 0; n < MOST_VARIABLES; n++) {
		UINTN bytes = sizeof name;
		const EFI_STATUS status =
			u->rt->GetNextVariableName(&bytes, name, &vendor);

		if (status == EFI_NOT_FOUND)
			return LB_OK;
		if (status != EFI_SUCCESS)
			return uefi_status(status);
		name[NAME_CHARS - 1] = 0;
		if (memcmp(&vendor, &crash_guid, sizeof vendor) == 0 &&
		    dump_id(name, &id))
			add(ids, max, count, id);
	}
	return LB_ERR_RANGE;
}

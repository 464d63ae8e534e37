/* A small set of partitions. */
#include "boot/flow/flow.h"

#include <string.h>

bool boot_guids_have(const struct boot_guids *set, const uint8_t guid[16])
{
	for (size_t i = 0; i < set->count; i++)
		if (memcmp(set->guid[i], guid, sizeof set->guid[i]) == 0)
			return true;
	return false;
}

bool boot_guids_add(struct boot_guids *set, const uint8_t guid[16])
{
	if (set->count == BOOT_MAX_GUIDS || boot_guids_have(set, guid))
		return false;
	memcpy(set->guid[set->count++], guid, sizeof set->guid[0]);
	return true;
}

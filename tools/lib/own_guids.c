/* GUIDs of a device's own. */
#include "tools/lib/own_guids.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "tools/lib/guid.h"
#include "tools/lib/tool.h"

/* Bytes as on disk. Spec: RFC 9562, 4. */
#define AT_VERSION  7u
#define AT_VARIANT  8u
#define FROM_CHANCE 4u

static bool make_random(uint8_t guid[16])
{
	if (getrandom(guid, 16, 0) != 16)
		return tool_error("no random bytes: %s", strerror(errno));
	guid[AT_VERSION] = (uint8_t)(FROM_CHANCE << 4 | (guid[AT_VERSION] & 0x0f));
	guid[AT_VARIANT] = (uint8_t)(0x80 | (guid[AT_VARIANT] & 0x3f));
	return true;
}

bool tool_own_guids(struct tool_disk_slots *slots)
{
	struct gpt_guid guids[GPT_MAX_SLOTS];
	uint8_t disk_guid[16];
	size_t count = 0;
	bool other_disk;

	memcpy(disk_guid, gpt_header_in_use(&slots->gpt)->disk_guid, sizeof(disk_guid));
	other_disk = tool_guid_is_made(disk_guid);
	if (other_disk && !make_random(disk_guid))
		return false;
	for (size_t i = 0; i < slots->count; i++) {
		if (!tool_guid_is_made(slots->slot[i].guid))
			continue;
		guids[count].index = slots->slot[i].kernel;
		if (!make_random(guids[count++].guid))
			return false;
	}
	if (!other_disk && count == 0)
		return true;
	const enum lb_status status =
		gpt_store_guids(&slots->plat->platform, slots->disk, &slots->gpt,
				disk_guid, guids, count);

	if (status != LB_OK)
		return tool_error("%s: the GUIDs could not be stored: %s", slots->path,
				  lb_status_name(status));
	slots->count = gpt_slots(&slots->gpt, slots->slot);
	return true;
}

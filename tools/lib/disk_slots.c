/* The slots of one disk image or device. */
#include "tools/lib/disk_slots.h"

#include <stdlib.h>
#include <string.h>

#include "tools/lib/guid.h"
#include "tools/lib/table_words.h"
#include "tools/lib/tool.h"

static void refuse(const struct tool_disk_slots *slots, const struct lb_verdict *why)
{
	char *words = tool_table_words(slots->plat, slots->disk);

	tool_error("%s: %s: %s", slots->path, lb_reason_text(why->reason),
		   why->reason == LB_REASON_DISK_GEOMETRY ? why->detail : words);
	free(words);
}

static bool open_file(const char *path, bool writable, uint32_t sector_bytes,
		      struct tool_disk_slots *out)
{
	*out = (struct tool_disk_slots){ .plat = tool_alloc(sizeof(*out->plat)) };
	tool_platform_init(out->plat);
	out->path = path;
	if (tool_platform_open(out->plat, path, writable, sector_bytes, &out->disk))
		return true;
	tool_disk_slots_close(out);
	return false;
}

static bool load(struct tool_disk_slots *slots, struct lb_verdict *why)
{
	if (gpt_load(&slots->plat->platform, slots->disk, &slots->gpt, why) != LB_OK)
		return false;
	slots->count = gpt_slots(&slots->gpt, slots->slot);
	return true;
}

bool tool_disk_slots_open(const char *path, bool writable, uint32_t sector_bytes,
			  struct tool_disk_slots *out)
{
	struct lb_verdict why;

	if (!open_file(path, writable, sector_bytes, out))
		return false;
	if (load(out, &why))
		return true;
	refuse(out, &why);
	tool_disk_slots_close(out);
	return false;
}

enum tool_disk_found tool_disk_slots_look(const char *path, uint32_t sector_bytes,
					  struct tool_disk_slots *out)
{
	struct lb_verdict why;

	if (!open_file(path, false, sector_bytes, out))
		return TOOL_DISK_UNREADABLE;
	if (load(out, &why))
		return TOOL_DISK_GOOD;
	if (host_platform_sector_size(out->plat, out->disk,
				      out->disk->sectors * out->disk->sector_bytes) != 0)
		return TOOL_DISK_DAMAGED;
	tool_disk_slots_close(out);
	return TOOL_DISK_NONE;
}

bool tool_disk_slots_open_quietly(const char *path, struct tool_disk_slots *out)
{
	const enum tool_disk_found found = tool_disk_slots_look(path, 0, out);

	if (found == TOOL_DISK_DAMAGED)
		tool_disk_slots_close(out);
	return found == TOOL_DISK_GOOD;
}

void tool_disk_slots_close(struct tool_disk_slots *slots)
{
	if (slots->gpt.work != NULL)
		gpt_unload(&slots->plat->platform, &slots->gpt);
	host_platform_close(slots->plat);
	free(slots->plat);
}

struct gpt_slot *tool_disk_slots_find(struct tool_disk_slots *slots, const char *name)
{
	uint8_t guid[16];
	uint64_t number;
	const bool is_guid = tool_guid_parse(name, guid);
	const bool is_number = tool_number(name, &number);

	for (size_t i = 0; i < slots->count; i++) {
		struct gpt_slot *s = &slots->slot[i];

		if ((name[1] == '\0' &&
		     (name[0] == s->letter || name[0] == s->letter + 32)) ||
		    (is_guid && memcmp(guid, s->guid, 16) == 0) ||
		    (is_number && number == s->kernel + 1))
			return s;
	}
	tool_error("%s: there is no slot '%s' (%zu slots: a letter, a kernel partition's "
		   "number or "
		   "its GUID)",
		   slots->path, name, slots->count);
	return NULL;
}

bool tool_disk_slots_store(struct tool_disk_slots *slots, struct gpt_slot *slot,
			   uint64_t attributes)
{
	enum lb_status second = LB_OK;
	const enum lb_status status =
		gpt_store_attributes(&slots->plat->platform, slots->disk, &slots->gpt,
				     slot->kernel, attributes, &second);

	if (status != LB_OK)
		return tool_error("%s: slot %c could not be stored: %s", slots->path,
				  slot->letter, lb_status_name(status));
	if (second != LB_OK)
		tool_note("%s: stored in one copy of the partition table only: %s",
			  slots->path, lb_status_name(second));
	gpt_slot_decode(slot, attributes);
	return true;
}

bool tool_slot_order_parse(const char *text, enum gpt_slot_order *out)
{
	if (text == NULL || strcmp(text, "attempts-first") == 0)
		*out = GPT_ORDER_ATTEMPTS_FIRST;
	else if (strcmp(text, "priority") == 0)
		*out = GPT_ORDER_PRIORITY;
	else
		return tool_error("'%s' is no slot order: attempts-first or priority",
				  text);
	return true;
}

const char *tool_slot_state_name(enum gpt_slot_state state)
{
	return state == GPT_SLOT_TRYING   ? "trying"
	       : state == GPT_SLOT_PROVEN ? "proven"
					  : "dead";
}

/* Judging a disk by its table, and by libblkid where that is not one of ours. */
#include "recovery/installer/judge_disk.h"

#include <stdio.h>
#include <string.h>

#include "gpt/gpt_slot.h"
#include "recovery/installer/probe.h"

struct table {
	bool used, slots, named;
};

static bool has_entries(const struct gpt *gpt)
{
	struct gpt_entry e;

	for (uint32_t i = 0; gpt_entry_get(gpt, i, &e) == LB_OK; i++)
		if (gpt_entry_used(&e))
			return true;
	return false;
}

static bool has_slots(const struct gpt *gpt)
{
	struct gpt_slot slot[GPT_MAX_SLOTS];

	if (gpt_slots(gpt, slot) < LAYOUT_SLOTS)
		return false;
	for (size_t i = 0; i < LAYOUT_SLOTS; i++)
		if (slot[i].letter != (char)('A' + i) || !slot[i].has_root)
			return false;
	return true;
}

static struct table look(const struct program *p, const struct platform_disk *disk)
{
	const struct platform *plat = program_platform(p);
	struct table found = { 0 };
	struct lb_verdict why;
	struct gpt gpt;

	if (gpt_load(plat, disk, &gpt, &why) != LB_OK)
		return found;
	found.used = has_entries(&gpt);
	found.slots = has_slots(&gpt);
	found.named = found.slots && named_disk_is(p, disk, &gpt);
	gpt_unload(plat, &gpt);
	return found;
}

/* A table whose protective MBR was lost is none to libblkid's usual eyes. */
static enum disk_kind name_other(const struct machine_disk *disk, bool used, char *what,
				 size_t size)
{
	const bool something = probe_disk(disk, what, size);

	if (used && !something)
		snprintf(what, size, "gpt");
	return used || something ? DISK_FOREIGN : DISK_EMPTY;
}

void judge_disk(struct program *p, const struct machine_disk *disk,
		struct disk_choice *out)
{
	char why[PROGRAM_WHAT_BYTES];

	*out = (struct disk_choice){ .disk = disk, .kind = DISK_UNFIT };
	if (disk->disk.read_only) {
		snprintf(out->what, sizeof out->what, "read-only");
		return;
	}
	const struct table table = look(p, &disk->disk);

	if (table.slots) {
		out->kind = DISK_SYSTEM;
		out->named = table.named;
		snprintf(out->what, sizeof out->what, "system of a device like this");
		return;
	}
	out->kind = name_other(disk, table.used, out->what, sizeof out->what);
	if (!layout_make(&p->payload.release, &disk->disk, &p->layout, why, sizeof why)) {
		out->kind = DISK_UNFIT;
		memcpy(out->what, why, sizeof out->what);
	}
}

/* Places to partitions. */
#include "recovery/installer/layout.h"

#include <string.h>

#include "base/format.h"
#include "gpt/gpt_slot.h"

#define MAX_BYTES ((uint64_t)1 << 50)

static uint64_t round_up(uint64_t bytes)
{
	return (bytes + LAYOUT_MIB - 1) / LAYOUT_MIB * LAYOUT_MIB;
}

static bool complain(char *why, size_t size, const char *what)
{
	lb_format(why, size, "%s", what);
	return false;
}

static const char *nonsense(const struct update_release *release)
{
	bool used[GPT_MAKE_ENTRIES + 1] = { false };

	if (release->place_count == 0)
		return "the payload has no layout for an empty disk";
	for (size_t i = 0; i < release->place_count; i++) {
		const struct update_place *p = &release->place[i];

		if (p->number == 0 || p->number > GPT_MAKE_ENTRIES || used[p->number])
			return "the payload's layout has a partition number that cannot "
			       "be";
		if (p->bytes == 0 || p->bytes > MAX_BYTES)
			return "the payload's layout has a partition of an impossible "
			       "size";
		used[p->number] = true;
	}
	return NULL;
}

/* What is left for the one that grows. */
static bool measure(const struct update_release *release, uint64_t disk_bytes,
		    uint64_t *needed, uint64_t *spare)
{
	*needed = 2 * LAYOUT_MIB;
	for (size_t i = 0; i < release->place_count; i++)
		*needed += round_up(release->place[i].bytes);
	if (disk_bytes < *needed)
		return false;
	*spare = (disk_bytes - *needed) / LAYOUT_MIB * LAYOUT_MIB;
	return true;
}

static void put(struct layout *l, const struct update_place *place, uint64_t offset,
		uint64_t bytes, uint32_t sector)
{
	struct gpt_entry *e = &l->entry[place->number - 1];

	memcpy(e->type, place->type, sizeof e->type);
	e->first_lba = offset / sector;
	e->last_lba = (offset + bytes) / sector - 1;
	e->attributes = place->attributes;
	for (size_t i = 0; i < sizeof e->name / sizeof *e->name && place->name[i] != '\0';
	     i++)
		e->name[i] = (uint8_t)place->name[i];
}

static struct update_area area_of(const struct gpt_entry *e)
{
	return (struct update_area){ e->first_lba, e->last_lba - e->first_lba + 1 };
}

/* The first of a type, by number; the state partition is the first with data. */
static struct update_area first_of(const struct layout *l, const uint8_t type[16])
{
	for (size_t i = 0; i < GPT_MAKE_ENTRIES; i++)
		if (memcmp(l->entry[i].type, type, 16) == 0)
			return area_of(&l->entry[i]);
	return (struct update_area){ 0 };
}

/* By the loader's own rule, on a table that is in memory only. */
static size_t find_slots(const struct layout *l, struct gpt_slot slot[GPT_MAX_SLOTS])
{
	static uint8_t bytes[GPT_MAKE_ENTRIES * GPT_ENTRY_MIN_BYTES];
	struct gpt gpt = { .in_use = GPT_PRIMARY, .entries = bytes };

	memset(bytes, 0, sizeof bytes);
	gpt.copy[GPT_PRIMARY].header.entry_count = GPT_MAKE_ENTRIES;
	gpt.copy[GPT_PRIMARY].header.entry_bytes = GPT_ENTRY_MIN_BYTES;
	for (size_t i = 0; i < GPT_MAKE_ENTRIES; i++)
		if (gpt_entry_used(&l->entry[i]))
			gpt_entry_encode(&l->entry[i], bytes + i * GPT_ENTRY_MIN_BYTES);
	return gpt_slots(&gpt, slot);
}

static bool take_slots(struct layout *l)
{
	struct gpt_slot slot[GPT_MAX_SLOTS];

	if (find_slots(l, slot) < LAYOUT_SLOTS)
		return false;
	for (size_t i = 0; i < LAYOUT_SLOTS; i++) {
		if (!slot[i].has_root)
			return false;
		l->kernel[i] = (struct update_area){ slot[i].first_lba, slot[i].sectors };
		l->root[i] = area_of(&l->entry[slot[i].root]);
	}
	return true;
}

bool layout_make(const struct update_release *release, const struct platform_disk *disk,
		 struct layout *out, char *why, size_t size)
{
	const uint64_t disk_bytes = disk->sectors * disk->sector_bytes;
	uint64_t at = LAYOUT_MIB, spare = 0;
	const char *wrong = nonsense(release);

	memset(out, 0, sizeof *out);
	if (wrong != NULL)
		return complain(why, size, wrong);
	if (!measure(release, disk_bytes, &out->needed_bytes, &spare)) {
		lb_format(why, size, "too small: %llu MiB, %llu are needed",
			  (unsigned long long)(disk_bytes / LAYOUT_MIB),
			  (unsigned long long)(out->needed_bytes / LAYOUT_MIB));
		return false;
	}
	for (size_t i = 0; i < release->place_count; i++) {
		const struct update_place *p = &release->place[i];
		uint64_t bytes = round_up(p->bytes);

		if (p->grows) {
			bytes += spare;
			spare = 0;
		}
		put(out, p, at, bytes, disk->sector_bytes);
		at += bytes;
	}
	out->efi = first_of(out, gpt_type_efi);
	out->history = first_of(out, gpt_type_history);
	out->state = first_of(out, gpt_type_data);
	return take_slots(out) ||
	       complain(why, size, "the payload's layout has not two slots");
}

/* Version 4, variant 1; the first fields are little-endian. */
static bool random_guid(const struct platform *plat, uint8_t out[16])
{
	if (plat->random(plat->ctx, out, 16) != LB_OK)
		return false;
	out[7] = (uint8_t)((out[7] & 0x0f) | 0x40);
	out[8] = (uint8_t)((out[8] & 0x3f) | 0x80);
	return true;
}

bool layout_finish(struct layout *layout, const struct platform *plat,
		   uint8_t disk_guid[16])
{
	struct gpt_slot slot[GPT_MAX_SLOTS];

	if (find_slots(layout, slot) < LAYOUT_SLOTS || !random_guid(plat, disk_guid))
		return false;
	for (size_t i = 0; i < LAYOUT_SLOTS; i++) {
		slot[i].priority = (uint8_t)(LAYOUT_SLOTS - i);
		slot[i].remaining_attempts = GPT_INSTALL_ATTEMPTS;
		slot[i].bootable = false;
		layout->entry[slot[i].kernel].attributes = gpt_slot_encode(&slot[i]);
	}
	for (size_t i = 0; i < GPT_MAKE_ENTRIES; i++)
		if (gpt_entry_used(&layout->entry[i]) &&
		    !random_guid(plat, layout->entry[i].guid))
			return false;
	return true;
}

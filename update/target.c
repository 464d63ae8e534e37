/* Areas of a disk, and the slot's state in the table. */
#include "update/target.h"

#include <string.h>

#include "base/bytes.h"
#include "gpt/gpt_slot.h"

struct table {
	struct gpt gpt;
	size_t count;
	struct gpt_slot slot[GPT_MAX_SLOTS];
};

uint64_t update_area_bytes(const struct update_target *target,
			   const struct update_area *area)
{
	return area->sectors * target->disk->sector_bytes;
}

/* Bytes to sectors; false when they are not whole ones or not in the area. */
static bool sectors_of(const struct update_target *t, const struct update_area *area,
		       uint64_t offset, size_t len, uint64_t *lba, size_t *sectors)
{
	const uint32_t sector = t->disk->sector_bytes;

	if (sector == 0 || offset % sector != 0 || len % sector != 0 ||
	    !lb_within(offset / sector, len / sector, area->sectors))
		return false;
	*lba = area->first_lba + offset / sector;
	*sectors = len / sector;
	return true;
}

enum update_reason update_area_read(const struct update_target *target,
				    const struct update_area *area, uint64_t offset,
				    void *buf, size_t len, struct update_verdict *why)
{
	enum lb_status status = LB_ERR_RANGE;
	uint64_t lba = 0;
	size_t sectors;

	if (sectors_of(target, area, offset, len, &lba, &sectors))
		status = target->plat->read(target->plat->ctx, target->disk->id, lba,
					    sectors, buf);
	if (status == LB_OK)
		return UPDATE_OK;
	return update_verdict_set(why, UPDATE_DISK_READ, "%s, sector %llu: %s",
				  target->disk->name, (unsigned long long)lba,
				  lb_status_name(status));
}

enum update_reason update_area_write(const struct update_target *target,
				     const struct update_area *area, uint64_t offset,
				     const void *buf, size_t len,
				     struct update_verdict *why)
{
	enum lb_status status = LB_ERR_RANGE;
	uint64_t lba = 0;
	size_t sectors;

	if (sectors_of(target, area, offset, len, &lba, &sectors))
		status = target->plat->write(target->plat->ctx, target->disk->id, lba,
					     sectors, buf);
	if (status == LB_OK)
		return UPDATE_OK;
	return update_verdict_set(why, UPDATE_DISK_WRITE, "%s, sector %llu: %s",
				  target->disk->name, (unsigned long long)lba,
				  lb_status_name(status));
}

enum update_reason update_target_flush(const struct update_target *target,
				       struct update_verdict *why)
{
	const enum lb_status status =
		target->plat->flush(target->plat->ctx, target->disk->id);

	if (status == LB_OK)
		return UPDATE_OK;
	return update_verdict_set(why, UPDATE_DISK_WRITE, "%s, flush: %s",
				  target->disk->name, lb_status_name(status));
}

static enum update_reason read_origin(const void *ctx, const char *name, uint64_t offset,
				      void *buf, size_t len, struct update_verdict *why)
{
	const struct update_target *slot = ctx;

	if (strcmp(name, "kernel") == 0)
		return update_area_read(slot, &slot->kernel, offset, buf, len, why);
	if (strcmp(name, "root") == 0)
		return update_area_read(slot, &slot->root, offset, buf, len, why);
	return update_verdict_set(why, UPDATE_SOURCE, "a slot has no %s", name);
}

struct update_origin update_target_origin(const struct update_target *slot)
{
	return (struct update_origin){ slot, read_origin };
}

/* --- table -------------------------------------------------------------------------- */

static enum update_reason load(const struct platform *plat,
			       const struct platform_disk *disk, struct table *out,
			       struct update_verdict *why)
{
	struct lb_verdict verdict = { 0 };

	if (gpt_load(plat, disk, &out->gpt, &verdict) != LB_OK) {
		(void)update_verdict_set(why, UPDATE_SLOT, "%s: %s: %s", disk->name,
					 lb_reason_text(verdict.reason), verdict.detail);
		why->loader = verdict.reason;
		return UPDATE_SLOT;
	}
	out->count = gpt_slots(&out->gpt, out->slot);
	return UPDATE_OK;
}

static const struct gpt_slot *find(const struct table *table, char letter)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->slot[i].letter == letter)
			return &table->slot[i];
	return NULL;
}

static enum update_reason store(const struct platform *plat,
				const struct platform_disk *disk, struct table *table,
				const struct gpt_slot *slot, uint64_t attributes,
				struct update_verdict *why)
{
	/* The other copy: the table counts as stored when the one that the next boot uses
	 * is; the loader mends the other. */
	enum lb_status second;

	if (slot->attributes == attributes)
		return UPDATE_OK;
	const enum lb_status status = gpt_store_attributes(
		plat, disk, &table->gpt, slot->kernel, attributes, &second);

	if (status == LB_OK)
		return UPDATE_OK;
	return update_verdict_set(why, UPDATE_TABLE, "%s, slot %c: %s", disk->name,
				  slot->letter, lb_status_name(status));
}

/* False: a slot without a root. */
static bool target_of(const struct platform *plat, const struct platform_disk *disk,
		      const struct table *table, const struct gpt_slot *s,
		      struct update_target *out)
{
	struct gpt_entry root;

	if (!s->has_root || gpt_entry_get(&table->gpt, s->root, &root) != LB_OK)
		return false;
	*out = (struct update_target){
		.plat = plat,
		.disk = disk,
		.kernel = { s->first_lba, s->sectors },
		.root = { root.first_lba, root.last_lba - root.first_lba + 1 },
		.slot = s->letter,
	};
	return true;
}

enum update_reason update_target_find(const struct platform *plat,
				      const struct platform_disk *disk, char slot,
				      struct update_target *out,
				      struct update_verdict *why)
{
	struct table table;

	if (load(plat, disk, &table, why) != UPDATE_OK)
		return why->reason;
	const struct gpt_slot *s = find(&table, slot);

	if (s == NULL || !target_of(plat, disk, &table, s, out))
		(void)update_verdict_set(why, UPDATE_SLOT, "%s: no slot %c with a root",
					 disk->name, slot);
	else
		(void)update_verdict_set(why, UPDATE_OK, NULL);
	gpt_unload(plat, &table.gpt);
	return why->reason;
}

enum update_reason update_target_others(const struct update_target *target,
					struct update_target *out, size_t *count,
					struct update_verdict *why)
{
	struct table table;

	*count = 0;
	if (load(target->plat, target->disk, &table, why) != UPDATE_OK)
		return why->reason;
	for (size_t i = 0; i < table.count; i++) {
		const struct gpt_slot *s = &table.slot[i];

		if (s->letter != target->slot &&
		    target_of(target->plat, target->disk, &table, s, &out[*count]))
			(*count)++;
	}
	gpt_unload(target->plat, &table.gpt);
	return update_verdict_set(why, UPDATE_OK, NULL);
}

enum update_reason update_target_retire(const struct update_target *target,
					struct update_verdict *why)
{
	struct table table;

	if (target->slot == '\0')
		return UPDATE_OK;
	if (load(target->plat, target->disk, &table, why) != UPDATE_OK)
		return why->reason;
	const struct gpt_slot *s = find(&table, target->slot);
	enum update_reason reason;

	/* The sectors that are written now must still be that slot's. */
	if (s == NULL || s->first_lba != target->kernel.first_lba)
		reason = update_verdict_set(why, UPDATE_SLOT, "%s: slot %c has moved",
					    target->disk->name, target->slot);
	else {
		struct gpt_slot retired = *s;

		retired.bootable = false;
		retired.remaining_attempts = 0;
		reason = store(target->plat, target->disk, &table, s,
			       gpt_slot_encode(&retired), why);
	}
	gpt_unload(target->plat, &table.gpt);
	return reason;
}

/* The others' new priorities, lowest first: none is ever higher than it was, so that at
 * no moment two of them change their order. */
static enum update_reason store_others(const struct platform *plat,
				       const struct platform_disk *disk,
				       struct table *table, size_t which,
				       const uint64_t *attributes,
				       struct update_verdict *why)
{
	for (uint8_t priority = 0; priority <= GPT_MAX_PRIORITY; priority++)
		for (size_t i = 0; i < table->count; i++)
			if (i != which && table->slot[i].priority == priority &&
			    store(plat, disk, table, &table->slot[i], attributes[i],
				  why) != UPDATE_OK)
				return why->reason;
	return UPDATE_OK;
}

static enum update_reason activate(const struct platform *plat,
				   const struct platform_disk *disk, char letter,
				   struct update_verdict *why)
{
	uint64_t attributes[GPT_MAX_SLOTS];
	struct table table;

	if (load(plat, disk, &table, why) != UPDATE_OK)
		return why->reason;
	const struct gpt_slot *s = find(&table, letter);

	if (s == NULL)
		(void)update_verdict_set(why, UPDATE_SLOT, "%s: no slot %c", disk->name,
					 letter);
	else {
		const size_t which = (size_t)(s - table.slot);

		gpt_slots_activate(table.slot, table.count, which, attributes);
		(void)update_verdict_set(why, UPDATE_OK, NULL);
		if (store_others(plat, disk, &table, which, attributes, why) == UPDATE_OK)
			(void)store(plat, disk, &table, s, attributes[which], why);
	}
	gpt_unload(plat, &table.gpt);
	return why->reason;
}

enum update_reason update_activate(const struct platform *plat,
				   const struct platform_disk *disk, const char *letters,
				   struct update_verdict *why)
{
	(void)update_verdict_set(why, UPDATE_OK, NULL);
	for (size_t i = strlen(letters); i > 0; i--)
		if (activate(plat, disk, letters[i - 1], why) != UPDATE_OK)
			return why->reason;
	return why->reason;
}

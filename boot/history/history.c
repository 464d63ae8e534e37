/* Reading and writing the boot history. */
#include "boot/history/history.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"

/* The sector that holds a record; a record is never larger than a sector. */
static uint64_t cell_lba(const struct platform_disk *disk, uint64_t first_lba,
			 uint32_t cell)
{
	return first_lba + (uint64_t)cell * (HISTORY_CELL_BYTES / disk->sector_bytes);
}

bool history_find(const struct gpt *gpt, uint64_t *first_lba)
{
	struct gpt_entry entry;

	for (uint32_t i = 0; gpt_find_type(gpt, gpt_type_history, &i, &entry); i++) {
		if (entry.last_lba - entry.first_lba + 1 <
		    HISTORY_PARTITION_BYTES / gpt->disk.sector_bytes)
			continue;
		*first_lba = entry.first_lba;
		return true;
	}
	return false;
}

enum lb_status history_read(const struct platform *plat, const struct platform_disk *disk,
			    uint64_t first_lba, uint32_t cell, struct history_record *out)
{
	uint8_t sector[HISTORY_CELL_BYTES];
	struct history_record record;
	enum lb_status status;

	if (disk->sector_bytes < HISTORY_RECORD_BYTES ||
	    disk->sector_bytes > sizeof sector)
		return LB_ERR_UNSUPPORTED;
	status = plat->read(plat->ctx, disk->id, cell_lba(disk, first_lba, cell), 1,
			    sector);
	if (status == LB_OK)
		status = history_decode(sector, &record);
	if (status != LB_OK)
		return status;
	if (history_cell(record.boot, record.update) != cell)
		return LB_ERR_RANGE;
	*out = record;
	return LB_OK;
}

/* Keeps the newest records of earlier boots, newest first. */
static void keep(struct boot_history *h, const struct history_record *record)
{
	size_t at = h->kept_count < HISTORY_KEPT ? h->kept_count : HISTORY_KEPT;

	if (h->now.boot != 0 && record->boot == h->now.boot) {
		if (h->written.stage == 0 || history_newer(record, &h->written))
			h->written = *record;
		return;
	}
	while (at > 0 && history_newer(record, &h->kept[at - 1]))
		at--;
	if (at == HISTORY_KEPT)
		return;
	if (h->kept_count < HISTORY_KEPT)
		h->kept_count++;
	memmove(&h->kept[at + 1], &h->kept[at],
		(h->kept_count - 1 - at) * sizeof h->kept[0]);
	h->kept[at] = *record;
}

/* A boot writes one or more of its two cells: the other one may hold a record that is
 * much older than all that is remembered else. */
static void forget_stragglers(struct boot_history *h)
{
	while (h->kept_count > 0 &&
	       h->kept[0].boot - h->kept[h->kept_count - 1].boot >= HISTORY_CELLS / 2)
		h->kept_count--;
}

/* What tells this boot from others with the same number, of a clone of the disk,
 * say; no secret. Without a source of chance: from what is seldom the same twice. */
static void make_tag(const struct platform *plat, struct boot_history *h)
{
	uint64_t mixed = h->now.boot ^ plat->clock_ms(plat->ctx) << 32;

	if (plat->random(plat->ctx, h->now.tag, sizeof h->now.tag) == LB_OK)
		return;
	for (size_t i = 0; i < HISTORY_TAG_BYTES; i++)
		mixed ^= (uint64_t)(h->kept_count > 0 ? h->kept[0].tag[i] : 0) << 8 * i;
	mixed ^= lb_crc32(0, h->disk.path, sizeof h->disk.path);
	lb_put_le64(h->now.tag, mixed * UINT64_C(0x9e3779b97f4a7c15));
}

/* The number of this boot. At the end of the range, where only a forged record gets,
 * this boot takes the very cell that the forged one lies in; then the others count
 * again. */
static void number(struct boot_history *h)
{
	const struct history_record *newest = &h->kept[0];

	h->now.boot = h->kept_count > 0 ? newest->boot + 1 : 1;
	if (h->now.boot != 0)
		return;
	h->now.boot = newest->boot % (HISTORY_CELLS / 2);
	h->now.update = newest->update & 1;
}

/* Lays the number of the disk in use aside. */
static void lay_aside(struct boot_history *h)
{
	if (!h->usable)
		return;
	if (h->other_count < HISTORY_DISKS)
		h->other_count++;
	memmove(&h->other[1], &h->other[0], (h->other_count - 1) * sizeof h->other[0]);
	h->other[0] = h->now;
}

/* Takes the number of @disk up again; false when this boot has none there yet. */
static bool take_up(struct boot_history *h, uint32_t disk)
{
	for (size_t i = 0; i < h->other_count; i++) {
		if (h->other[i].disk != disk)
			continue;
		h->now = h->other[i];
		h->other_count--;
		memmove(&h->other[i], &h->other[i + 1],
			(h->other_count - i) * sizeof h->other[0]);
		return true;
	}
	h->now = (struct history_number){ .disk = disk };
	return false;
}

void boot_history_open(const struct platform *plat, const struct platform_disk *disk,
		       const struct gpt *gpt, struct boot_history *history)
{
	struct history_record record;

	if (history->looked && history->disk.id == disk->id)
		return;
	lay_aside(history);
	const bool known = take_up(history, disk->id);

	history->looked = true;
	history->usable = false;
	history->kept_count = 0;
	history->written = (struct history_record){ 0 };
	history->marking = (struct history_slots){ 0 };
	history->disk = *disk;
	if (disk->sector_bytes > HISTORY_CELL_BYTES ||
	    !history_find(gpt, &history->first_lba))
		return;
	/* One bad sector is one record forgotten. */
	for (uint32_t cell = 0; cell < HISTORY_CELLS; cell++)
		if (history_read(plat, disk, history->first_lba, cell, &record) == LB_OK)
			keep(history, &record);
	history->usable = true;
	forget_stragglers(history);
	if (history->written.stage != 0)
		history->marking = history->written.marking;
	else if (history->kept_count > 0)
		history->marking = history->kept[0].marking;
	if (known)
		return;
	number(history);
	make_tag(plat, history);
}

/* Worn-out flash says that it has written. */
static enum lb_status read_back(const struct platform *plat, const struct boot_history *h,
				const struct history_record *record)
{
	const uint32_t cell = history_cell(record->boot, record->update);
	struct history_record back;

	return history_read(plat, &h->disk, h->first_lba, cell, &back) == LB_OK &&
			       back.boot == record->boot && back.update == record->update
		       ? LB_OK
		       : LB_ERR_IO;
}

enum lb_status boot_history_store(const struct platform *plat,
				  const struct boot_history *history,
				  const struct history_record *record)
{
	uint8_t sector[HISTORY_CELL_BYTES] = { 0 };

	if (!history->usable)
		return LB_ERR_NOT_FOUND;
	if (history->disk.read_only)
		return LB_ERR_READ_ONLY;
	history_encode(record, sector);
	const enum lb_status status =
		plat->write(plat->ctx, history->disk.id,
			    cell_lba(&history->disk, history->first_lba,
				     history_cell(record->boot, record->update)),
			    1, sector);

	if (status != LB_OK)
		return status;
	const enum lb_status flushed = plat->flush(plat->ctx, history->disk.id);

	return flushed == LB_OK ? read_back(plat, history, record) : flushed;
}

enum lb_status boot_history_write(const struct platform *plat,
				  struct boot_history *history,
				  struct history_record record)
{
	if (history->usable && !history->disk.read_only &&
	    record.stage == HISTORY_STAGE_MODE &&
	    history->now.update >= HISTORY_UPDATES_PER_BOOT)
		return LB_ERR_FULL;
	record.boot = history->now.boot;
	record.update = history->now.update;
	memcpy(record.tag, history->now.tag, sizeof record.tag);

	const enum lb_status status = boot_history_store(plat, history, &record);

	if (status == LB_OK) {
		history->written = record;
		history->marking = record.marking;
	}
	if (status != LB_ERR_NOT_FOUND && status != LB_ERR_READ_ONLY)
		history->now
			.update++; /* also after a failure: the other cell may be good */
	return status;
}

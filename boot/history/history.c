/* Reading and writing the boot history. */
#include "boot/history/history.h"

#include <string.h>

#include "base/bytes.h"

/* The sector that holds a record; a record is never larger than a sector. */
static uint64_t cell_lba(const struct platform_disk *disk, uint64_t first_lba,
			 uint32_t cell)
{
	return first_lba + (uint64_t)cell * (HISTORY_CELL_BYTES / disk->sector_bytes);
}

bool history_find(const struct gpt *gpt, uint64_t *first_lba)
{
	struct gpt_entry entry;

	for (uint32_t i = 0; gpt_entry_get(gpt, i, &entry) == LB_OK; i++) {
		if (memcmp(entry.type, gpt_type_history, sizeof entry.type) != 0 ||
		    entry.last_lba - entry.first_lba + 1 <
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

/* Keeps the newest records, newest first. */
static void keep(struct boot_history *h, const struct history_record *record)
{
	size_t at = h->kept_count < HISTORY_KEPT ? h->kept_count : HISTORY_KEPT;

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

/* The number of this boot. At the end of the range, where only a forged record gets, this
 * boot takes the very cell that the forged one lies in; then the others count again. */
static void number(struct boot_history *h)
{
	const struct history_record *newest = &h->kept[0];

	h->boot = h->kept_count > 0 ? newest->boot + 1 : 1;
	if (h->boot != 0)
		return;
	h->boot = newest->boot % (HISTORY_CELLS / 2);
	h->update = newest->update & 1;
}

void boot_history_open(const struct platform *plat, const struct platform_disk *disk,
		       const struct gpt *gpt, struct boot_history *history)
{
	struct history_record record;

	if (history->looked)
		return;
	history->looked = true;
	history->disk = *disk;
	if (disk->sector_bytes > HISTORY_CELL_BYTES ||
	    !history_find(gpt, &history->first_lba))
		return;
	/* One bad sector is one record forgotten. */
	for (uint32_t cell = 0; cell < HISTORY_CELLS; cell++)
		if (history_read(plat, disk, history->first_lba, cell, &record) == LB_OK)
			keep(history, &record);
	history->usable = true;
	number(history);
}

enum lb_status boot_history_write(const struct platform *plat,
				  struct boot_history *history,
				  struct history_record record)
{
	uint8_t sector[HISTORY_CELL_BYTES] = { 0 };
	enum lb_status status;

	if (!history->usable)
		return LB_ERR_NOT_FOUND;
	if (history->disk.read_only)
		return LB_ERR_READ_ONLY;
	if (history->update == HISTORY_UPDATES_PER_BOOT)
		return LB_ERR_FULL;
	record.boot = history->boot;
	record.update = history->update;
	history_encode(&record, sector);
	status = plat->write(plat->ctx, history->disk.id,
			     cell_lba(&history->disk, history->first_lba,
				      history_cell(record.boot, record.update)),
			     1, sector);
	history->update++; /* also after a failure: the other cell may still be good */
	if (status == LB_OK)
		status = plat->flush(plat->ctx, history->disk.id);
	return status;
}

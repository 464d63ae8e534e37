/* The disk that the loader meant, among its clones: its history holds the record of
 * this very boot (LifeboatDisk). */
#include <string.h>

#include "boot/history/history.h"
#include "recovery/installer/program.h"

bool named_disk_is(const struct program *p, const struct platform_disk *disk,
		   const struct gpt *gpt)
{
	const struct platform *plat = program_platform(p);
	const struct told_disk *told = &p->told.disk;
	struct history_record record;
	uint64_t first_lba;

	if (!told->recorded || !history_find(gpt, &first_lba))
		return false;
	for (uint32_t cell = 0; cell < HISTORY_CELLS; cell++)
		if (history_read(plat, disk, first_lba, cell, &record) == LB_OK &&
		    record.boot == told->boot &&
		    memcmp(record.tag, told->tag, sizeof record.tag) == 0)
			return true;
	return false;
}

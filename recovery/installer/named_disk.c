/* The disk that the loader meant, among its clones: its history holds the record of
 * this very boot (LifeboatDisk). */
#include <string.h>

#include "boot/history/history.h"
#include "recovery/installer/program.h"

bool named_disk_is(const struct program *p, const struct platform_disk *disk)
{
	const struct platform *plat = program_platform(p);
	const struct told_disk *told = &p->told.disk;
	struct history_record record;
	struct lb_verdict why;
	uint64_t first_lba;
	bool found = false;
	struct gpt gpt;

	if (!told->recorded || gpt_load(plat, disk, &gpt, &why) != LB_OK)
		return false;
	if (history_find(&gpt, &first_lba))
		for (uint32_t cell = 0; cell < HISTORY_CELLS && !found; cell++)
			found = history_read(plat, disk, first_lba, cell, &record) ==
					LB_OK &&
				record.boot == told->boot &&
				memcmp(record.tag, told->tag, sizeof record.tag) == 0;
	gpt_unload(plat, &gpt);
	return found;
}

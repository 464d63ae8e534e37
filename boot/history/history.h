/* The boot history: which of the last boots did what, on a raw partition of the boot
 * disk. Unauthenticated: the loader shows it and works without it; all it can do is to
 * put one verified slot before another after deaths by the watchdog
 * (boot/flow/watchdog.c).
 *
 * Design: DESIGN 8. */
#ifndef LIFEBOAT_BOOT_HISTORY_HISTORY_H
#define LIFEBOAT_BOOT_HISTORY_HISTORY_H

#include "base/platform.h"
#include "boot/history/history_cell.h"
#include "gpt/gpt_table.h"

#define HISTORY_KEPT 8u /* of earlier boots, for the details screen */

struct boot_history {
	bool looked; /* for the partition */
	bool usable;
	struct platform_disk disk;
	uint64_t first_lba;
	uint64_t boot;   /* number of this boot */
	uint32_t update; /* of the next write */
	size_t kept_count;
	struct history_record kept[HISTORY_KEPT]; /* newest first */
};

/** history_find() - the first history partition of a table that is large enough. */
bool history_find(const struct gpt *gpt, uint64_t *first_lba);

/** history_read() - one cell's record; history_decode()'s errors, the disk's, or
 * LB_ERR_RANGE for a record that belongs into another cell. */
enum lb_status history_read(const struct platform *plat, const struct platform_disk *disk,
			    uint64_t first_lba, uint32_t cell,
			    struct history_record *out);

/**
 * boot_history_open() - read the cells of @disk's history.
 *
 * Once per boot; later calls do nothing. Without a partition, or when it cannot be read,
 * the history is not usable, and writing does nothing.
 */
void boot_history_open(const struct platform *plat, const struct platform_disk *disk,
		       const struct gpt *gpt, struct boot_history *history);

/**
 * boot_history_write() - one record of this boot; boot and update number are filled in.
 * LB_ERR_NOT_FOUND without a history, LB_ERR_FULL after three records of one boot.
 */
enum lb_status boot_history_write(const struct platform *plat,
				  struct boot_history *history,
				  struct history_record record);

#endif

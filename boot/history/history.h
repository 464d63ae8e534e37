/* The boot history: which of the last boots did what, on a raw partition of the slots'
 * disk. Unauthenticated: the loader shows it and works without it; all it can do is to
 * put one verified slot before another (boot/history/behind.h), and to say how long
 * recovery waits before a last resort.
 *
 * Design: DESIGN 8. */
#ifndef LIFEBOAT_BOOT_HISTORY_HISTORY_H
#define LIFEBOAT_BOOT_HISTORY_HISTORY_H

#include "base/platform.h"
#include "boot/history/history_cell.h"
#include "gpt/gpt_table.h"

#define HISTORY_KEPT  HISTORY_CELLS /* all of it: what is remembered decides */
#define HISTORY_DISKS 4u /* with slots, whose numbers of this boot are remembered */

/* What one disk's history calls this boot, and how much of it is written. */
struct history_number {
	uint32_t disk; /* its id */
	uint64_t boot;
	uint32_t update; /* of the next write */
	uint8_t tag[HISTORY_TAG_BYTES];
};

struct boot_history {
	bool looked; /* for the partition */
	bool usable;
	struct platform_disk disk;
	uint64_t first_lba;
	struct history_number now;
	size_t other_count;
	struct history_number
		other[HISTORY_DISKS]; /* of disks opened before, newest first */
	/* As the newest record has it, this boot's own too: each carries it on. */
	struct history_slots marking;
	struct history_record written; /* by this boot last; stage 0: nothing */
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
 * boot_history_open() - read the cells of @disk's history, which is then the one in use.
 *
 * Does nothing when it is already. A disk that was in use before in this boot goes on
 * with its number, and what this boot has written itself is not kept. Without a
 * partition, or when it cannot be read, the history is not usable, and writing does
 * nothing.
 */
void boot_history_open(const struct platform *plat, const struct platform_disk *disk,
		       const struct gpt *gpt, struct boot_history *history);

/**
 * boot_history_write() - one record of this boot; boot and update number are filled in.
 *
 * What happens last must be the newest record, so only HISTORY_STAGE_MODE is ever
 * refused, with LB_ERR_FULL after three records of one boot. LB_ERR_NOT_FOUND without a
 * history; LB_ERR_IO also when the disk said that it was written and it is not there.
 */
enum lb_status boot_history_write(const struct platform *plat,
				  struct boot_history *history,
				  struct history_record record);

/** boot_history_store() - @record as it is, into its cell, flushed and read back. For
 * this folder. */
enum lb_status boot_history_store(const struct platform *plat,
				  const struct boot_history *history,
				  const struct history_record *record);

/* --- the system's records: mark.c ------------------------------------------------- */

/**
 * boot_history_mark() - the system that runs says of its start, the newest one, that it
 * is well. @slot: GUID of the kernel partition it was started from
 *
 * Writes nothing when that is said already. LB_ERR_NOT_FOUND: no start is remembered
 * here; LB_ERR_ARGUMENT: the newest one was of another slot; and what writing says.
 */
enum lb_status boot_history_mark(const struct platform *plat,
				 struct boot_history *history, const uint8_t slot[16]);

/**
 * boot_history_set() - somebody has set @slot by hand: its starts until now do not
 * count any more. Where nothing is remembered, or that is said already, nothing is
 * written.
 */
enum lb_status boot_history_set(const struct platform *plat, struct boot_history *history,
				const uint8_t slot[16]);

#endif

/* One cell of the boot history: decode and encode. Pure.
 *
 * Design: DESIGN 8 "Boot history"; bytes: docs/formats/boot-history.md. */
#ifndef LIFEBOAT_BOOT_HISTORY_HISTORY_CELL_H
#define LIFEBOAT_BOOT_HISTORY_HISTORY_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define HISTORY_CELLS            64u
#define HISTORY_CELL_BYTES       4096u
#define HISTORY_RECORD_BYTES     512u /* what counts of a cell */
#define HISTORY_PARTITION_BYTES  (HISTORY_CELLS * HISTORY_CELL_BYTES)
#define HISTORY_UPDATES_PER_BOOT 3u
#define HISTORY_TAG_BYTES        8u

enum history_stage {
	HISTORY_STAGE_MODE = 1,    /* developer mode was switched; mode is the new one */
	HISTORY_STAGE_HANDOFF = 2, /* a slot is started now */
	HISTORY_STAGE_RECOVERY =
		3, /* recovery is entered; reason is the recovery reason */
};

#define HISTORY_FLAG_DEVELOPER  0x01u /* developer mode is on */
#define HISTORY_FLAG_WATCHDOG   0x02u /* the boot before was ended by the watchdog */
#define HISTORY_FLAG_NOT_MARKED 0x04u /* its slot has not been marked good */

struct history_record {
	uint64_t boot;    /* counts up by one a boot, from 1 */
	uint32_t update;  /* within the boot, from 0 */
	uint8_t stage;    /* enum history_stage */
	uint8_t mode;     /* enum crypto_mode */
	uint16_t reason;  /* enum rec_reason */
	uint32_t version; /* combined, of what was started */
	uint32_t floor;   /* kernel floor in force */
	uint8_t slot[16]; /* GUID of the kernel partition that was started */
	uint8_t flags;
	/* Of the boot that wrote it, the same in all its records: tells a disk from
	 * its clone. */
	uint8_t tag[HISTORY_TAG_BYTES];
};

/** history_decode() - LB_ERR_MAGIC for a cell never used, LB_ERR_CRC for a torn one. */
enum lb_status history_decode(const uint8_t record[HISTORY_RECORD_BYTES],
			      struct history_record *out);

void history_encode(const struct history_record *record,
		    uint8_t out[HISTORY_RECORD_BYTES]);

/** history_cell() - which cell holds this update of this boot. */
uint32_t history_cell(uint64_t boot, uint32_t update);

/** history_stage_text() - what happened, in words; "unknown" for a stage that is none. */
const char *history_stage_text(uint8_t stage);

/** history_newer() - @a was written after @b. */
bool history_newer(const struct history_record *a, const struct history_record *b);

#endif

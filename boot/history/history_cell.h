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
#define HISTORY_UPDATES_PER_BOOT 3u /* then a switched mode is not recorded any more */
#define HISTORY_TAG_BYTES        8u
#define HISTORY_DUMPS            32u
#define HISTORY_SLOTS            26u   /* A..Z */
#define HISTORY_DUMPS_UNKNOWN    0xffu /* in dump_count: too many to tell, or unlisted */

enum history_stage {
	HISTORY_STAGE_MODE = 1,    /* developer mode was switched; mode is the new one */
	HISTORY_STAGE_HANDOFF = 2, /* a slot is started now */
	HISTORY_STAGE_RECOVERY =
		3, /* recovery is entered; reason is the recovery reason */
	/* The system's. Each is a copy of the boot's newest record before it. */
	HISTORY_STAGE_MARKED = 4, /* what was started says that it runs well */
	HISTORY_STAGE_SET = 5,    /* slots were set by hand */
};

#define HISTORY_FLAG_DEVELOPER  0x01u /* developer mode is on */
#define HISTORY_FLAG_WATCHDOG   0x02u /* the boot before was ended by the watchdog */
#define HISTORY_FLAG_NOT_MARKED 0x04u /* its slot has not been marked good */
#define HISTORY_FLAG_PANIC      0x08u /* it left a crash dump */
#define HISTORY_FLAG_MARKED     0x10u /* this boot's start has its system's mark */

/* What the slot was when it was started. */
enum history_start {
	HISTORY_START_UNKNOWN, /* nothing was, or an older loader did not tell */
	HISTORY_START_TRYING,
	HISTORY_START_PROVEN,
	HISTORY_START_LAST_RESORT, /* dead, and there was nothing better */
};

/* A set of slots, each by history_slot_id(). */
struct history_slots {
	uint8_t count;
	uint32_t id[HISTORY_SLOTS];
};

struct history_record {
	uint64_t boot;    /* counts up by one a boot, from 1 */
	uint32_t update;  /* within the boot, from 0 */
	uint8_t stage;    /* enum history_stage */
	uint8_t mode;     /* enum crypto_mode */
	uint16_t reason;  /* enum rec_reason */
	uint32_t version; /* combined, of what was started */
	uint32_t floor;   /* kernel floor in force */
	uint8_t slot[16]; /* GUID of the kernel partition that was started, or zeros */
	uint8_t flags;
	/* Of the boot that wrote it, the same in all its records: tells a disk from
	 * its clone. */
	uint8_t tag[HISTORY_TAG_BYTES];
	uint8_t started_as;           /* enum history_start */
	uint32_t behind;              /* slots put behind the others: bit 0 is A */
	uint8_t dump_count;           /* crash dumps there at the hand-off */
	uint32_t dump[HISTORY_DUMPS]; /* their ids, platform.h */
	struct history_slots marking; /* whose systems are known to write marks */
	struct history_slots set;     /* set by hand in this boot */
};

/** history_decode() - LB_ERR_MAGIC for a cell never used, LB_ERR_CRC for a torn one,
 * LB_ERR_RANGE for a count that is none. */
enum lb_status history_decode(const uint8_t record[HISTORY_RECORD_BYTES],
			      struct history_record *out);

/** history_encode() - the bytes of a record, its checksum last and what is unused zero;
 * every value of every field has a place. history_decode() gives it back. */
void history_encode(const struct history_record *record,
		    uint8_t out[HISTORY_RECORD_BYTES]);

/** history_cell() - which cell holds this update of this boot. */
uint32_t history_cell(uint64_t boot, uint32_t update);

/** history_stage_text() - what happened, in words; "unknown" for a stage that is
 * none. */
const char *history_stage_text(uint8_t stage);

/** history_start_text() - a word for enum history_start, for people and for programs;
 * "unknown" for what is none. */
const char *history_start_text(uint8_t started_as);

/** history_newer() - @a was written after @b. */
bool history_newer(const struct history_record *a, const struct history_record *b);

/** history_is_start() - the record is of a boot's start of a slot: the hand-off, or the
 * system's copy of it. */
bool history_is_start(const struct history_record *record);

/** history_slot_id() - a slot's short name in sets: CRC-32 of its partition's GUID. */
uint32_t history_slot_id(const uint8_t guid[16]);
bool history_slots_have(const struct history_slots *set, const uint8_t guid[16]);
/** history_slots_add() - no slot is in a set twice; what does not fit is left out. */
void history_slots_add(struct history_slots *set, const uint8_t guid[16]);

#endif

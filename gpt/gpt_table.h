/* The partition table of one disk: both copies read and judged, entries decoded,
 * repaired where that is allowed, and stored again in a safe order.
 *
 * Design: DESIGN 2 "GPT rules". Spec: UEFI 2.10, 5.3. State machine:
 * docs/formats/gpt.md. */
#ifndef LIFEBOAT_GPT_TABLE_H
#define LIFEBOAT_GPT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/reason.h"
#include "gpt/gpt_header.h"

enum { GPT_PRIMARY, GPT_BACKUP, GPT_COPIES };

extern const uint8_t gpt_type_kernel[16];  /* FE3A2A5D-4F32-41A7-B725-ACCC3285A309 */
extern const uint8_t gpt_type_root[16];    /* 3CB8E202-3B7E-47DD-8A3C-7FF2A13CFCEC */
extern const uint8_t gpt_type_efi[16];     /* C12A7328-F81F-11D2-BA4B-00A0C93EC93B */
extern const uint8_t gpt_type_data[16];    /* 0FC63DAF-8483-4772-8E79-3D69D8477DE4 */
extern const uint8_t gpt_type_history[16]; /* 88F5C2B6-3339-4D83-A9F5-0B9EB08F6712 */

struct gpt_copy {
	enum lb_status status; /* of header and entries together; LB_OK: usable alone */
	enum lb_status header_status; /* LB_OK: header is filled in */
	/* of its own entries; meaningful with a good header */
	enum lb_status entries_status;
	bool ignored;                 /* IGNOREME: neither used nor repaired */
	bool in_step;                 /* usable, in its place, and the table in use */
	uint64_t lba;                 /* where the header was looked for */
	enum gpt_signature signature; /* of that sector, even when the header is bad */
	struct gpt_header header;
};

/* One decoded entry. */
struct gpt_entry {
	uint8_t type[16]; /* all zero: unused */
	uint8_t guid[16];
	uint64_t first_lba;
	uint64_t last_lba; /* inclusive */
	uint64_t attributes;
	uint16_t name[36]; /* UTF-16, as on disk; not necessarily terminated */
};

/* A loaded table. Made by gpt_load(), released by gpt_unload(). */
struct gpt {
	struct gpt_geometry disk;
	struct gpt_copy copy[GPT_COPIES];
	int in_use;         /* GPT_PRIMARY or GPT_BACKUP: whose header counts */
	int entries_from;   /* whose entries count; the other's only as cgpt mixes them */
	bool copies_differ; /* both usable and not the same table: primary wins */
	uint8_t *entries;   /* entry_count x entry_bytes, owned */
	size_t entries_alloc_bytes;
	uint8_t *work; /* sectors: header in use, two for writing; owned */
	size_t work_alloc_bytes;
};

/**
 * gpt_load() - read and judge both copies of @disk's table.
 * @why: on failure LB_REASON_DISK_UNREADABLE, _DISK_GEOMETRY, _DISK_REMOVED, _NO_GPT,
 *       _GPT_DAMAGED or _TOO_LITTLE_MEMORY, with both copies' faults in the detail;
 *       on success untouched
 *
 * Looks for the backup in the last sector and, when the primary names another place
 * (a disk that has grown), there. Never writes. On success @out owns memory of @plat.
 */
enum lb_status gpt_load(const struct platform *plat, const struct platform_disk *disk,
			struct gpt *out, struct lb_verdict *why);
void gpt_unload(const struct platform *plat, struct gpt *gpt);

/**
 * gpt_other_sector_bytes() - the sector size that the table on @disk was written for,
 * when that is another one than the disk's; 0 when there is no such table.
 */
uint32_t gpt_other_sector_bytes(const struct platform *plat,
				const struct platform_disk *disk);

/** gpt_header_in_use() - the header that counts. */
const struct gpt_header *gpt_header_in_use(const struct gpt *gpt);

/**
 * gpt_find_type() - the first entry of @type, from *@index on (0-based, as in
 * gpt_entry_get()); *@index is then where it is. False: there is none.
 */
bool gpt_find_type(const struct gpt *gpt, const uint8_t type[16], uint32_t *index,
		   struct gpt_entry *out);

/** gpt_entry_get() - decode entry @index (0-based; partition number is index + 1).
 * LB_ERR_RANGE when there is no such entry. */
enum lb_status gpt_entry_get(const struct gpt *gpt, uint32_t index,
			     struct gpt_entry *out);

/** gpt_entry_used() - the type is not all zero. */
bool gpt_entry_used(const struct gpt_entry *entry);

/** gpt_entry_decode() / gpt_entry_encode() - the first GPT_ENTRY_MIN_BYTES of an
 * entry. */
void gpt_entry_decode(const uint8_t *bytes, struct gpt_entry *out);
void gpt_entry_encode(const struct gpt_entry *entry, uint8_t *bytes);

/**
 * gpt_entries_check() - the rules for entries: checksum, used ones inside the usable
 * range, end not before start, no overlap, unique GUIDs.
 *
 * LB_ERR_CRC, LB_ERR_RANGE, LB_ERR_DUPLICATE (overlap or GUID). Pure.
 */
enum lb_status gpt_entries_check(const struct gpt_header *header, const uint8_t *entries);

/* What the two copies look like together. Table with what is done: gpt_repair.c. */
enum gpt_state {
	GPT_STATE_GOOD,         /* both usable, the same, in their places */
	GPT_STATE_PRIMARY_BAD,  /* backup counts */
	GPT_STATE_BACKUP_BAD,   /* primary counts */
	GPT_STATE_DIFFERENT,    /* both usable, not the same: primary counts */
	GPT_STATE_TORN_PRIMARY, /* primary's header counts, entries are the backup's */
	GPT_STATE_TORN_BACKUP,  /* backup's header counts, entries are the primary's */
	GPT_STATE_GROWN, /* primary usable, no backup at the end: it was elsewhere */
	/* the backup counts, and only the primary says where it is */
	GPT_STATE_GROWN_TORN,
	/* as GOOD, but a header names a wrong place for the other */
	GPT_STATE_WRONG_LINK,
	GPT_STATE_ONE_IGNORED, /* one usable, the other IGNOREME */
	GPT_STATE_FOREIGN,     /* CHROMEOS header, or entries among the partitions or on
	                        * the other copy's side: never written */
	GPT_STATES
};

enum gpt_state gpt_state(const struct gpt *gpt);
/** gpt_state_words() - short and for people: "primary copy damaged". */
const char *gpt_state_words(enum gpt_state state);
/** gpt_storable() - could attributes be stored, as far as the table is concerned?
 * Pure. */
bool gpt_storable(const struct gpt *gpt);

/**
 * gpt_repair() - bring the copies of an internal disk into agreement.
 * @fixed: what was done, in words, for the log; "" when nothing was needed
 *
 * Does nothing unless the table has a kernel partition. A usable copy is written over
 * one that is not (never over an ignored or CHROMEOS copy); the backup moves to the end
 * of a grown disk only if the primary and its entries are valid. Caller decides that the
 * disk is internal and the mode allows writing. At every moment at least one copy is
 * whole on the disk, and it is the table in use.
 * Errors: those of the writes; LB_ERR_IO when what was read back is not what was written.
 * The table in memory is as good as before then.
 */
enum lb_status gpt_repair(const struct platform *plat, const struct platform_disk *disk,
			  struct gpt *gpt, char *fixed, size_t fixed_bytes);

/**
 * gpt_store_attributes() - change one entry's attributes on disk, power-safely.
 * @second: status of the copy written second; LB_OK when there is none to write
 *
 * Copies that are not in step are repaired first, so that there is a good copy with the
 * old attributes while one is written. Then one copy is written, flushed and read back
 * equal, and it is the copy the next boot will use; then the other. Order: primary,
 * flush, backup, flush (DESIGN 2).
 * LB_OK: stored as the design means it, even if the other copy failed (then *second is
 * its status). Any error: the caller must assume the old attributes still count.
 * LB_ERR_READ_ONLY: GPT_STATE_FOREIGN or a read-only disk. LB_ERR_RANGE: no such entry.
 */
enum lb_status gpt_store_attributes(const struct platform *plat,
				    const struct platform_disk *disk, struct gpt *gpt,
				    uint32_t index, uint64_t attributes,
				    enum lb_status *second);

/* One entry's new unique GUID, bytes as on disk. */
struct gpt_guid {
	uint32_t index;
	uint8_t guid[16];
};

/**
 * gpt_store_guids() - other GUIDs for the disk and for some entries, in both copies.
 *
 * Repairs first; LB_ERR_READ_ONLY when there is only one copy that can be written. After
 * any failure of writing @gpt says nothing any more: load it again. Power may be cut at
 * any write: all old GUIDs or all new ones are there.
 */
enum lb_status gpt_store_guids(const struct platform *plat,
			       const struct platform_disk *disk, struct gpt *gpt,
			       const uint8_t disk_guid[16], const struct gpt_guid *guids,
			       size_t count);

#endif

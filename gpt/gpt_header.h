/* GPT headers: decode, check and make. Pure: no I/O, no allocation. */
#ifndef LIFEBOAT_GPT_HEADER_H
#define LIFEBOAT_GPT_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define GPT_HEADER_MIN_BYTES    92u
#define GPT_ENTRY_MIN_BYTES     128u
#define GPT_MAX_ENTRIES         1024u
#define GPT_MIN_SECTOR_BYTES    512u
#define GPT_MAX_SECTOR_BYTES    4096u
#define GPT_HEADER_AT_DISK_GUID 56u /* UEFI 2.10, table 5.5 */
#define GPT_MIN_SECTORS         6u  /* MBR, two headers, two tables, one usable sector */
#define GPT_PRIMARY_LBA         1u
#define GPT_PRIMARY_ENTRIES     2u /* where a table made by us begins */

struct gpt_geometry {
	uint32_t sector_bytes; /* 512..4096, a power of two */
	uint64_t sectors;      /* at least GPT_MIN_SECTORS */
};

/* Which signature a header carries. Only EFI headers are ever written. */
enum gpt_signature {
	GPT_SIGNATURE_NONE,     /* none of these */
	GPT_SIGNATURE_EFI,      /* "EFI PART" */
	GPT_SIGNATURE_CHROMEOS, /* "CHROMEOS": cgpt legacy mode, read only */
	/* "IGNOREME": this copy does not count, nor is it repaired */
	GPT_SIGNATURE_IGNOREME,
};

struct gpt_header {
	enum gpt_signature signature;
	uint32_t header_bytes; /* 92..sector_bytes */
	uint64_t my_lba;
	uint64_t alternate_lba;
	uint64_t first_usable_lba;
	uint64_t last_usable_lba; /* inclusive */
	uint8_t disk_guid[16];
	uint64_t entries_lba;
	uint32_t entry_count; /* 1..GPT_MAX_ENTRIES */
	uint32_t entry_bytes; /* 128 x 2^n, at most one sector */
	uint32_t entries_crc32;
};

/** gpt_geometry_allowed() - sector size and disk size are ones we handle. */
bool gpt_geometry_allowed(const struct gpt_geometry *disk);

/** gpt_header_signature() - what the first 8 bytes of @sector say; nothing else is
 * checked. */
enum gpt_signature gpt_header_signature(const uint8_t *sector);

/** gpt_header_decode() - the fields as they stand in @sector, nothing checked: for tools
 * that show what is damaged. */
struct gpt_header gpt_header_decode(const uint8_t *sector);

/** gpt_header_crc32() - checksum over the first @header_bytes, its own field as zero;
 * at least GPT_HEADER_MIN_BYTES, at most the sector. */
uint32_t gpt_header_crc32(const uint8_t *sector, uint32_t header_bytes);

/**
 * gpt_header_parse() - decode one untrusted GPT header.
 * @sector:  one sector as read from disk
 * @lba:     sector number this copy came from (1: primary; any other: backup)
 * @disk:    geometry, allowed by gpt_geometry_allowed()
 * @out:     written only on LB_OK
 *
 * An IGNOREME header gives LB_OK with only `signature` set.
 * Errors: LB_ERR_MAGIC, LB_ERR_VERSION, LB_ERR_CRC, LB_ERR_RANGE.
 * Spec: UEFI 2.10, 5.3.2. Our limits: docs/formats/gpt.md.
 */
enum lb_status gpt_header_parse(const uint8_t *sector, uint64_t lba,
				const struct gpt_geometry *disk, struct gpt_header *out);

/** gpt_header_cgpt_accepts() - a parsed header that cgpt takes, too
 * (docs/formats/gpt.md). */
bool gpt_header_cgpt_accepts(const struct gpt_header *header,
			     const struct gpt_geometry *disk);

/** gpt_header_same_table() - the two differ only in where the copy lies. */
bool gpt_header_same_table(const struct gpt_header *a, const struct gpt_header *b);

/** gpt_header_apart() - the entries lie on this copy's side of the usable sectors, so
 * that writing them can touch neither a partition nor the other copy. */
bool gpt_header_apart(const struct gpt_header *header, const struct gpt_geometry *disk);

/** gpt_header_table_bytes() - entry_count x entry_bytes. gpt_header_table_sectors() - in
 * sectors, rounded up. */
uint32_t gpt_header_table_bytes(const struct gpt_header *header);
uint32_t gpt_header_table_sectors(const struct gpt_header *header,
				  const struct gpt_geometry *disk);

/** gpt_header_encode() - the sector of @header, checksum included; the rest is zero. */
void gpt_header_encode(const struct gpt_header *header, uint32_t sector_bytes,
		       uint8_t *sector);

/**
 * gpt_header_patch() - bring the sector of a valid header up to date.
 *
 * Replaces my_lba, alternate_lba, entries_lba, entries_crc32 and the checksum by those
 * of @header; every other byte stays, reserved ones included.
 */
void gpt_header_patch(const struct gpt_header *header, uint8_t *sector);

#endif

/* GPT headers: decode, check and make. Pure: no I/O, no allocation. */
#ifndef LIFEBOAT_GPT_HEADER_H
#define LIFEBOAT_GPT_HEADER_H

#include <stdint.h>

#include "boot/base/status.h"

#define GPT_HEADER_MIN_BYTES 92u
#define GPT_ENTRY_MIN_BYTES  128u
#define GPT_MAX_ENTRIES      1024u
#define GPT_MAX_SECTOR_BYTES 4096u

struct gpt_geometry {
	uint32_t sector_bytes; /* 512..4096, a power of two */
	uint64_t sectors;
};

/* Which signature a header carries. Only EFI headers are ever written. */
enum gpt_signature {
	GPT_SIGNATURE_EFI,      /* "EFI PART" */
	GPT_SIGNATURE_CHROMEOS, /* "CHROMEOS": cgpt legacy mode, read only */
	GPT_SIGNATURE_IGNOREME, /* "IGNOREME": this copy does not count, nor is it repaired */
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

/**
 * gpt_header_parse() - decode one untrusted GPT header.
 * @sector:  one sector as read from disk
 * @lba:     sector number this copy came from (1: primary; last sector: backup)
 * @disk:    geometry
 * @out:     written only on LB_OK
 *
 * An IGNOREME header gives LB_OK with only `signature` set.
 * Errors: LB_ERR_MAGIC, LB_ERR_VERSION, LB_ERR_CRC, LB_ERR_RANGE.
 * Spec: UEFI 2.10, 5.3.2. Our tighter limits: docs/formats/gpt.md.
 */
enum lb_status gpt_header_parse(const uint8_t *sector, uint64_t lba,
				const struct gpt_geometry *disk, struct gpt_header *out);

#endif

/* A new partition table: protective MBR, both GPT copies, 128 entries as cgpt wants them.
 *
 * Spec: UEFI 2.10, 5.2.3 (protective MBR) and 5.3. */
#ifndef LIFEBOAT_GPT_GPT_MAKE_H
#define LIFEBOAT_GPT_GPT_MAKE_H

#include "gpt/gpt_table.h"

#define GPT_MAKE_ENTRIES 128u

/** gpt_make_table_sectors() - sectors of one table of entries. */
uint64_t gpt_make_table_sectors(uint32_t sector_bytes);

/** gpt_make_protective() - the MBR that keeps others from taking the disk for an empty
 * one.
 * @sector: zeroed by the caller */
void gpt_make_protective(uint8_t *sector, const struct gpt_geometry *disk);

/** gpt_make_header() - the sector of one copy's header, as both kinds of writers have
 * it. */
void gpt_make_header(const struct gpt_geometry *disk, bool backup, const uint8_t guid[16],
		     uint32_t entries_crc32, uint8_t *sector);

/**
 * gpt_make() - write a whole new table.
 * @entry: GPT_MAKE_ENTRIES of them, by number; type all zero: unused. They lie in the
 *         usable range and do not overlap: that is the caller's
 *
 * In this order, each flushed: the backup, the primary's entries, its header, the MBR -
 * so the disk has no table that counts before everything is in place, and with the
 * backup alone it is whole for the loader. Read back: LB_ERR_IO when it is not what was
 * written.
 */
enum lb_status gpt_make(const struct platform *plat, const struct platform_disk *disk,
			const uint8_t disk_guid[16],
			const struct gpt_entry entry[GPT_MAKE_ENTRIES]);

#endif

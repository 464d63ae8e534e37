/* Writing one copy of a partition table. Used by gpt_repair.c and gpt_store.c only: they
 * know which copy may be written when. */
#ifndef LIFEBOAT_GPT_WRITE_H
#define LIFEBOAT_GPT_WRITE_H

#include "gpt/gpt_table.h"

struct gpt_writer {
	const struct platform *plat;
	const struct platform_disk *disk;
	struct gpt *gpt;
};

/** gpt_write_header() - @header, with all other bytes as in the header in use. */
enum lb_status gpt_write_header(const struct gpt_writer *w,
				const struct gpt_header *header);

/** gpt_write_entries() - those sectors of @header's table that differ from
 * gpt->entries. */
enum lb_status gpt_write_entries(const struct gpt_writer *w,
				 const struct gpt_header *header);

/** gpt_write_entry() - the one sector of @header's table that holds entry @index. */
enum lb_status gpt_write_entry(const struct gpt_writer *w,
			       const struct gpt_header *header, uint32_t index);

enum lb_status gpt_write_flush(const struct gpt_writer *w);

/** gpt_write_verify() - read back header and entries: LB_ERR_IO when they are not equal.
 * Without @whole_table only the sector of entry @index is read. */
enum lb_status gpt_write_verify(const struct gpt_writer *w,
				const struct gpt_header *header, bool whole_table,
				uint32_t index);

/**
 * gpt_bring_in_step() - the repair machine, on any table.
 * @fixed: as for gpt_repair()
 *
 * LB_OK: nothing is left that could be repaired; see gpt_state() then.
 */
enum lb_status gpt_bring_in_step(const struct gpt_writer *w, char *fixed,
				 size_t fixed_bytes);

#endif

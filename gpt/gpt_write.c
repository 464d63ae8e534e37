/* Writing one copy of a partition table, and reading it back. */
#include "gpt/gpt_write.h"

#include <string.h>

/* The first work sector holds the header in use; these are free. */
static uint8_t *wanted_sector(const struct gpt_writer *w)
{
	return w->gpt->work + w->gpt->disk.sector_bytes;
}

static uint8_t *found_sector(const struct gpt_writer *w)
{
	return w->gpt->work + 2 * (size_t)w->gpt->disk.sector_bytes;
}

static enum lb_status write_sector(const struct gpt_writer *w, uint64_t lba,
				   const uint8_t *sector)
{
	return w->plat->write(w->plat->ctx, w->disk->id, lba, 1, sector);
}

/* LB_OK when sector @lba is readable and equal to @wanted. */
static enum lb_status compare_sector(const struct gpt_writer *w, uint64_t lba,
				     const uint8_t *wanted)
{
	uint8_t *found = found_sector(w);
	const enum lb_status status =
		w->plat->read(w->plat->ctx, w->disk->id, lba, 1, found);

	if (status != LB_OK)
		return status;
	return memcmp(found, wanted, w->gpt->disk.sector_bytes) == 0 ? LB_OK : LB_ERR_IO;
}

static const uint8_t *make_header(const struct gpt_writer *w,
				  const struct gpt_header *header)
{
	uint8_t *sector = wanted_sector(w);

	memcpy(sector, w->gpt->work, w->gpt->disk.sector_bytes);
	gpt_header_patch(header, sector);
	return sector;
}

enum lb_status gpt_write_header(const struct gpt_writer *w,
				const struct gpt_header *header)
{
	return write_sector(w, header->my_lba, make_header(w, header));
}

static const uint8_t *entry_sector(const struct gpt_writer *w, uint64_t sector)
{
	return w->gpt->entries + (size_t)sector * w->gpt->disk.sector_bytes;
}

enum lb_status gpt_write_entries(const struct gpt_writer *w,
				 const struct gpt_header *header)
{
	const uint32_t sectors = gpt_header_table_sectors(header, &w->gpt->disk);

	for (uint32_t s = 0; s < sectors; s++) {
		const uint64_t lba = header->entries_lba + s;

		if (compare_sector(w, lba, entry_sector(w, s)) == LB_OK)
			continue;
		const enum lb_status status = write_sector(w, lba, entry_sector(w, s));

		if (status != LB_OK)
			return status;
	}
	return LB_OK;
}

/* An entry is never larger than a sector, and both are powers of two. */
static uint64_t sector_of_entry(const struct gpt_writer *w,
				const struct gpt_header *header, uint32_t index)
{
	return (uint64_t)index * header->entry_bytes / w->gpt->disk.sector_bytes;
}

enum lb_status gpt_write_entry(const struct gpt_writer *w,
			       const struct gpt_header *header, uint32_t index)
{
	const uint64_t s = sector_of_entry(w, header, index);

	return write_sector(w, header->entries_lba + s, entry_sector(w, s));
}

enum lb_status gpt_write_flush(const struct gpt_writer *w)
{
	return w->plat->flush(w->plat->ctx, w->disk->id);
}

enum lb_status gpt_write_verify(const struct gpt_writer *w,
				const struct gpt_header *header, bool whole_table,
				uint32_t index)
{
	const uint64_t sectors = gpt_header_table_sectors(header, &w->gpt->disk);
	const uint64_t from = whole_table ? 0 : sector_of_entry(w, header, index);
	const uint64_t to = whole_table ? sectors : from + 1;
	enum lb_status status = compare_sector(w, header->my_lba, make_header(w, header));

	for (uint64_t s = from; s < to && status == LB_OK; s++)
		status = compare_sector(w, header->entries_lba + s, entry_sector(w, s));
	return status;
}

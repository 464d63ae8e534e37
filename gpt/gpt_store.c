/* Changing the attributes of one entry on disk so that no cut of power brings the old
 * ones back once they are stored, and none leaves the disk without a table. */
#include "base/bytes.h"
#include "base/crc32.h"
#include "gpt/gpt_write.h"

#define AT_ATTRIBUTES 48u /* in an entry; Spec: UEFI 2.10, table 5.6 */

/* One attribute change. */
struct change {
	struct gpt_writer w;
	uint32_t index;
	uint64_t old_attributes;
	uint32_t new_crc; /* of the whole table */
};

static uint8_t *attributes_of(const struct change *c)
{
	const size_t entry_bytes = gpt_header_in_use(c->w.gpt)->entry_bytes;

	return c->w.gpt->entries + c->index * entry_bytes + AT_ATTRIBUTES;
}

static enum lb_status write_copy(const struct change *c, const struct gpt_header *header)
{
	enum lb_status status = gpt_write_entry(&c->w, header, c->index);

	if (status == LB_OK)
		status = gpt_write_header(&c->w, header);
	if (status == LB_OK)
		status = gpt_write_flush(&c->w);
	if (status == LB_OK)
		status = gpt_write_verify(&c->w, header, false, c->index);
	return status;
}

/* Entry, header, flush, read back; the memory of that copy follows the disk. */
static enum lb_status store_copy(const struct change *c, int which)
{
	struct gpt_copy *copy = &c->w.gpt->copy[which];
	struct gpt_header header = copy->header;

	header.entries_crc32 = c->new_crc;
	const enum lb_status status = write_copy(c, &header);

	if (status == LB_OK)
		copy->header = header;
	return status;
}

/* A copy that may be half written: only a repair may rely on it again. */
static void note_broken(struct gpt *gpt, int which, enum lb_status status)
{
	gpt->copy[which].status = gpt->copy[which].header_status = status;
	gpt->copy[which].in_step = false;
}

/* The first copy could not be stored. Where there is another one it holds the old
 * attributes and is the table now; an only copy gets its old bytes back, if it takes
 * them. */
static void undo_first(struct change *c)
{
	struct gpt *gpt = c->w.gpt;

	lb_put_le64(attributes_of(c), c->old_attributes);
	if (gpt->copy[GPT_PRIMARY].in_step && gpt->copy[GPT_BACKUP].in_step) {
		note_broken(gpt, GPT_PRIMARY, LB_ERR_IO);
		gpt->in_use = gpt->entries_from = GPT_BACKUP;
		return;
	}
	(void)write_copy(c, gpt_header_in_use(gpt)); /* nothing better is left to try */
}

static enum lb_status store_both(struct change *c, enum lb_status *second)
{
	struct gpt *gpt = c->w.gpt;
	const int first = gpt->in_use; /* the primary, unless that is ignored */
	const enum lb_status status = store_copy(c, first);

	if (status != LB_OK) {
		undo_first(c);
		return status;
	}
	if (gpt->copy[1 - first].ignored)
		return LB_OK;
	*second = store_copy(c, 1 - first);
	if (*second != LB_OK)
		note_broken(gpt, 1 - first, *second);
	return LB_OK;
}

enum lb_status gpt_store_attributes(const struct platform *plat,
				    const struct platform_disk *disk, struct gpt *gpt,
				    uint32_t index, uint64_t attributes,
				    enum lb_status *second)
{
	struct change c = { .w = { plat, disk, gpt }, .index = index };
	struct gpt_entry entry;
	char fixed[1];
	enum lb_status status = gpt_entry_get(gpt, index, &entry);

	*second = LB_OK;
	if (status != LB_OK || entry.attributes == attributes)
		return status;
	if (disk->read_only)
		return LB_ERR_READ_ONLY;
	status = gpt_bring_in_step(&c.w, fixed, sizeof fixed);
	if (status != LB_OK)
		return status;
	if (!gpt_storable(gpt))
		return LB_ERR_READ_ONLY;

	c.old_attributes = entry.attributes;
	lb_put_le64(attributes_of(&c), attributes);
	c.new_crc =
		lb_crc32(0, gpt->entries, gpt_header_table_bytes(gpt_header_in_use(gpt)));
	return store_both(&c, second);
}

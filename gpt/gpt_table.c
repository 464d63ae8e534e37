/* Reading both copies of a partition table and judging which one counts. */
#include "gpt/gpt_table.h"

#include <string.h>

#include "base/bytes.h"
#include "base/format.h"

#define WORK_SECTORS 3u

/* One copy while it is being judged. */
struct side {
	struct gpt_copy copy;
	uint8_t *entries; /* NULL: header bad, or entries not readable */
	size_t alloc_bytes;
};

struct loader {
	const struct platform *plat;
	const struct platform_disk *disk;
	struct gpt *gpt;
	struct side side[GPT_COPIES];
};

/* A second try, because taking the other copy for a passing error may bring back
 * older attributes. */
static enum lb_status read_twice(struct loader *l, uint64_t lba, size_t sectors,
				 void *buf)
{
	enum lb_status status = LB_ERR_INTERNAL;

	for (int i = 0; i < 2; i++) {
		status = l->plat->read(l->plat->ctx, l->disk->id, lba, sectors, buf);
		if (status == LB_OK || status == LB_ERR_REMOVED)
			break;
	}
	return status;
}

/* --- reading one copy -------------------------------------------------------------- */

static void read_header(struct loader *l, uint64_t lba, uint8_t *sector,
			struct gpt_copy *copy)
{
	*copy = (struct gpt_copy){ .lba = lba, .entries_status = LB_ERR_INTERNAL };
	copy->header_status = read_twice(l, lba, 1, sector);
	if (copy->header_status != LB_OK)
		return;
	copy->signature = gpt_header_signature(sector);
	copy->header_status = gpt_header_parse(sector, lba, &l->gpt->disk, &copy->header);
	copy->ignored = copy->signature == GPT_SIGNATURE_IGNOREME;
	if (copy->ignored)
		copy->header_status = LB_ERR_MAGIC; /* nothing in it may be used */
}

/* LB_ERR_NOMEM only: any other trouble is a property of this copy. */
static enum lb_status read_entries(struct loader *l, struct side *side)
{
	struct gpt_copy *copy = &side->copy;

	if (copy->header_status != LB_OK)
		return LB_OK;
	const uint32_t sectors = gpt_header_table_sectors(&copy->header, &l->gpt->disk);

	side->alloc_bytes = (size_t)sectors * l->gpt->disk.sector_bytes;
	side->entries =
		l->plat->alloc(l->plat->ctx, side->alloc_bytes, 1, PLATFORM_ANY_ADDRESS);
	if (side->entries == NULL)
		return LB_ERR_NOMEM;
	copy->entries_status =
		read_twice(l, copy->header.entries_lba, sectors, side->entries);
	if (copy->entries_status != LB_OK) {
		l->plat->free(l->plat->ctx, side->entries, side->alloc_bytes);
		side->entries = NULL;
		return LB_OK;
	}
	copy->entries_status = gpt_entries_check(&copy->header, side->entries);
	return LB_OK;
}

static bool hands_off(const struct gpt_copy *copy)
{
	return copy->signature == GPT_SIGNATURE_IGNOREME ||
	       copy->signature == GPT_SIGNATURE_CHROMEOS;
}

/* The primary's header goes to the first work sector, the backup's to the second. */
static void read_headers(struct loader *l)
{
	const uint64_t last = l->gpt->disk.sectors - 1;
	const size_t size = l->gpt->disk.sector_bytes;
	uint8_t *work = l->gpt->work;
	struct gpt_copy *primary = &l->side[GPT_PRIMARY].copy;
	struct gpt_copy *backup = &l->side[GPT_BACKUP].copy;
	struct gpt_copy moved;

	read_header(l, GPT_PRIMARY_LBA, work, primary);
	read_header(l, last, work + size, backup);

	const uint64_t elsewhere = primary->header.alternate_lba;

	if (backup->header_status == LB_OK || hands_off(backup) ||
	    primary->header_status != LB_OK || elsewhere <= GPT_PRIMARY_LBA ||
	    elsewhere >= last)
		return;
	read_header(l, elsewhere, work + 2 * size, &moved);
	if (moved.header_status != LB_OK)
		return;
	*backup = moved;
	memcpy(work + size, work + 2 * size, size);
}

/* --- judging ----------------------------------------------------------------------- */

/* What one way of judging comes to. */
struct choice {
	int header;
	bool entries_good[GPT_COPIES]; /* under that header */
};

static bool entries_match(const struct side *side, const struct gpt_header *header)
{
	return side->entries != NULL &&
	       gpt_header_table_bytes(&side->copy.header) ==
		       gpt_header_table_bytes(header) &&
	       gpt_entries_check(header, side->entries) == LB_OK;
}

static bool try_header(const struct side side[], const bool allowed[], int header,
		       struct choice *out)
{
	if (!allowed[header])
		return false;
	out->header = header;
	for (int i = 0; i < GPT_COPIES; i++)
		out->entries_good[i] =
			allowed[i] && entries_match(&side[i], &side[header].copy.header);
	return out->entries_good[GPT_PRIMARY] || out->entries_good[GPT_BACKUP];
}

/* As cgpt: the primary's header with the entries of either copy, else the backup's. */
static bool choose(const struct side side[], const bool allowed[], struct choice *out)
{
	return try_header(side, allowed, GPT_PRIMARY, out) ||
	       try_header(side, allowed, GPT_BACKUP, out);
}

/* First only copies that cgpt takes, so that both always agree; then all. */
static bool judge(struct loader *l, struct choice *choice, bool allowed[GPT_COPIES])
{
	for (int wide = 0; wide < 2; wide++) {
		for (int i = 0; i < GPT_COPIES; i++) {
			const struct gpt_copy *copy = &l->side[i].copy;

			allowed[i] = copy->header_status == LB_OK &&
				     (wide != 0 || gpt_header_cgpt_accepts(
							   &copy->header, &l->gpt->disk));
		}
		if (choose(l->side, allowed, choice))
			return true;
	}
	return false;
}

static void take(struct loader *l, const struct choice *choice, const bool allowed[])
{
	struct gpt *gpt = l->gpt;
	const struct gpt_header *header = &l->side[choice->header].copy.header;

	gpt->in_use = choice->header;
	gpt->entries_from = choice->entries_good[choice->header] ? choice->header
								 : 1 - choice->header;
	for (int i = 0; i < GPT_COPIES; i++) {
		struct gpt_copy *copy = &l->side[i].copy;
		const uint64_t place =
			i == GPT_PRIMARY ? GPT_PRIMARY_LBA : gpt->disk.sectors - 1;

		copy->in_step = allowed[i] && choice->entries_good[i] &&
				copy->lba == place &&
				gpt_header_same_table(&copy->header, header);
		gpt->copy[i] = *copy;
	}
	gpt->copies_differ = gpt->copy[GPT_PRIMARY].status == LB_OK &&
			     gpt->copy[GPT_BACKUP].status == LB_OK &&
			     !gpt_header_same_table(&gpt->copy[GPT_PRIMARY].header,
						    &gpt->copy[GPT_BACKUP].header);

	struct side *from = &l->side[gpt->entries_from];

	gpt->entries = from->entries;
	gpt->entries_alloc_bytes = from->alloc_bytes;
	from->entries = NULL;
	if (gpt->in_use == GPT_BACKUP)
		memcpy(gpt->work, gpt->work + gpt->disk.sector_bytes,
		       gpt->disk.sector_bytes);
}

/* --- words ------------------------------------------------------------------------- */

static const char *copy_fault(const struct gpt_copy *copy, const char **part)
{
	*part = copy->header_status == LB_OK ? "entries" : "header";
	return copy->ignored ? "marked to be ignored" : lb_status_name(copy->status);
}

static bool unreadable(const struct gpt_copy *copy)
{
	return copy->status == LB_ERR_IO || copy->status == LB_ERR_TIMEOUT;
}

static enum lb_reason fault_reason(const struct gpt_copy *primary,
				   const struct gpt_copy *backup)
{
	if (primary->status == LB_ERR_REMOVED || backup->status == LB_ERR_REMOVED)
		return LB_REASON_DISK_REMOVED;
	if (unreadable(primary) || unreadable(backup))
		return LB_REASON_DISK_UNREADABLE;
	return primary->status == LB_ERR_MAGIC && backup->status == LB_ERR_MAGIC &&
			       !primary->ignored && !backup->ignored
		       ? LB_REASON_NO_GPT
		       : LB_REASON_GPT_DAMAGED;
}

static enum lb_status explain(const struct loader *l, struct lb_verdict *why)
{
	const struct gpt_copy *primary = &l->side[GPT_PRIMARY].copy;
	const struct gpt_copy *backup = &l->side[GPT_BACKUP].copy;
	const char *part[GPT_COPIES];
	const char *fault[GPT_COPIES] = { copy_fault(primary, &part[GPT_PRIMARY]),
					  copy_fault(backup, &part[GPT_BACKUP]) };

	const enum lb_reason reason = fault_reason(primary, backup);
	const uint32_t other =
		reason == LB_REASON_NO_GPT ? gpt_other_sector_bytes(l->plat, l->disk) : 0;

	if (other != 0) {
		lb_verdict_set(why, LB_REASON_SECTOR_SIZE,
			       "the table is for sectors of %u bytes, the disk has %u",
			       other, l->disk->sector_bytes);
		return LB_ERR_UNSUPPORTED;
	}
	lb_verdict_set(why, reason,
		       "primary (sector %llu): %s: %s; backup (sector %llu): %s: %s",
		       (unsigned long long)primary->lba, part[GPT_PRIMARY],
		       fault[GPT_PRIMARY], (unsigned long long)backup->lba,
		       part[GPT_BACKUP], fault[GPT_BACKUP]);
	return primary->status;
}

/* --- loading ----------------------------------------------------------------------- */

static void free_sides(struct loader *l)
{
	for (int i = 0; i < GPT_COPIES; i++)
		if (l->side[i].entries != NULL)
			l->plat->free(l->plat->ctx, l->side[i].entries,
				      l->side[i].alloc_bytes);
}

static enum lb_status load_sides(struct loader *l, struct lb_verdict *why)
{
	struct choice choice;
	bool allowed[GPT_COPIES];

	read_headers(l);
	for (int i = 0; i < GPT_COPIES; i++) {
		struct gpt_copy *copy = &l->side[i].copy;

		if (read_entries(l, &l->side[i]) != LB_OK) {
			lb_verdict_set(why, LB_REASON_TOO_LITTLE_MEMORY, "%zu bytes",
				       l->side[i].alloc_bytes);
			return LB_ERR_NOMEM;
		}
		copy->status = copy->header_status != LB_OK ? copy->header_status
							    : copy->entries_status;
	}
	if (!judge(l, &choice, allowed))
		return explain(l, why);
	take(l, &choice, allowed);
	return LB_OK;
}

enum lb_status gpt_load(const struct platform *plat, const struct platform_disk *disk,
			struct gpt *out, struct lb_verdict *why)
{
	struct gpt gpt = { .disk = { disk->sector_bytes, disk->sectors } };
	struct loader l = { .plat = plat, .disk = disk, .gpt = &gpt };

	if (!gpt_geometry_allowed(&gpt.disk)) {
		lb_verdict_set(why, LB_REASON_DISK_GEOMETRY, "%llu sectors of %u bytes",
			       (unsigned long long)disk->sectors, disk->sector_bytes);
		return LB_ERR_UNSUPPORTED;
	}
	gpt.work_alloc_bytes = WORK_SECTORS * (size_t)disk->sector_bytes;
	gpt.work = plat->alloc(plat->ctx, gpt.work_alloc_bytes, 1, PLATFORM_ANY_ADDRESS);
	if (gpt.work == NULL) {
		lb_verdict_set(why, LB_REASON_TOO_LITTLE_MEMORY, "%zu bytes",
			       gpt.work_alloc_bytes);
		return LB_ERR_NOMEM;
	}

	const enum lb_status status = load_sides(&l, why);

	free_sides(&l);
	if (status != LB_OK) {
		gpt_unload(plat, &gpt);
		return status;
	}
	*out = gpt;
	return LB_OK;
}

void gpt_unload(const struct platform *plat, struct gpt *gpt)
{
	if (gpt->entries != NULL)
		plat->free(plat->ctx, gpt->entries, gpt->entries_alloc_bytes);
	if (gpt->work != NULL)
		plat->free(plat->ctx, gpt->work, gpt->work_alloc_bytes);
	*gpt = (struct gpt){ 0 };
}

/* --- using ------------------------------------------------------------------------- */

const struct gpt_header *gpt_header_in_use(const struct gpt *gpt)
{
	return &gpt->copy[gpt->in_use].header;
}

enum lb_status gpt_entry_get(const struct gpt *gpt, uint32_t index, struct gpt_entry *out)
{
	const struct gpt_header *header = gpt_header_in_use(gpt);

	if (index >= header->entry_count)
		return LB_ERR_RANGE;
	gpt_entry_decode(gpt->entries + (size_t)index * header->entry_bytes, out);
	return LB_OK;
}

bool gpt_find_type(const struct gpt *gpt, const uint8_t type[16], uint32_t *index,
		   struct gpt_entry *out)
{
	for (uint32_t i = *index; gpt_entry_get(gpt, i, out) == LB_OK; i++) {
		if (memcmp(out->type, type, sizeof out->type) != 0)
			continue;
		*index = i;
		return true;
	}
	return false;
}

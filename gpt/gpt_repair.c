/* The repair machine: looks at both copies, takes the one step its table names for that
 * state, and looks again. docs/formats/gpt.md says for every step why at least one copy
 * is whole on the disk whenever power is cut. */
#include <string.h>

#include "base/format.h"
#include "gpt/gpt_write.h"

#define MAX_STEPS 4u /* the longest way: torn, grown, link, good */

static int other(const struct gpt *gpt)
{
	return 1 - gpt->in_use;
}

static uint64_t place_of(const struct gpt *gpt, int which)
{
	return which == GPT_PRIMARY ? GPT_PRIMARY_LBA : gpt->disk.sectors - 1;
}

/* --- states ------------------------------------------------------------------------ */

static bool foreign(const struct gpt *gpt)
{
	return gpt->copy[GPT_PRIMARY].signature == GPT_SIGNATURE_CHROMEOS ||
	       gpt->copy[GPT_BACKUP].signature == GPT_SIGNATURE_CHROMEOS ||
	       !gpt_header_apart(gpt_header_in_use(gpt), &gpt->disk);
}

static bool links_right(const struct gpt *gpt)
{
	return gpt->copy[GPT_PRIMARY].header.alternate_lba == place_of(gpt, GPT_BACKUP) &&
	       gpt->copy[GPT_BACKUP].header.alternate_lba == place_of(gpt, GPT_PRIMARY);
}

/* The primary is whole and in use. */
static enum gpt_state state_of_backup(const struct gpt *gpt)
{
	const struct gpt_copy *backup = &gpt->copy[GPT_BACKUP];
	const uint64_t end = place_of(gpt, GPT_BACKUP);

	if (backup->in_step)
		return links_right(gpt) ? GPT_STATE_GOOD : GPT_STATE_WRONG_LINK;
	if (backup->lba == end && backup->status == LB_OK)
		return GPT_STATE_DIFFERENT;
	return gpt_header_in_use(gpt)->alternate_lba < end ? GPT_STATE_GROWN
							   : GPT_STATE_BACKUP_BAD;
}

enum gpt_state gpt_state(const struct gpt *gpt)
{
	if (foreign(gpt))
		return GPT_STATE_FOREIGN;
	if (gpt->copy[other(gpt)].ignored)
		return GPT_STATE_ONE_IGNORED;
	if (gpt->in_use == GPT_PRIMARY)
		return gpt->entries_from == GPT_PRIMARY ? state_of_backup(gpt)
							: GPT_STATE_TORN_PRIMARY;
	if (gpt->copy[GPT_BACKUP].lba != place_of(gpt, GPT_BACKUP))
		return GPT_STATE_GROWN_TORN;
	return gpt->entries_from == GPT_BACKUP ? GPT_STATE_PRIMARY_BAD
					       : GPT_STATE_TORN_BACKUP;
}

/* --- steps ------------------------------------------------------------------------- */

/* A copy that is now whole, in its place and the table in use. */
static void note_whole(struct gpt *gpt, int which, const struct gpt_header *header)
{
	gpt->copy[which] = (struct gpt_copy){
		.in_step = true,
		.lba = header->my_lba,
		.signature = header->signature,
		.header = *header,
	};
	gpt->copies_differ = false;
}

/* The entries of the copy in use, from the other one's. Its header, which vouches for
 * them, is not touched, nor is the other copy. */
static enum lb_status complete_entries(const struct gpt_writer *w)
{
	struct gpt *gpt = w->gpt;
	struct gpt_copy *copy = &gpt->copy[gpt->in_use];
	enum lb_status status = gpt_write_entries(w, &copy->header);

	if (status == LB_OK)
		status = gpt_write_flush(w);
	if (status == LB_OK)
		status = gpt_write_verify(w, &copy->header, true, 0);
	if (status != LB_OK)
		return status;
	gpt->entries_from = gpt->in_use;
	copy->entries_status = copy->status = LB_OK;
	copy->in_step = true;
	return LB_OK;
}

/* The whole other copy, in its standard place. Its header goes first and alone: until
 * it is on the disk an old one might vouch for half-new entries, and after that the
 * entries in use are the ones it vouches for. */
static enum lb_status write_other(const struct gpt_writer *w)
{
	struct gpt *gpt = w->gpt;
	const int which = other(gpt);
	struct gpt_header header = *gpt_header_in_use(gpt);

	header.my_lba = place_of(gpt, which);
	header.alternate_lba = place_of(gpt, 1 - which);
	header.entries_lba =
		which == GPT_PRIMARY
			? GPT_PRIMARY_ENTRIES
			: header.my_lba - gpt_header_table_sectors(&header, &gpt->disk);

	enum lb_status status = gpt_write_header(w, &header);

	if (status == LB_OK)
		status = gpt_write_flush(w);
	if (status == LB_OK)
		status = gpt_write_entries(w, &header);
	if (status == LB_OK)
		status = gpt_write_flush(w);
	if (status == LB_OK)
		status = gpt_write_verify(w, &header, true, 0);
	if (status != LB_OK)
		return status;
	note_whole(gpt, which, &header);
	gpt->copy[gpt->in_use].in_step = true;
	gpt->in_use = gpt->entries_from = GPT_PRIMARY; /* what the next load takes */
	return LB_OK;
}

/* One header that names a wrong place for the other copy; both copies are whole. */
static enum lb_status write_link(const struct gpt_writer *w)
{
	struct gpt *gpt = w->gpt;
	const uint64_t end = place_of(gpt, GPT_BACKUP);
	const int which = gpt->copy[GPT_PRIMARY].header.alternate_lba != end ? GPT_PRIMARY
									     : GPT_BACKUP;
	struct gpt_header header = gpt->copy[which].header;

	header.alternate_lba = place_of(gpt, 1 - which);

	enum lb_status status = gpt_write_header(w, &header);

	if (status == LB_OK)
		status = gpt_write_flush(w);
	if (status == LB_OK)
		status = gpt_write_verify(w, &header, true, 0);
	if (status == LB_OK)
		gpt->copy[which].header = header;
	return status;
}

static const struct {
	const char *words;
	enum lb_status (*step)(const struct gpt_writer *w); /* NULL: leave it as it is */
	const char *done;
} machine[GPT_STATES] = {
	[GPT_STATE_GOOD] = { "both copies good", NULL, "" },
	[GPT_STATE_PRIMARY_BAD] = { "primary copy damaged", write_other,
				    "primary rewritten from backup" },
	[GPT_STATE_BACKUP_BAD] = { "backup copy damaged", write_other,
				   "backup rewritten from primary" },
	[GPT_STATE_DIFFERENT] = { "copies differ, primary counts", write_other,
				  "differing backup rewritten from primary" },
	[GPT_STATE_TORN_PRIMARY] = { "primary entries damaged", complete_entries,
				     "primary entries rewritten from backup" },
	[GPT_STATE_TORN_BACKUP] = { "primary header does not fit, backup entries damaged",
				    complete_entries,
				    "backup entries rewritten from primary" },
	[GPT_STATE_GROWN] = { "disk has grown, no backup at its end", write_other,
			      "backup moved to the end of the disk" },
	[GPT_STATE_GROWN_TORN] = { "disk has grown and the primary copy is damaged", NULL,
				   "" },
	[GPT_STATE_WRONG_LINK] = { "a copy names a wrong place for the other", write_link,
				   "place of the other copy corrected" },
	[GPT_STATE_ONE_IGNORED] = { "one copy marked to be ignored", NULL, "" },
	[GPT_STATE_FOREIGN] = { "table that is never written here", NULL, "" },
};

const char *gpt_state_words(enum gpt_state state)
{
	return (unsigned int)state < GPT_STATES ? machine[state].words : "unknown state";
}

/* Every step leads to GOOD; what has none is as it should be, or must not be touched. */
bool gpt_storable(const struct gpt *gpt)
{
	const enum gpt_state state = gpt_state(gpt);

	return machine[state].step != NULL || state == GPT_STATE_GOOD ||
	       state == GPT_STATE_ONE_IGNORED;
}

enum lb_status gpt_bring_in_step(const struct gpt_writer *w, char *fixed,
				 size_t fixed_bytes)
{
	size_t used = lb_format(fixed, fixed_bytes, "%s", "");

	for (unsigned int i = 0; i < MAX_STEPS; i++) {
		const enum gpt_state state = gpt_state(w->gpt);

		if (machine[state].step == NULL)
			return LB_OK;
		if (w->disk->read_only)
			return LB_ERR_READ_ONLY;
		const enum lb_status status = machine[state].step(w);

		if (status != LB_OK)
			return status;
		used += lb_format(fixed + used, fixed_bytes - used, "%s%s",
				  used > 0 ? "; " : "", machine[state].done);
	}
	return gpt_state(w->gpt) == GPT_STATE_GOOD ? LB_OK : LB_ERR_INTERNAL;
}

static bool has_kernel(const struct gpt *gpt)
{
	struct gpt_entry entry;
	uint32_t index = 0;

	return gpt_find_type(gpt, gpt_type_kernel, &index, &entry);
}

enum lb_status gpt_repair(const struct platform *plat, const struct platform_disk *disk,
			  struct gpt *gpt, char *fixed, size_t fixed_bytes)
{
	const struct gpt_writer w = { plat, disk, gpt };

	lb_format(fixed, fixed_bytes, "%s", "");
	return has_kernel(gpt) ? gpt_bring_in_step(&w, fixed, fixed_bytes) : LB_OK;
}

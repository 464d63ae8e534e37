/* Giving a disk GUIDs of its own: a whole table with other GUIDs, one copy after the
 * other. Whatever a cut of power leaves of the copy being written, the other one is
 * whole: the disk has all old GUIDs or all new ones. */
#include <string.h>

#include "base/crc32.h"
#include "gpt/gpt_write.h"

#define AT_ENTRY_GUID 16u /* in an entry; Spec: UEFI 2.10, table 5.6 */
#define GUID_BYTES    16u

/* In memory; gpt->work holds the bytes of the header in use. */
static void change(struct gpt *gpt, const uint8_t disk_guid[16],
		   const struct gpt_guid *guids, size_t count)
{
	const struct gpt_header *header = gpt_header_in_use(gpt);

	for (size_t i = 0; i < count; i++)
		memcpy(gpt->entries + (size_t)guids[i].index * header->entry_bytes +
			       AT_ENTRY_GUID,
		       guids[i].guid, GUID_BYTES);
	memcpy(gpt->work + GPT_HEADER_AT_DISK_GUID, disk_guid, GUID_BYTES);
	const uint32_t crc = lb_crc32(0, gpt->entries, gpt_header_table_bytes(header));

	for (int i = 0; i < GPT_COPIES; i++) {
		memcpy(gpt->copy[i].header.disk_guid, disk_guid, GUID_BYTES);
		gpt->copy[i].header.entries_crc32 = crc;
	}
}

static enum lb_status write_copy(const struct gpt_writer *w, int which)
{
	const struct gpt_header *header = &w->gpt->copy[which].header;
	enum lb_status status = gpt_write_entries(w, header);

	if (status == LB_OK)
		status = gpt_write_header(w, header);
	if (status == LB_OK)
		status = gpt_write_flush(w);
	return status == LB_OK ? gpt_write_verify(w, header, true, 0) : status;
}

enum lb_status gpt_store_guids(const struct platform *plat,
			       const struct platform_disk *disk, struct gpt *gpt,
			       const uint8_t disk_guid[16], const struct gpt_guid *guids,
			       size_t count)
{
	const struct gpt_writer w = { plat, disk, gpt };
	char fixed[1];
	enum lb_status status;

	if (disk->read_only)
		return LB_ERR_READ_ONLY;
	for (size_t i = 0; i < count; i++)
		if (guids[i].index >= gpt_header_in_use(gpt)->entry_count)
			return LB_ERR_RANGE;
	status = gpt_bring_in_step(&w, fixed, sizeof fixed);
	if (status != LB_OK)
		return status;
	/* One copy alone would be all there is while it is written. */
	if (!gpt->copy[GPT_PRIMARY].in_step || !gpt->copy[GPT_BACKUP].in_step)
		return LB_ERR_READ_ONLY;
	const int first = gpt->in_use;

	change(gpt, disk_guid, guids, count);
	status = write_copy(&w, first);
	return status == LB_OK ? write_copy(&w, 1 - first) : status;
}

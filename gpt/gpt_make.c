/* Making tables. */
#include "gpt/gpt_make.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"

#define ENTRIES_BYTES ((size_t)GPT_MAKE_ENTRIES * GPT_ENTRY_MIN_BYTES)
#define ROOM_BYTES    (ENTRIES_BYTES + (size_t)2 * GPT_MAX_SECTOR_BYTES)

struct maker {
	const struct platform *plat;
	const struct platform_disk *disk;
	struct gpt_geometry size;
	uint8_t *entries; /* whole sectors */
	uint8_t *sector;  /* one, behind them */
};

uint64_t gpt_make_table_sectors(uint32_t sector_bytes)
{
	return (ENTRIES_BYTES + sector_bytes - 1) / sector_bytes;
}

void gpt_make_protective(uint8_t *sector, const struct gpt_geometry *disk)
{
	uint8_t *p = sector + 446;
	const uint64_t rest = disk->sectors - 1;

	p[2] = 2;    /* first sector, cylinder/head/sector 0/0/2 */
	p[4] = 0xee; /* GPT protective */
	p[5] = p[6] = p[7] = 0xff;
	lb_put_le32(p + 8, 1);
	lb_put_le32(p + 12, rest > UINT32_MAX ? UINT32_MAX : (uint32_t)rest);
	sector[510] = 0x55;
	sector[511] = 0xaa;
}

void gpt_make_header(const struct gpt_geometry *disk, bool backup, const uint8_t guid[16],
		     uint32_t entries_crc32, uint8_t *sector)
{
	const uint64_t table = gpt_make_table_sectors(disk->sector_bytes);
	const uint64_t last = disk->sectors - 1;
	struct gpt_header h = {
		.signature = GPT_SIGNATURE_EFI,
		.header_bytes = GPT_HEADER_MIN_BYTES,
		.my_lba = backup ? last : GPT_PRIMARY_LBA,
		.alternate_lba = backup ? GPT_PRIMARY_LBA : last,
		.first_usable_lba = GPT_PRIMARY_ENTRIES + table,
		.last_usable_lba = last - table - 1,
		.entries_lba = backup ? last - table : GPT_PRIMARY_ENTRIES,
		.entry_count = GPT_MAKE_ENTRIES,
		.entry_bytes = GPT_ENTRY_MIN_BYTES,
		.entries_crc32 = entries_crc32,
	};

	memcpy(h.disk_guid, guid, sizeof h.disk_guid);
	gpt_header_encode(&h, disk->sector_bytes, sector);
}

static enum lb_status put(const struct maker *m, uint64_t lba, uint64_t sectors,
			  const uint8_t *bytes)
{
	const enum lb_status status =
		m->plat->write(m->plat->ctx, m->disk->id, lba, (size_t)sectors, bytes);

	return status == LB_OK ? m->plat->flush(m->plat->ctx, m->disk->id) : status;
}

static enum lb_status write_copy(const struct maker *m, bool backup,
				 const uint8_t guid[16])
{
	const uint64_t table = gpt_make_table_sectors(m->size.sector_bytes);
	const uint64_t header = backup ? m->size.sectors - 1 : GPT_PRIMARY_LBA;
	enum lb_status status =
		put(m, backup ? header - table : GPT_PRIMARY_ENTRIES, table, m->entries);

	if (status != LB_OK)
		return status;
	gpt_make_header(&m->size, backup, guid, lb_crc32(0, m->entries, ENTRIES_BYTES),
			m->sector);
	return put(m, header, 1, m->sector);
}

/* Both copies, by the code that will read them at the next start. */
static enum lb_status read_back(const struct maker *m)
{
	struct lb_verdict why = { 0 };
	struct gpt gpt;
	const enum lb_status status = gpt_load(m->plat, m->disk, &gpt, &why);

	if (status != LB_OK)
		return LB_ERR_IO;
	const bool same = gpt_state(&gpt) == GPT_STATE_GOOD &&
			  memcmp(gpt.entries, m->entries, ENTRIES_BYTES) == 0;

	gpt_unload(m->plat, &gpt);
	return same ? LB_OK : LB_ERR_IO;
}

static enum lb_status write_all(const struct maker *m, const uint8_t guid[16])
{
	enum lb_status status = write_copy(m, true, guid);

	if (status == LB_OK)
		status = write_copy(m, false, guid);
	if (status != LB_OK)
		return status;
	memset(m->sector, 0, m->size.sector_bytes);
	gpt_make_protective(m->sector, &m->size);
	status = put(m, 0, 1, m->sector);
	return status == LB_OK ? read_back(m) : status;
}

enum lb_status gpt_make(const struct platform *plat, const struct platform_disk *disk,
			const uint8_t disk_guid[16],
			const struct gpt_entry entry[GPT_MAKE_ENTRIES])
{
	struct maker m = { .plat = plat,
			   .disk = disk,
			   .size = { disk->sector_bytes, disk->sectors } };

	if (!gpt_geometry_allowed(&m.size))
		return LB_ERR_RANGE;
	m.entries = plat->alloc(plat->ctx, ROOM_BYTES, 4096, PLATFORM_ANY_ADDRESS);
	if (m.entries == NULL)
		return LB_ERR_NOMEM;
	memset(m.entries, 0, ROOM_BYTES);
	m.sector = m.entries + ENTRIES_BYTES + GPT_MAX_SECTOR_BYTES;
	for (size_t i = 0; i < GPT_MAKE_ENTRIES; i++)
		if (gpt_entry_used(&entry[i]))
			gpt_entry_encode(&entry[i], m.entries + i * GPT_ENTRY_MIN_BYTES);
	const enum lb_status status = write_all(&m, disk_guid);

	plat->free(plat->ctx, m.entries, ROOM_BYTES);
	return status;
}

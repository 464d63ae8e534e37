/* Sector sizes of images. */
#include "host/sector_size.h"

#include "base/bytes.h"
#include "gpt/gpt_table.h"

#define CRC32_AT 16u

/* A signature is little, a header with its checksum and in its place is more. */
static unsigned int header_worth(const struct platform *plat,
				 const struct platform_disk *disk, uint64_t lba)
{
	uint8_t sector[GPT_MAX_SECTOR_BYTES];

	if (plat->read(plat->ctx, disk->id, lba, 1, sector) != LB_OK ||
	    gpt_header_signature(sector) == GPT_SIGNATURE_NONE)
		return 0;
	const struct gpt_header h = gpt_header_decode(sector);

	return h.header_bytes >= GPT_HEADER_MIN_BYTES &&
			       h.header_bytes <= disk->sector_bytes && h.my_lba == lba &&
			       gpt_header_crc32(sector, h.header_bytes) ==
				       lb_le32(sector + CRC32_AT)
		       ? 3
		       : 1;
}

/* A usable table counts most, each whole copy of it more. */
static unsigned int worth(const struct platform *plat, const struct platform_disk *disk)
{
	unsigned int points = header_worth(plat, disk, GPT_PRIMARY_LBA) +
			      header_worth(plat, disk, disk->sectors - 1);
	struct lb_verdict why;
	struct gpt gpt;

	if (points == 0 || gpt_load(plat, disk, &gpt, &why) != LB_OK)
		return points;
	for (int i = 0; i < GPT_COPIES; i++)
		points += gpt.copy[i].status == LB_OK ? 10 : 0;
	gpt_unload(plat, &gpt);
	return points + 100;
}

uint32_t host_sector_size(const struct platform *plat, struct platform_disk *disk,
			  uint64_t bytes)
{
	const struct platform_disk as_it_was = *disk;
	unsigned int most = 0;
	uint32_t best = 0;

	for (uint32_t size = GPT_MIN_SECTOR_BYTES; size <= GPT_MAX_SECTOR_BYTES;
	     size *= 2) {
		disk->sector_bytes = size;
		disk->sectors = bytes / size;
		const unsigned int points =
			disk->sectors >= GPT_MIN_SECTORS ? worth(plat, disk) : 0;

		if (points > most) {
			most = points;
			best = size;
		}
	}
	*disk = as_it_was;
	return best;
}

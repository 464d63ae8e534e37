/* A table that was written for sectors of another size: an image for 512 bytes on a disk
 * with 4096, or the other way round. It cannot be used, but it can be told from none. */
#include "gpt/gpt_header.h"
#include "gpt/gpt_table.h"

/* The header of the largest kind ends here. */
#define PROBE_BYTES ((size_t)2 * GPT_MAX_SECTOR_BYTES)

/* Whether the bytes from the start of the disk hold a primary header for
 * @sector_bytes. */
static bool is_for(const uint8_t *start, uint64_t disk_bytes, uint32_t sector_bytes)
{
	const struct gpt_geometry geometry = { sector_bytes, disk_bytes / sector_bytes };
	struct gpt_header header;

	return gpt_geometry_allowed(&geometry) &&
	       gpt_header_parse(start + sector_bytes, 1, &geometry, &header) == LB_OK;
}

uint32_t gpt_other_sector_bytes(const struct platform *plat,
				const struct platform_disk *disk)
{
	const uint64_t disk_bytes = disk->sectors * disk->sector_bytes;
	uint32_t found = 0;

	if (disk_bytes / disk->sector_bytes != disk->sectors || disk_bytes < PROBE_BYTES)
		return 0;
	uint8_t *start = plat->alloc(plat->ctx, PROBE_BYTES, GPT_MIN_SECTOR_BYTES,
				     PLATFORM_ANY_ADDRESS);

	if (start == NULL)
		return 0; /* then it is not named */
	if (plat->read(plat->ctx, disk->id, 0, PROBE_BYTES / disk->sector_bytes, start) ==
	    LB_OK)
		for (uint32_t bytes = GPT_MIN_SECTOR_BYTES; bytes <= GPT_MAX_SECTOR_BYTES;
		     bytes *= 2)
			if (bytes != disk->sector_bytes && found == 0 &&
			    is_for(start, disk_bytes, bytes))
				found = bytes;
	plat->free(plat->ctx, start, PROBE_BYTES);
	return found;
}

/* Reading a partition by bytes. */
#include "gpt/gpt_source.h"

#include <string.h>

#include "base/bytes.h"
#include "gpt/gpt_header.h"

/* Bytes [@from, @from + @len) of the one sector at @lba, through a bounce buffer. */
static enum lb_status read_part_of_sector(const struct gpt_source *p, uint64_t lba,
					  size_t from, size_t len, uint8_t *out)
{
	uint8_t sector[GPT_MAX_SECTOR_BYTES];

	if (p->sector_bytes > sizeof sector)
		return LB_ERR_INTERNAL;
	const enum lb_status status =
		p->plat->read(p->plat->ctx, p->disk, lba, 1, sector);

	if (status == LB_OK)
		memcpy(out, sector + from, len);
	return status;
}

static enum lb_status read_partition(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct gpt_source *p = ctx;
	uint8_t *out = buf;

	if (!lb_within(offset, len, p->sectors * p->sector_bytes))
		return LB_ERR_RANGE;
	while (len > 0) {
		const uint64_t lba = p->first_lba + offset / p->sector_bytes;
		const size_t from = (size_t)(offset % p->sector_bytes);
		const size_t whole = from == 0 ? len / p->sector_bytes : 0;
		const size_t room = p->sector_bytes - from;
		const size_t step = whole > 0    ? whole * p->sector_bytes
				    : len < room ? len
						 : room;
		const enum lb_status status =
			whole > 0 ? p->plat->read(p->plat->ctx, p->disk, lba, whole, out)
				  : read_part_of_sector(p, lba, from, step, out);

		if (status != LB_OK)
			return status;
		out += step;
		offset += step;
		len -= step;
	}
	return LB_OK;
}

struct lb_source gpt_source_open(struct gpt_source *partition)
{
	return (struct lb_source){ partition,
				   partition->sectors * partition->sector_bytes,
				   read_partition };
}

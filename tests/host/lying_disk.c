/* A disk that answers differently from read to read. */
#include "tests/host/lying_disk.h"

#include <stdlib.h>
#include <string.h>

static struct {
	enum lb_status (*real)(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			       void *buf);
	struct lying_partition partition[LYING_MAX];
	size_t count;
} lies;

static void tell(struct lying_partition *p, const struct host_disk *disk, uint64_t lba,
		 size_t sectors, uint8_t *buf)
{
	const uint32_t size = disk->mem.sector_bytes;
	const uint64_t end = p->first_lba + (p->bytes + size - 1) / size;

	if (lba >= end || lba + sectors <= p->first_lba)
		return;
	if ((p->pattern >> (p->reads++ % 64) & 1) == 0)
		return;
	for (uint64_t s = 0; s < sectors; s++) {
		const uint64_t at = (lba + s - p->first_lba) * size;

		if (lba + s < p->first_lba || at >= p->bytes)
			continue;
		memcpy(buf + s * size, p->second + at,
		       p->bytes - at < size ? (size_t)(p->bytes - at) : size);
	}
}

static enum lb_status read_lies(void *ctx, uint32_t id, uint64_t lba, size_t sectors,
				void *buf)
{
	const struct host_platform *host = ctx;
	const enum lb_status status = lies.real(ctx, id, lba, sectors, buf);

	for (size_t i = 0; status == LB_OK && i < lies.count; i++)
		for (size_t d = 0; d < host->disk_count; d++)
			if (lies.partition[i].disk == id && host->disks[d].info.id == id)
				tell(&lies.partition[i], &host->disks[d], lba, sectors,
				     buf);
	return status;
}

void lying_init(struct host_platform *host)
{
	lies.count = 0;
	lies.real = host->plat.read;
	host->plat.read = read_lies;
}

void lying_add(const struct host_disk *disk, uint64_t first_lba, const uint8_t *second,
	       size_t bytes, uint64_t pattern)
{
	if (lies.count == LYING_MAX)
		abort();
	lies.partition[lies.count++] =
		(struct lying_partition){ disk->info.id, first_lba, second,
					  bytes,         pattern,   0 };
}

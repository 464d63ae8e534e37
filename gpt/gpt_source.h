/* A partition as a source of bytes: what lies outside it cannot be read. */
#ifndef LIFEBOAT_GPT_GPT_SOURCE_H
#define LIFEBOAT_GPT_GPT_SOURCE_H

#include <stdint.h>

#include "base/platform.h"
#include "base/source.h"

/* Sectors [first_lba, first_lba + sectors) of one disk, as a valid table has them: they
 * lie on the disk. */
struct gpt_source {
	const struct platform *plat;
	uint32_t disk;         /* platform_disk.id */
	uint32_t sector_bytes; /* at most GPT_MAX_SECTOR_BYTES */
	uint64_t first_lba;
	uint64_t sectors;
};

/** gpt_source_open() - @partition as a source; it must outlive the source. Reads beyond
 * its end give LB_ERR_RANGE, without a read of the disk. */
struct lb_source gpt_source_open(struct gpt_source *partition);

#endif

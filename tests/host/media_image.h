/* Recovery media in memory: a table with a data partition and kernel partitions. */
#ifndef LIFEBOAT_TESTS_MEDIA_IMAGE_H
#define LIFEBOAT_TESTS_MEDIA_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "tests/host/mem_disk.h"

#define MEDIA_IMAGE_MAX_KERNELS     24u
#define MEDIA_IMAGE_KERNEL_BYTES    81920u /* as test_kernel_make() makes them */
#define MEDIA_IMAGE_PARTITION_BYTES 98304u

struct media_image_kernel {
	const char *name;     /* of the partition, ASCII; NULL: some letter */
	const uint8_t *bytes; /* MEDIA_IMAGE_KERNEL_BYTES; NULL: zeros */
	/* 0: MEDIA_IMAGE_PARTITION_BYTES; what is less is cut */
	uint32_t partition_bytes;
};

uint64_t media_image_sectors(uint32_t sector_bytes, size_t count);

/** media_image_make() - partition 1 holds data, kernels follow; GUID of partition n: byte
 * 0x3f + n, 16 times. */
void media_image_make(struct mem_disk *disk, const struct media_image_kernel *kernels,
		      size_t count);

/** media_image_lba() - first sector of kernel @index's partition. */
uint64_t media_image_lba(uint32_t sector_bytes, size_t index);

#endif

/* A disk that answers differently from read to read: for tests that no fact about a
 * medium is kept from one read to another. */
#ifndef LIFEBOAT_TESTS_LYING_DISK_H
#define LIFEBOAT_TESTS_LYING_DISK_H

#include "tests/host/host_platform.h"

#define LYING_MAX 4u

/* One partition with two contents: what the disk holds, and @second. */
struct lying_partition {
	uint32_t disk;
	uint64_t first_lba;
	const uint8_t *second;
	size_t bytes; /* of it; behind it the disk's own */
	/* bit n: read call n (mod 64) of this partition gets the second */
	uint64_t pattern;
	uint32_t reads; /* so far */
};

/** lying_init() - from now on @host's disks lie as lying_add() says. One host at a
 * time. */
void lying_init(struct host_platform *host);
void lying_add(const struct host_disk *disk, uint64_t first_lba, const uint8_t *second,
	       size_t bytes, uint64_t pattern);

#endif

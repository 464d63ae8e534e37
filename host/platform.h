/* The platform over files and block devices that are opened by name: so that the loader's
 * own code reads and writes disks and judges kernels in any program on Linux. Each file
 * is one disk; flush is fsync. A whole machine with its own disks: host/machine.h. */
#ifndef LIFEBOAT_HOST_PLATFORM_H
#define LIFEBOAT_HOST_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/source.h"
#include "host/error.h"

#define HOST_PLATFORM_DISKS 4u

struct host_disk {
	int fd;
	char *path;
	struct platform_disk disk;
};

/* What the core logs or shows is dropped, and a reset does nothing: who wants otherwise
 * sets `platform.log` and the like after host_platform_init(). */
struct host_platform {
	struct platform platform; /* ctx points back here: do not move */
	struct platform_machine machine;
	size_t disk_count;
	struct host_disk disk[HOST_PLATFORM_DISKS];
};

void host_platform_init(struct host_platform *plat);
void host_platform_close(struct host_platform *plat);

/**
 * host_platform_open() - add a disk.
 * @writable:     locked until host_platform_close(); waits 10 s for another writer
 * @sector_bytes: 0 finds out: from the device, or host/sector_size.h
 */
enum lb_status host_platform_open(struct host_platform *plat, const char *path,
				  bool writable, uint32_t sector_bytes,
				  const struct platform_disk **out,
				  struct host_error *err);

/** host_platform_sector_size() - host_sector_size() of one of its disks. */
uint32_t host_platform_sector_size(struct host_platform *plat,
				   const struct platform_disk *disk, uint64_t bytes);

/** host_platform_write() - the platform's write(), saying where and why it failed. */
enum lb_status host_platform_write(struct host_platform *plat, uint32_t disk,
				   uint64_t lba, size_t sectors, const void *buf,
				   struct host_error *err);

/** host_platform_source() - the whole file as a source, for kernel partitions. On failure
 * @out has no bytes, so that all of it is refused. */
enum lb_status host_platform_source(struct host_platform *plat,
				    const struct platform_disk *disk,
				    struct lb_source *out, struct host_error *err);

/** host_memory_source() - bytes in memory as a source; @memory and its data must stay. */
struct host_memory {
	const uint8_t *data;
	uint64_t bytes;
};
struct lb_source host_memory_source(struct host_memory *memory);

#endif

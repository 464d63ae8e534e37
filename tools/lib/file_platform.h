/* The platform over files and block devices: so that the loader's own code reads and
 * writes disks and judges kernels on a host. Each file is one disk; flush is fsync. */
#ifndef LIFEBOAT_TOOLS_FILE_PLATFORM_H
#define LIFEBOAT_TOOLS_FILE_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/source.h"

#define TOOL_PLATFORM_DISKS 4u

struct tool_disk {
	int fd;
	char *path;
	struct platform_disk disk;
};

struct tool_platform {
	struct platform platform; /* ctx points back here: do not move */
	struct platform_machine machine;
	bool verbose; /* the core's log goes to standard error */
	size_t disk_count;
	struct tool_disk disk[TOOL_PLATFORM_DISKS];
};

void tool_platform_init(struct tool_platform *plat);
void tool_platform_close(struct tool_platform *plat);

/**
 * tool_platform_open() - add a disk.
 * @writable:     locked until tool_platform_close(); waits 10 s for another writer
 * @sector_bytes: 0 finds out: from the device, or where the file has a GPT header
 */
bool tool_platform_open(struct tool_platform *plat, const char *path, bool writable,
			uint32_t sector_bytes, const struct platform_disk **out);

/** tool_platform_source() - the whole file as a source, for kernel partitions. */
struct lb_source tool_platform_source(struct tool_platform *plat,
				      const struct platform_disk *disk);

/** tool_memory_source() - bytes in memory as a source; @buffer must stay. */
struct tool_memory {
	const uint8_t *data;
	uint64_t bytes;
};
struct lb_source tool_memory_source(struct tool_memory *memory);

#endif

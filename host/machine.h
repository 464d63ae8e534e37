/* Linux as a platform: the recovery program's disks, screen, clock and memory behind
 * struct platform, so that the loader's code for tables, screens and payloads runs here
 * unchanged.
 *
 * Design: DESIGN 12 "Recovery program". */
#ifndef LIFEBOAT_HOST_MACHINE_H
#define LIFEBOAT_HOST_MACHINE_H

#include "base/platform.h"
#include "host/framebuffer.h"
#include "host/input.h"

#define MACHINE_DEVICE_BYTES 64u

/* A whole disk that was found; its id is its place in the list and stays its own, also
 * when it is pulled. */
struct machine_disk {
	struct platform_disk disk;
	char device[MACHINE_DEVICE_BYTES]; /* "sda": below /dev and /sys/block */
	int fd;                            /* -1: not open */
};

struct machine {
	struct platform platform;
	struct platform_machine facts;
	struct machine_disk disk[PLATFORM_MAX_DISKS];
	size_t disk_count;
	struct framebuffer screen;
	uint8_t *bounce; /* aligned, for reads and writes that pass by the page cache */
	int console;
	struct input input;
};

/** machine_init() - fill in the platform; false: no memory. */
bool machine_init(struct machine *m);

/** machine_scan() - look for disks that were not seen before. */
void machine_scan(struct machine *m);

/** machine_disk_present() - false once it was pulled. */
bool machine_disk_present(const struct machine_disk *disk);

/** machine_partition() - "sda1" of "sda" and 1, "mmcblk0p1" of "mmcblk0" and 1. */
void machine_partition(const struct machine_disk *disk, unsigned int number,
		       char out[MACHINE_DEVICE_BYTES]);

/** machine_read_text() - a short file without the line end; false: it cannot be read. */
bool machine_read_text(const char *path, char *out, size_t size);

#endif

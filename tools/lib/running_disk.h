/* Which of several disks with the same GUIDs the loader has started from: a clone,
 * the stick that an image was written from, the spare disk. Design: DESIGN 8,
 * LifeboatDisk. */
#ifndef LIFEBOAT_TOOLS_RUNNING_DISK_H
#define LIFEBOAT_TOOLS_RUNNING_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/platform.h"
#include "boot/history/history_cell.h"

/* The value of LifeboatDisk: "BOOT TAG PATH", or "- - PATH" without a history. */
struct tool_disk_fact {
	bool given, recorded;
	uint64_t boot;
	uint8_t tag[HISTORY_TAG_BYTES];
	char path[PLATFORM_DISK_PATH_BYTES];
};

/** tool_disk_fact_parse() - false, without a message, when it is not such a value. */
bool tool_disk_fact_parse(const char *text, struct tool_disk_fact *out);

/** tool_disk_has_record() - this boot's record is in the history on @device. */
bool tool_disk_has_record(const char *device, const struct tool_disk_fact *fact);

enum tool_disk_place {
	TOOL_DISK_ELSEWHERE,
	TOOL_DISK_PERHAPS, /* the two paths cannot be compared */
	TOOL_DISK_THERE,
};

/**
 * tool_disk_place() - is the disk where the loader's path leads?
 * @root: "" or a folder that stands for "/"
 * @name: "vda"
 *
 * By the PCI functions that a device path and a path in /sys name, and NVMe's namespace;
 * on device-tree machines by the node.
 */
enum tool_disk_place tool_disk_place(const char *root, const char *name,
				     const char *loader_path);

#endif

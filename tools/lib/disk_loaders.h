/* The loaders on a disk's EFI system partition (on recovery media: on the partition that
 * people see), judged as a device would that has the given key. */
#ifndef LIFEBOAT_TOOLS_DISK_LOADERS_H
#define LIFEBOAT_TOOLS_DISK_LOADERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/lib/authenticode_check.h"
#include "tools/lib/fat_read.h"
#include "tools/lib/judge.h"

#define TOOL_DISK_LOADERS       32u
#define TOOL_LOADER_PATH_BYTES  48u
#define TOOL_LOADER_WORDS_BYTES 224u

struct tool_disk_loader {
	char path[TOOL_LOADER_PATH_BYTES]; /* "EFI/BOOT/BOOTX64.EFI" */
	bool ours;
	bool foreign;   /* some other program, not judged */
	bool removable; /* under the name that firmware starts by itself */
	bool good;      /* of ours: it would start what the key signed */
	enum platform_cpu cpu;
	char words[TOOL_LOADER_WORDS_BYTES]; /* the profile, or why it is refused */
	enum tool_pe_signature signature;
	char signer[TOOL_SIGNER_BYTES];
};

struct tool_disk_loaders {
	uint32_t partition;           /* its number; 0: the disk has none */
	char why[TOOL_FAT_WHY_BYTES]; /* "" when it could be read */
	size_t count;
	bool more; /* than are listed */
	struct tool_disk_loader loader[TOOL_DISK_LOADERS];
};

/** tool_disk_loaders_judge() - @media: the disk is recovery media. Of another CPU than
 * the one asked about nothing is judged. */
void tool_disk_loaders_judge(struct host_platform *plat, const struct tool_judge *judge,
			     const struct platform_disk *disk, bool media,
			     struct tool_disk_loaders *out);

/** tool_disk_loaders_start() - would firmware with this CPU come to the kernels of the
 * disk? True as well where nothing is known (no EFI system partition, no loader on it, or
 * another program under the name that firmware starts). @why: static words, when
 * false. */
bool tool_disk_loaders_start(const struct tool_disk_loaders *loaders,
			     enum platform_cpu cpu, const char **why);

void tool_disk_loaders_print(const struct tool_disk_loaders *loaders);
json_t *tool_disk_loaders_describe(const struct tool_disk_loaders *loaders);

#endif

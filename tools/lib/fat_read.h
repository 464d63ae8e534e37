/* Files of a FAT file system, read only: loaders are looked at where firmware takes them
 * from. Untrusted: every offset is checked, every chain ends.
 *
 * Names are the short ones (8.3), which every name that a loader is put under has.
 * Spec: Microsoft, "FAT: General Overview of On-Disk Format", 1.03. */
#ifndef LIFEBOAT_TOOLS_FAT_READ_H
#define LIFEBOAT_TOOLS_FAT_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/source.h"
#include "tools/lib/buffer.h"

#define TOOL_FAT_WHY_BYTES    128u
#define TOOL_FAT_NAME_BYTES   13u /* "BOOTX64.EFI" and its NUL */
#define TOOL_FAT_FOLDER_BYTES (128u << 10)

struct tool_fat {
	const struct lb_source *source;
	unsigned int bits; /* 12, 16 or 32 */
	uint32_t cluster_bytes;
	uint32_t clusters;
	uint32_t root_cluster; /* FAT32; else 0, and the root has a place of its own */
	uint64_t fat_at, root_at, root_bytes, data_at;
	char why[TOOL_FAT_WHY_BYTES]; /* of the last failure: place or field, value */
};

/* A file or folder. */
struct tool_fat_item {
	char name[TOOL_FAT_NAME_BYTES];
	bool folder;
	uint32_t cluster; /* its first one; 0: an empty file, or the root */
	uint32_t bytes;   /* of a file */
};

enum tool_fat_found { TOOL_FAT_NONE, TOOL_FAT_FOUND, TOOL_FAT_DAMAGED /* see why */ };

/** tool_fat_open() - false with fat->why when @source holds no such file system. */
bool tool_fat_open(const struct lb_source *source, struct tool_fat *fat);

/** tool_fat_find() - by a path like "EFI/BOOT/BOOTX64.EFI", in any case; "" is the
 * root. */
enum tool_fat_found tool_fat_find(struct tool_fat *fat, const char *path,
				  struct tool_fat_item *out);

/** tool_fat_read() - all of a file of at most @limit bytes, or of a folder of at most
 * TOOL_FAT_FOLDER_BYTES. False with fat->why. */
bool tool_fat_read(struct tool_fat *fat, const struct tool_fat_item *item, uint32_t limit,
		   struct tool_buffer *out);

/** tool_fat_next() - the next item in a folder that was read; *@place is 0 at first.
 * False: there is none. "." and ".." are left out. Pure. */
bool tool_fat_next(const struct tool_buffer *folder, size_t *place,
		   struct tool_fat_item *out);

#endif

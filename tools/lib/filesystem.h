/* File systems made by the system's own programs, without root rights and
 * reproducibly. */
#ifndef LIFEBOAT_TOOLS_FILESYSTEM_H
#define LIFEBOAT_TOOLS_FILESYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tool_fat_file {
	const char *source;
	const char *target; /* "EFI/BOOT/BOOTX64.EFI" */
};

/** tool_fat_make() - a FAT file system in a new file of @bytes. */
bool tool_fat_make(const char *path, uint64_t bytes, uint32_t sector_bytes,
		   uint32_t serial, const char *label, const struct tool_fat_file *file,
		   size_t count);

/** tool_squashfs_make() - from a folder; all files belong to root, times are fixed. */
bool tool_squashfs_make(const char *path, const char *folder);

/** tool_ext4_make() - in a new file of @bytes; @folder: its content, NULL: empty.
 * @guid: UUID and hash seed, bytes as tool_guid_make() gives them */
bool tool_ext4_make(const char *path, uint64_t bytes, const char *folder,
		    const char *label, bool journal, const uint8_t guid[16]);

/** tool_folder_bytes() - room an ext4 needs for what is in @folder. */
bool tool_folder_bytes(const char *folder, uint64_t *bytes);

#endif

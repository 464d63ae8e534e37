/* File systems by mkfs.fat, mtools, mksquashfs and mkfs.ext4. */
#include "tools/lib/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/format.h"
#include "tools/lib/ext4_times.h"
#include "tools/lib/process.h"
#include "tools/lib/tool.h"

/* FAT32 has at least this many clusters; with fewer the same bytes are a FAT16. */
#define FAT32_MIN_CLUSTERS 65525u
#define FAT32_SPARE        1024u

static bool make_empty_file(const char *path, uint64_t bytes)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const bool good = fd >= 0 && ftruncate(fd, (off_t)bytes) == 0;

	if (!good)
		tool_error("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

static bool format_fat(const char *path, uint64_t bytes, uint32_t sector_bytes,
		       uint32_t serial, const char *label)
{
	char *serial_text = tool_format("%08x", serial);
	char *sector_text = tool_format("%u", sector_bytes);
	const bool fat32 = bytes / sector_bytes > FAT32_MIN_CLUSTERS + FAT32_SPARE;
	/* FAT32 where it is possible, as the UEFI specification wants; else what fits. */
	const char *argv[] = {
		"mkfs.fat",  "--invariant", "-S",  sector_text, "-i",
		serial_text, "-n",          label, path,        fat32 ? "-F" : NULL,
		"32",        "-s",          "1",   NULL
	};
	const bool good = tool_run(argv);

	free(serial_text);
	free(sector_text);
	return good;
}

/* Every folder on the way to @target that an earlier file did not have yet. */
static bool make_fat_folders(const char *path, const struct tool_fat_file *file,
			     size_t index)
{
	const char *target = file[index].target;

	for (const char *slash = strchr(target, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		const size_t len = (size_t)(slash - target);
		bool known = false;

		for (size_t i = 0; i < index; i++)
			if (strncasecmp(file[i].target, target, len + 1) == 0)
				known = true;
		if (known)
			continue;
		char *folder = tool_format("::%.*s", (int)len, target);
		const char *const argv[] = { "mmd", "-i", path, folder, NULL };
		const bool good = tool_run(argv);

		free(folder);
		if (!good)
			return false;
	}
	return true;
}

bool tool_fat_make(const char *path, uint64_t bytes, uint32_t sector_bytes,
		   uint32_t serial, const char *label, const struct tool_fat_file *file,
		   size_t count)
{
	if (!make_empty_file(path, bytes) ||
	    !format_fat(path, bytes, sector_bytes, serial, label))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!make_fat_folders(path, file, i))
			return false;
		char *target = tool_format("::%s", file[i].target);
		const char *const argv[] = { "mcopy",        "-i",   path,
					     file[i].source, target, NULL };
		const bool good = tool_run(argv);

		free(target);
		if (!good)
			return false;
	}
	return true;
}

bool tool_squashfs_make(const char *path, const char *folder)
{
	/* The times come from SOURCE_DATE_EPOCH, which tool_run() sets. */
	const char *const argv[] = { "mksquashfs", folder,        path,
				     "-noappend",  "-all-root",   "-no-progress",
				     "-quiet",     "-no-exports", NULL };

	return tool_run(argv);
}

bool tool_ext4_make(const char *path, uint64_t bytes, const char *folder,
		    const char *label, bool journal, const uint8_t guid[16])
{
	char uuid[LB_GUID_TEXT_BYTES];

	lb_format_guid(uuid, guid);
	char *extended = tool_format("hash_seed=%s,root_owner=0:0", uuid);
	const char *argv[] = { "mkfs.ext4",
			       "-q",
			       "-F",
			       "-L",
			       label,
			       "-U",
			       uuid,
			       "-E",
			       extended,
			       "-O",
			       journal ? "has_journal" : "^has_journal",
			       NULL,
			       NULL,
			       NULL,
			       NULL };
	size_t n = 11;

	if (folder != NULL) {
		argv[n++] = "-d";
		argv[n++] = folder;
	}
	argv[n] = path;
	const bool good = make_empty_file(path, bytes) && tool_run(argv) &&
			  (folder == NULL || tool_ext4_fix_times(path));

	free(extended);
	return good;
}

bool tool_folder_bytes(const char *folder, uint64_t *bytes)
{
	char *paths[] = { (char *)(uintptr_t)folder, NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *entry;
	bool good = walk != NULL;

	*bytes = 0;
	while (good && (entry = fts_read(walk)) != NULL) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
		    entry->fts_info == FTS_NS)
			good = tool_error("%s: %s", entry->fts_path,
					  strerror(entry->fts_errno));
		else if (entry->fts_info == FTS_F)
			*bytes += ((uint64_t)entry->fts_statp->st_size + 4095) / 4096 *
					  4096 +
				  512;
		else
			*bytes += 4096 + 512;
	}
	if (walk == NULL)
		return tool_error("%s: %s", folder, strerror(errno));
	fts_close(walk);
	return good;
}

/* Asking libblkid. */
#include "recovery/installer/probe.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_PARTITIONS 16

static int open_disk(const struct machine_disk *disk)
{
	char path[MACHINE_DEVICE_BYTES + 8];

	snprintf(path, sizeof path, "/dev/%s", disk->device);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Once each, printable, and no more than there is room for. */
static void mention(char *what, size_t size, const char *word)
{
	const size_t len = strlen(what);

	if (word == NULL || word[0] == '\0' || strstr(what, word) != NULL)
		return;
	snprintf(what + len, size - len, "%s%s", len > 0 ? ", " : "", word);
}

static const char *value_of(blkid_probe probe, const char *name)
{
	const char *value = NULL;

	return blkid_probe_lookup_value(probe, name, &value, NULL) == 0 ? value : NULL;
}

/* 1: nothing there. 0: something. -1: it cannot be told. Names it. */
static int look(int fd, uint64_t offset, uint64_t bytes, bool partitions, char *what,
		size_t size)
{
	blkid_probe probe = blkid_new_probe();
	int result = -1;

	if (probe == NULL)
		return -1;
	if (blkid_probe_set_device(probe, fd, (blkid_loff_t)offset,
				   (blkid_loff_t)bytes) == 0) {
		(void)blkid_probe_enable_superblocks(probe, 1);
		(void)blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE);
		(void)blkid_probe_enable_partitions(probe, partitions);
		/* Also one that has lost the protective MBR before it. */
		if (partitions)
			(void)blkid_probe_set_partitions_flags(probe,
							       BLKID_PARTS_FORCE_GPT);
		/* The full one: safe probing calls two signatures at once an error. */
		result = blkid_do_fullprobe(probe);
	}
	if (result == 0) {
		mention(what, size, value_of(probe, "PTTYPE"));
		mention(what, size, value_of(probe, "TYPE"));
	}
	blkid_free_probe(probe);
	return result;
}

/* What its partitions hold, for people who know their data by that. */
static void look_into(int fd, char *what, size_t size)
{
	blkid_probe probe = blkid_new_probe();

	if (probe == NULL)
		return;
	if (blkid_probe_set_device(probe, fd, 0, 0) == 0 &&
	    blkid_probe_enable_partitions(probe, 1) == 0 &&
	    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_FORCE_GPT) == 0) {
		const blkid_partlist list = blkid_probe_get_partitions(probe);
		const int count =
			list != NULL ? blkid_partlist_numof_partitions(list) : 0;

		for (int i = 0; i < count && i < MAX_PARTITIONS; i++) {
			const blkid_partition p = blkid_partlist_get_partition(list, i);

			(void)look(fd, (uint64_t)blkid_partition_get_start(p) * 512,
				   (uint64_t)blkid_partition_get_size(p) * 512, false,
				   what, size);
		}
	}
	blkid_free_probe(probe);
}

bool probe_disk(const struct machine_disk *disk, char *what, size_t size)
{
	const int fd = open_disk(disk);

	what[0] = '\0';
	const int result = fd >= 0 ? look(fd, 0, 0, true, what, size) : -1;

	if (result == 0)
		look_into(fd, what, size);
	if (fd >= 0)
		(void)close(fd);
	if (result == 1)
		snprintf(what, size, "empty");
	else if (what[0] == '\0')
		snprintf(what, size, "%s",
			 result == 0 ? "something unknown" : "unreadable");
	return result != 1;
}

enum probe_result probe_area(const struct machine_disk *disk, uint64_t offset,
			     uint64_t bytes)
{
	char what[64] = "";
	const int fd = open_disk(disk);
	const int result =
		fd >= 0 ? look(fd, offset, bytes, false, what, sizeof what) : -1;

	if (fd >= 0)
		(void)close(fd);
	if (result == 1)
		return PROBE_NOTHING;
	if (result != 0)
		return PROBE_UNKNOWN;
	return strcmp(what, "vfat") == 0 ? PROBE_FAT : PROBE_SOMETHING;
}

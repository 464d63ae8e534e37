/* What is on a disk that has no system of ours, by libblkid: any partition table, any
 * file system, LUKS, RAID, LVM. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_PROBE_H
#define LIFEBOAT_RECOVERY_INSTALLER_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "host/machine.h"

/**
 * probe_disk() - is there anything on it that somebody might miss?
 * @what: for people: "dos, ntfs, crypto_LUKS"; "empty" when false
 *
 * A disk that cannot be looked at is not called empty.
 */
bool probe_disk(const struct machine_disk *disk, char *what, size_t size);

enum probe_result {
	PROBE_NOTHING,   /* it was looked at, and nothing is known there */
	PROBE_FAT,       /* a FAT file system */
	PROBE_SOMETHING, /* another one, or what else has a signature */
	PROBE_UNKNOWN,   /* it could not be looked at: to be taken for something */
};

/** probe_area() - is there a file system in these bytes of the disk? */
enum probe_result probe_area(const struct machine_disk *disk, uint64_t offset,
			     uint64_t bytes);

#endif

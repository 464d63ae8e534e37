/* A new FAT file system with one file in EFI/BOOT: the EFI system partition of a disk
 * that had none that can be read. FAT32 where there is room for one, else FAT16.
 *
 * Spec: Microsoft FAT; UEFI 2.10, 13.3. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_FAT_MAKE_H
#define LIFEBOAT_RECOVERY_INSTALLER_FAT_MAKE_H

#include "base/platform.h"
#include "update/target.h"

#define FAT_NAME_BYTES 11u /* "BOOTX64 EFI" */

struct fat_file {
	const char *name; /* FAT_NAME_BYTES, padded with spaces */
	const uint8_t *data;
	size_t bytes;
};

/** fat_fits() - is there room in @area for a file system with a file of @bytes? */
bool fat_fits(const struct platform_disk *disk, const struct update_area *area,
	      size_t bytes);

/**
 * fat_make() - write it; all but the first sector first, so that after a cut there is no
 * file system rather than half of one.
 * @serial: of the volume
 *
 * LB_ERR_RANGE: as fat_fits(). Flushed.
 */
enum lb_status fat_make(const struct platform *plat, const struct platform_disk *disk,
			const struct update_area *area, const struct fat_file *file,
			uint32_t serial);

#endif

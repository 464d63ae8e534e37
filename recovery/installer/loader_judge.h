/* Would this file start this device as the one that runs now does? Pure. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_LOADER_JUDGE_H
#define LIFEBOAT_RECOVERY_INSTALLER_LOADER_JUDGE_H

#include "recovery/installer/told.h"

/* What the firmware starts. */
struct loader_firmware {
	bool secure_boot;        /* it asks for a signature */
	const uint8_t *db, *dbx; /* its lists; NULL: none that can be read */
	size_t db_bytes, dbx_bytes;
};

/**
 * loader_judge() - a PE image of a loader, untrusted.
 * @least: the least generation that is taken
 *
 * NULL, or why not: another CPU, no profile for this model; in any profile for this model
 * other keys, an older generation, or more allowed than by the loader that runs
 * (developer mode, recovery floor, inputs, another CA); with Secure Boot, nothing of its
 * signature in db, or something in dbx.
 */
const char *loader_judge(const uint8_t *file, size_t len, const struct told *told,
			 enum platform_cpu cpu, const struct loader_firmware *firmware,
			 uint32_t least);

#endif

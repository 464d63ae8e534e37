/* Would this file start this device as the one that runs now does? Pure. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_LOADER_JUDGE_H
#define LIFEBOAT_RECOVERY_INSTALLER_LOADER_JUDGE_H

#include "recovery/installer/told.h"

/**
 * loader_judge() - a PE image of a loader, untrusted.
 * @secure_boot: the firmware asks for a signature; whose, it says at the next start
 * @least:       the least generation that is taken
 *
 * NULL, or why not: another CPU, no profile for this model, other keys, an older
 * generation, unsigned where that does not start.
 */
const char *loader_judge(const uint8_t *file, size_t len, const struct told *told,
			 enum platform_cpu cpu, bool secure_boot, uint32_t least);

#endif

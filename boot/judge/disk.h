/* Disk roles.
 *
 * Design: DESIGN 2 "Disk roles". */
#ifndef LIFEBOAT_BOOT_JUDGE_DISK_H
#define LIFEBOAT_BOOT_JUDGE_DISK_H

#include <stdbool.h>

#include "base/platform.h"
#include "crypto/profile.h"

enum boot_role {
	BOOT_ROLE_INTERNAL,
	BOOT_ROLE_RECOVERY_MEDIA,
};

/** boot_disk_role() - by attachment; an `internal-disk` path of the profile makes a card
 * slot or USB disk at it, or behind it, internal; compared by whole nodes. Pure; the same
 * disk has the same role all through one boot. */
enum boot_role boot_disk_role(const struct platform_disk *disk,
			      const struct profile *profile);

#endif

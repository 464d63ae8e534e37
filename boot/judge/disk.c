/* Disk roles. */
#include "boot/judge/disk.h"

#include <string.h>

/* Whole nodes only: below "mmc@1" is "mmc@1/disk", but not "mmc@10". */
static bool leads_to(const struct profile_bytes *prefix, const char *path)
{
	const size_t len = strlen(path);
	size_t want = prefix->len;

	while (want > 0 && prefix->data[want - 1] == '/')
		want--;
	if (want == 0 || want > len || memcmp(path, prefix->data, want) != 0)
		return false;
	/* A path that was cut may go on within its last node. */
	return path[want] == '/' || (want == len && len < PLATFORM_DISK_PATH_BYTES - 1);
}

enum boot_role boot_disk_role(const struct platform_disk *disk,
			      const struct profile *profile)
{
	if (disk->attachment == PLATFORM_ATTACHED_INTERNAL)
		return BOOT_ROLE_INTERNAL;
	for (size_t i = 0; i < profile->internal_disk_count; i++)
		if (leads_to(&profile->internal_disk[i], disk->path))
			return BOOT_ROLE_INTERNAL;
	return BOOT_ROLE_RECOVERY_MEDIA;
}

/* The partitions of an empty disk: where they go, and their table. Pure but for chance.
 *
 * Everything is on a whole MiB; the last MiB holds the backup table. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_LAYOUT_H
#define LIFEBOAT_RECOVERY_INSTALLER_LAYOUT_H

#include "gpt/gpt_make.h"
#include "update/statement.h"
#include "update/target.h"

#define LAYOUT_MIB   ((uint64_t)1 << 20)
#define LAYOUT_SLOTS 2u

struct layout {
	uint64_t needed_bytes; /* of the disk, filled in also when it is too small */
	struct update_area kernel[LAYOUT_SLOTS], root[LAYOUT_SLOTS];
	struct update_area efi, history, state; /* no sectors: there is none */
	struct gpt_entry entry[GPT_MAKE_ENTRIES];
};

/**
 * layout_make() - places of a release on a disk.
 * @why: on false, for people; the places are signed, but may be nonsense all the same
 *
 * Slots are paired as the loader pairs them. Entries have neither GUIDs nor attempts yet.
 */
bool layout_make(const struct update_release *release, const struct platform_disk *disk,
		 struct layout *out, char *why, size_t size);

/** layout_finish() - GUIDs of its own for this disk and each partition, and both slots
 * trying, A first. False: no source of randomness. */
bool layout_finish(struct layout *layout, const struct platform *plat,
		   uint8_t disk_guid[16]);

#endif

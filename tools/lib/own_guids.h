/* A device of a fleet gets GUIDs of its own. */
#ifndef LIFEBOAT_TOOLS_OWN_GUIDS_H
#define LIFEBOAT_TOOLS_OWN_GUIDS_H

#include "tools/lib/disk_slots.h"

/**
 * tool_own_guids() - random GUIDs for the disk and its kernel partitions, where they are
 * those that `lifeboat image` makes; others stay, so a second call changes nothing.
 *
 * The EFI system partition keeps its GUID, since the firmware's boot entries name it, and
 * so do root and state, which a signed command line or a read-only fstab may name.
 * Power-safe; false with a message.
 */
bool tool_own_guids(struct tool_disk_slots *slots);

#endif

/* The boot history of one disk, for the commands that show or change slots. */
#ifndef LIFEBOAT_TOOLS_PAST_H
#define LIFEBOAT_TOOLS_PAST_H

#include <stdbool.h>

#include "boot/history/behind.h"
#include "boot/history/history.h"
#include "tools/lib/disk_slots.h"

/** tool_past_open() - the history of the disk; not usable where it has none. To be
 * freed. */
struct boot_history *tool_past_open(const struct tool_disk_slots *disk);

/** tool_past() - as the rules take it. @running: its newest start is the asking
 * system's. */
struct history_past tool_past(const struct boot_history *history, bool running);

/** tool_past_mark() - the newest start, of this slot, has its system's mark. A disk
 * without a history, or one that says nothing of this start, is no failure; a write
 * that fails is. */
bool tool_past_mark(const struct tool_disk_slots *disk, const struct gpt_slot *slot);

/** tool_past_set() - the slot was set by hand: its starts until now do not count. */
bool tool_past_set(const struct tool_disk_slots *disk, const struct gpt_slot *slot);

#endif

/* The slots of one disk image or device, through the core's table code. */
#ifndef LIFEBOAT_TOOLS_DISK_SLOTS_H
#define LIFEBOAT_TOOLS_DISK_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "gpt/gpt_slot.h"
#include "gpt/gpt_table.h"
#include "tools/lib/platform.h"

struct tool_disk_slots {
	struct host_platform *plat;
	const char *path; /* the caller's */
	const struct platform_disk *disk;
	struct gpt gpt;
	size_t count;
	struct gpt_slot slot[GPT_MAX_SLOTS];
};

/** tool_disk_slots_open() - @sector_bytes: 0 finds out. Messages name file and cause. */
bool tool_disk_slots_open(const char *path, bool writable, uint32_t sector_bytes,
			  struct tool_disk_slots *out);
/** tool_disk_slots_open_quietly() - for reading; a disk without a table is no message. */
bool tool_disk_slots_open_quietly(const char *path, struct tool_disk_slots *out);

enum tool_disk_found {
	TOOL_DISK_UNREADABLE, /* a message is out */
	TOOL_DISK_NONE,       /* no header of a table anywhere */
	TOOL_DISK_DAMAGED, /* headers, but no usable table: only plat and disk are set */
	TOOL_DISK_GOOD,
};

/** tool_disk_slots_look() - for reading, whatever state the table is in. @out is open
 * with TOOL_DISK_DAMAGED and TOOL_DISK_GOOD. */
enum tool_disk_found tool_disk_slots_look(const char *path, uint32_t sector_bytes,
					  struct tool_disk_slots *out);
void tool_disk_slots_close(struct tool_disk_slots *slots);

/** tool_disk_slots_find() - by letter, partition number or GUID; NULL with a message. */
struct gpt_slot *tool_disk_slots_find(struct tool_disk_slots *slots, const char *name);

/** tool_disk_slots_store() - one slot's attributes, power-safely, and read them back. */
bool tool_disk_slots_store(struct tool_disk_slots *slots, struct gpt_slot *slot,
			   uint64_t attributes);

/** tool_slot_order_parse() - "attempts-first" or "priority"; NULL means the former. */
bool tool_slot_order_parse(const char *text, enum gpt_slot_order *out);

/** tool_slot_state_name() - "trying", "proven", "dead". */
const char *tool_slot_state_name(enum gpt_slot_state state);

#endif

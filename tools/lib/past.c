/* The boot history of one disk. */
#include "tools/lib/past.h"

#include <stdlib.h>

#include "tools/lib/tool.h"

struct boot_history *tool_past_open(const struct tool_disk_slots *disk)
{
	struct boot_history *history = tool_alloc(sizeof(*history));

	boot_history_open(&disk->plat->platform, disk->disk, &disk->gpt, history);
	return history;
}

struct history_past tool_past(const struct boot_history *history, bool running)
{
	return (struct history_past){ .record = history->kept,
				      .count = history->kept_count,
				      .marking = &history->marking,
				      .running = running };
}

static bool written(const struct tool_disk_slots *disk, enum lb_status status)
{
	return status == LB_OK ||
	       tool_error("%s: the boot history could not be written: %s", disk->path,
			  lb_status_name(status));
}

bool tool_past_mark(const struct tool_disk_slots *disk, const struct gpt_slot *slot)
{
	struct boot_history *history = tool_past_open(disk);
	enum lb_status status =
		boot_history_mark(&disk->plat->platform, history, slot->guid);

	/* Not the start of this slot: somebody says of it by hand that it is good. */
	if (status == LB_ERR_ARGUMENT)
		status = boot_history_set(&disk->plat->platform, history, slot->guid);
	if (status == LB_ERR_NOT_FOUND)
		status = LB_OK;
	free(history);
	return written(disk, status);
}

bool tool_past_set(const struct tool_disk_slots *disk, const struct gpt_slot *slot)
{
	struct boot_history *history = tool_past_open(disk);
	const enum lb_status status =
		boot_history_set(&disk->plat->platform, history, slot->guid);

	free(history);
	return written(disk, status);
}

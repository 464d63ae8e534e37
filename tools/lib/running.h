/* The running system: which slot it was started from, and on which disk that is. */
#ifndef LIFEBOAT_TOOLS_RUNNING_H
#define LIFEBOAT_TOOLS_RUNNING_H

#include <stdbool.h>

#include "base/format.h"

struct tool_running {
	char letter;
	char guid[LB_GUID_TEXT_BYTES]; /* of the kernel partition */
	char *disk;                    /* "/dev/vda" */
	char *refused; /* "B:slot-charge-failed C:body-damaged", NULL: nothing was */
};

/**
 * tool_running_find() - from the loader's hand-over: the variable LifeboatSlot, or
 * /firmware/lifeboat/slot in the device tree.
 * @root: NULL, or a folder that stands for "/" (tests)
 */
bool tool_running_find(const char *root, struct tool_running *out);
void tool_running_free(struct tool_running *running);

#endif

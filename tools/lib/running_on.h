/* Is the running system's slot on a disk that is about to be written?
 *
 * Design: DESIGN 12 "Updater" (refuses the running slot). */
#ifndef LIFEBOAT_TOOLS_RUNNING_ON_H
#define LIFEBOAT_TOOLS_RUNNING_ON_H

#include <stdbool.h>

/**
 * tool_running_on() - the letter of the slot that this system runs from.
 * @root:   NULL, or a folder that stands for "/" (tests)
 * @disk:   a disk or an image
 * @letter: '\0' where none is on @disk: this system was not started by lifeboat, is a
 *          recovery system, or runs from another disk; an image is never run from
 *
 * False, with a message, when it was started by lifeboat and nobody can tell from which
 * disk.
 */
bool tool_running_on(const char *root, const char *disk, char *letter);

#endif

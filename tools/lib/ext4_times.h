/* Times in an ext4 that mkfs.ext4 has filled from a folder: when each file was read or
 * changed last on the machine that made it says nothing about the system in it, and makes
 * two images of the same input differ. */
#ifndef LIFEBOAT_TOOLS_EXT4_TIMES_H
#define LIFEBOAT_TOOLS_EXT4_TIMES_H

#include <stdbool.h>

/** tool_ext4_fix_times() - times of access, change and birth become that of modification,
 * by libext2fs. False, with a message, when the file system cannot be written. */
bool tool_ext4_fix_times(const char *path);

#endif

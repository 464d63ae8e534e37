/* Running other programs (mkfs.fat, mcopy, mksquashfs, mkfs.ext4). */
#ifndef LIFEBOAT_TOOLS_PROCESS_H
#define LIFEBOAT_TOOLS_PROCESS_H

#include <stdbool.h>

/**
 * tool_run() - run a program by name (PATH, then the sbin folders) and wait for it.
 *
 * Its output is shown only when it fails. It runs with TZ=UTC, LC_ALL=C and, so that
 * file systems are reproducible, with SOURCE_DATE_EPOCH and E2FSPROGS_FAKE_TIME set.
 */
bool tool_run(const char *const *argv);

/* 1980-01-01: the first moment FAT can tell. */
#define TOOL_FIXED_TIME      315532800
#define TOOL_FIXED_TIME_TEXT "315532800"

#endif

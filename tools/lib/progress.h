/* How far something long is: one line on standard error, only where that is a
 * terminal. */
#ifndef LIFEBOAT_TOOLS_PROGRESS_H
#define LIFEBOAT_TOOLS_PROGRESS_H

#include <stdint.h>

/** tool_progress() - at most a few times a second; gone again when @done is @total. */
void tool_progress(const char *what, uint64_t done, uint64_t total);

/** tool_progress_clear() - before a message. */
void tool_progress_clear(void);

#endif

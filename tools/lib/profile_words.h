/* A device profile in words: why its bytes are none. */
#ifndef LIFEBOAT_TOOLS_PROFILE_WORDS_H
#define LIFEBOAT_TOOLS_PROFILE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** tool_profile_fault() - which field or item is wrong, what it says and what was
 * expected, or what the file is instead; by free(). NULL: profile_count() takes it. */
char *tool_profile_fault(const uint8_t *bytes, size_t len);

/** tool_profile_refuse() - says so. @at: where in the file @name they lie. Returns
 * false. */
bool tool_profile_refuse(const char *name, size_t at, const uint8_t *bytes, size_t len);

#endif

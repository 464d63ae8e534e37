/* Device profiles: from ini files to bytes, and from bytes to names and values.
 *
 * Format: docs/formats/profile.md. */
#ifndef LIFEBOAT_TOOLS_PROFILE_MAKE_H
#define LIFEBOAT_TOOLS_PROFILE_MAKE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tools/lib/buffer.h"

/** tool_profile_make() - one profile per ini file, in their order. */
bool tool_profile_make(char *const *ini_files, size_t count, struct tool_buffer *out);

/**
 * tool_profile_describe() - all profiles of a section as a JSON array.
 * @at: offset of the section in the file, for messages
 */
bool tool_profile_describe(const uint8_t *bytes, size_t len, const char *name, size_t at,
			   json_t **out);

/** tool_choice_name() - the ini word for a number of a tag; NULL when there is none. */
const char *tool_profile_choice(unsigned int tag, unsigned int number);

#endif

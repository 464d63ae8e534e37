/* GUIDs made from a seed and a name, so that the same image always has the same ones. */
#ifndef LIFEBOAT_TOOLS_GUID_H
#define LIFEBOAT_TOOLS_GUID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/format.h"

/** tool_guid_make() - version 8 (RFC 9562) from SHA-256 of seed, a NUL and name; the last
 * four bytes are a mark that tells it from others. Bytes as on disk. */
void tool_guid_make(const char *seed, const char *name, uint8_t out[16]);

/** tool_guid_is_made() - by tool_guid_make(); not all tools set a version in what they
 * make at random, so that alone would take one of 16 of theirs for ours. */
bool tool_guid_is_made(const uint8_t guid[16]);

/** tool_guid_parse() - text form to bytes as on disk; false without a message. */
bool tool_guid_parse(const char *text, uint8_t out[16]);

#endif

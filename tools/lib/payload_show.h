/* A payload as names and values. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_SHOW_H
#define LIFEBOAT_TOOLS_PAYLOAD_SHOW_H

#include <jansson.h>

#include "update/payload.h"

/** tool_payload_describe() - of an opened payload; NULL with a message. @operations: each
 * one, too. */
json_t *tool_payload_describe(const struct update_payload *payload, const char *path,
			      bool operations);

#endif

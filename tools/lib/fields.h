/* A description as names and values: printed for people, or as JSON; both from one tree,
 * so that they cannot differ. */
#ifndef LIFEBOAT_TOOLS_FIELDS_H
#define LIFEBOAT_TOOLS_FIELDS_H

#include <jansson.h>
#include <stdbool.h>

/** tool_fields_print() - takes @object over; as JSON or as indented lines. */
bool tool_fields_print(json_t *object, bool json);

#endif

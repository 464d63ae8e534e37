/* Making a payload: statement, operations, signatures. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_MAKE_H
#define LIFEBOAT_TOOLS_PAYLOAD_MAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "tools/lib/payload_plan.h"

/** tool_payload_make() - all or nothing; @report describes it. The same input gives the
 * same bytes. The result is judged by the device's code before it gets its name. */
bool tool_payload_make(const struct tool_payload_plan *plan, const char *output,
		       json_t **report);

#endif

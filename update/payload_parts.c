/* Looking things up in a payload. */
#include "update/payload_parts.h"

#include <string.h>

const struct update_partition *update_payload_partition(
	const struct update_payload *payload, const char *name)
{
	for (size_t i = 0; i < payload->partition_count; i++)
		if (strcmp(payload->partition[i].name, name) == 0)
			return &payload->partition[i];
	return NULL;
}

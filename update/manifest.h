/* The manifest of a payload: partitions and all their operations, checked once. */
#ifndef LIFEBOAT_UPDATE_MANIFEST_H
#define LIFEBOAT_UPDATE_MANIFEST_H

#include "update/payload_parts.h"
#include "update/reason.h"

/** update_manifest_read() - from payload->manifest into its partitions and sums. A judged
 * payload must also agree with its statement. */
enum update_reason update_manifest_read(struct update_payload *payload,
					struct update_verdict *why);

#endif

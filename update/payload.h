/* A payload, opened: header, statement, authority, operations - in this order, and
 * nothing is looked at before what vouches for it was checked.
 *
 * Format: docs/formats/payload.md. Design: DESIGN 12. */
#ifndef LIFEBOAT_UPDATE_PAYLOAD_H
#define LIFEBOAT_UPDATE_PAYLOAD_H

#include "update/payload_parts.h"
#include "update/statement.h"

/**
 * update_payload_open() - read and judge everything but the data of the operations.
 * @device: whom for; NULL: nobody's judgement is asked (`show`, `extract`): then a
 *          payload without statement is opened too, and `judged` stays false
 * @memory: the payload keeps it
 *
 * Reads from the front: 24 bytes, then the statement; a device that may not have it has
 * read no more. On UPDATE_OK to be closed by update_payload_close().
 */
enum update_reason update_payload_open(const struct lb_source *source,
				       const struct update_device *device,
				       struct update_memory *memory,
				       struct update_payload *out,
				       struct update_verdict *why);
void update_payload_close(struct update_payload *payload);

/** update_payload_memory() - bytes that opening and applying it take at most, all
 * counted. */
uint64_t update_payload_memory(const struct update_payload *payload);

/** update_memory_needed() - the same, before there is a payload. */
struct update_sizes {
	uint64_t manifest, statement, details, largest_blob, largest_output,
		largest_source;
};
uint64_t update_memory_needed(const struct update_sizes *sizes);

/**
 * update_payload_signed() - is the whole payload signed, as well as its metadata?
 *
 * Reads all of it. No more than the operations' hashes say already; for `verify`.
 */
enum update_reason update_payload_signed(const struct update_payload *payload,
					 struct update_verdict *why);

#endif

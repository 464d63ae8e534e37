/* Operations performed: data read, hashed, unpacked, written. */
#ifndef LIFEBOAT_UPDATE_PERFORM_H
#define LIFEBOAT_UPDATE_PERFORM_H

#include "update/operation.h"
#include "update/origin.h"

/* What takes the result of operations: a partition, a file. @offset and @len are
 * multiples of UPDATE_BLOCK_BYTES. */
struct update_sink {
	void *ctx;
	enum update_reason (*write)(void *ctx, uint64_t offset, const void *buf,
				    size_t len, struct update_verdict *why);
};

/* Memory for one operation at a time. */
struct update_performer {
	const struct update_payload *payload;
	uint8_t *room; /* UPDATE_OPERATION_ROOM_BYTES, for a cursor */
	uint8_t *in, *out;
	size_t in_bytes, out_bytes;
	uint8_t *source; /* NULL when no operation has to hold one */
	/* the caller's, for deltas */
	const struct update_origin *origin;
	size_t origin_count;
};

/** update_performer_init() - take the memory. To be released also after UPDATE_MEMORY. */
enum update_reason update_performer_init(struct update_performer *p,
					 const struct update_payload *payload,
					 struct update_verdict *why);
void update_performer_free(struct update_performer *p);

/** update_fetch() - read an operation's data and check their hash: UPDATE_READ, _BLOB.
 * Data that do not match are read once more, as a stick may err for once. */
enum update_reason update_fetch(struct update_performer *p,
				const struct update_partition *partition,
				const struct update_operation *operation,
				struct update_verdict *why);

/** update_source_there() - has one of the origins an operation's source? Operations
 * without one: UPDATE_OK. UPDATE_SOURCE. */
enum update_reason update_source_there(struct update_performer *p,
				       const struct update_partition *partition,
				       const struct update_operation *operation,
				       struct update_verdict *why);

/** update_perform() - fetch, unpack, write. */
enum update_reason update_perform(struct update_performer *p,
				  const struct update_partition *partition,
				  const struct update_operation *operation,
				  const struct update_sink *sink,
				  struct update_verdict *why);

#endif

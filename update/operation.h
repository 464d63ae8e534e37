/* Operations of a payload, one after the other. */
#ifndef LIFEBOAT_UPDATE_OPERATION_H
#define LIFEBOAT_UPDATE_OPERATION_H

#include "update/payload_parts.h"
#include "update/reason.h"
#include "update/wire.h"

#define UPDATE_OPERATION_ROOM_BYTES        ((size_t)512 << 10) /* to unpack one */
#define UPDATE_MAX_OPERATION_MESSAGE_BYTES ((size_t)16 << 10)

struct update_extent {
	uint64_t block, blocks; /* of UPDATE_BLOCK_BYTES */
};

/* Lives until the next one is unpacked. */
struct update_operation {
	uint32_t type;        /* an update_operation_type, or unknown */
	uint32_t index;       /* in its partition */
	uint64_t data_offset; /* from the payload's start */
	uint64_t data_bytes;
	uint8_t data_sha256[CRYPTO_SHA256_BYTES]; /* of data_bytes > 0 */
	size_t target_count;
	const struct update_extent *target;
	uint64_t target_bytes; /* sum */
	/* What it needs of the installed version: joined and hashed before it counts. */
	size_t source_count;
	const struct update_extent *source;
	uint64_t source_bytes; /* sum */
	uint8_t source_sha256[CRYPTO_SHA256_BYTES];
};

struct update_cursor {
	const struct update_payload *payload;
	const struct update_partition *partition;
	struct update_wire wire;
	uint32_t index;
	uint8_t *room; /* UPDATE_OPERATION_ROOM_BYTES, the caller's */
};

/** update_cursor_init() - before the first operation of @partition. */
void update_cursor_init(struct update_cursor *cursor,
			const struct update_payload *payload,
			const struct update_partition *partition, uint8_t *room);

/**
 * update_operation_next() - unpack and check the next operation.
 * @found: false at the end
 *
 * Checked: the data lie in the payload, have a hash, the target lies in the partition,
 * and the source, which has a hash, in the old one.
 */
enum update_reason update_operation_next(struct update_cursor *cursor,
					 struct update_operation *out, bool *found,
					 struct update_verdict *why);

/** update_operation_full() - it needs nothing but its data. */
bool update_operation_full(uint32_t type);
/** update_operation_known() - update_perform() can do it. */
bool update_operation_known(uint32_t type);
/** update_operation_name() - "REPLACE_XZ"; NULL for an unknown type. */
const char *update_operation_name(uint32_t type);

#endif

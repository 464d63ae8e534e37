/* What the operations of a partition will be, before their data are packed. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_ITEMS_H
#define LIFEBOAT_TOOLS_PAYLOAD_ITEMS_H

#include "tools/lib/payload_input.h"
#include "update/operation.h"

enum tool_payload_kind {
	TOOL_PAYLOAD_DATA, /* to be packed */
	TOOL_PAYLOAD_COPY, /* the old partition has it */
	TOOL_PAYLOAD_ZEROS,
};

#define TOOL_PAYLOAD_KINDS 3u

struct tool_payload_item {
	enum tool_payload_kind kind;
	size_t target_count, source_count;
	struct update_extent *target, *source;
	uint64_t bytes; /* of the target */
	uint8_t source_sha256[CRYPTO_MAX_DIGEST_BYTES];
};

struct tool_payload_items {
	size_t count, room;
	struct tool_payload_item *item;
	uint8_t sha256[CRYPTO_MAX_DIGEST_BYTES];     /* of the partition */
	uint8_t old_sha256[CRYPTO_MAX_DIGEST_BYTES]; /* of the old one, if there is one */
};

struct tool_payload_cut {
	size_t operation_bytes; /* of what one operation with data writes */
	bool one_extent;        /* no reader of targets in several pieces is asked for */
};

/**
 * tool_payload_items_make() - cut a partition into items.
 * @old: the installed one, whose blocks are found wherever they lie in it; NULL: all is
 *       data
 */
bool tool_payload_items_make(const struct tool_payload_part *part,
			     const struct tool_payload_part *old,
			     const struct tool_payload_cut *cut,
			     struct tool_payload_items *out);
void tool_payload_items_free(struct tool_payload_items *items);

#endif

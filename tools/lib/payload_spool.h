/* A partition cut into operations, packed by several threads, in order. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_SPOOL_H
#define LIFEBOAT_TOOLS_PAYLOAD_SPOOL_H

#include "tools/lib/payload_input.h"
#include "tools/lib/payload_items.h"
#include "tools/lib/payload_pack.h"

struct tool_payload_spool {
	struct tool_pack_choice choice;
	unsigned int threads;
	struct tool_payload_cut cut;
	int fd; /* blobs, one after the other */
	const char *path;
	uint64_t bytes; /* so far */
	uint64_t largest_blob, largest_output, largest_source;
	bool own_types; /* one was taken that not every reader knows */
};

/* One partition's result. */
struct tool_payload_packed {
	/* InstallOperations, as fields of a PartitionUpdate */
	struct tool_buffer operations;
	uint64_t count;
	uint8_t sha256[CRYPTO_MAX_DIGEST_BYTES];
	uint8_t old_sha256[CRYPTO_MAX_DIGEST_BYTES]; /* of a delta's old partition */
};

/** tool_payload_spool() - the result does not depend on how many threads there are.
 * @old: the installed partition, for a delta; else NULL */
bool tool_payload_spool(struct tool_payload_spool *spool,
			const struct tool_payload_part *part,
			const struct tool_payload_part *old,
			struct tool_payload_packed *out);

/** tool_payload_put_message() - field @number of a message, with its tag and length. */
void tool_payload_put_message(struct tool_buffer *out, uint32_t number,
			      const struct tool_buffer *message);

#endif

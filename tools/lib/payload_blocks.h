/* The blocks of a partition by their content. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_BLOCKS_H
#define LIFEBOAT_TOOLS_PAYLOAD_BLOCKS_H

#include "crypto/digest.h"
#include "tools/lib/payload_input.h"

struct tool_payload_blocks {
	uint64_t count;
	uint8_t (*digest)[CRYPTO_SHA256_BYTES]; /* one for each */
	uint8_t of_zeros[CRYPTO_MAX_DIGEST_BYTES];
	uint8_t sha256[CRYPTO_MAX_DIGEST_BYTES]; /* of the whole */
	/* a hash table: number of the first block with a digest, and 1; 0: empty */
	uint64_t *slot;
	size_t slots; /* a power of two */
};

bool tool_payload_blocks_read(const struct tool_payload_part *part,
			      struct tool_payload_blocks *out);
void tool_payload_blocks_free(struct tool_payload_blocks *blocks);

/** tool_payload_blocks_find() - the first block with that content. */
bool tool_payload_blocks_find(const struct tool_payload_blocks *blocks,
			      const uint8_t digest[CRYPTO_SHA256_BYTES], uint64_t *block);

#endif

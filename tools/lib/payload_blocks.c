/* Blocks, hashed and found again. */
#include "tools/lib/payload_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tools/lib/tool.h"
#include "update/container.h"

#define BLOCK       UPDATE_BLOCK_BYTES
#define PIECE_BYTES ((size_t)1 << 20)

static void digest_block(const uint8_t *bytes, uint8_t out[CRYPTO_SHA256_BYTES])
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];

	crypto_digest_once(CRYPTO_SHA256, bytes, BLOCK, digest);
	memcpy(out, digest, CRYPTO_SHA256_BYTES);
}

/* Where a digest is, or the empty slot where it would be: half of them are empty. */
static size_t slot_of(const struct tool_payload_blocks *b, const uint8_t *digest)
{
	size_t at = (size_t)lb_le64(digest) & (b->slots - 1);

	while (b->slot[at] != 0 &&
	       memcmp(b->digest[b->slot[at] - 1], digest, CRYPTO_SHA256_BYTES) != 0)
		at = (at + 1) & (b->slots - 1);
	return at;
}

static void prepare(const struct tool_payload_part *part, struct tool_payload_blocks *out)
{
	static const uint8_t zeros[BLOCK];

	*out = (struct tool_payload_blocks){ .count = part->bytes / BLOCK, .slots = 2 };
	while (out->slots < 2 * out->count)
		out->slots *= 2;
	out->slot = tool_alloc(out->slots * sizeof(*out->slot));
	out->digest = tool_alloc((size_t)out->count * sizeof(*out->digest));
	digest_block(zeros, out->of_zeros);
}

bool tool_payload_blocks_read(const struct tool_payload_part *part,
			      struct tool_payload_blocks *out)
{
	uint8_t *piece = tool_alloc(PIECE_BYTES);
	struct crypto_digest whole;
	bool good = true;

	prepare(part, out);
	crypto_digest_init(&whole, CRYPTO_SHA256);
	for (uint64_t at = 0; good && at < part->bytes;) {
		const uint64_t left = part->bytes - at;
		const size_t n = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;

		good = tool_payload_read(part, at, piece, n);
		crypto_digest_update(&whole, piece, n);
		for (size_t i = 0; i < n / BLOCK; i++) {
			const uint64_t block = at / BLOCK + i;

			digest_block(piece + i * BLOCK, out->digest[block]);
			uint64_t *slot = &out->slot[slot_of(out, out->digest[block])];

			if (*slot == 0)
				*slot = block + 1;
		}
		at += n;
	}
	crypto_digest_final(&whole, out->sha256);
	free(piece);
	return good;
}

bool tool_payload_blocks_find(const struct tool_payload_blocks *blocks,
			      const uint8_t digest[CRYPTO_SHA256_BYTES], uint64_t *block)
{
	const uint64_t found = blocks->slot[slot_of(blocks, digest)];

	if (found != 0)
		*block = found - 1;
	return found != 0;
}

void tool_payload_blocks_free(struct tool_payload_blocks *blocks)
{
	free(blocks->slot);
	free(blocks->digest);
	*blocks = (struct tool_payload_blocks){ 0 };
}

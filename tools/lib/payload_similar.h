/* What of the installed partition is most like some new data, and packing against it. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_SIMILAR_H
#define LIFEBOAT_TOOLS_PAYLOAD_SIMILAR_H

#include "tools/lib/payload_items.h"
#include "tools/lib/payload_pack.h"

/* Marks of the old partition: windows of bytes that choose themselves by their hash, so
 * that they are found again at whatever offset they lie now. */
struct tool_payload_similar {
	const struct tool_payload_part *old;
	uint64_t chunks;    /* of the old partition */
	uint32_t choose;    /* a window is a mark when these bits of its hash are zero */
	size_t slots;       /* a power of two */
	uint32_t *mark;     /* by slot: the hash; */
	uint32_t *in_chunk; /* and the first chunk that has it, and 1; 0: empty */
};

bool tool_payload_similar_read(const struct tool_payload_part *old,
			       struct tool_payload_similar *out);
void tool_payload_similar_free(struct tool_payload_similar *similar);

/**
 * tool_payload_similar_pack() - pack an item's data against what is most like them.
 * @item:   on success it gets its source, to be freed by the caller, and its hash
 * @packed: untouched when nothing is like them, or when it would gain little
 *
 * Deterministic; thread-safe.
 */
void tool_payload_similar_pack(const struct tool_payload_similar *similar,
			       const uint8_t *data, struct tool_payload_item *item,
			       struct tool_packed *packed);

#endif

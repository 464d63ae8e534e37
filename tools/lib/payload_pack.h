/* One operation's data, as small as it gets. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_PACK_H
#define LIFEBOAT_TOOLS_PAYLOAD_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/lib/buffer.h"

/* Which encoders are tried. */
struct tool_pack_choice {
	bool bz, xz, zstd, zero;
	unsigned int level; /* 1 fast, 9 small */
};

struct tool_packed {
	uint32_t type;           /* an update_operation_type */
	struct tool_buffer data; /* empty for zeros */
	size_t source_bytes;     /* that it is packed against */
};

/** tool_pack() - the smallest of raw and the chosen encoders; equal sizes: raw, bz, xz,
 * zstd. The same for the same input on every machine with these libraries.
 * Thread-safe. */
void tool_pack(const struct tool_pack_choice *choice, const uint8_t *in, size_t bytes,
	       struct tool_packed *out);

#endif

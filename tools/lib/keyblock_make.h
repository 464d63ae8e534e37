/* Making keyblocks. Format: docs/formats/kernel-partition.md. */
#ifndef LIFEBOAT_TOOLS_KEYBLOCK_MAKE_H
#define LIFEBOAT_TOOLS_KEYBLOCK_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/buffer.h"
#include "tools/lib/private_key.h"

#define TOOL_FLAGS_NORMAL   23u
#define TOOL_FLAGS_RECOVERY 27u

/**
 * tool_keyblock_make() - a keyblock for one data key.
 * @data_key:  a whole .vbpubk, as tool_public_key_pack() makes it
 * @signer:    NULL for a self-signed (hash-only) keyblock
 * @algorithm: the signer's
 */
bool tool_keyblock_make(const struct tool_buffer *data_key, uint32_t flags,
			const struct tool_private_key *signer, uint32_t algorithm,
			struct tool_buffer *out);

/** tool_keyblock_flags() - "normal", "recovery" or a number 1..63. */
bool tool_keyblock_flags(const char *text, uint32_t *flags);

#endif

/* A signed kernel partition: keyblock, preamble, padding, body. */
#ifndef LIFEBOAT_TOOLS_PARTITION_MAKE_H
#define LIFEBOAT_TOOLS_PARTITION_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/keyblock.h"
#include "tools/lib/body.h"
#include "tools/lib/buffer.h"
#include "tools/lib/private_key.h"

#define TOOL_PARTITION_HEAD_BYTES 65536u

struct tool_keyblock {
	struct tool_buffer bytes;
	struct crypto_keyblock parsed; /* points into bytes */
};

/** tool_keyblock_load() - a .keyblock file: layout, hash and algorithm are checked. */
bool tool_keyblock_load(const char *path, struct tool_keyblock *out);
void tool_keyblock_free(struct tool_keyblock *keyblock);

/** tool_keyblock_belongs() - is @key the private half of the keyblock's data key? */
bool tool_keyblock_belongs(const struct tool_keyblock *keyblock, const char *path,
			   const struct tool_private_key *key);

/** tool_partition_make() - sign a body. @version: the kernel version, 0..0xffff. */
bool tool_partition_make(const struct tool_keyblock *keyblock,
			 const struct tool_private_key *key, uint32_t version,
			 const struct tool_body *body, struct tool_buffer *out);

#endif

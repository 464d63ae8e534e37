/* Public keys in vboot's packed form (.vbpubk). */
#ifndef LIFEBOAT_TOOLS_PUBLIC_KEY_H
#define LIFEBOAT_TOOLS_PUBLIC_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/evp.h>

#include "crypto/key.h"
#include "tools/lib/buffer.h"

/**
 * tool_public_key_pack() - the bytes of a .vbpubk: 32-byte header, then the key data.
 * @name: for messages
 */
bool tool_public_key_pack(EVP_PKEY *pkey, const char *name, uint32_t algorithm,
			  uint32_t version, struct tool_buffer *out);

/** A .vbpubk file in memory. */
struct tool_public_key {
	struct tool_buffer bytes;
	struct crypto_key key; /* points into bytes */
};

bool tool_public_key_load(const char *path, struct tool_public_key *out);
void tool_public_key_free(struct tool_public_key *key);

#define TOOL_KEY_ID_TEXT_BYTES (2u * CRYPTO_KEY_ID_BYTES + 1u)

/** tool_key_id_text() - SHA-256 of the key data as hex. */
void tool_key_id_text(const struct crypto_key *key, char out[TOOL_KEY_ID_TEXT_BYTES]);

#endif

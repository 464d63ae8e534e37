/* Keys in words: why a file is not the key that is asked for, and what it is instead. */
#ifndef LIFEBOAT_TOOLS_KEY_WORDS_H
#define LIFEBOAT_TOOLS_KEY_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <openssl/evp.h>

#include "tools/lib/buffer.h"

/** tool_packed_key_fault() - which field of a packed public key is wrong, or what the
 * file is instead; by free(). For bytes that crypto_key_parse() refuses. */
char *tool_packed_key_fault(const uint8_t *bytes, size_t len);

/** tool_algorithm_words() - "RSA-1024 with SHA-1" of any of vboot's numbers; else
 * "unknown". */
const char *tool_algorithm_words(uint32_t number);

/** tool_file_kind_words() - what a file of keys or certificates is by its first bytes:
 * "an X.509 certificate (PEM)"; NULL when that cannot be told. */
const char *tool_file_kind_words(const uint8_t *bytes, size_t len);

/** tool_key_kind() - "RSA with 1024 bits", "EC (P-256)"; by free(). */
char *tool_key_kind(const EVP_PKEY *key);

/* The end of each refusal. */
#define TOOL_KEY_ACCEPTED "RSA-2048, RSA-4096 and RSA-8192 are, with SHA-256 or SHA-512"

#endif

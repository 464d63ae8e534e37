/* Files as names and values, for `inspect` and `keys show`. Each function gives a new
 * JSON object; what cannot be read is told in its "error" field, with the reason and
 * offset. */
#ifndef LIFEBOAT_TOOLS_DESCRIBE_H
#define LIFEBOAT_TOOLS_DESCRIBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/key.h"
#include "tools/lib/buffer.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/loader_file.h"

json_t *tool_describe_public_key(const struct crypto_key *key);

/** tool_describe_keyblock() - @bytes: from the start of the keyblock on. */
json_t *tool_describe_keyblock(const uint8_t *bytes, size_t len);

/** tool_describe_partition() - a signed kernel partition, and what its body holds. */
json_t *tool_describe_partition(const uint8_t *bytes, size_t len);

/** tool_describe_fit() - an image tree; @bytes 8-byte aligned or not. */
json_t *tool_describe_fit(const uint8_t *bytes, size_t len);

/** tool_describe_loader() - PE headers, sections, profile. NULL with a message on
 * errors. */
json_t *tool_describe_loader(const struct tool_buffer *file, const char *name,
			     const struct tool_loader *loader);

/** tool_describe_disk() - both copies of the table, all partitions, the kernels in
 * them. */
json_t *tool_describe_disk(struct tool_disk_slots *slots);
/** tool_describe_damaged_disk() - TOOL_DISK_DAMAGED: the headers' fields as they stand,
 * and what is wrong with each copy. */
json_t *tool_describe_damaged_disk(struct tool_disk_slots *slots);

/**
 * tool_describe_key_file() - .vbpubk, .vbprivk or .keyblock.
 * @out: NULL (and true) when it is none of them; false after a message
 */
bool tool_describe_key_file(const struct tool_buffer *file, const char *name,
			    json_t **out);

#endif

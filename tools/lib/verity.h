/* dm-verity: the hash tree behind a root file system, as veritysetup makes it (format 1,
 * SHA-256, blocks of 4096 bytes), and the command line that makes the kernel check it.
 *
 * Layout: data, superblock in the first block behind it, then the tree, top level first.
 * Format: docs/formats/root.md. */
#ifndef LIFEBOAT_TOOLS_VERITY_H
#define LIFEBOAT_TOOLS_VERITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/lib/buffer.h"

#define TOOL_VERITY_BLOCK_BYTES 4096u
#define TOOL_VERITY_HASH_BYTES  32u
#define TOOL_VERITY_MAX_SALT    256u

struct tool_verity {
	uint64_t data_blocks;
	uint64_t total_blocks; /* data, superblock and tree */
	size_t salt_bytes;
	uint8_t salt[TOOL_VERITY_MAX_SALT];
	uint8_t root_hash[TOOL_VERITY_HASH_BYTES];
};

/** tool_verity_total_blocks() - blocks of data, superblock and tree. */
uint64_t tool_verity_total_blocks(uint64_t data_blocks);

/**
 * tool_verity_append() - write superblock and tree behind the data.
 * @fd, @base:  file that holds the data at offset @base
 * @data_bytes: not zero; the last block is filled up with zeros
 * @salt:       NULL: SHA-256 of "lifeboat-verity" and all data, so that the same root
 *              always gives the same tree
 */
bool tool_verity_append(int fd, const char *path, uint64_t base, uint64_t data_bytes,
			const struct tool_buffer *salt, struct tool_verity *out);

/**
 * tool_verity_find() - the superblock of a tree over all that lies before it.
 * @bytes: of the whole image
 * @found: false when there is none; root_hash is then and always for
 *         tool_verity_check() to fill
 *
 * False with a message for a tree of a kind that is not known here, or one that is cut
 * short.
 */
bool tool_verity_find(int fd, const char *path, uint64_t base, uint64_t bytes,
		      bool *found, struct tool_verity *out);

/** tool_verity_check() - compute the tree again and compare; fills root_hash. */
bool tool_verity_check(int fd, const char *path, uint64_t base,
		       struct tool_verity *verity);

/** tool_verity_cmdline() - the arguments for a root in the partition after the
 * kernel's. */
char *tool_verity_cmdline(const struct tool_verity *verity);

#endif

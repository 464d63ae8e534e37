/* Root partitions against their trees. */
#include "tools/lib/root_read.h"

#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "tools/lib/sign_root.h"
#include "tools/lib/tool.h"
#include "tools/lib/verity.h"

#define HASH_CHARS (2 * TOOL_VERITY_HASH_BYTES)
#define SALT_CHARS (2 * TOOL_VERITY_MAX_SALT)

bool tool_root_table(const char *cmdline, struct tool_verity *out)
{
	char data[128], tree[128], hash[HASH_CHARS + 1], salt[SALT_CHARS + 1];
	const char *table = strstr(cmdline, " verity 1 ");
	struct tool_buffer bytes = { 0 }, root = { 0 };
	unsigned long long blocks, start;

	if (table == NULL ||
	    sscanf(table,
		   " verity 1 %127s %127s 4096 4096 %llu %llu sha256 %64[0-9a-fA-F] "
		   "%512[0-9a-fA-F-]",
		   data, tree, &blocks, &start, hash, salt) != 6 ||
	    strcmp(data, tree) != 0 || blocks == 0 || blocks > UINT32_MAX ||
	    start != blocks + 1 || strlen(hash) != HASH_CHARS ||
	    !tool_salt_parse(hash, &root) || !tool_salt_parse(salt, &bytes)) {
		tool_buffer_free(&root);
		return false;
	}
	*out = (struct tool_verity){ .data_blocks = blocks,
				     .total_blocks = tool_verity_total_blocks(blocks),
				     .salt_bytes = bytes.len };
	if (bytes.len != 0)
		memcpy(out->salt, bytes.data, bytes.len);
	memcpy(out->root_hash, root.data, sizeof(out->root_hash));
	tool_buffer_free(&bytes);
	tool_buffer_free(&root);
	return true;
}

enum tool_root_tree tool_root_read(int fd, const char *path, uint64_t offset,
				   uint64_t bytes, const struct tool_verity *wanted)
{
	const uint64_t blocks = bytes / TOOL_VERITY_BLOCK_BYTES;
	char says[HASH_CHARS + 1], found[HASH_CHARS + 1];
	struct tool_verity v = *wanted;

	if (v.total_blocks > blocks) {
		tool_error("%s: offset %llu: the root and its tree have %llu blocks, the "
			   "partition %llu: it is too small",
			   path, (unsigned long long)offset,
			   (unsigned long long)v.total_blocks,
			   (unsigned long long)blocks);
		return TOOL_TREE_DIFFERS;
	}
	if (!tool_verity_check(fd, path, offset, &v))
		return TOOL_TREE_DIFFERS;
	if (memcmp(v.root_hash, wanted->root_hash, sizeof(v.root_hash)) == 0)
		return TOOL_TREE_MATCHES;
	lb_format_hex(found, v.root_hash, sizeof(v.root_hash));
	lb_format_hex(says, wanted->root_hash, sizeof(v.root_hash));
	tool_error("%s: offset %llu: the root's hash is %s, the signed command line says "
		   "%s: it is another root",
		   path, (unsigned long long)offset, found, says);
	return TOOL_TREE_DIFFERS;
}

const char *tool_root_tree_words(enum tool_root_tree tree)
{
	return tree == TOOL_TREE_MATCHES   ? "matches its tree"
	       : tree == TOOL_TREE_DIFFERS ? "DOES NOT MATCH its tree"
					   : "not read";
}

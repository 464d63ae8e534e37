/* A root partition read against the tree that a kernel's command line names. */
#ifndef LIFEBOAT_TOOLS_ROOT_READ_H
#define LIFEBOAT_TOOLS_ROOT_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/verity.h"

enum tool_root_tree {
	TOOL_TREE_NOT_READ, /* --quick, no verified root, or a table of another form */
	TOOL_TREE_MATCHES,
	TOOL_TREE_DIFFERS, /* a message is out */
};

/** tool_root_table() - the tree that a command line names, root hash included; false when
 * it names none, or not in the form that this command writes (one device for data and
 * tree, a superblock between). */
bool tool_root_table(const char *cmdline, struct tool_verity *out);

/** tool_root_read() - all of a root partition. @fd, @path: the disk; @offset, @bytes: of
 * the partition. */
enum tool_root_tree tool_root_read(int fd, const char *path, uint64_t offset,
				   uint64_t bytes, const struct tool_verity *wanted);

/** tool_root_tree_words() - "matches its tree", "not read". */
const char *tool_root_tree_words(enum tool_root_tree tree);

#endif

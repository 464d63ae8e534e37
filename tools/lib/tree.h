/* Flattened trees (FIT, device trees) out of files, before libfdt reads them. */
#ifndef LIFEBOAT_TOOLS_TREE_H
#define LIFEBOAT_TOOLS_TREE_H

#include <stddef.h>

/**
 * tool_tree_check() - whole and well-formed, so that every libfdt function may be used on
 * it.
 * @tree: @len bytes, 8-byte aligned
 *
 * Returns 0, or a negative error of libfdt. Beyond fdt_check_full(): the blocks are
 * aligned as the specification says, which libfdt takes for granted and reads words by.
 * Spec: Devicetree 0.4, 5.6 "Alignment".
 */
int tool_tree_check(const void *tree, size_t len);

/** tool_tree_fault() - what is wrong with a tree that was refused: the field, what it
 * says and what was expected; by free(). */
char *tool_tree_fault(const void *tree, size_t len);

#endif

/* Copying between open files, leaving zeros as holes. */
#ifndef LIFEBOAT_TOOLS_COPY_H
#define LIFEBOAT_TOOLS_COPY_H

#include <stdbool.h>
#include <stdint.h>

/** tool_copy_sparse() - @bytes from one place to another, in a file where it is all zero
 * so far: blocks of zeros are not written. */
bool tool_copy_sparse(int from, const char *from_path, uint64_t from_offset,
		      uint64_t bytes, int to, const char *to_path, uint64_t to_offset);

#endif

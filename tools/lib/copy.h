/* host/copy.h for the command: what goes wrong is a message. */
#ifndef LIFEBOAT_TOOLS_COPY_H
#define LIFEBOAT_TOOLS_COPY_H

#include <stdbool.h>
#include <stdint.h>

/** tool_copy_sparse() - host_copy_sparse(), @bytes from one place to another. */
bool tool_copy_sparse(int from, const char *from_path, uint64_t from_offset,
		      uint64_t bytes, int to, const char *to_path, uint64_t to_offset);

#endif

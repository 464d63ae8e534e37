/* Copying with holes. */
#include "tools/lib/copy.h"

#include "host/copy.h"
#include "tools/lib/tool.h"

bool tool_copy_sparse(int from, const char *from_path, uint64_t from_offset,
		      uint64_t bytes, int to, const char *to_path, uint64_t to_offset)
{
	const struct host_place source = { from, from_path, from_offset };
	const struct host_place target = { to, to_path, to_offset };
	struct host_error err;

	return tool_check(host_copy_sparse(&source, bytes, &target, &err), &err);
}

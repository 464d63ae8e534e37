/* Partitions of a payload into files, or into nothing but a hash. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_WRITE_H
#define LIFEBOAT_TOOLS_PAYLOAD_WRITE_H

#include "tools/lib/payload_open.h"
#include "update/apply.h"

/** tool_payload_extract() - one partition into FOLDER/NAME.img, all or nothing: what does
 * not match its hash is not written. */
bool tool_payload_extract(struct tool_payload_file *file,
			  const struct update_partition *partition, const char *folder);

/** tool_payload_unpack() - into a temporary file only: does it give what it promises?
 * UPDATE_DISK_WRITE, UPDATE_DISK_READ: that file is to blame, and it cannot be told. */
enum update_reason tool_payload_unpack(struct tool_payload_file *file,
				       const struct update_partition *partition,
				       struct update_verdict *why);

#endif

/* host/platform.h for the command: what goes wrong is a message, with the core's log on
 * standard error if wanted. */
#ifndef LIFEBOAT_TOOLS_PLATFORM_H
#define LIFEBOAT_TOOLS_PLATFORM_H

#include <stdbool.h>

#include "host/platform.h"

/** tool_platform_init() - host_platform_init(); ended by host_platform_close(). */
void tool_platform_init(struct host_platform *plat);

/** tool_platform_verbose() - the core's log goes to standard error. */
void tool_platform_verbose(struct host_platform *plat);

/** tool_platform_open() - host_platform_open(). */
bool tool_platform_open(struct host_platform *plat, const char *path, bool writable,
			uint32_t sector_bytes, const struct platform_disk **out);

/** tool_platform_source() - host_platform_source(); after a message it has no bytes. */
struct lb_source tool_platform_source(struct host_platform *plat,
				      const struct platform_disk *disk);

#endif

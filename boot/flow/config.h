/* What a back end tells the flow about this loader and this start. */
#ifndef LIFEBOAT_BOOT_FLOW_CONFIG_H
#define LIFEBOAT_BOOT_FLOW_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct boot_config {
	const uint8_t *profile; /* the profile section of this loader's image */
	size_t profile_bytes;
	/* the boot entry's load options are exactly "recovery" */
	bool recovery_requested;
	const char *version; /* of the loader, for log and hand-over */
};

#endif

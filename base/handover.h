/* The hand-over: what the loader tells the coming operating system, as name and value
 * pairs; stored as UEFI variables (LifeboatNAME) or in the device tree
 * (/firmware/lifeboat, lower-case names with dashes).
 *
 * Design: DESIGN 8 "Variables". */
#ifndef LIFEBOAT_BASE_HANDOVER_H
#define LIFEBOAT_BASE_HANDOVER_H

#include <stddef.h>

#define LB_HANDOVER_MAX         16u
#define LB_HANDOVER_NAME_BYTES  24u
#define LB_HANDOVER_VALUE_BYTES 280u

struct lb_handover {
	size_t count;
	struct {
		char name
			[LB_HANDOVER_NAME_BYTES]; /* CamelCase without prefix: "HardwareId" */
		char value[LB_HANDOVER_VALUE_BYTES]; /* UTF-8 */
	} item[LB_HANDOVER_MAX];
};

#endif

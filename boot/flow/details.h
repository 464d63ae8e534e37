/* Lines of the details screen while they are made. For boot/flow/details*.c. */
#ifndef LIFEBOAT_BOOT_FLOW_DETAILS_H
#define LIFEBOAT_BOOT_FLOW_DETAILS_H

#include "boot/flow/flow.h"

/** details_line() - one line, formatted by lb_format(); dropped when there is no room. */
void details_line(struct boot_details *details, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** details_disks() - every disk, and the slots of the internal ones as they are now,
 * judged as the next normal start would. Reads, never writes. */
void details_disks(struct boot_details *details, struct boot_ctx *ctx);

#endif

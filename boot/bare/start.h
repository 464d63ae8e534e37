/* Starting a kernel by the arm64 boot protocol. */
#ifndef LIFEBOAT_BARE_START_H
#define LIFEBOAT_BARE_START_H

#include "boot/bare/disks.h"
#include "boot/kernel/prepare.h"

/**
 * start_check() - all that the protocol demands of what boot/kernel prepared.
 * LB_ERR_UNSUPPORTED: not an arm64 start; LB_ERR_RANGE: places or sizes. Fills @why.
 */
enum lb_status start_check(const struct kernel_layout *layout, struct lb_verdict *why);

/** start_now() - devices stopped, caches cleaned, and away. LB_ERR_FULL: a device does
 * not stop, and the kernel cannot be told which memory it still has; else no return. */
enum lb_status start_now(struct bare_disks *disks, const struct kernel_layout *layout);

#endif

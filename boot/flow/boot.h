/* The way in: a back end fills a platform and a configuration, and calls boot_run().
 *
 * Design: DESIGN 1, 2, 5; the flow itself is the table in boot/flow/flow.c. */
#ifndef LIFEBOAT_BOOT_FLOW_BOOT_H
#define LIFEBOAT_BOOT_FLOW_BOOT_H

#include "base/platform.h"
#include "boot/flow/config.h"

/**
 * boot_run() - boot this device: normal slots first, recovery when there is none.
 *
 * Does not return while the machine can go on. LB_ERR_INTERNAL: @plat is incomplete or
 * the self-test failed; LB_ERR_NOMEM: not even the flow's own memory could be had. The
 * caller then says so and resets the machine.
 */
enum lb_status boot_run(const struct platform *plat, const struct boot_config *config);

#endif

/* Which disks Linux has found. */
#ifndef LIFEBOAT_HOST_DISKS_H
#define LIFEBOAT_HOST_DISKS_H

#include "host/error.h"

/**
 * host_disks_each() - the name of each whole block device, "vda", in the alphabet's
 * order; never a partition.
 * @root: "", or a folder that stands for "/" (tests)
 *
 * Loops, device mapper and optical drives are among them: what counts is the caller's.
 * LB_ERR_NOT_FOUND and others: /sys cannot be read.
 */
enum lb_status host_disks_each(const char *root,
			       void (*take)(void *ctx, const char *name), void *ctx,
			       struct host_error *err);

#endif

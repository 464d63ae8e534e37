/* The disks of the board: found in the device tree, in its order. */
#ifndef LIFEBOAT_BARE_DISKS_H
#define LIFEBOAT_BARE_DISKS_H

#include "base/platform.h"
#include "boot/bare/block.h"
#include "boot/bare/board.h"
#include "boot/bare/drivers/virtio_blk.h"

struct bare_disk {
	struct block *block; /* inside of the driver's state */
	struct virtio_blk virtio;
	struct platform_disk info;
	int node;     /* in the device tree */
	bool stopped; /* by disks_stop(), while it worked */
};

struct bare_disks {
	struct board *board;
	size_t count;
	uint32_t next_id;
	bool looked; /* connected at least once */
	int refused; /* the last node that was complained about; nodes come in order */
	struct bare_disk at[PLATFORM_MAX_DISKS];
};

/** disks_init() - none yet. */
void disks_init(struct bare_disks *disks, struct board *board);

/** disks_connect() - start those not started yet, the first one only or all; disks that
 * died are tried again under a new id. */
void disks_connect(struct bare_disks *disks, bool first_only);

/** disks_list() - as platform.h says. */
enum lb_status disks_list(const struct bare_disks *disks, struct platform_disk *out,
			  size_t max, size_t *count);

/** disks_find() - by id; NULL when there is none (any more). */
struct block *disks_find(struct bare_disks *disks, uint32_t id);

/** disks_stop() - all devices let go of memory, before a kernel or a reset. */
void disks_stop(struct bare_disks *disks);

/** disks_resume() - no kernel came: those that worked before disks_stop() go on under
 * their numbers. */
void disks_resume(struct bare_disks *disks);

/** disks_held() - the memory, @index from 0, that a device has not let go of even so: it
 * may write there at any later time. False when there is no more. */
bool disks_held(const struct bare_disks *disks, size_t index, struct bare_range *out);

#endif

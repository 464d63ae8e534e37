/* The disks of the board: found in the device tree, in its order; they come and go. */
#ifndef LIFEBOAT_BARE_DISKS_H
#define LIFEBOAT_BARE_DISKS_H

#include "base/platform.h"
#include "boot/bare/block.h"
#include "boot/bare/board.h"
#include "boot/bare/devices.h"

/* One that did not start, or died, is tried again after that long. A device that hangs
 * costs half a second of every try. */
#define DISKS_RETRY_US 10000000u

struct bare_controller {
	int node; /* in the device tree */
	const struct block_driver *driver;
	void *state; /* the driver's */
	struct dma_device dma;
};

struct bare_disk {
	const struct bare_controller *controller;
	size_t place;        /* behind it */
	struct block *block; /* inside of the driver's state */
	bool there;          /* the driver said so when it was asked last */
	uint64_t tried_us;   /* to start it */
	struct platform_disk info;
	bool stopped; /* by disks_stop(), while it worked */
};

struct bare_disks {
	struct board *board;
	bool all;               /* disks_connect() was called */
	struct bare_disk *boot; /* the first that worked; NULL: none yet */
	uint32_t next_id;
	int refused; /* the last node that was complained about; nodes come in order */
	size_t controllers, count;
	struct bare_controller controller[PLATFORM_MAX_DISKS];
	struct bare_disk at[PLATFORM_MAX_DISKS];
};

/** disks_init() - none yet. */
void disks_init(struct bare_disks *disks, struct board *board);

/** disks_connect() - from now on all disks count, not only the boot disk: the first in
 * the tree that works, since nothing else says where a loader in flash or memory came
 * from. What did not start before is tried again. */
void disks_connect(struct bare_disks *disks);

/** disks_list() - as platform.h says. Looks which are there now; one that came back has a
 * new id. */
enum lb_status disks_list(struct bare_disks *disks, struct platform_disk *out, size_t max,
			  size_t *count);

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

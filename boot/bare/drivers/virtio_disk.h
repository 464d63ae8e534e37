/* A disk behind virtio's registers: probing one place of the device tree. */
#ifndef LIFEBOAT_BARE_VIRTIO_DISK_H
#define LIFEBOAT_BARE_VIRTIO_DISK_H

#include "boot/bare/block.h"

/* One disk at most. It is there for as long as the registers say so. */
extern const struct block_driver virtio_disk;

#endif

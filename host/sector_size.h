/* Which sector size an image was made for: decided by what is valid, not by which header
 * is seen first. A disk that was made anew with other sectors may carry both. */
#ifndef LIFEBOAT_HOST_SECTOR_SIZE_H
#define LIFEBOAT_HOST_SECTOR_SIZE_H

#include <stdint.h>

#include "base/platform.h"

/**
 * host_sector_size() - the size for which there is the best partition table on an open
 * disk of @bytes; 0: there is none for any.
 * @disk: by which @plat reads it; its geometry is tried out and put back
 */
uint32_t host_sector_size(const struct platform *plat, struct platform_disk *disk,
			  uint64_t bytes);

#endif

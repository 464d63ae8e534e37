/* The MMU: on with an identity map of what the device tree calls memory, off again before
 * the kernel.
 *
 * RAM is normal write-back memory without execute right; the loader's own pages are
 * either executable or writable, never both (SCTLR.WXN as well). Device registers are
 * mapped when a driver asks for them, as nGnRnE; nothing else is mapped, page 0
 * included. */
#ifndef LIFEBOAT_BARE_AARCH64_MMU_H
#define LIFEBOAT_BARE_AARCH64_MMU_H

#include <stdint.h>

#include "base/status.h"
#include "boot/bare/ranges.h"

/**
 * mmu_enable() - build the map and turn MMU and caches on.
 * @ram: memory as the device tree tells it, without regions marked no-map
 *
 * LB_ERR_RANGE when the loader itself does not lie in @ram or memory lies beyond what the
 * CPU can address, LB_ERR_FULL when the tables do not suffice.
 */
enum lb_status mmu_enable(const struct bare_ranges *ram);

/** mmu_map_device() - make registers accessible; works before and after mmu_enable(). */
enum lb_status mmu_map_device(uint64_t base, uint64_t bytes);

#endif

/* What is known when the loader starts from flash at address 0 and nobody passes a device
 * tree: the memory map of QEMU's "virt" machine, the model of a loader in ROM. A board
 * whose reset vector is ours brings its own numbers (docs/porting.md). For C and
 * assembly. */
#ifndef LIFEBOAT_BARE_AARCH64_FLASH_H
#define LIFEBOAT_BARE_AARCH64_FLASH_H

#define BARE_FLASH_DEVICE_TREE    0x40000000 /* start of RAM */
#define BARE_FLASH_TREE_MAX_BYTES 0x200000   /* the loader runs right behind */

#endif

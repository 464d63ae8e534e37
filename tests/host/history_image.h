/* Disks with a boot history partition, in memory. */
#ifndef LIFEBOAT_TESTS_HISTORY_IMAGE_H
#define LIFEBOAT_TESTS_HISTORY_IMAGE_H

#include <stdint.h>

#include "tests/host/mem_disk.h"

/** history_image_sectors() - of a disk that holds a table and a history. */
uint64_t history_image_sectors(uint32_t sector_bytes);

/** history_image_make() - a table with a kernel partition and a history of @bytes (0: a
 * data partition in its place); all cells unused. */
void history_image_make(struct mem_disk *disk, uint64_t bytes);

/** history_image_lba() - the sector that a cell begins in. _cell() - its bytes. */
uint64_t history_image_lba(const struct mem_disk *disk, uint32_t cell);
uint8_t *history_image_cell(struct mem_disk *disk, uint32_t cell);

#endif

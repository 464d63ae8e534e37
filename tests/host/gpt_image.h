/* Partition tables on disks in memory, made without the code under test, and damaged in
 * every way the tests need. */
#ifndef LIFEBOAT_TESTS_GPT_IMAGE_H
#define LIFEBOAT_TESTS_GPT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/host/mem_disk.h"

/* Offsets of header fields. */
enum {
	GPT_AT_REVISION = 8,
	GPT_AT_SIZE = 12,
	GPT_AT_CRC = 16,
	GPT_AT_RESERVED = 20,
	GPT_AT_MY_LBA = 24,
	GPT_AT_ALTERNATE = 32,
	GPT_AT_FIRST_USABLE = 40,
	GPT_AT_LAST_USABLE = 48,
	GPT_AT_DISK_GUID = 56,
	GPT_AT_ENTRIES_LBA = 72,
	GPT_AT_COUNT = 80,
	GPT_AT_ENTRY_BYTES = 84,
	GPT_AT_ENTRIES_CRC = 88,
};

/* One partition of a test table; @kind 'k' kernel, 'r' root, 'd' data,
 * 'h' boot history, 0 unused. */
struct gpt_image_part {
	char kind;
	uint64_t first_lba, last_lba;
	uint64_t attributes;
};

#define GPT_IMAGE_ATTR(priority, attempts, bootable)                                     \
	((uint64_t)(priority) << 48 | (uint64_t)(attempts) << 52 |                       \
	 (uint64_t)(bootable) << 56)

/** gpt_image_make() - both copies; unique GUID of entry n: byte 0x40 + n, 16 times. */
void gpt_image_make(struct mem_disk *disk, uint32_t entry_count, uint32_t entry_bytes,
		    const struct gpt_image_part *parts, size_t count);

/** gpt_image_header() - the sector of the primary (0) or backup (1) header. */
uint8_t *gpt_image_header(struct mem_disk *disk, int copy);
/** gpt_image_entry() - entry @index of a copy, where its header says. */
uint8_t *gpt_image_entry(struct mem_disk *disk, int copy, uint32_t index);

/** gpt_image_put() - a header field of @bytes bytes; the checksum is set right. */
void gpt_image_put(struct mem_disk *disk, int copy, size_t at, size_t bytes,
		   uint64_t value);
/** gpt_image_fix() - both checksums of a copy set right, from what is there. */
void gpt_image_fix(struct mem_disk *disk, int copy);
/** gpt_image_sign() - another signature, 8 characters, checksum right. */
void gpt_image_sign(struct mem_disk *disk, int copy, const char *signature);

/** gpt_image_set_attributes() - of entry @index in one copy, checksums right. */
void gpt_image_set_attributes(struct mem_disk *disk, int copy, uint32_t index,
			      uint64_t attributes);

/** gpt_image_spoil_header() / _entries() - zero the header; noise in the entries. */
void gpt_image_spoil_header(struct mem_disk *disk, int copy);
void gpt_image_spoil_entries(struct mem_disk *disk, int copy);

#endif

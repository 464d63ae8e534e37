/* Identity page tables for the moment between firmware and kernel. Pure: writes only
 * into the pool it is given; addresses in the tables are those of the pool's pages.
 *
 * Why our own: firmware may map allocated memory no-execute, and not at all what it does
 * not know. Spec: Intel SDM 3A, 4.5. */
#ifndef LIFEBOAT_BOOT_UEFI_X86_64_PAGE_TABLES_H
#define LIFEBOAT_BOOT_UEFI_X86_64_PAGE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

#define PAGE_TABLE_BYTES LB_PAGE_BYTES

/* Enough for the first 4 GiB and for @ranges others of at most @gib GiB each: per range
 * one directory more than its size, and two tables above it at most. */
#define PAGE_TABLES_POOL(ranges, gib) (8u + (ranges) * ((gib) + 1u + 4u))

struct page_tables {
	uint8_t *pool; /* page-aligned */
	size_t pages;  /* in the pool */
	size_t used;
	unsigned levels; /* 4, or 5 where the CPU runs with LA57 */
};

/** page_tables_init() - start empty tables in @pool; the root is its first page. */
enum lb_status page_tables_init(struct page_tables *t, uint8_t *pool, size_t pages,
				unsigned levels);

/**
 * page_tables_map() - map [start, start + size) to itself, readable, writable and
 * executable, in 2 MiB pages; may overlap what is mapped already.
 *
 * LB_ERR_FULL: the pool is used up; LB_ERR_RANGE: beyond 48 bits of address.
 */
enum lb_status page_tables_map(struct page_tables *t, uint64_t start, uint64_t size);

#endif

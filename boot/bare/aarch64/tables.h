/* Translation tables: an identity map with 4 KiB granule and 48-bit addresses, built from
 * a fixed pool. Pure: works on the host as well. */
#ifndef LIFEBOAT_BARE_AARCH64_TABLES_H
#define LIFEBOAT_BARE_AARCH64_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

#define TABLES_ENTRIES       512u
#define TABLES_POOL          48u
#define TABLES_PAGE_BYTES    LB_PAGE_BYTES
#define TABLES_ADDRESS_LIMIT (UINT64_C(1) << 48)

enum tables_rights {
	TABLES_UNMAPPED,
	TABLES_CODE,     /* read and execute */
	TABLES_CONSTANT, /* read */
	TABLES_DATA,     /* read and write */
	TABLES_DEVICE,   /* read and write, nGnRnE */
};

/* MAIR: attribute 0 is device nGnRnE, 1 is normal write-back memory. */
#define TABLES_MAIR UINT64_C(0xff00)

struct tables {
	_Alignas(4096) uint64_t pool[TABLES_POOL][TABLES_ENTRIES];
	size_t used;    /* pool[0] is the root once this is not 0 */
	uint64_t fixed; /* bits of every page and block */
};

/* Which kind of memory a descriptor names: its attribute index. */
#define TABLES_KIND_MASK   (UINT64_C(7) << 2)
#define TABLES_KIND_DEVICE UINT64_C(0)

/* AP[1] must be 0 at EL1, where it would let EL0 in, and is RES1 at EL2. */
#define TABLES_FIXED_EL1 UINT64_C(0)
#define TABLES_FIXED_EL2 (UINT64_C(1) << 6)

/** tables_init() - an empty map; @fixed is set in every page and block. */
void tables_init(struct tables *tables, uint64_t fixed);

/**
 * tables_map() - give [@base, @base + @bytes) these rights, in place of what it had.
 *
 * Both in whole pages. LB_ERR_ARGUMENT when not, LB_ERR_RANGE above 48 bits, LB_ERR_FULL
 * when the pool is used up (part of the range may have been changed).
 */
enum lb_status tables_map(struct tables *tables, uint64_t base, uint64_t bytes,
			  enum tables_rights rights);

/** tables_lookup() - the last-level descriptor for @address, 0 when it is not mapped. */
uint64_t tables_lookup(const struct tables *tables, uint64_t address);

#endif

/* Translation tables: builds the identity map, with the largest blocks that fit. */
#include "boot/bare/aarch64/tables.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"

/* Spec: Arm ARM D8.3, VMSAv8-64 descriptors. */
#define DESC_VALID     UINT64_C(1)
#define DESC_TABLE     UINT64_C(2) /* a table; at level 3, a page */
#define DESC_NORMAL    (UINT64_C(1) << 2)
#define DESC_READ_ONLY (UINT64_C(1) << 7)
#define DESC_INNER     (UINT64_C(3) << 8)
#define DESC_ACCESSED  (UINT64_C(1) << 10)
#define DESC_PXN       (UINT64_C(1) << 53)
#define DESC_XN        (UINT64_C(1) << 54)
#define DESC_ADDRESS   UINT64_C(0x0000fffffffff000)

static const uint64_t rights_bits[] = {
	[TABLES_UNMAPPED] = 0,
	[TABLES_CODE] =
		DESC_VALID | DESC_ACCESSED | DESC_NORMAL | DESC_INNER | DESC_READ_ONLY,
	[TABLES_CONSTANT] = DESC_VALID | DESC_ACCESSED | DESC_NORMAL | DESC_INNER |
			    DESC_READ_ONLY | DESC_PXN | DESC_XN,
	[TABLES_DATA] = DESC_VALID | DESC_ACCESSED | DESC_NORMAL | DESC_INNER | DESC_PXN |
			DESC_XN,
	[TABLES_DEVICE] = DESC_VALID | DESC_ACCESSED | DESC_PXN | DESC_XN,
};

/* Level 0 covers 512 GiB per entry, level 3 one page. */
static unsigned level_shift(unsigned level)
{
	return 39u - 9u * level;
}

static size_t level_index(uint64_t address, unsigned level)
{
	return (size_t)(address >> level_shift(level)) & (TABLES_ENTRIES - 1);
}

void tables_init(struct tables *tables, uint64_t fixed)
{
	memset(tables, 0, sizeof(*tables));
	tables->fixed = fixed;
	tables->used = 1;
}

static bool is_table(uint64_t descriptor, unsigned level)
{
	return level < 3 &&
	       (descriptor & (DESC_VALID | DESC_TABLE)) == (DESC_VALID | DESC_TABLE);
}

/* Table addresses are stored in descriptors as the CPU needs them; pool memory is
 * identity-mapped, so a descriptor leads back to the pool. */
static uint64_t *table_of(uint64_t descriptor)
{
	return (uint64_t *)(uintptr_t)(descriptor & DESC_ADDRESS);
}

/* Replaces a block or an empty entry by a table that means the same. */
static enum lb_status split(struct tables *tables, uint64_t *entry, unsigned level)
{
	if (tables->used == TABLES_POOL)
		return LB_ERR_FULL;

	uint64_t *table = tables->pool[tables->used++];
	const uint64_t old = *entry;
	const unsigned shift = level_shift(level + 1);

	for (size_t i = 0; i < TABLES_ENTRIES; i++) {
		if (old == 0)
			table[i] = 0;
		else
			table[i] = (old | (level + 1 == 3 ? DESC_TABLE : 0)) +
				   ((uint64_t)i << shift);
	}
	*entry = (uint64_t)(uintptr_t)table | DESC_VALID | DESC_TABLE;
	return LB_OK;
}

static uint64_t leaf(const struct tables *tables, uint64_t address, unsigned level,
		     enum tables_rights rights)
{
	if (rights == TABLES_UNMAPPED)
		return 0;
	return address | rights_bits[rights] | tables->fixed |
	       (level == 3 ? DESC_TABLE : 0);
}

/* Maps as much of [at, end) as one entry can hold; returns where it got to in *at. */
static enum lb_status map_one(struct tables *tables, uint64_t *at, uint64_t end,
			      enum tables_rights rights)
{
	uint64_t *table = tables->pool[0];

	for (unsigned level = 0;; level++) {
		const uint64_t size = UINT64_C(1) << level_shift(level);
		uint64_t *entry = &table[level_index(*at, level)];
		const bool whole = (*at & (size - 1)) == 0 && end - *at >= size;

		/* A table once made stays: only entries without one become blocks. */
		if (level == 3 || (level > 0 && whole && !is_table(*entry, level))) {
			*entry = leaf(tables, *at, level, rights);
			*at += size;
			return LB_OK;
		}
		if (!is_table(*entry, level)) {
			const enum lb_status status = split(tables, entry, level);

			if (status != LB_OK)
				return status;
		}
		table = table_of(*entry);
	}
}

enum lb_status tables_map(struct tables *tables, uint64_t base, uint64_t bytes,
			  enum tables_rights rights)
{
	if ((base | bytes) % TABLES_PAGE_BYTES != 0 || rights > TABLES_DEVICE)
		return LB_ERR_ARGUMENT;
	if (!lb_within(base, bytes, TABLES_ADDRESS_LIMIT))
		return LB_ERR_RANGE;

	uint64_t at = base;
	while (at < base + bytes) {
		const enum lb_status status = map_one(tables, &at, base + bytes, rights);

		if (status != LB_OK)
			return status;
	}
	return LB_OK;
}

uint64_t tables_lookup(const struct tables *tables, uint64_t address)
{
	const uint64_t *table = tables->pool[0];

	for (unsigned level = 0;; level++) {
		const uint64_t entry = table[level_index(address, level)];

		if (!is_table(entry, level))
			return entry;
		table = table_of(entry);
	}
}

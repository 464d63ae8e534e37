/* Identity page tables in 2 MiB pages. */
#include "boot/uefi/x86_64/page_tables.h"

#include <string.h>

#include "base/bytes.h"

#define ENTRY_PRESENT  0x01u
#define ENTRY_WRITABLE 0x02u
#define ENTRY_LARGE    0x80u
#define ENTRY_ADDRESS  0x000ffffffffff000u

#define LARGE_BYTES   0x200000u
#define LARGE_SHIFT   21
#define INDEX_BITS    9
#define INDEX_MASK    0x1ffu
#define ADDRESS_LIMIT (1ull << 47) /* beyond it addresses are sign-extended */

static uint8_t *new_table(struct page_tables *t)
{
	if (t->used == t->pages)
		return NULL;

	uint8_t *table = t->pool + t->used++ * PAGE_TABLE_BYTES;

	memset(table, 0, PAGE_TABLE_BYTES);
	return table;
}

enum lb_status page_tables_init(struct page_tables *t, uint8_t *pool, size_t pages,
				unsigned levels)
{
	*t = (struct page_tables){ .pool = pool, .pages = pages, .levels = levels };
	return new_table(t) != NULL ? LB_OK : LB_ERR_FULL;
}

/* The table below entry @slot, made when it is not there yet. */
static uint8_t *descend(struct page_tables *t, uint8_t *slot)
{
	uint64_t entry = lb_le64(slot);

	if ((entry & ENTRY_PRESENT) == 0) {
		const uint8_t *table = new_table(t);

		if (table == NULL)
			return NULL;
		entry = (uint64_t)(uintptr_t)table | ENTRY_PRESENT | ENTRY_WRITABLE;
		lb_put_le64(slot, entry);
	}
	return (uint8_t *)(uintptr_t)(entry & ENTRY_ADDRESS);
}

static enum lb_status map_large(struct page_tables *t, uint64_t address)
{
	uint8_t *table = t->pool;

	for (unsigned level = t->levels; level > 2; level--) {
		const unsigned shift = LARGE_SHIFT + INDEX_BITS * (level - 2);

		table = descend(t, table + ((address >> shift) & INDEX_MASK) * 8);
		if (table == NULL)
			return LB_ERR_FULL;
	}
	lb_put_le64(table + ((address >> LARGE_SHIFT) & INDEX_MASK) * 8,
		    address | ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_LARGE);
	return LB_OK;
}

enum lb_status page_tables_map(struct page_tables *t, uint64_t start, uint64_t size)
{
	if (!lb_within(start, size, ADDRESS_LIMIT))
		return LB_ERR_RANGE;

	const uint64_t end = start + size;

	for (uint64_t at = start & ~(uint64_t)(LARGE_BYTES - 1); at < end;
	     at += LARGE_BYTES) {
		const enum lb_status status = map_large(t, at);

		if (status != LB_OK)
			return status;
	}
	return LB_OK;
}

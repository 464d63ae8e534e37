/* Memory: pages of type EfiLoaderData, which the kernel gets as free memory once it has
 * taken what lies in them. */
#include "boot/uefi/uefi.h"

#include "base/bytes.h"

static void give_back(struct uefi *u, EFI_PHYSICAL_ADDRESS at, uint64_t end)
{
	if (at < end)
		(void)u->bs->FreePages(at,
				       (end - at) / LB_PAGE_BYTES); /* nothing to do */
}

void *uefi_alloc_type(struct uefi *u, size_t bytes, size_t align, uint64_t limit,
		      EFI_MEMORY_TYPE type)
{
	const bool anywhere = limit == PLATFORM_ANY_ADDRESS;
	EFI_PHYSICAL_ADDRESS base = limit - 1;
	uint64_t size, whole, start;

	if (bytes == 0 || limit == 0 || !lb_round_up(bytes, LB_PAGE_BYTES, &size))
		return NULL;
	if (align < LB_PAGE_BYTES)
		align = LB_PAGE_BYTES;
	if (!lb_is_power_of_two(align) || !lb_add(size, align - LB_PAGE_BYTES, &whole))
		return NULL;

	if (u->bs->AllocatePages(anywhere ? AllocateAnyPages : AllocateMaxAddress, type,
				 whole / LB_PAGE_BYTES, &base) != EFI_SUCCESS)
		return NULL;

	/* More was taken than needed, so that an aligned piece lies within: trim it. */
	start = (base + align - 1) & ~(uint64_t)(align - 1);
	give_back(u, base, start);
	give_back(u, start + size, base + whole);
	return (void *)(uintptr_t)start;
}

void *uefi_alloc(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	return uefi_alloc_type(ctx, bytes, align, limit, EfiLoaderData);
}

void uefi_free(void *ctx, void *memory, size_t bytes)
{
	struct uefi *u = ctx;
	const size_t pages = bytes / LB_PAGE_BYTES + (bytes % LB_PAGE_BYTES != 0);

	if (memory != NULL && pages != 0)
		(void)u->bs->FreePages((uintptr_t)memory,
				       pages); /* nothing to do about it */
}

/* --- the heap of the libraries: small pieces, from the firmware's pool -------------- */

#define HEAP_ALIGN 16u

/* The pool aligns to 8; in front of the aligned piece lies where the pool's began. */
void *uefi_heap_alloc(void *ctx, size_t bytes)
{
	struct uefi *u = ctx;
	void *raw = NULL;

	if (bytes > SIZE_MAX - 2 * HEAP_ALIGN ||
	    u->bs->AllocatePool(EfiLoaderData, bytes + 2 * HEAP_ALIGN, &raw) !=
		    EFI_SUCCESS)
		return NULL;

	const uintptr_t aligned =
		((uintptr_t)raw + 2 * HEAP_ALIGN - 1) & ~(uintptr_t)(HEAP_ALIGN - 1);

	((void **)aligned)[-1] = raw;
	return (void *)aligned;
}

void uefi_heap_release(void *ctx, void *p, size_t bytes)
{
	struct uefi *u = ctx;

	(void)bytes;
	(void)u->bs->FreePool(((void **)p)[-1]); /* a leak at worst */
}

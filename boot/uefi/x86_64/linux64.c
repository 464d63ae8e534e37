/* Linux by the 64-bit boot protocol: everything is made ready while the firmware still
 * works, and what depends on its last memory map is filled into room kept for it.
 *
 * Design: DESIGN 3. Spec: Linux Documentation/x86/boot.rst and zero-page.rst. */
#include "boot/uefi/cpu.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/prepare.h"
#include "boot/uefi/x86_64/e820.h"
#include "boot/uefi/x86_64/enter.h"
#include "boot/uefi/x86_64/linux_tables.h"
#include "boot/uefi/x86_64/page_tables.h"

#define GIB          0x40000000u
#define ENTRY_OFFSET 0x200u
#define STACK_BYTES  0x100000u /* around the stack pointer */
#define MAP_SPARE    128u      /* descriptors more than there are now */
#define EXIT_TRIES   2

/* Offsets in the zero page. */
enum {
	ZERO_ACPI_RSDP = 0x070,
	ZERO_EFI_INFO = 0x1c0,
	ZERO_SECURE_BOOT = 0x1ec,
	ZERO_SETUP_DATA = 0x250,
};

#define EFI_LOADER_SIGNATURE 0x34364c45u /* "EL64" */
#define SECURE_BOOT_DISABLED 2u
#define SECURE_BOOT_ENABLED  3u
#define SETUP_DATA_BYTES     16u
#define SETUP_E820_EXT       1u
#define CR4_LA57             (1ull << 12)

#define GDT_BYTES         32u
#define GDT_CODE          0x00af9a000000ffffull
#define GDT_DATA          0x00cf92000000ffffull
#define GDT_OPERAND_BYTES 10u

/* At the start of the scratch memory; the rest of that follows in this order. */
struct linux64 {
	struct page_tables tables; /* its pool starts on the next page */
	uint8_t *map; /* the firmware's last memory map; kept for the kernel */
	size_t map_room;
	struct e820_entry *entries;
	size_t entries_room;
	uint8_t *extended; /* e820 entries beyond those of the zero page */
	uint8_t gdt[GDT_BYTES];
	uint8_t gdt_operand[GDT_OPERAND_BYTES];
};
_Static_assert(sizeof(struct linux64) <= PAGE_TABLE_BYTES, "fits before the page tables");

struct range {
	uint64_t start, size;
};

#define RANGES 5u

static uint64_t address_of(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static struct linux64 *state(const struct uefi *u)
{
	return (struct linux64 *)u->start.scratch;
}

/* What must be mapped besides the first 4 GiB, where it may lie already. */
static void needed_ranges(const struct uefi *u, const struct kernel_layout *l,
			  struct range out[RANGES])
{
	const uint8_t here = 0;

	out[0] = (struct range){ address_of(l->image), l->image_room };
	out[1] = (struct range){ address_of(l->zero_page), KERNEL_ZERO_PAGE_BYTES };
	out[2] = (struct range){ address_of(l->cmdline), KERNEL_CMDLINE_MAX_BYTES };
	out[3] = (struct range){ address_of(u->loaded->ImageBase), u->loaded->ImageSize };
	out[4] = (struct range){ address_of(&here) - STACK_BYTES / 2, STACK_BYTES };
}

static size_t pool_pages(const struct range ranges[RANGES])
{
	size_t pages = PAGE_TABLES_POOL(0, 0);

	for (size_t i = 0; i < RANGES; i++)
		pages += PAGE_TABLES_POOL(1, ranges[i].size / GIB + 1) -
			 PAGE_TABLES_POOL(0, 0);
	return pages;
}

static unsigned paging_levels(void)
{
	uint64_t cr4;

	__asm__("mov %%cr4, %0" : "=r"(cr4));
	return (cr4 & CR4_LA57) != 0 ? 5 : 4;
}

/* --- before the charge: memory and everything that does not change any more --------- */

/* How many descriptors a later memory map may have, and how far apart they are. */
static enum lb_status map_size(struct uefi *u, size_t *descriptors, size_t *bytes)
{
	UINTN size = 0, key, descriptor_bytes = 0;
	UINT32 version;

	if (u->bs->GetMemoryMap(&size, NULL, &key, &descriptor_bytes, &version) !=
		    EFI_BUFFER_TOO_SMALL ||
	    descriptor_bytes < E820_MAP_MIN_DESCRIPTOR_BYTES)
		return LB_ERR_IO;
	*descriptors = size / descriptor_bytes + MAP_SPARE;
	*bytes = *descriptors * descriptor_bytes;
	return LB_OK;
}

static enum lb_status make_scratch(struct uefi *u, size_t pages)
{
	struct uefi_start *s = &u->start;
	size_t descriptors, map_bytes;
	const enum lb_status status = map_size(u, &descriptors, &map_bytes);

	if (status != LB_OK)
		return status;

	const size_t tables_at = PAGE_TABLE_BYTES;
	const size_t map_at = tables_at + pages * PAGE_TABLE_BYTES;
	const size_t entries_at = map_at + (map_bytes + 15) / 16 * 16;
	const size_t extended_at = entries_at + descriptors * sizeof(struct e820_entry);

	s->scratch_bytes =
		extended_at + SETUP_DATA_BYTES + descriptors * E820_ENTRY_BYTES;
	s->scratch = uefi_alloc(u, s->scratch_bytes, PAGE_TABLE_BYTES, LB_4_GIB);
	if (s->scratch == NULL)
		return LB_ERR_NOMEM;
	*state(u) = (struct linux64){
		.map = s->scratch + map_at,
		.map_room = map_bytes,
		.entries = (struct e820_entry *)(s->scratch + entries_at),
		.entries_room = descriptors,
		.extended = s->scratch + extended_at,
	};
	return page_tables_init(&state(u)->tables, s->scratch + tables_at, pages,
				paging_levels());
}

static enum lb_status make_tables(struct uefi *u, const struct range ranges[RANGES])
{
	enum lb_status status = page_tables_map(&state(u)->tables, 0, LB_4_GIB);

	for (size_t i = 0; i < RANGES && status == LB_OK; i++)
		status = page_tables_map(&state(u)->tables, ranges[i].start,
					 ranges[i].size);
	return status;
}

static void make_segments(struct linux64 *s)
{
	lb_put_le64(s->gdt + UEFI_ENTER_CS, GDT_CODE);
	lb_put_le64(s->gdt + UEFI_ENTER_DS, GDT_DATA);
	lb_put_le16(s->gdt_operand, GDT_BYTES - 1);
	lb_put_le64(s->gdt_operand + 2, address_of(s->gdt));
}

static void fill_zero_page(struct uefi *u, uint8_t *page)
{
	const void *rsdp = uefi_table(u, &(EFI_GUID)ACPI_20_TABLE_GUID);

	if (rsdp == NULL)
		rsdp = uefi_table(u, &(EFI_GUID)ACPI_TABLE_GUID);
	lb_put_le64(page + ZERO_ACPI_RSDP, address_of(rsdp));
	/* The kernel locks itself down by this; its stub, which would ask, does not
	 * run. */
	page[ZERO_SECURE_BOOT] =
		u->machine.secure_boot ? SECURE_BOOT_ENABLED : SECURE_BOOT_DISABLED;
	uefi_screen_info(u, page);
}

enum lb_status uefi_linux64_prepare(struct uefi *u, const struct kernel_layout *layout,
				    struct lb_verdict *why)
{
	struct range ranges[RANGES];

	(void)why; /* the status says it all */
	needed_ranges(u, layout, ranges);

	enum lb_status status = make_scratch(u, pool_pages(ranges));

	if (status == LB_OK)
		status = make_tables(u, ranges);
	if (status != LB_OK)
		return status;
	make_segments(state(u));
	fill_zero_page(u, layout->zero_page);
	return LB_OK;
}

void uefi_linux64_discard(struct uefi *u)
{
	if (u->start.scratch != NULL)
		uefi_free(u, u->start.scratch, u->start.scratch_bytes);
	u->start.scratch = NULL;
}

/* --- the hand-off ------------------------------------------------------------------- */

struct final_map {
	UINTN bytes, key, descriptor_bytes;
	UINT32 version;
};

static EFI_STATUS get_map(struct uefi *u, struct final_map *out)
{
	out->bytes = state(u)->map_room;
	return u->bs->GetMemoryMap(&out->bytes, (EFI_MEMORY_DESCRIPTOR *)state(u)->map,
				   &out->key, &out->descriptor_bytes, &out->version);
}

/* Once ExitBootServices has been called, nothing but that and the map may be asked
 * for. */
static bool leave_firmware(struct uefi *u, struct final_map *map)
{
	for (int i = 0; i < EXIT_TRIES; i++)
		if (get_map(u, map) == EFI_SUCCESS &&
		    u->bs->ExitBootServices(u->image, map->key) == EFI_SUCCESS)
			return true;
	return false;
}

static void put_efi_info(struct uefi *u, uint8_t *page, const struct final_map *map)
{
	uint8_t *info = page + ZERO_EFI_INFO;
	const uint64_t system = address_of(u->st), table = address_of(state(u)->map);

	lb_put_le32(info, EFI_LOADER_SIGNATURE);
	lb_put_le32(info + 4, (uint32_t)system);
	lb_put_le32(info + 8, (uint32_t)map->descriptor_bytes);
	lb_put_le32(info + 12, map->version);
	lb_put_le32(info + 16, (uint32_t)table);
	lb_put_le32(info + 20, (uint32_t)map->bytes);
	lb_put_le32(info + 24, (uint32_t)(system >> 32));
	lb_put_le32(info + 28, (uint32_t)(table >> 32));
}

static void put_e820(struct linux64 *s, uint8_t *page, const struct final_map *map)
{
	const size_t count = e820_from_efi(s->map, map->bytes, map->descriptor_bytes,
					   s->entries, s->entries_room);
	const size_t here =
		count < E820_ZERO_PAGE_ENTRIES ? count : E820_ZERO_PAGE_ENTRIES;

	page[E820_ZERO_PAGE_COUNT] = (uint8_t)here;
	e820_put(s->entries, here, page + E820_ZERO_PAGE_TABLE);
	if (here == count)
		return;

	/* The rest as an element in front of the list of setup_data. */
	lb_put_le64(s->extended, lb_le64(page + ZERO_SETUP_DATA));
	lb_put_le32(s->extended + 8, SETUP_E820_EXT);
	lb_put_le32(s->extended + 12, (uint32_t)((count - here) * E820_ENTRY_BYTES));
	e820_put(s->entries + here, count - here, s->extended + SETUP_DATA_BYTES);
	lb_put_le64(page + ZERO_SETUP_DATA, address_of(s->extended));
}

enum lb_status uefi_linux64_start(struct uefi *u)
{
	const struct kernel_layout *layout = u->start.layout;
	struct linux64 *s = state(u);
	struct final_map map;

	uefi_watchdog_off(u);
	uefi_linux_tables(u);
	if (get_map(u, &map) != EFI_SUCCESS) {
		/* The last moment to come back: the map outgrew its room. */
		uefi_watchdog_pet(u);
		return LB_ERR_FULL;
	}
	if (!leave_firmware(u, &map))
		uefi_reset(u, PLATFORM_RESET_RESTART);

	put_efi_info(u, layout->zero_page, &map);
	put_e820(s, layout->zero_page, &map);
	uefi_linux64_enter(s->tables.pool, layout->zero_page,
			   address_of(layout->image) + ENTRY_OFFSET, s->gdt_operand);
}

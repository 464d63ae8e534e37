/* The MMU: system registers, and which address gets which rights. */
#include "boot/bare/aarch64/mmu.h"

#include <stdbool.h>

#include "boot/bare/aarch64/cpu.h"
#include "boot/bare/aarch64/image.h"
#include "boot/bare/aarch64/tables.h"

#define SCTLR_MMU    (UINT64_C(1) << 0)
#define SCTLR_DCACHE (UINT64_C(1) << 2)
#define SCTLR_ICACHE (UINT64_C(1) << 12)
#define SCTLR_WXN    (UINT64_C(1) << 19)

/* T0SZ for 48 bits; table walks inner shareable and cacheable. */
#define TCR_COMMON   UINT64_C(0x3510)
#define TCR_EL1_EPD1 (UINT64_C(1) << 23) /* no walks of the upper half */
#define TCR_EL2_RES1 (UINT64_C(1) << 31 | UINT64_C(1) << 23)
#define PA_BITS_MAX  48u

static struct tables tables;
static bool ready; /* the map is built */

/* Physical address bits: encoding of ID_AA64MMFR0_EL1.PARange and of TCR.(I)PS. */
static unsigned address_size(unsigned *bits)
{
	static const uint8_t bits_of[] = { 32, 36, 40, 42, 44, 48 };
	unsigned field = cpu_id_field(CPU_READ("id_aa64mmfr0_el1"), 0);

	if (field >= sizeof(bits_of))
		field = sizeof(bits_of) - 1;
	*bits = bits_of[field];
	return field;
}

static enum lb_status map_ram(const struct bare_ranges *ram, uint64_t limit)
{
	for (size_t i = 0; i < ram->count; i++) {
		const struct bare_range *range = &ram->at[i];

		if (range->base + range->bytes > limit)
			return LB_ERR_RANGE;
		const enum lb_status status =
			tables_map(&tables, range->base, range->bytes, TABLES_DATA);
		if (status != LB_OK)
			return status;
	}
	return LB_OK;
}

/* The loader's own pages; the page under the stack is left out. */
static enum lb_status map_image(void)
{
	const struct {
		const uint8_t *start, *end;
		enum tables_rights rights;
	} parts[] = {
		{ bare_image_start, bare_text_end, TABLES_CODE },
		{ bare_text_end, bare_ro_end, TABLES_CONSTANT },
		{ bare_stack_guard, bare_stack_guard + TABLES_PAGE_BYTES,
		  TABLES_UNMAPPED },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const enum lb_status status = tables_map(
			&tables, (uintptr_t)parts[i].start,
			(uint64_t)(parts[i].end - parts[i].start), parts[i].rights);
		if (status != LB_OK)
			return status;
	}
	return LB_OK;
}

static enum lb_status build(const struct bare_ranges *ram, uint64_t limit)
{
	if (!bare_ranges_contain(ram, (uintptr_t)bare_image_start,
				 (uint64_t)(bare_image_end - bare_image_start)))
		return LB_ERR_RANGE;

	enum lb_status status = map_ram(ram, limit);
	if (status == LB_OK)
		status = map_image();
	return status;
}

static void enable_el1(uint64_t size)
{
	CPU_WRITE("mair_el1", TABLES_MAIR);
	CPU_WRITE("tcr_el1", TCR_COMMON | TCR_EL1_EPD1 | size << 32);
	CPU_WRITE("ttbr0_el1", (uintptr_t)tables.pool[0]);
	cpu_isb();
	__asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
	CPU_WRITE("sctlr_el1", CPU_READ("sctlr_el1") | SCTLR_MMU | SCTLR_DCACHE |
				       SCTLR_ICACHE | SCTLR_WXN);
	cpu_isb();
}

static void enable_el2(uint64_t size)
{
	CPU_WRITE("mair_el2", TABLES_MAIR);
	CPU_WRITE("tcr_el2", TCR_COMMON | TCR_EL2_RES1 | size << 16);
	CPU_WRITE("ttbr0_el2", (uintptr_t)tables.pool[0]);
	cpu_isb();
	__asm__ volatile("tlbi alle2\n\tdsb nsh\n\tisb" ::: "memory");
	CPU_WRITE("sctlr_el2", CPU_READ("sctlr_el2") | SCTLR_MMU | SCTLR_DCACHE |
				       SCTLR_ICACHE | SCTLR_WXN);
	cpu_isb();
}

static void tables_start(void)
{
	if (!ready)
		tables_init(&tables,
			    cpu_level() == 2 ? TABLES_FIXED_EL2 : TABLES_FIXED_EL1);
	ready = true;
}

enum lb_status mmu_enable(const struct bare_ranges *ram)
{
	unsigned bits;
	const unsigned size = address_size(&bits);

	tables_start();
	const enum lb_status status = build(ram, UINT64_C(1) << bits);
	if (status != LB_OK)
		return status;

	/* The tables were written with the cache off: they are in memory. entry.S has
	 * dropped the lines of the whole image, and nothing has been cached since. */
	cpu_dsb();
	if (cpu_level() == 2)
		enable_el2(size);
	else
		enable_el1(size);
	return LB_OK;
}

enum lb_status mmu_map_device(uint64_t base, uint64_t bytes)
{
	const uint64_t first = base & ~(uint64_t)(TABLES_PAGE_BYTES - 1);

	if (bytes == 0 || bytes > UINT64_C(1) << 32 || base > TABLES_ADDRESS_LIMIT)
		return LB_ERR_RANGE;
	const uint64_t end = (base + bytes + TABLES_PAGE_BYTES - 1) &
			     ~(uint64_t)(TABLES_PAGE_BYTES - 1);

	/* Registers where there is memory already: a tree that contradicts itself. */
	tables_start();
	for (uint64_t at = first; at < end; at += TABLES_PAGE_BYTES) {
		const uint64_t entry = tables_lookup(&tables, at);

		if (entry != 0 && (entry & TABLES_KIND_MASK) != TABLES_KIND_DEVICE)
			return LB_ERR_DUPLICATE;
	}

	const enum lb_status status =
		tables_map(&tables, first, end - first, TABLES_DEVICE);
	/* Unmapped before, so no old translation can be cached. */
	cpu_dsb();
	cpu_isb();
	return status;
}

/* EL3: when nobody is below us (reset from flash with the security extensions on), this
 * makes the machine usable for a non-secure kernel, once, before going down for good:
 * no traps, all interrupts non-secure, the counter's rate set. A few instructions in
 * vectors.S stay behind for the loader's own restart.
 *
 * Runs with the MMU off, before anything else in C.
 * Spec: Linux Documentation/arm64/booting.rst, 4 "Call the kernel image". */
#include "boot/bare/aarch64/cpu.h"
#include "boot/bare/aarch64/machine.h"

#include <libfdt.h>
#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"

/* SCR_EL3 */
#define SCR_NS    (UINT64_C(1) << 0)
#define SCR_RES1  (UINT64_C(3) << 4)
#define SCR_SMD   (UINT64_C(1) << 7) /* smc undefined: there is nobody to answer it */
#define SCR_HCE   (UINT64_C(1) << 8)
#define SCR_RW    (UINT64_C(1) << 10)
#define SCR_APK   (UINT64_C(1) << 16)
#define SCR_API   (UINT64_C(1) << 17)
#define SCR_ATA   (UINT64_C(1) << 26)
#define SCR_FGTEN (UINT64_C(1) << 27)
#define SCR_HXEN  (UINT64_C(1) << 38)

#define SPSR_EL1H UINT64_C(0x3c5) /* all masked */
#define SPSR_EL2H UINT64_C(0x3c9)

/* GIC. Spec: Arm IHI 0048, IHI 0069. */
#define GICD_CTLR      0x000u
#define GICD_TYPER     0x004u
#define GICD_IGROUPR   0x080u
#define GICD_IGRPMODR  0xd00u
#define GICC_CTLR      0x000u
#define GICC_PMR       0x004u
#define GICR_WAKER     0x014u
#define GICR_SGI_BASE  0x10000u
#define WAKER_SLEEP    (1u << 1)
#define WAKER_ASLEEP   (1u << 2)
#define WAKER_LOOKS    1000000u
#define GICD_V3_ARE    0x30u /* ARE_S, ARE_NS */
#define GICD_V3_GROUPS 0x07u

/* How to switch off and restart, for vectors.S, in this order. */
struct el3_way {
	uint64_t pl061; /* 0: there is none */
	uint64_t bit;
};
extern struct el3_way bare_el3_ways[2];
struct el3_way bare_el3_ways[2];

static uint32_t get(uint64_t base, uint32_t offset)
{
	return *(volatile uint32_t *)(uintptr_t)(base + offset);
}

static void put(uint64_t base, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(uintptr_t)(base + offset) = value;
}

/* Interrupts 32 and up; the first 32 belong to a CPU. */
static void shared_to_group_1(uint64_t gicd, bool v3)
{
	const uint32_t words = (get(gicd, GICD_TYPER) & 31u) + 1;

	for (uint32_t i = 1; i < words; i++) {
		put(gicd, GICD_IGROUPR + 4 * i, UINT32_MAX);
		if (v3)
			put(gicd, GICD_IGRPMODR + 4 * i, 0);
	}
}

static void prepare_gic_v2(uint64_t gicd, uint64_t gicc)
{
	put(gicd, GICD_CTLR, 0);
	put(gicd, GICD_IGROUPR, UINT32_MAX);
	shared_to_group_1(gicd, false);
	/* The secure side enables both groups; the kernel does its own side. */
	put(gicd, GICD_CTLR, 3);
	put(gicc, GICC_PMR, 0xff); /* else non-secure could only use the lower half */
	put(gicc, GICC_CTLR, 3);
}

static void wake_redistributor(uint64_t gicr)
{
	put(gicr, GICR_WAKER, get(gicr, GICR_WAKER) & ~WAKER_SLEEP);
	for (uint32_t i = 0; i < WAKER_LOOKS; i++)
		if ((get(gicr, GICR_WAKER) & WAKER_ASLEEP) == 0)
			return;
}

static void prepare_gic_v3(uint64_t gicd, uint64_t gicr)
{
	put(gicd, GICD_CTLR, 0);
	put(gicd, GICD_CTLR, GICD_V3_ARE);
	shared_to_group_1(gicd, true);
	put(gicd, GICD_CTLR, GICD_V3_ARE | GICD_V3_GROUPS);

	wake_redistributor(gicr);
	put(gicr, GICR_SGI_BASE + GICD_IGROUPR, UINT32_MAX);
	put(gicr, GICR_SGI_BASE + GICD_IGRPMODR, 0);

	/* System register interface on, and left to the levels below. */
	CPU_WRITE("s3_6_c12_c12_5", 0xf); /* ICC_SRE_EL3 */
	cpu_isb();
	CPU_WRITE("s3_6_c12_c12_4", 0);  /* ICC_CTLR_EL3 */
	CPU_WRITE("s3_6_c12_c12_7", 3);  /* ICC_IGRPEN1_EL3 */
	CPU_WRITE("s3_0_c4_c6_0", 0xff); /* ICC_PMR_EL1 */
	cpu_isb();
}

static void prepare_gic(const struct bare_fdt *fdt)
{
	uint64_t first, second, bytes;
	int node = bare_fdt_next(fdt, -1, "arm,gic-v3");
	const bool v3 = node >= 0;

	if (!v3)
		node = bare_fdt_next(fdt, -1, "arm,cortex-a15-gic");
	if (node < 0)
		node = bare_fdt_next(fdt, -1, "arm,gic-400");
	if (node < 0 || bare_fdt_reg(fdt, node, 0, &first, &bytes) != LB_OK ||
	    bare_fdt_reg(fdt, node, 1, &second, &bytes) != LB_OK)
		return;
	if (v3)
		prepare_gic_v3(first, second);
	else
		prepare_gic_v2(first, second);
}

static bool property_is(const struct bare_fdt *fdt, int node, const char *name,
			const char *value)
{
	int len;
	const char *have = fdt_getprop(fdt->tree, node, name, &len);

	return have != NULL && (size_t)len == strlen(value) + 1 &&
	       strcmp(have, value) == 0;
}

/* A line of a PL061 that switches the machine off or restarts it. Such nodes are often
 * the secure side's alone: "secure-status" says so, and this is the secure side. */
static void prepare_way(const struct bare_fdt *fdt, const char *compatible,
			struct el3_way *way)
{
	const int node = fdt_node_offset_by_compatible(fdt->tree, -1, compatible);
	int len;
	const uint8_t *gpios =
		node < 0 ? NULL : fdt_getprop(fdt->tree, node, "gpios", &len);
	uint64_t base, bytes;

	if (gpios == NULL || len < 8 || lb_be32(gpios + 4) > 7 ||
	    !(property_is(fdt, node, "secure-status", "okay") ||
	      bare_fdt_available(fdt, node)))
		return;
	const int chip = fdt_node_offset_by_phandle(fdt->tree, lb_be32(gpios));
	if (chip < 0 || fdt_node_check_compatible(fdt->tree, chip, "arm,pl061") != 0 ||
	    bare_fdt_reg(fdt, chip, 0, &base, &bytes) != LB_OK || bytes < 0x1000)
		return;
	*way = (struct el3_way){ base, UINT64_C(1) << lb_be32(gpios + 4) };
}

/* The rate the timer's node tells, where the reset value is not one. */
static void prepare_timer(const struct bare_fdt *fdt)
{
	const int node = bare_fdt_next(fdt, -1, "arm,armv8-timer");
	int len;
	const uint8_t *hz =
		node < 0 ? NULL : fdt_getprop(fdt->tree, node, "clock-frequency", &len);

	if (hz != NULL && len == 4 && lb_be32(hz) != 0)
		CPU_WRITE("cntfrq_el0", lb_be32(hz));
}

/* Features whose use below must be allowed here, as the booting document lists them. */
static uint64_t feature_bits(void)
{
	const uint64_t isar1 = CPU_READ("id_aa64isar1_el1");
	const uint64_t pfr1 = CPU_READ("id_aa64pfr1_el1");
	const uint64_t mmfr0 = CPU_READ("id_aa64mmfr0_el1");
	const uint64_t mmfr1 = CPU_READ("id_aa64mmfr1_el1");
	const uint64_t isar2 = CPU_READ("s3_0_c0_c6_2");
	uint64_t scr = 0;

	/* Pointer authentication: APA, API, GPA, GPI; APA3, GPA3. */
	if ((isar1 >> 4 & 0xff) != 0 || (isar1 >> 24 & 0xff) != 0 ||
	    (isar2 >> 8 & 0xff) != 0)
		scr |= SCR_APK | SCR_API;
	if (cpu_id_field(pfr1, 8) >= 2) /* memory tags */
		scr |= SCR_ATA;
	if (cpu_id_field(mmfr0, 56) != 0) /* fine-grained traps */
		scr |= SCR_FGTEN;
	if (cpu_id_field(mmfr1, 40) != 0) /* HCRX_EL2 */
		scr |= SCR_HXEN;
	return scr;
}

static void allow_vectors(void)
{
	const uint64_t pfr0 = CPU_READ("id_aa64pfr0_el1");

	if (cpu_id_field(pfr0, 32) == 0) /* SVE */
		return;
	CPU_WRITE("cptr_el3", 1 << 8); /* EZ */
	cpu_isb();
	CPU_WRITE("s3_6_c1_c2_0", 0xf); /* ZCR_EL3: as long as the CPU can */
}

uint64_t bare_el3_prepare(const void *tree)
{
	const bool has_el2 = cpu_id_field(CPU_READ("id_aa64pfr0_el1"), 8) != 0;
	struct bare_fdt fdt;

	/* A bad tree is reported later, by whoever has a serial port. */
	if (bare_fdt_open(tree, &fdt) == LB_OK) {
		prepare_timer(&fdt);
		prepare_gic(&fdt);
		prepare_way(&fdt, "gpio-poweroff", &bare_el3_ways[0]);
		prepare_way(&fdt, "gpio-restart", &bare_el3_ways[1]);
	}
	allow_vectors();
	CPU_WRITE("scr_el3", SCR_NS | SCR_RES1 | SCR_HCE | SCR_RW | feature_bits());
	cpu_isb();
	return has_el2 ? SPSR_EL2H : SPSR_EL1H;
}

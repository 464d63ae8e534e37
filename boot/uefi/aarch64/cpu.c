/* aarch64: the virtual counter and RNDR. */
#include "boot/uefi/cpu.h"

const enum platform_cpu uefi_cpu = PLATFORM_CPU_AARCH64;

#define ISAR0_RNDR_SHIFT 60

uint64_t uefi_cpu_ticks(void)
{
	uint64_t ticks;

	/* The barrier keeps the counter from being read ahead of what it shall time. */
	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
	return ticks;
}

uint64_t uefi_cpu_ticks_per_ms(void)
{
	uint64_t hertz;

	__asm__("mrs %0, cntfrq_el0" : "=r"(hertz));
	return hertz / 1000;
}

bool uefi_cpu_random(uint64_t *out)
{
	uint64_t features, failed;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(features));
	if (features >> ISAR0_RNDR_SHIFT == 0)
		return false;
	/* RNDR by its number, as older assemblers do not know the name; Z says it
	 * failed. */
	__asm__ volatile("mrs %0, s3_3_c2_c4_0; cset %1, eq"
			 : "=r"(*out), "=r"(failed)
			 :
			 : "cc");
	return failed == 0;
}

uint32_t uefi_cpu_port_read(uint16_t port, unsigned int bytes)
{
	(void)port;
	return bytes < 4 ? (1u << 8 * bytes) - 1 : UINT32_MAX;
}

void uefi_cpu_port_write(uint16_t port, unsigned int bytes, uint32_t value)
{
	(void)port;
	(void)bytes;
	(void)value;
}

_Noreturn void uefi_cpu_halt(void)
{
	for (;;)
		__asm__ volatile("msr daifset, #15; wfi");
}

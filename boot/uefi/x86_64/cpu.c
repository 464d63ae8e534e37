/* x86_64: time-stamp counter and RDRAND. */
#include "boot/uefi/cpu.h"

#include <cpuid.h>

const enum platform_cpu uefi_cpu = PLATFORM_CPU_X86_64;

#define RDRAND_TRIES      10 /* as Intel recommends */
#define HYPERVISOR_LEAVES 0x40000000u
#define HYPERVISOR_TIMING 0x40000010u /* kHz of the counter, on KVM and VMware */

uint64_t uefi_cpu_ticks(void)
{
	uint32_t low, high;

	/* The fence keeps the counter from being read ahead of what it shall time. */
	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Spec: Intel SDM 2A, CPUID leaf 15H. */
static uint64_t rate_from_crystal(void)
{
	uint32_t denominator, numerator, hertz, unused;

	if (__get_cpuid_max(0, NULL) < 0x15)
		return 0;
	__cpuid(0x15, denominator, numerator, hertz, unused);
	if (denominator == 0 || numerator == 0 || hertz == 0)
		return 0;
	return (uint64_t)hertz * numerator / denominator / 1000;
}

static uint64_t rate_from_hypervisor(void)
{
	uint32_t max, khz, b, c, d;

	__cpuid(1, max, b, c, d);
	if ((c & 1u << 31) == 0)
		return 0;
	__cpuid(HYPERVISOR_LEAVES, max, b, c, d);
	if (max < HYPERVISOR_TIMING || max > HYPERVISOR_LEAVES + 0xffff)
		return 0;
	__cpuid(HYPERVISOR_TIMING, khz, b, c, d);
	return khz;
}

uint64_t uefi_cpu_ticks_per_ms(void)
{
	const uint64_t rate = rate_from_crystal();

	return rate != 0 ? rate : rate_from_hypervisor();
}

bool uefi_cpu_random(uint64_t *out)
{
	uint32_t a, b, c, d;
	uint8_t ok = 0;

	if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_RDRND) == 0)
		return false;
	for (int i = 0; i < RDRAND_TRIES && !ok; i++)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*out), "=qm"(ok) : : "cc");
	return ok != 0;
}

uint32_t uefi_cpu_port_read(uint16_t port, unsigned int bytes)
{
	uint32_t value = 0;

	if (bytes == 1)
		__asm__ volatile("inb %w1, %b0" : "+a"(value) : "Nd"(port) : "memory");
	else if (bytes == 2)
		__asm__ volatile("inw %w1, %w0" : "+a"(value) : "Nd"(port) : "memory");
	else
		__asm__ volatile("inl %w1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

void uefi_cpu_port_write(uint16_t port, unsigned int bytes, uint32_t value)
{
	if (bytes == 1)
		__asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"(port) : "memory");
	else if (bytes == 2)
		__asm__ volatile("outw %w0, %w1" : : "a"(value), "Nd"(port) : "memory");
	else
		__asm__ volatile("outl %0, %w1" : : "a"(value), "Nd"(port) : "memory");
}

_Noreturn void uefi_cpu_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

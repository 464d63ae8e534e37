/* What differs by CPU; boot/uefi/ARCH/cpu.c. */
#ifndef LIFEBOAT_BOOT_UEFI_CPU_H
#define LIFEBOAT_BOOT_UEFI_CPU_H

#include "boot/uefi/uefi.h"

extern const enum platform_cpu uefi_cpu;

/** uefi_cpu_ticks() - a counter that runs at a constant rate and never goes back. */
uint64_t uefi_cpu_ticks(void);
/** uefi_cpu_ticks_per_ms() - its rate as the CPU states it; 0 when it must be
 * measured. */
uint64_t uefi_cpu_ticks_per_ms(void);
/** uefi_cpu_random() - 64 bits from the CPU's generator; false when it has none or
 * fails. */
bool uefi_cpu_random(uint64_t *out);
/** uefi_cpu_port_read(), _write() - x86 I/O ports, 1, 2 or 4 bytes; where there are none:
 * all ones, and nothing. */
uint32_t uefi_cpu_port_read(uint16_t port, unsigned int bytes);
void uefi_cpu_port_write(uint16_t port, unsigned int bytes, uint32_t value);
/** uefi_cpu_halt() - nothing more to do, ever. */
_Noreturn void uefi_cpu_halt(void);

/* The 64-bit boot protocol of x86 (KERNEL_START_LINUX64); LB_ERR_UNSUPPORTED
 * elsewhere. */
struct kernel_layout;
enum lb_status uefi_linux64_prepare(struct uefi *u, const struct kernel_layout *layout,
				    struct lb_verdict *why);
void uefi_linux64_discard(struct uefi *u);
/* Does not return once boot services were left: resets the machine instead. */
enum lb_status uefi_linux64_start(struct uefi *u);

#endif

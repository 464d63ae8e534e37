/* PSCI: reset and power off by the firmware or hypervisor below.
 * Spec: Arm DEN 0022, Power State Coordination Interface. */
#include "boot/bare/aarch64/cpu.h"
#include "boot/bare/aarch64/machine.h"

#define CLOBBERS                                                                         \
	"x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",       \
		"x13", "x14", "x15", "x16", "x17", "memory"

void psci_call(enum bare_psci how, uint32_t call)
{
	register uint64_t x0 __asm__("x0") = call;

	/* At EL2 an hvc would come to ourselves. */
	if (how == BARE_PSCI_HVC && cpu_level() == 1)
		__asm__ volatile("hvc #0" : "+r"(x0)::CLOBBERS);
	if (how == BARE_PSCI_SMC)
		__asm__ volatile("smc #0" : "+r"(x0)::CLOBBERS);
}

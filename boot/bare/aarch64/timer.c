/* Time: the generic timer's virtual counter, which every level may read (at EL2, entry.S
 * has set its offset to 0). */
#include "boot/bare/aarch64/cpu.h"
#include "boot/bare/aarch64/machine.h"

static uint64_t rate;

uint32_t timer_start(uint32_t hz)
{
	const uint32_t told = (uint32_t)CPU_READ("cntfrq_el0");

	rate = told != 0 ? told : hz;
	return (uint32_t)rate;
}

uint64_t timer_us(void)
{
	cpu_isb(); /* not read ahead of what it is to measure */
	const uint64_t ticks = CPU_READ("cntvct_el0");

	if (rate == 0)
		return 0;
	return ticks / rate * 1000000 + ticks % rate * 1000000 / rate;
}

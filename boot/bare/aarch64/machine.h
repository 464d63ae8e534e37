/* What the processor and the firmware below offer: time, chance, reset, start of a
 * kernel. */
#ifndef LIFEBOAT_BARE_AARCH64_MACHINE_H
#define LIFEBOAT_BARE_AARCH64_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "boot/bare/fdt.h"

/* --- timer.c: the generic timer ----------------------------------------------------- */

/** timer_start() - @hz: rate for a CPU whose firmware set none; 0 when unknown. Returns
 * the rate in use, 0 when there is none: time would stand still. */
uint32_t timer_start(uint32_t hz);

/** timer_us() - microseconds since the counter started; never goes back. */
uint64_t timer_us(void);

/* --- psci.c ------------------------------------------------------------------------- */

/** psci_call() - a call without arguments (calls.h). Those that stop the machine return
 * only when that did not work. */
void psci_call(enum bare_psci how, uint32_t call);

/* --- random.c ----------------------------------------------------------------------- */

/** random_fill() - from the CPU's random number instruction; LB_ERR_UNSUPPORTED when it
 * has none, LB_ERR_IO when it does not deliver. */
enum lb_status random_fill(uint8_t *out, size_t len);

/* --- exception.c -------------------------------------------------------------------- */

/* Says @text and restarts the machine. */
typedef void exception_die(const char *text, size_t len);

/** exception_report_to() - who is told when something goes wrong. Before that an
 * exception only stops the machine. */
void exception_report_to(exception_die *die);

/* --- el3.c, called by entry.S ------------------------------------------------------- */

/** bare_el3_prepare() - at EL3: what the levels below cannot set up. Returns SPSR.
 *
 * What stays at EL3 answers PSCI_SYSTEM_OFF and PSCI_SYSTEM_RESET by the GPIO lines the
 * tree names for it, until EL3_CLOSE, the last call before a kernel: from then on there
 * is nothing at EL3 that the kernel could reach, and its memory is the kernel's. */
uint64_t bare_el3_prepare(const void *tree);

/* --- leave.S ------------------------------------------------------------------------ */

/** bare_leave() - MMU and data cache off, loader's memory cleaned, then the kernel:
 * x0 = @tree, x1..x3 = 0, at the level we are at. */
_Noreturn void bare_leave(uint64_t kernel, uint64_t tree);

#endif

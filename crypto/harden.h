/* Decisions that one skipped instruction must not turn round (voltage or clock glitches,
 * a flipped bit). Pure, inline.
 *
 * The means, in order of weight: what decides is computed twice, by separate calls on
 * separate data (crypto_kernel_confirm(), boot_confirm()); the result is not a truth
 * value but a proof, a number that only the whole second computation writes, bound to the
 * object it is about; and the proof is not only asked for, it is used up: the way on is
 * hidden by it, so that going on without it leads nowhere.
 *
 * What was measured, and how: docs/hardening.md. */
#ifndef LIFEBOAT_CRYPTO_HARDEN_H
#define LIFEBOAT_CRYPTO_HARDEN_H

#include <stdint.h>

/* Far from 0, from all ones, from small numbers and from addresses: a pointer that is
 * wrong by it is no address on any of our CPUs. */
#define HARDEN_PROOF UINT64_C(0x96c35a3c69a53cc3)

/** harden_pointer() - @p if @proof is HARDEN_PROOF; else what faults when it is used. */
static inline const void *harden_pointer(const void *p, uint64_t proof)
{
	const volatile uint64_t seen = proof; /* not known to the compiler any more */

	return (const void *)((uintptr_t)p ^ (uintptr_t)(seen ^ HARDEN_PROOF));
}

#endif

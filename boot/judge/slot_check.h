/* One slot, judged: the verification that the loader, `lifeboat verify` and the updater
 * share. Never writes.
 *
 * Design: DESIGN 2 "Verify and prepare first". */
#ifndef LIFEBOAT_BOOT_JUDGE_SLOT_CHECK_H
#define LIFEBOAT_BOOT_JUDGE_SLOT_CHECK_H

#include "base/platform.h"
#include "base/reason.h"
#include "boot/kernel/prepare.h"
#include "crypto/kernel_verify.h"
#include "gpt/gpt_slot.h"

/**
 * boot_source_verify() - verify the signed kernel in @source.
 *
 * What looks damaged is read once more: only when both reads give the same reason does it
 * count as damaged; READS_DISAGREE when they do not, and the good reading when one was
 * good.
 */
enum lb_reason boot_source_verify(const struct platform *plat,
				  const struct crypto_policy *policy,
				  const struct lb_source *source,
				  struct verified_kernel **out, struct lb_verdict *why);

/** boot_slot_verify() - boot_source_verify() of a slot's kernel partition. */
enum lb_reason boot_slot_verify(const struct platform *plat,
				const struct platform_disk *disk,
				const struct gpt_slot *slot,
				const struct crypto_policy *policy,
				struct verified_kernel **out, struct lb_verdict *why);

/**
 * boot_slot_headers() - verify the headers of a slot alone.
 * @head:    CRYPTO_HEAD_BYTES of scratch memory
 * @version: the combined version, written on LB_REASON_OK
 */
enum lb_reason boot_slot_headers(const struct platform *plat,
				 const struct platform_disk *disk,
				 const struct gpt_slot *slot,
				 const struct crypto_policy *policy, uint8_t *head,
				 uint32_t *version, struct lb_verdict *why);

#endif

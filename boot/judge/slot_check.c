/* Judging one slot. */
#include "boot/judge/slot_check.h"

#include "gpt/gpt_source.h"

enum lb_reason boot_source_verify(const struct platform *plat,
				  const struct crypto_policy *policy,
				  const struct lb_source *source,
				  struct verified_kernel **out, struct lb_verdict *why)
{
	const enum lb_reason first = crypto_kernel_verify(plat, policy, source,
							  PLATFORM_ANY_ADDRESS, out, why);

	if (lb_reason_class(first) != LB_CLASS_DAMAGED)
		return first;

	struct lb_verdict again;
	const enum lb_reason second = crypto_kernel_verify(
		plat, policy, source, PLATFORM_ANY_ADDRESS, out, &again);

	if (second == LB_REASON_OK || second == first)
		return second;
	return lb_verdict_set(why, LB_REASON_READS_DISAGREE, "first %s, then %s",
			      lb_reason_name(first), lb_reason_name(second));
}

enum lb_reason boot_slot_verify(const struct platform *plat,
				const struct platform_disk *disk,
				const struct gpt_slot *slot,
				const struct crypto_policy *policy,
				struct verified_kernel **out, struct lb_verdict *why)
{
	struct gpt_source partition = { plat, disk->id, disk->sector_bytes,
					slot->first_lba, slot->sectors };
	const struct lb_source source = gpt_source_open(&partition);

	return boot_source_verify(plat, policy, &source, out, why);
}

enum lb_reason boot_slot_headers(const struct platform *plat,
				 const struct platform_disk *disk,
				 const struct gpt_slot *slot,
				 const struct crypto_policy *policy, uint8_t *head,
				 uint32_t *version, struct lb_verdict *why)
{
	struct gpt_source partition = { plat, disk->id, disk->sector_bytes,
					slot->first_lba, slot->sectors };
	const struct lb_source source = gpt_source_open(&partition);
	struct crypto_headers headers;
	const enum lb_reason reason =
		crypto_source_headers(policy, &source, head, &headers, why);

	if (reason == LB_REASON_OK)
		*version = headers.version;
	return reason;
}

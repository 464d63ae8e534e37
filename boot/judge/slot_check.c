/* Judging one slot. */
#include "boot/judge/slot_check.h"

#include "boot/judge/disk.h"

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
	struct boot_partition partition = { plat, disk->id, disk->sector_bytes,
					    slot->first_lba, slot->sectors };
	const struct lb_source source = boot_partition_source(&partition);

	return boot_source_verify(plat, policy, &source, out, why);
}

enum lb_reason boot_slot_headers(const struct platform *plat,
				 const struct platform_disk *disk,
				 const struct gpt_slot *slot,
				 const struct crypto_policy *policy, uint8_t *head,
				 uint32_t *version, struct lb_verdict *why)
{
	struct boot_partition partition = { plat, disk->id, disk->sector_bytes,
					    slot->first_lba, slot->sectors };
	const struct lb_source source = boot_partition_source(&partition);
	const size_t len = source.bytes < CRYPTO_HEAD_BYTES ? (size_t)source.bytes
							    : CRYPTO_HEAD_BYTES;
	struct crypto_headers headers;

	if (source.read(source.ctx, 0, head, len) != LB_OK)
		return lb_verdict_set(why, LB_REASON_READ_ERROR, NULL);

	const enum lb_reason reason =
		crypto_headers_verify(policy, head, len, source.bytes, &headers, why);

	if (reason == LB_REASON_OK)
		*version = headers.version;
	return reason;
}

enum lb_reason boot_source_check(const struct platform *plat,
				 const struct crypto_policy *policy,
				 const struct kernel_context *context,
				 const struct lb_source *source, uint32_t *version_out,
				 struct lb_verdict *why)
{
	struct verified_kernel *kernel;
	struct prepared_kernel *prepared;
	enum lb_reason reason = boot_source_verify(plat, policy, source, &kernel, why);

	if (reason != LB_REASON_OK)
		return reason;
	if (version_out != NULL)
		*version_out = crypto_kernel_headers(kernel)->version;
	reason = kernel_prepare(plat, context, kernel, &prepared, why);
	if (reason != LB_REASON_OK) {
		crypto_kernel_free(plat, kernel);
		return reason;
	}
	kernel_prepared_free(plat, prepared);
	return LB_REASON_OK;
}

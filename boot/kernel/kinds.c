/* Which kind of kernel a body holds: by its first bytes, else by its params page. */
#include "base/bytes.h"
#include "boot/kernel/bzimage.h"
#include "boot/kernel/prepare.h"
#include "boot/kernel/prepared.h"

#define FDT_MAGIC_BE       0xd00dfeedu
#define IMAGE_TYPE_MASK    3u
#define ARM64_MAGIC        0x644d5241u
#define ARM64_MAGIC_OFFSET 56u

static bool is_arm64_image(const struct kernel_body *body)
{
	return body->config_offset >= ARM64_MAGIC_OFFSET + 4 &&
	       lb_le32(body->data + ARM64_MAGIC_OFFSET) == ARM64_MAGIC;
}

enum lb_reason kernel_body_kind(const struct kernel_body *body, uint32_t preamble_flags,
				enum kernel_kind *kind, struct lb_verdict *why)
{
	const uint8_t *params =
		body->data + body->config_offset + KERNEL_CONFIG_PAGE_BYTES;

	if ((preamble_flags & IMAGE_TYPE_MASK) != CRYPTO_IMAGE_CROS)
		return lb_verdict_set(why, LB_REASON_KIND_UNSUPPORTED,
				      "image type %u (Android or multiboot)",
				      preamble_flags & IMAGE_TYPE_MASK);
	if (body->config_offset >= 4 && lb_be32(body->data) == FDT_MAGIC_BE)
		*kind = KERNEL_KIND_FIT;
	else if (body->config_offset >= 2 && body->data[0] == 'M' && body->data[1] == 'Z')
		*kind = KERNEL_KIND_PE;
	else if (kernel_bzimage_recognised(params, KERNEL_ZERO_PAGE_BYTES))
		*kind = KERNEL_KIND_CROS_X86;
	else
		return lb_verdict_set(
			why, LB_REASON_KIND_UNSUPPORTED,
			is_arm64_image(body)
				? "arm64 Image without EFI stub, not in a FIT"
				: "neither FIT, PE nor bzImage at the start of the body");
	return LB_REASON_OK;
}

enum lb_reason kernel_kind_of(const struct verified_kernel *kernel,
			      enum kernel_kind *kind, struct lb_verdict *why)
{
	const struct crypto_preamble *preamble = &crypto_kernel_headers(kernel)->preamble;
	struct kernel_body body;
	size_t bytes, room;
	uint8_t *data = crypto_kernel_body(kernel, &bytes, &room);

	const enum lb_reason reason =
		kernel_body_find(preamble, data, bytes, room, &body, why);
	if (reason != LB_REASON_OK)
		return reason;
	return kernel_body_kind(&body, preamble->flags, kind, why);
}

/* The arm64 Image header. */
#include "boot/kernel/arm64_image.h"

#include "base/bytes.h"
#include "boot/kernel/prepare.h"

#define WINDOW_BYTES ((uint64_t)32 << 30)
#define WINDOW_ALIGN ((uint64_t)1 << 30)

enum {
	TEXT_OFFSET = 8,
	IMAGE_SIZE = 16,
	FLAGS = 24,
	MAGIC = 56,
};

#define ARM64_MAGIC     0x644d5241u /* "ARM\x64" */
#define FLAG_BIG_ENDIAN 0x1u
#define FLAG_ANYWHERE   0x8u
#define IMAGE_SIZE_MAX  0x100000000u /* as much as x86's init_size can say */

bool kernel_arm64_recognised(const uint8_t *image, size_t len)
{
	return len >= KERNEL_ARM64_HEADER_BYTES && lb_le32(image + MAGIC) == ARM64_MAGIC;
}

static enum lb_reason refuse(struct lb_verdict *why, const char *what)
{
	return lb_verdict_set(why, LB_REASON_KERNEL_PROTOCOL, "arm64 Image: %s", what);
}

enum lb_reason kernel_arm64_parse(const uint8_t *image, size_t len,
				  struct kernel_arm64 *out, struct lb_verdict *why)
{
	if (!kernel_arm64_recognised(image, len))
		return refuse(why, "no header at offset 56");

	const uint64_t flags = lb_le64(image + FLAGS);
	const struct kernel_arm64 header = {
		.text_offset = lb_le64(image + TEXT_OFFSET),
		.image_size = lb_le64(image + IMAGE_SIZE),
		.efi_stub = image[0] == 'M' && image[1] == 'Z',
	};

	if ((flags & FLAG_BIG_ENDIAN) != 0)
		return refuse(why, "big-endian");
	if ((flags & FLAG_ANYWHERE) == 0)
		return refuse(why, "must lie at the start of memory (before Linux 4.6)");
	if (header.image_size < KERNEL_ARM64_HEADER_BYTES ||
	    header.image_size > IMAGE_SIZE_MAX)
		return refuse(why, "impossible image_size");
	if (header.text_offset >= KERNEL_ALIGN_BYTES)
		return refuse(why, "impossible text_offset");

	*out = header;
	return LB_REASON_OK;
}

bool kernel_arm64_in_window(uint64_t kernel, uint64_t kernel_bytes, uint64_t initrd,
			    uint64_t initrd_bytes)
{
	const uint64_t kernel_end = kernel + kernel_bytes;
	const uint64_t initrd_end = initrd + initrd_bytes;
	const uint64_t start = (kernel < initrd ? kernel : initrd) & ~(WINDOW_ALIGN - 1);
	const uint64_t end = kernel_end > initrd_end ? kernel_end : initrd_end;

	return end - start <= WINDOW_BYTES;
}

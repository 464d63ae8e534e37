/* PE images and arm64 Image headers. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "boot/kernel/arm64_image.h"
#include "boot/kernel/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel_arm64 arm64;
	struct kernel_pe pe;
	struct lb_verdict why;

	if (kernel_pe_parse(data, size, &pe, &why) == LB_REASON_OK && pe.bytes > size)
		abort();
	if (kernel_arm64_parse(data, size, &arm64, &why) == LB_REASON_OK &&
	    arm64.image_size + arm64.text_offset < arm64.image_size)
		abort();
	return 0;
}

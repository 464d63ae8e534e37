/* Where things lie in a signed body: vbutil_kernel's layout, found from the preamble. */
#include "base/bytes.h"
#include "boot/kernel/prepared.h"

/* Between configuration page and bootloader lies the params page. */
#define SLOTS_BYTES ((size_t)2 * KERNEL_CONFIG_PAGE_BYTES)

enum lb_reason kernel_body_find(const struct crypto_preamble *preamble, uint8_t *data,
				size_t bytes, size_t room, struct kernel_body *out,
				struct lb_verdict *why)
{
	const uint64_t load = preamble->body_load_address;
	const uint64_t bootloader = preamble->bootloader_address;

	if (bootloader < load || bootloader - load > bytes)
		return lb_verdict_set(why, LB_REASON_BODY_LAYOUT,
				      "bootloader address 0x%llx is outside the body",
				      (unsigned long long)bootloader);
	if (bootloader - load <= SLOTS_BYTES)
		return lb_verdict_set(
			why, LB_REASON_BODY_LAYOUT,
			"no room for a configuration page before offset %llu",
			(unsigned long long)(bootloader - load));

	*out = (struct kernel_body){
		.data = data,
		.bytes = bytes,
		.room = room,
		.config_offset = (size_t)(bootloader - load) - SLOTS_BYTES,
	};
	return LB_REASON_OK;
}

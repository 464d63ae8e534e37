/* Signed kernel partitions as files. */
#include "tools/lib/partition_read.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/prepare.h"

/* Between the kernel and the bootloader: configuration page, params page. */
#define SLOT_BYTES (2u * KERNEL_CONFIG_PAGE_BYTES)

static void copy_cmdline(struct tool_partition *p)
{
	const uint8_t *page = p->body + p->config_offset;
	const size_t len = strnlen((const char *)page, KERNEL_CONFIG_PAGE_BYTES - 1);

	memcpy(p->cmdline, page, len);
	p->cmdline[len] = '\0';
}

enum lb_reason tool_partition_read(const uint8_t *bytes, size_t len,
				   struct tool_partition *out, struct lb_verdict *why)
{
	const struct crypto_policy anyone = { .mode = CRYPTO_MODE_DEVELOPER,
					      .self_signed_allowed = true };
	const size_t head = len < CRYPTO_HEAD_BYTES ? len : CRYPTO_HEAD_BYTES;

	*out = (struct tool_partition){ 0 };
	const enum lb_reason reason =
		crypto_headers_verify(&anyone, bytes, head, len, &out->headers, why);

	if (reason != LB_REASON_OK)
		return reason;
	const struct crypto_preamble *preamble = &out->headers.preamble;
	const uint64_t bootloader =
		preamble->bootloader_address - preamble->body_load_address;

	out->body = bytes + out->headers.body_offset;
	out->body_bytes = (size_t)out->headers.body_bytes;
	if (preamble->bootloader_address < preamble->body_load_address ||
	    bootloader < SLOT_BYTES || bootloader > out->body_bytes)
		return lb_verdict_set(
			why, LB_REASON_BODY_LAYOUT,
			"no room for a configuration page before the bootloader");
	out->config_offset = (size_t)bootloader - SLOT_BYTES;
	copy_cmdline(out);
	return LB_REASON_OK;
}

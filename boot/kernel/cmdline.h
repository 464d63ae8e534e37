/* The kernel command line: from the signed page to what the kernel gets. Pure.
 *
 * Design: DESIGN 3 "Command line". */
#ifndef LIFEBOAT_BOOT_KERNEL_CMDLINE_H
#define LIFEBOAT_BOOT_KERNEL_CMDLINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/**
 * kernel_cmdline_make() - expand one command line.
 * @page, @page_bytes: the signed text; ends at the first NUL, which must exist
 * @guid:       for %U
 * @additions:  put before a lone "--", or at the end; "" for none
 * @out:        NUL-terminated on LB_OK
 * @error_at:   offset in @page of what was refused; may be NULL
 *
 * %U becomes the GUID in lower case, %% a percent sign, other %x stay. Newlines and tabs
 * become spaces, trailing ones go. LB_ERR_RANGE: non-ASCII or another control character;
 * LB_ERR_TRUNCATED: no NUL; LB_ERR_FULL: longer than @out_bytes.
 */
enum lb_status kernel_cmdline_make(const uint8_t *page, size_t page_bytes,
				   const uint8_t guid[16], const char *additions,
				   char *out, size_t out_bytes, size_t *error_at);

/**
 * kernel_cmdline_recovery_floor() - lifeboat.recovery-floor=N in a signed command line.
 * @text, @len: as signed, without substitutions or additions; ends at the first NUL, if
 * any
 * @out:        N, a combined version; 0 when it is not there
 *
 * An argument as Linux splits them (boot/kernel/cmdline_args.h). N: decimal without
 * leading zeros, or 0x and hexadecimal digits, in 32 bits. LB_ERR_RANGE: not such a
 * number; LB_ERR_DUPLICATE: there twice.
 */
enum lb_status kernel_cmdline_recovery_floor(const uint8_t *text, size_t len,
					     uint32_t *out);

#endif

/* PE images: only as much as tells a unified kernel image from a plain kernel, for which
 * CPU it is, and where it ends. The firmware's LoadImage is what loads it. Pure.
 *
 * Spec: Microsoft PE/COFF; UEFI 2.10, 2.1.1; UAPI group, Unified Kernel Image. */
#ifndef LIFEBOAT_BOOT_KERNEL_PE_H
#define LIFEBOAT_BOOT_KERNEL_PE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/reason.h"

#define KERNEL_PE_MAX_SECTIONS 96u

struct kernel_pe {
	enum platform_cpu cpu;
	size_t bytes; /* of the file: up to its last section or signature */
	size_t signature_offset, signature_bytes; /* 0 bytes: it is not signed */
	bool uki;                                 /* has a .linux section */
	bool has_cmdline;      /* a .cmdline with more than white space in it, before the
	                        * first .profile or behind it */
	size_t cmdline_offset; /* of its text; 0 bytes when there are several of them, */
	size_t cmdline_bytes;  /* because then the image's own code chooses */
	uint32_t cmdline_profile; /* .profile sections before it: 0 or 1 */
	bool other_cmdline;       /* a profile that is not the main one has its own */
	bool says_told;           /* one of them says what only the loader may, */
	size_t told_at;           /* there (boot/kernel/told_words.h) */
};

/**
 * kernel_pe_parse() - decode the headers of an untrusted PE file.
 * @file, @len: @len may be more than the file, by padding
 *
 * Returns LB_REASON_OK, LB_REASON_KERNEL_PROTOCOL (malformed, or not an EFI application)
 * or LB_REASON_WRONG_CPU (for neither of the two CPUs we know).
 */
enum lb_reason kernel_pe_parse(const uint8_t *file, size_t len, struct kernel_pe *out,
			       struct lb_verdict *why);

/**
 * kernel_pe_section() - where a section lies in a file that kernel_pe_parse() accepted.
 * @name: at most 8 characters
 *
 * False: there is none, or it has no bytes in the file.
 */
bool kernel_pe_section(const uint8_t *file, const char *name, size_t *offset,
		       size_t *bytes);

#endif

/* PE headers. */
#include "boot/kernel/pe.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/told_words.h"

#define DOS_HEADER_BYTES      64u
#define PE_OFFSET_FIELD       60u
#define COFF_BYTES            24u /* signature and COFF header */
#define OPTIONAL_MIN_BYTES    112u
#define SECTION_BYTES         40u
#define PE32_PLUS             0x20bu
#define SUBSYSTEM_EFI         10u
#define MACHINE_X86_64        0x8664u
#define MACHINE_AARCH64       0xaa64u
#define DIRECTORY_CERTIFICATE 4u

struct headers {
	const uint8_t *file;
	size_t len;
	uint32_t pe; /* offset of the signature */
	uint32_t optional_bytes;
	uint32_t sections; /* offset of the section table */
	uint32_t section_count;
	uint32_t profiles; /* .profile sections seen so far */
};

static enum lb_reason bad(struct lb_verdict *why, const char *what, uint64_t offset)
{
	return lb_verdict_set(why, LB_REASON_KERNEL_PROTOCOL,
			      "PE image: %s at offset %llu", what,
			      (unsigned long long)offset);
}

static enum lb_reason find_headers(struct headers *h, struct kernel_pe *pe,
				   struct lb_verdict *why)
{
	if (h->len < DOS_HEADER_BYTES || h->file[0] != 'M' || h->file[1] != 'Z')
		return bad(why, "no MZ header", 0);
	h->pe = lb_le32(h->file + PE_OFFSET_FIELD);
	if (!lb_within(h->pe, COFF_BYTES + OPTIONAL_MIN_BYTES, h->len) ||
	    memcmp(h->file + h->pe, "PE\0", 4) != 0)
		return bad(why, "no PE header", h->pe);

	const uint8_t *coff = h->file + h->pe;
	const uint32_t machine = lb_le16(coff + 4);
	if (machine != MACHINE_X86_64 && machine != MACHINE_AARCH64)
		return lb_verdict_set(why, LB_REASON_WRONG_CPU, "PE machine 0x%04x",
				      machine);
	pe->cpu = machine == MACHINE_X86_64 ? PLATFORM_CPU_X86_64 : PLATFORM_CPU_AARCH64;

	h->section_count = lb_le16(coff + 6);
	h->optional_bytes = lb_le16(coff + 20);
	h->sections = h->pe + COFF_BYTES + h->optional_bytes;
	if (h->optional_bytes < OPTIONAL_MIN_BYTES || h->section_count == 0 ||
	    h->section_count > KERNEL_PE_MAX_SECTIONS ||
	    !lb_within(h->sections, (uint64_t)h->section_count * SECTION_BYTES, h->len))
		return bad(why, "impossible section table", h->sections);

	const uint8_t *optional = coff + COFF_BYTES;
	if (lb_le16(optional) != PE32_PLUS || lb_le16(optional + 68) != SUBSYSTEM_EFI)
		return bad(why, "not a 64-bit EFI application", h->pe + COFF_BYTES);
	return LB_REASON_OK;
}

static bool is_blank(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len && text[i] != '\0'; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\n' &&
		    text[i] != '\r')
			return false;
	return true;
}

/* What follows the first .profile of a UKI is its main profile's and stands above what
 * comes before; what follows a later one belongs to a profile that only load options
 * beginning with "@" choose. Of two in one place the image's own code takes one. */
static void add_cmdline(const struct headers *h, uint32_t offset, uint32_t bytes,
			struct kernel_pe *pe)
{
	const bool blank = is_blank(h->file + offset, bytes);
	size_t at;

	if (!pe->says_told && kernel_told_reserved(h->file + offset, bytes, &at)) {
		pe->says_told = true;
		pe->told_at = offset + at;
	}
	if (h->profiles > 1) {
		pe->other_cmdline = pe->other_cmdline || !blank;
		return;
	}
	const bool second = pe->has_cmdline && pe->cmdline_profile == h->profiles;

	if (blank && (second || !pe->has_cmdline))
		return;
	pe->cmdline_offset = offset;
	pe->cmdline_bytes = second || blank ? 0 : bytes;
	pe->cmdline_profile = h->profiles;
	pe->has_cmdline = true;
}

static enum lb_reason read_section(struct headers *h, const uint8_t *section,
				   struct kernel_pe *pe, struct lb_verdict *why)
{
	const uint32_t virtual_bytes = lb_le32(section + 8);
	const uint32_t raw_bytes = lb_le32(section + 16);
	const uint32_t raw_offset = lb_le32(section + 20);

	if (memcmp(section, ".profile", 8) == 0)
		h->profiles++;
	if (raw_bytes == 0)
		return LB_REASON_OK;
	if (!lb_within(raw_offset, raw_bytes, h->len))
		return bad(why, "section outside the file", raw_offset);
	if ((size_t)raw_offset + raw_bytes > pe->bytes)
		pe->bytes = (size_t)raw_offset + raw_bytes;
	if (memcmp(section, ".linux\0", 8) == 0)
		pe->uki = true;
	if (memcmp(section, ".cmdline", 8) == 0)
		add_cmdline(h, raw_offset,
			    virtual_bytes < raw_bytes ? virtual_bytes : raw_bytes, pe);
	return LB_REASON_OK;
}

/* The signature table is behind the sections, and its address is a file offset. */
static enum lb_reason add_certificates(const struct headers *h, struct kernel_pe *pe,
				       struct lb_verdict *why)
{
	const uint8_t *optional = h->file + h->pe + COFF_BYTES;
	const uint32_t entry = OPTIONAL_MIN_BYTES + DIRECTORY_CERTIFICATE * 8;

	if (lb_le32(optional + 108) <= DIRECTORY_CERTIFICATE ||
	    h->optional_bytes < entry + 8)
		return LB_REASON_OK;
	const uint32_t offset = lb_le32(optional + entry);
	const uint32_t bytes = lb_le32(optional + entry + 4);
	if (bytes == 0)
		return LB_REASON_OK;
	if (!lb_within(offset, bytes, h->len))
		return bad(why, "signature outside the file", offset);
	pe->signature_offset = offset;
	pe->signature_bytes = bytes;
	if ((size_t)offset + bytes > pe->bytes)
		pe->bytes = (size_t)offset + bytes;
	return LB_REASON_OK;
}

enum lb_reason kernel_pe_parse(const uint8_t *file, size_t len, struct kernel_pe *out,
			       struct lb_verdict *why)
{
	struct kernel_pe pe = { .uki = false };
	struct headers h = { .file = file, .len = len };

	enum lb_reason reason = find_headers(&h, &pe, why);
	for (uint32_t i = 0; i < h.section_count && reason == LB_REASON_OK; i++)
		reason = read_section(&h, file + h.sections + (size_t)i * SECTION_BYTES,
				      &pe, why);
	if (reason == LB_REASON_OK)
		reason = add_certificates(&h, &pe, why);
	if (reason != LB_REASON_OK)
		return reason;

	/* Only padding is cut off, so that the firmware digests the file as it was
	 * made. */
	if (!lb_all_zero(file + pe.bytes, len - pe.bytes))
		pe.bytes = len;
	*out = pe;
	return LB_REASON_OK;
}

bool kernel_pe_section(const uint8_t *file, const char *name, size_t *offset,
		       size_t *bytes)
{
	const uint8_t *coff = file + lb_le32(file + PE_OFFSET_FIELD);
	const uint8_t *section = coff + COFF_BYTES + lb_le16(coff + 20);
	char padded[8] = { 0 };

	for (size_t i = 0; i < sizeof padded && name[i] != '\0'; i++)
		padded[i] = name[i];
	for (uint32_t i = lb_le16(coff + 6); i > 0; i--, section += SECTION_BYTES) {
		if (memcmp(section, padded, sizeof padded) != 0 ||
		    lb_le32(section + 16) == 0)
			continue;
		*bytes = lb_le32(section + 16);
		*offset = lb_le32(section + 20);
		return true;
	}
	return false;
}

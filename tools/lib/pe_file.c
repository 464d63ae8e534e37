/* PE files: sections, certificate table, checksum. Spec: Microsoft, "PE Format". */
#include "tools/lib/pe_file.h"

#include <string.h>

#include "base/bytes.h"
#include "tools/lib/tool.h"

enum {
	COFF_BYTES = 24, /* signature included */
	SECTION_BYTES = 40,
	OPTIONAL_MIN_BYTES = 112,
	OPTIONAL_CHECKSUM = 64,
	OPTIONAL_DIRECTORIES = 108,
	DIRECTORY_BYTES = 8,
	DIRECTORY_CERTIFICATES = 4,
	PE32_PLUS = 0x20b,
};

static bool parse_optional(const uint8_t *optional, uint32_t at, uint32_t bytes,
			   const struct tool_buffer *file, const char *name,
			   struct tool_pe *pe)
{
	const uint32_t entry =
		OPTIONAL_MIN_BYTES + DIRECTORY_CERTIFICATES * DIRECTORY_BYTES;

	if (lb_le16(optional) != PE32_PLUS)
		return tool_error("%s: offset %u: format 0x%x, 0x20b (a 64-bit program) "
				  "expected",
				  name, at, lb_le16(optional));
	pe->checksum_at = at + OPTIONAL_CHECKSUM;
	if (lb_le32(optional + OPTIONAL_DIRECTORIES) <= DIRECTORY_CERTIFICATES ||
	    bytes < entry + DIRECTORY_BYTES)
		return true;
	pe->certificates_at = at + entry;
	pe->certificates_offset = lb_le32(optional + entry);
	pe->certificates_bytes = lb_le32(optional + entry + 4);
	return lb_within(pe->certificates_offset, pe->certificates_bytes, file->len) ||
	       tool_error("%s: offset %u: signatures of %u bytes at %u, the file has "
			  "%zu: cut short or damaged",
			  name, pe->certificates_at, pe->certificates_bytes,
			  pe->certificates_offset, file->len);
}

bool tool_pe_parse(const struct tool_buffer *file, const char *name, struct tool_pe *out)
{
	const uint8_t *d = file->data;

	*out = (struct tool_pe){ 0 };
	if (file->len < 64 || d[0] != 'M' || d[1] != 'Z')
		return tool_error("%s: offset 0: not a PE file", name);
	const uint32_t at = lb_le32(d + 60);

	if (!lb_within(at, COFF_BYTES, file->len) || memcmp(d + at, "PE\0\0", 4) != 0)
		return tool_error(
			"%s: offset 60: its PE header should be at %u, the file "
			"has %zu bytes%s",
			name, at, file->len,
			lb_within(at, COFF_BYTES, file->len) ? ", and there is none"
							     : ": cut short or damaged");
	const uint32_t optional_bytes = lb_le16(d + at + 20);

	out->machine = lb_le16(d + at + 4);
	out->section_count = lb_le16(d + at + 6);
	out->sections_at = at + COFF_BYTES + optional_bytes;
	if (optional_bytes < OPTIONAL_MIN_BYTES)
		return tool_error("%s: offset %u: an optional header of %u bytes, a "
				  "64-bit program has at least %u",
				  name, at + 20, optional_bytes, OPTIONAL_MIN_BYTES);
	if (!lb_within(at + COFF_BYTES, optional_bytes, file->len) ||
	    !lb_within(out->sections_at, (uint64_t)out->section_count * SECTION_BYTES,
		       file->len))
		return tool_error("%s: offset %u: its headers (%u sections) end at %llu, "
				  "the file at %zu: cut short or damaged",
				  name, at + 6, out->section_count,
				  (unsigned long long)(out->sections_at +
						       (uint64_t)out->section_count *
							       SECTION_BYTES),
				  file->len);
	return parse_optional(d + at + COFF_BYTES, at + COFF_BYTES, optional_bytes, file,
			      name, out);
}

bool tool_pe_section_at(const struct tool_buffer *file, const struct tool_pe *pe,
			uint32_t index, struct tool_pe_section *out)
{
	const uint32_t at = pe->sections_at + index * SECTION_BYTES;
	const uint8_t *h = file->data + at;

	memcpy(out->name, h, 8);
	out->name[8] = '\0';
	out->header_at = at;
	out->virtual_bytes = lb_le32(h + 8);
	out->file_bytes = lb_le32(h + 16);
	out->file_offset = lb_le32(h + 20);
	return lb_within(out->file_offset, out->file_bytes, file->len);
}

bool tool_pe_section(const struct tool_buffer *file, const struct tool_pe *pe,
		     const char *name, struct tool_pe_section *out)
{
	for (uint32_t i = 0; i < pe->section_count; i++)
		if (tool_pe_section_at(file, pe, i, out) && strcmp(out->name, name) == 0)
			return true;
	return false;
}

char *tool_pe_text_of(const struct tool_buffer *file, const struct tool_pe_section *s)
{
	const uint32_t bytes =
		s->virtual_bytes < s->file_bytes ? s->virtual_bytes : s->file_bytes;
	const char *text = (const char *)file->data + s->file_offset;

	return tool_format("%.*s", (int)strnlen(text, bytes), text);
}

char *tool_pe_section_text(const struct tool_buffer *file, const struct tool_pe *pe,
			   const char *name)
{
	struct tool_pe_section section;

	return tool_pe_section(file, pe, name, &section) ? tool_pe_text_of(file, &section)
							 : NULL;
}

void tool_pe_fix_checksum(struct tool_buffer *file, const struct tool_pe *pe)
{
	uint32_t sum = 0;

	lb_put_le32(file->data + pe->checksum_at, 0);
	for (size_t i = 0; i < file->len; i += 2) {
		const uint32_t high = i + 1 < file->len ? file->data[i + 1] : 0;

		sum += file->data[i] | high << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	lb_put_le32(file->data + pe->checksum_at, sum + (uint32_t)file->len);
}

bool tool_pe_strip_signature(struct tool_buffer *file, const char *name,
			     struct tool_pe *pe)
{
	if (pe->certificates_bytes == 0)
		return true;
	if ((uint64_t)pe->certificates_offset + pe->certificates_bytes != file->len)
		return tool_error("%s: offset %u: bytes behind the certificate table",
				  name, pe->certificates_offset + pe->certificates_bytes);
	file->len = pe->certificates_offset;
	lb_put_le64(file->data + pe->certificates_at, 0);
	pe->certificates_offset = 0;
	pe->certificates_bytes = 0;
	return true;
}

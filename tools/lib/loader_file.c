/* Loaders as files: find the profile's place, fill it.
 *
 * Bare metal: docs/formats/bare-image.md. */
#include "tools/lib/loader_file.h"

#include <string.h>

#include "base/bytes.h"
#include "crypto/profile.h"
#include "tools/lib/tool.h"

#define PROFILE_SECTION ".lbprof"

/* The arm64 Image header with our own fields in its reserved words. */
enum {
	BARE_HEADER_BYTES = 64,
	BARE_MAGIC = 32,
	BARE_PROFILE_OFFSET = 40,
	BARE_PROFILE_BYTES = 44,
	BARE_ARM64_MAGIC = 56,
};

static bool is_bare(const struct tool_buffer *file)
{
	return file->len >= BARE_HEADER_BYTES &&
	       memcmp(file->data + BARE_MAGIC, "LBIMAGE\1", 8) == 0 &&
	       memcmp(file->data + BARE_ARM64_MAGIC, "ARM\x64", 4) == 0;
}

static bool find_bare(const struct tool_buffer *file, const char *name,
		      struct tool_loader *out)
{
	out->kind = TOOL_LOADER_BARE;
	out->profile_offset = lb_le32(file->data + BARE_PROFILE_OFFSET);
	out->profile_bytes = lb_le32(file->data + BARE_PROFILE_BYTES);
	if (out->profile_bytes != PROFILE_SECTION_BYTES ||
	    out->profile_offset < BARE_HEADER_BYTES ||
	    !lb_within(out->profile_offset, out->profile_bytes, file->len))
		return tool_error(
			"%s: offset %d: the place for the profile is not in the image",
			name, BARE_PROFILE_OFFSET);
	return true;
}

static bool find_uefi(const struct tool_buffer *file, const char *name,
		      struct tool_loader *out)
{
	struct tool_pe_section section;

	if (!tool_pe_parse(file, name, &out->pe))
		return false;
	if (!tool_pe_section(file, &out->pe, PROFILE_SECTION, &section))
		return true; /* some other PE file */
	if (section.file_bytes < PROFILE_SECTION_BYTES)
		return tool_error("%s: offset %u: section " PROFILE_SECTION
				  " has %u bytes, not %u",
				  name, section.header_at, section.file_bytes,
				  PROFILE_SECTION_BYTES);
	out->kind = TOOL_LOADER_UEFI;
	out->profile_offset = section.file_offset;
	out->profile_bytes = PROFILE_SECTION_BYTES;
	return true;
}

bool tool_loader_find(const struct tool_buffer *file, const char *name,
		      struct tool_loader *out)
{
	*out = (struct tool_loader){ 0 };
	if (is_bare(file))
		return find_bare(file, name, out);
	if (file->len >= 64 && file->data[0] == 'M' && file->data[1] == 'Z')
		return find_uefi(file, name, out);
	return true;
}

bool tool_loader_install(struct tool_buffer *file, const char *name,
			 struct tool_loader *loader, const struct tool_buffer *profile,
			 bool strip_signature)
{
	if (loader->kind == TOOL_LOADER_NONE)
		return tool_error("%s: not a lifeboat loader (no " PROFILE_SECTION
				  " section)",
				  name);
	if (loader->pe.certificates_bytes != 0) {
		if (!strip_signature)
			return tool_error(
				"%s: is signed for Secure Boot; the signature would no "
				"longer "
				"hold: --strip-signature removes it, then sign again",
				name);
		if (!tool_pe_strip_signature(file, name, &loader->pe))
			return false;
	}
	if (profile->len > loader->profile_bytes)
		return tool_error("%s: profile has %zu bytes, there is room for %zu",
				  name, profile->len, loader->profile_bytes);
	memset(file->data + loader->profile_offset, 0, loader->profile_bytes);
	memcpy(file->data + loader->profile_offset, profile->data, profile->len);
	if (loader->kind == TOOL_LOADER_UEFI)
		tool_pe_fix_checksum(file, &loader->pe);
	return true;
}

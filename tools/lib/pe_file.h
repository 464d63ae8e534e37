/* PE files as the tool needs them: sections, certificate table, checksum. Untrusted. */
#ifndef LIFEBOAT_TOOLS_PE_FILE_H
#define LIFEBOAT_TOOLS_PE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/buffer.h"

#define TOOL_PE_X86_64  0x8664u
#define TOOL_PE_AARCH64 0xaa64u

struct tool_pe {
	uint16_t machine;
	uint32_t section_count;
	uint32_t sections_at;     /* offset of the section headers */
	uint32_t checksum_at;     /* offset of the checksum field */
	uint32_t certificates_at; /* offset of the directory entry; 0: there is none */
	uint32_t certificates_offset; /* in the file; 0: not signed */
	uint32_t certificates_bytes;
};

struct tool_pe_section {
	char name[9];
	uint32_t header_at;
	uint32_t file_offset;
	uint32_t file_bytes; /* in the file */
	/* in memory: what is beyond this in the file is padding */
	uint32_t virtual_bytes;
};

/** tool_pe_parse() - @name: for messages */
bool tool_pe_parse(const struct tool_buffer *file, const char *name, struct tool_pe *out);

/** tool_pe_section_at() - section @index; false (no message) when its bytes are not in
 * the file. */
bool tool_pe_section_at(const struct tool_buffer *file, const struct tool_pe *pe,
			uint32_t index, struct tool_pe_section *out);

/** tool_pe_section() - by name; false without a message when there is none. */
bool tool_pe_section(const struct tool_buffer *file, const struct tool_pe *pe,
		     const char *name, struct tool_pe_section *out);

/** tool_pe_text_of() - content of a section that lies in the file, up to the first NUL,
 * as a new string. */
char *tool_pe_text_of(const struct tool_buffer *file, const struct tool_pe_section *s);

/** tool_pe_section_text() - content up to the first NUL, as a new string; NULL: no such
 * section. */
char *tool_pe_section_text(const struct tool_buffer *file, const struct tool_pe *pe,
			   const char *name);

/** tool_pe_fix_checksum() - after changes. Spec: PE Format, "CheckSum". */
void tool_pe_fix_checksum(struct tool_buffer *file, const struct tool_pe *pe);

/** tool_pe_strip_signature() - cut the certificate table off; it must be at the end. */
bool tool_pe_strip_signature(struct tool_buffer *file, const char *name,
			     struct tool_pe *pe);

#endif

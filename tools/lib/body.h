/* The body of a signed kernel partition: kernel, configuration page, params page,
 * bootloader, setup part - laid out as vbutil_kernel does.
 *
 * Format: docs/formats/kernel-partition.md. */
#ifndef LIFEBOAT_TOOLS_BODY_H
#define LIFEBOAT_TOOLS_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/lib/buffer.h"

#define TOOL_BODY_PAGE_BYTES   4096u
#define TOOL_BODY_LOAD_ADDRESS 0x100000u
#define TOOL_CMDLINE_MAX       4095u

/* What a body is made of; all but the kernel may be empty. */
struct tool_body_parts {
	const uint8_t *kernel;
	size_t kernel_bytes;
	const char *cmdline;
	uint8_t params[TOOL_BODY_PAGE_BYTES];
	const uint8_t *bootloader; /* NULL: a page that says who made this */
	size_t bootloader_bytes;
	const uint8_t *setup; /* of a bzImage; NULL: none */
	size_t setup_bytes;
};

struct tool_body {
	struct tool_buffer bytes;
	uint64_t load_address;
	uint64_t bootloader_address;
	uint32_t bootloader_bytes;
	uint64_t setup_address;
	uint32_t setup_bytes;
};

/**
 * tool_body_make() - put the parts together.
 *
 * The command line is checked as the loader will: ASCII, at most TOOL_CMDLINE_MAX bytes;
 * newlines become spaces, trailing ones go.
 */
bool tool_body_make(const struct tool_body_parts *parts, struct tool_body *out);
void tool_body_free(struct tool_body *body);

/** tool_body_cros_x86() - parts of a bzImage in the ChromeOS x86 layout; they point into
 * it.
 * @name: for messages */
bool tool_body_cros_x86(const struct tool_buffer *bzimage, const char *name,
			struct tool_body_parts *parts);

/** tool_is_bzimage(), tool_is_arm64_image(), tool_is_pe() - by magic only. */
bool tool_is_bzimage(const struct tool_buffer *file);
bool tool_is_arm64_image(const struct tool_buffer *file);
bool tool_is_pe(const struct tool_buffer *file);

#endif

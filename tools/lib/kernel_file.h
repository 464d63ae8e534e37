/* Kernels as distributions ship them: plain, compressed, or as an EFI program that
 * decompresses itself (zboot: arm64's vmlinuz.efi). */
#ifndef LIFEBOAT_TOOLS_KERNEL_FILE_H
#define LIFEBOAT_TOOLS_KERNEL_FILE_H

#include <stdbool.h>

#include "tools/lib/buffer.h"

/** tool_compression() - by the first bytes: "gzip", "lz4", "zstd"; NULL for anything
 * else. */
const char *tool_compression(const struct tool_buffer *file);

/** tool_is_zboot() - by magic only. Spec: Linux, drivers/firmware/efi/libstub/
 * zboot-header.S. */
bool tool_is_zboot(const struct tool_buffer *file);

/** tool_zboot_unwrap() - leaves the compressed kernel of a zboot file in @file. */
bool tool_zboot_unwrap(struct tool_buffer *file, const char *name);

/** tool_compress() - by "gzip", "lz4" (by that program) or "zstd"; the same input
 * gives the same bytes.
 * @method: NULL and "none" are not for this
 */
bool tool_compress(const char *method, const struct tool_buffer *in,
		   struct tool_buffer *out);

#endif

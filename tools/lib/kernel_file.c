/* Compressed and self-decompressing kernels. */
#include "tools/lib/kernel_file.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/bytes.h"
#include "tools/lib/file.h"
#include "tools/lib/fit_make.h"
#include "tools/lib/process.h"
#include "tools/lib/temporary.h"
#include "tools/lib/tool.h"

#define ZSTD_LEVEL 19

/* Offsets in a zboot file's first bytes. */
enum {
	ZBOOT_MAGIC = 4,
	ZBOOT_PAYLOAD = 8,
	ZBOOT_BYTES = 12,
	ZBOOT_METHOD = 24,
	ZBOOT_METHOD_END = 56,
	ZBOOT_HEAD = 64,
};

const char *tool_compression(const struct tool_buffer *file)
{
	const uint32_t magic = file->len > 18 ? lb_le32(file->data) : 0;

	return (magic & 0xffff) == 0x8b1f                     ? "gzip"
	       : magic == 0x184d2204u || magic == 0x184c2102u ? "lz4"
	       : magic == 0xfd2fb528u                         ? "zstd"
							      : NULL;
}

bool tool_is_zboot(const struct tool_buffer *file)
{
	return file->len >= ZBOOT_HEAD && memcmp(file->data, "MZ", 2) == 0 &&
	       memcmp(file->data + ZBOOT_MAGIC, "zimg", 4) == 0;
}

bool tool_zboot_unwrap(struct tool_buffer *file, const char *name)
{
	const uint32_t at = lb_le32(file->data + ZBOOT_PAYLOAD);
	const uint32_t bytes = lb_le32(file->data + ZBOOT_BYTES);
	char method[ZBOOT_METHOD_END - ZBOOT_METHOD + 1] = "";

	memcpy(method, file->data + ZBOOT_METHOD, ZBOOT_METHOD_END - ZBOOT_METHOD);
	if (at < ZBOOT_HEAD || !lb_within(at, bytes, file->len))
		return tool_error(
			"%s: offset 8: its kernel is said to be %u bytes at %u, "
			"the file has %zu: cut short or damaged",
			name, bytes, at, file->len);
	memmove(file->data, file->data + at, bytes);
	file->len = bytes;
	if (tool_compression(file) != NULL || file->len == 0)
		return file->len != 0 || tool_error("%s: holds no kernel", name);
	return tool_error(
		"%s: its kernel is compressed by '%s'; gzip, lz4 and zstd are "
		"known to the loader: unpack it first, or build the kernel with "
		"one of them",
		name, method);
}

static bool by_zstd(const struct tool_buffer *in, struct tool_buffer *out)
{
	const size_t bound = ZSTD_compressBound(in->len);
	const size_t made = ZSTD_compress(tool_buffer_grow(out, bound), bound, in->data,
					  in->len, ZSTD_LEVEL);

	if (ZSTD_isError(made))
		return tool_error("zstd: %s", ZSTD_getErrorName(made));
	out->len = made;
	return true;
}

/* By the program: there is no other use for a library of it. */
static bool by_lz4(const struct tool_buffer *in, struct tool_buffer *out)
{
	char *folder = tool_temporary_folder();

	if (folder == NULL)
		return false;
	char *plain = tool_format("%s/kernel", folder);
	char *packed = tool_format("%s/kernel.lz4", folder);
	const char *const argv[] = { "lz4", "-q", "-9", "-f", plain, packed, NULL };
	const bool good = tool_write_file(plain, in->data, in->len, 0600, HOST_REPLACE) &&
			  tool_run(argv) && tool_read_file(packed, TOOL_FILE_LIMIT, out);

	free(packed);
	free(plain);
	tool_temporary_folder_remove(folder);
	return good;
}

bool tool_compress(const char *method, const struct tool_buffer *in,
		   struct tool_buffer *out)
{
	return strcmp(method, "zstd") == 0  ? by_zstd(in, out)
	       : strcmp(method, "lz4") == 0 ? by_lz4(in, out)
					    : tool_gzip(in, out);
}

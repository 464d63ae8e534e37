/* Bodies of signed kernel partitions. */
#include "tools/lib/body.h"

#include <string.h>

#include "base/bytes.h"
#include "tools/lib/tool.h"

#define PAGE TOOL_BODY_PAGE_BYTES

/* Offsets in a zero page. Spec: Linux, Documentation/arch/x86/zero-page.rst. */
enum {
	AT_E820_COUNT = 0x1e8,
	AT_HEADER = 0x1f1,
	AT_BOOT_FLAG = 0x1fe,
	AT_LOADER_TYPE = 0x210,
	AT_RAMDISK = 0x218,
	AT_RAMDISK_BYTES = 0x21c,
	AT_CMDLINE = 0x228,
	AT_E820 = 0x2d0,
	E820_BYTES = 20,
	E820_RAM = 1,
	E820_RESERVED = 2,
};

bool tool_is_bzimage(const struct tool_buffer *file)
{
	return file->len >= 0x264 && memcmp(file->data + 0x202, "HdrS", 4) == 0 &&
	       lb_le16(file->data + AT_BOOT_FLAG) == 0xaa55;
}

bool tool_is_arm64_image(const struct tool_buffer *file)
{
	return file->len >= 64 && memcmp(file->data + 56, "ARM\x64", 4) == 0;
}

bool tool_is_pe(const struct tool_buffer *file)
{
	return file->len >= 64 && file->data[0] == 'M' && file->data[1] == 'Z';
}

static void put_e820(uint8_t *at, uint64_t start, uint64_t bytes, uint32_t type)
{
	lb_put_le64(at, start);
	lb_put_le64(at + 8, bytes);
	lb_put_le32(at + 16, type);
}

/* The zero page as vbutil_kernel fills it: firmware on Chromebooks starts from it. */
static void fill_params(uint8_t params[PAGE], const uint8_t *bzimage, size_t kernel_bytes)
{
	uint64_t config = kernel_bytes;

	(void)lb_round_up(kernel_bytes, PAGE, &config); /* a buffer's size cannot wrap */
	memcpy(params + AT_HEADER, bzimage + AT_HEADER, AT_E820 - AT_HEADER);
	lb_put_le16(params + AT_BOOT_FLAG, 0);
	lb_put_le32(params + AT_RAMDISK, 0);
	lb_put_le32(params + AT_RAMDISK_BYTES, 0);
	params[AT_LOADER_TYPE] = 0xff;
	lb_put_le32(params + AT_CMDLINE, (uint32_t)(TOOL_BODY_LOAD_ADDRESS + config));
	params[AT_E820_COUNT] = 2;
	put_e820(params + AT_E820, 0, 0x1000, E820_RAM);
	put_e820(params + AT_E820 + E820_BYTES, 0xfffff000, 0x1000, E820_RESERVED);
}

bool tool_body_cros_x86(const struct tool_buffer *bzimage, const char *name,
			struct tool_body_parts *parts)
{
	if (!tool_is_bzimage(bzimage))
		return tool_error("%s: offset 514: not an x86 bzImage", name);
	const size_t sectors = bzimage->data[AT_HEADER];
	const size_t setup_bytes = ((sectors != 0 ? sectors : 4) + 1) * 512;

	if (setup_bytes >= bzimage->len)
		return tool_error("%s: %zu bytes end inside the setup part (%zu bytes)",
				  name, bzimage->len, setup_bytes);
	parts->setup = bzimage->data;
	parts->setup_bytes = setup_bytes;
	parts->kernel = bzimage->data + setup_bytes;
	parts->kernel_bytes = bzimage->len - setup_bytes;
	fill_params(parts->params, bzimage->data, parts->kernel_bytes);
	return true;
}

static bool append_cmdline(struct tool_buffer *out, const char *text)
{
	size_t len = strlen(text);

	while (len > 0 &&
	       (text[len - 1] == ' ' || text[len - 1] == '\n' || text[len - 1] == '\t'))
		len--;
	if (len > TOOL_CMDLINE_MAX)
		return tool_error("command line: %zu bytes, at most %u", len,
				  TOOL_CMDLINE_MAX);
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c >= 0x7f)
			return tool_error(
				"command line: offset %zu: byte 0x%02x is not allowed", i,
				c);
	}

	uint8_t *page = tool_buffer_grow(out, PAGE);
	for (size_t i = 0; i < len; i++)
		page[i] = text[i] < ' ' ? ' ' : (uint8_t)text[i];
	return true;
}

static void append_bootloader(const struct tool_body_parts *parts, struct tool_body *out)
{
	struct tool_buffer *b = &out->bytes;

	out->bootloader_address = out->load_address + b->len;
	if (parts->bootloader != NULL)
		tool_buffer_append(b, parts->bootloader, parts->bootloader_bytes);
	else
		tool_buffer_text(b, "signed by lifeboat\n");
	tool_buffer_align(b, PAGE);
	out->bootloader_bytes =
		(uint32_t)(out->load_address + b->len - out->bootloader_address);
}

static void append_setup(const struct tool_body_parts *parts, struct tool_body *out)
{
	if (parts->setup_bytes == 0)
		return;
	out->setup_address = out->load_address + out->bytes.len;
	out->setup_bytes = (uint32_t)parts->setup_bytes;
	tool_buffer_append(&out->bytes, parts->setup, parts->setup_bytes);
	tool_buffer_align(&out->bytes, PAGE);
}

bool tool_body_make(const struct tool_body_parts *parts, struct tool_body *out)
{
	*out = (struct tool_body){ .load_address = TOOL_BODY_LOAD_ADDRESS };
	if (parts->kernel_bytes > UINT32_MAX - (UINT32_C(1) << 24))
		return tool_error(
			"kernel: %zu bytes, a signed body holds less than 4 GiB",
			parts->kernel_bytes);
	tool_buffer_append(&out->bytes, parts->kernel, parts->kernel_bytes);
	tool_buffer_align(&out->bytes, PAGE);
	if (!append_cmdline(&out->bytes, parts->cmdline)) {
		tool_body_free(out);
		return false;
	}
	tool_buffer_append(&out->bytes, parts->params, PAGE);
	append_bootloader(parts, out);
	append_setup(parts, out);
	return true;
}

void tool_body_free(struct tool_body *body)
{
	tool_buffer_free(&body->bytes);
	*body = (struct tool_body){ 0 };
}

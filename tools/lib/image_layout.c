/* Laying out disk images. */
#include "tools/lib/image_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/evp.h>

#include "base/format.h"
#include "tools/lib/buffer.h"
#include "tools/lib/copy.h"
#include "tools/lib/file.h"
#include "tools/lib/gpt_make.h"
#include "tools/lib/guid.h"
#include "tools/lib/json_out.h"
#include "tools/lib/tool.h"

#define MAX_BYTES ((uint64_t)1 << 50)

uint64_t tool_image_round(uint64_t bytes)
{
	return (bytes + TOOL_IMAGE_MIB - 1) / TOOL_IMAGE_MIB * TOOL_IMAGE_MIB;
}

bool tool_image_sector_size(const struct tool_optional_number *wanted, uint32_t *out)
{
	const uint64_t bytes = wanted->given ? wanted->value : 512;

	if (bytes != 512 && bytes != 4096)
		return tool_error("sector-size: 512 or 4096, not %llu",
				  (unsigned long long)bytes);
	*out = (uint32_t)bytes;
	return true;
}

/* The sum, or 0 after a message. */
static uint64_t place_parts(struct tool_image_layout *layout)
{
	uint64_t at = TOOL_IMAGE_MIB;

	for (size_t i = 0; i < layout->count; i++) {
		struct tool_image_part *part = &layout->part[i];

		if (part->bytes == 0 || part->bytes > MAX_BYTES) {
			tool_error("%s: %llu bytes are no size for a partition",
				   part->name, (unsigned long long)part->bytes);
			return 0;
		}
		part->bytes = tool_image_round(part->bytes);
		part->offset = at;
		at += part->bytes;
	}
	return at + TOOL_IMAGE_MIB; /* the last MiB holds the backup table */
}

bool tool_image_place(struct tool_image_layout *layout,
		      const struct tool_optional_number *size, size_t grows)
{
	uint64_t total = place_parts(layout);

	if (total == 0)
		return false;
	if (size->given) {
		if (size->value < total || size->value > MAX_BYTES)
			return tool_error("disk size %llu: at least %llu are needed",
					  (unsigned long long)size->value,
					  (unsigned long long)total);
		if (grows != SIZE_MAX)
			layout->part[grows].bytes +=
				(size->value - total) / TOOL_IMAGE_MIB * TOOL_IMAGE_MIB;
		(void)place_parts(layout); /* went well just now, and fits */
		total = size->value / layout->disk.sector_bytes *
			layout->disk.sector_bytes;
	}
	layout->disk.sectors = total / layout->disk.sector_bytes;
	return true;
}

void tool_image_guid(const struct tool_image_layout *layout, size_t part, uint8_t out[16])
{
	const struct tool_image_part *p = &layout->part[part];

	tool_guid_make(layout->seed, p->identity != NULL ? p->identity : p->name, out);
}

uint32_t tool_image_serial(const struct tool_image_layout *layout)
{
	uint8_t guid[16];

	tool_guid_make(layout->seed, "FAT serial number", guid);
	return (uint32_t)guid[0] << 24 | (uint32_t)guid[1] << 16 |
	       (uint32_t)guid[2] << 8 | guid[3];
}

bool tool_image_copy_file(const struct tool_image_layout *layout, const char *file,
			  size_t part)
{
	const int fd = open(file, O_RDONLY | O_CLOEXEC);
	uint64_t bytes;
	bool good = fd >= 0 || tool_error("%s: %s", file, strerror(errno));

	good = good && tool_file_bytes(fd, file, &bytes) &&
	       tool_copy_sparse(fd, file, 0, bytes, layout->fd, layout->path,
				layout->part[part].offset);
	if (fd >= 0)
		close(fd);
	return good;
}

bool tool_image_write_table(const struct tool_image_layout *layout)
{
	struct tool_gpt_partition table[TOOL_IMAGE_MAX_PARTS] = { 0 };
	uint8_t disk_guid[16];

	for (size_t i = 0; i < layout->count; i++) {
		const struct tool_image_part *part = &layout->part[i];

		table[i] = (struct tool_gpt_partition){
			.number = part->number,
			.type = part->type,
			.first_lba = part->offset / layout->disk.sector_bytes,
			.sectors = part->bytes / layout->disk.sector_bytes,
			.attributes = part->attributes,
			.name = part->name,
		};
		tool_image_guid(layout, i, table[i].guid);
	}
	tool_guid_make(layout->seed, "disk", disk_guid);
	return tool_gpt_write(layout->fd, layout->path, &layout->disk, disk_guid, table,
			      layout->count);
}

json_t *tool_image_describe(const struct tool_image_layout *layout, const char *output)
{
	json_t *object = json_object();

	tool_json_text(object, "file", output);
	tool_json_number(object, "bytes",
			 layout->disk.sectors * layout->disk.sector_bytes);
	tool_json_number(object, "sector_bytes", layout->disk.sector_bytes);
	return object;
}

json_t *tool_image_describe_part(const struct tool_image_layout *layout, size_t part)
{
	const struct tool_image_part *p = &layout->part[part];
	char text[LB_GUID_TEXT_BYTES];
	json_t *object = json_object();
	uint8_t guid[16];

	tool_image_guid(layout, part, guid);
	lb_format_guid(text, guid);
	tool_json_number(object, "number", p->number);
	tool_json_text(object, "name", p->name);
	tool_json_text(object, "guid", text);
	tool_json_number(object, "offset", p->offset);
	tool_json_number(object, "bytes", p->bytes);
	return object;
}

char *tool_image_seed(const char *wanted, const struct tool_buffer *const *kernel,
		      size_t count)
{
	uint8_t bytes[32];
	char hex[65];

	if (wanted != NULL)
		return tool_strdup(wanted);
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	if (digest == NULL || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
		tool_fatal("SHA-256 is not available");
	for (size_t i = 0; i < count; i++)
		(void)EVP_DigestUpdate(digest, kernel[i]->data,
				       kernel[i]->len); /* final tells */
	if (EVP_DigestFinal_ex(digest, bytes, NULL) != 1)
		tool_fatal("SHA-256 failed");
	EVP_MD_CTX_free(digest);
	lb_format_hex(hex, bytes, sizeof(bytes));
	return tool_strdup(hex);
}

/* FAT, read only. */
#include "tools/lib/fat_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"

/* The boot sector. Spec: 3.1 "BPB structure". */
enum {
	AT_SECTOR_BYTES = 11,
	AT_CLUSTER_SECTORS = 13,
	AT_RESERVED = 14,
	AT_FATS = 16,
	AT_ROOT_ENTRIES = 17,
	AT_SECTORS_16 = 19,
	AT_FAT_SECTORS_16 = 22,
	AT_SECTORS_32 = 32,
	AT_FAT_SECTORS_32 = 36,
	AT_ROOT_CLUSTER = 44,
	AT_SIGNATURE = 510,
	BOOT_BYTES = 512,
};

/* An entry of a folder. Spec: 6 "Directory structure". */
enum {
	AT_ATTRIBUTES = 11,
	AT_CLUSTER_HIGH = 20,
	AT_CLUSTER_LOW = 26,
	AT_FILE_BYTES = 28,
	ENTRY_BYTES = 32,
	STEM_CHARS = 8,
	NAME_CHARS = 11,
};

#define ATTRIBUTE_LABEL  0x08u /* of the volume, and in parts of long names */
#define ATTRIBUTE_FOLDER 0x10u
#define ENTRY_DELETED    0xe5u
#define FIRST_CLUSTER    2u
/* More clusters than this: the next kind. Spec: 3.5 "Determination of FAT type". */
#define MAX_CLUSTERS_12 4084u
#define MAX_CLUSTERS_16 65524u
#define MAX_CLUSTERS_32 0x0ffffff4u

__attribute__((format(printf, 2, 3))) static bool refuse(struct tool_fat *fat,
							 const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(fat->why, sizeof(fat->why), fmt, args);
	va_end(args);
	return false;
}

static bool read_at(struct tool_fat *fat, uint64_t offset, void *out, size_t len)
{
	const enum lb_status status =
		fat->source->read(fat->source->ctx, offset, out, len);

	return status == LB_OK ||
	       refuse(fat, "offset %llu of the partition: %s", (unsigned long long)offset,
		      lb_status_name(status));
}

/* --- the boot sector ---------------------------------------------------------------- */

/* What the boot sector says, in its own units. */
struct boot {
	uint32_t sector_bytes, cluster_sectors, reserved, fats, root_entries, fat_sectors;
	uint64_t sectors;
};

static struct boot decode(const uint8_t *b)
{
	const uint32_t sectors = lb_le16(b + AT_SECTORS_16);
	const uint32_t fat_sectors = lb_le16(b + AT_FAT_SECTORS_16);

	return (struct boot){
		.sector_bytes = lb_le16(b + AT_SECTOR_BYTES),
		.cluster_sectors = b[AT_CLUSTER_SECTORS],
		.reserved = lb_le16(b + AT_RESERVED),
		.fats = b[AT_FATS],
		.root_entries = lb_le16(b + AT_ROOT_ENTRIES),
		.sectors = sectors != 0 ? sectors : lb_le32(b + AT_SECTORS_32),
		.fat_sectors =
			fat_sectors != 0 ? fat_sectors : lb_le32(b + AT_FAT_SECTORS_32),
	};
}

static bool check_units(struct tool_fat *fat, const struct boot *b)
{
	if (b->sector_bytes < 512 || b->sector_bytes > 4096 ||
	    !lb_is_power_of_two(b->sector_bytes))
		return refuse(fat, "offset 11: %u bytes a sector, not 512 to 4096",
			      b->sector_bytes);
	if (b->cluster_sectors == 0 || !lb_is_power_of_two(b->cluster_sectors))
		return refuse(fat, "offset 13: %u sectors a cluster, not a power of two",
			      b->cluster_sectors);
	if (b->reserved == 0 || b->fats == 0 || b->fats > 4)
		return refuse(fat, "offset 14: %u reserved sectors, %u tables",
			      b->reserved, b->fats);
	if (b->sectors * b->sector_bytes > fat->source->bytes)
		return refuse(fat,
			      "it has %llu bytes, its partition %llu: cut short, or of "
			      "another place",
			      (unsigned long long)(b->sectors * b->sector_bytes),
			      (unsigned long long)fat->source->bytes);
	return true;
}

static unsigned int bits_of(uint32_t clusters)
{
	return clusters <= MAX_CLUSTERS_12 ? 12 : clusters <= MAX_CLUSTERS_16 ? 16 : 32;
}

static bool lay_out(struct tool_fat *fat, const struct boot *b, const uint8_t *sector)
{
	const uint64_t root_sectors =
		((uint64_t)b->root_entries * ENTRY_BYTES + b->sector_bytes - 1) /
		b->sector_bytes;
	const uint64_t root_at = b->reserved + (uint64_t)b->fats * b->fat_sectors;
	const uint64_t data_at = root_at + root_sectors;

	if (data_at >= b->sectors)
		return refuse(fat, "its data begin at sector %llu of %llu",
			      (unsigned long long)data_at,
			      (unsigned long long)b->sectors);
	const uint64_t clusters = (b->sectors - data_at) / b->cluster_sectors;

	if (clusters == 0 || clusters > MAX_CLUSTERS_32)
		return refuse(fat, "it has %llu clusters", (unsigned long long)clusters);
	fat->clusters = (uint32_t)clusters;
	fat->bits = bits_of(fat->clusters);
	if ((clusters + FIRST_CLUSTER) * fat->bits >
	    (uint64_t)b->fat_sectors * b->sector_bytes * 8)
		return refuse(fat, "its table of %u sectors is too small for %u clusters",
			      b->fat_sectors, fat->clusters);
	fat->cluster_bytes = b->cluster_sectors * b->sector_bytes;
	fat->fat_at = (uint64_t)b->reserved * b->sector_bytes;
	fat->root_at = root_at * b->sector_bytes;
	fat->root_bytes = (uint64_t)b->root_entries * ENTRY_BYTES;
	fat->data_at = data_at * b->sector_bytes;
	fat->root_cluster = fat->bits == 32 ? lb_le32(sector + AT_ROOT_CLUSTER) : 0;
	return true;
}

bool tool_fat_open(const struct lb_source *source, struct tool_fat *fat)
{
	uint8_t sector[BOOT_BYTES];

	*fat = (struct tool_fat){ .source = source };
	if (!read_at(fat, 0, sector, sizeof(sector)))
		return false;
	if (sector[AT_SIGNATURE] != 0x55 || sector[AT_SIGNATURE + 1] != 0xaa ||
	    (sector[0] != 0xeb && sector[0] != 0xe9))
		return refuse(fat, "no FAT file system: its first sector is no boot "
				   "sector");
	const struct boot b = decode(sector);

	return check_units(fat, &b) && lay_out(fat, &b, sector);
}

/* --- chains of clusters ------------------------------------------------------------- */

static bool next_cluster(struct tool_fat *fat, uint32_t cluster, uint32_t *next)
{
	const uint64_t at = fat->bits == 12 ? cluster + cluster / 2
					    : (uint64_t)cluster * (fat->bits / 8);
	uint8_t bytes[4] = { 0 };

	if (!read_at(fat, fat->fat_at + at, bytes, fat->bits == 32 ? 4 : 2))
		return false;
	*next = lb_le32(bytes) & 0x0fffffffu;
	if (fat->bits == 12)
		*next = cluster % 2 != 0 ? *next >> 4 : *next & 0x0fffu;
	return true;
}

static bool is_end(const struct tool_fat *fat, uint32_t cluster)
{
	return cluster >=
	       (0x0ffffff8u & ((1u << (fat->bits == 32 ? 28 : fat->bits)) - 1));
}

static bool read_cluster(struct tool_fat *fat, uint32_t cluster, struct tool_buffer *out,
			 size_t len)
{
	if (cluster < FIRST_CLUSTER || cluster - FIRST_CLUSTER >= fat->clusters)
		return refuse(fat, "a chain leads to cluster %u, and they end at %u",
			      cluster, fat->clusters + 1);
	return read_at(fat,
		       fat->data_at +
			       (uint64_t)(cluster - FIRST_CLUSTER) * fat->cluster_bytes,
		       tool_buffer_grow(out, len), len);
}

static bool read_file(struct tool_fat *fat, const struct tool_fat_item *file,
		      uint32_t limit, struct tool_buffer *out)
{
	uint32_t cluster = file->cluster;

	if (file->bytes > limit)
		return refuse(fat, "%s: %u bytes, at most %u are read", file->name,
			      file->bytes, limit);
	while (out->len < file->bytes) {
		const size_t left = file->bytes - out->len;
		const size_t len = left < fat->cluster_bytes ? left : fat->cluster_bytes;

		if (!read_cluster(fat, cluster, out, len) ||
		    !next_cluster(fat, cluster, &cluster))
			return false;
	}
	return true;
}

static bool read_folder(struct tool_fat *fat, uint32_t cluster, struct tool_buffer *out)
{
	do {
		if (out->len >= TOOL_FAT_FOLDER_BYTES)
			return refuse(fat,
				      "a folder of more than %u bytes, or one that never "
				      "ends",
				      TOOL_FAT_FOLDER_BYTES);
		if (!read_cluster(fat, cluster, out, fat->cluster_bytes) ||
		    !next_cluster(fat, cluster, &cluster))
			return false;
	} while (!is_end(fat, cluster));
	return true;
}

bool tool_fat_read(struct tool_fat *fat, const struct tool_fat_item *item, uint32_t limit,
		   struct tool_buffer *out)
{
	if (!item->folder)
		return read_file(fat, item, limit, out);
	if (item->cluster != 0 || fat->bits == 32)
		return read_folder(
			fat, item->cluster != 0 ? item->cluster : fat->root_cluster, out);
	const size_t len = (size_t)fat->root_bytes;

	return read_at(fat, fat->root_at, tool_buffer_grow(out, len), len);
}

/* --- folders ------------------------------------------------------------------------ */

/* "BOOTX64 EFI" is BOOTX64.EFI. */
static void copy_name(const uint8_t *entry, char out[TOOL_FAT_NAME_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < NAME_CHARS; i++) {
		if (i == STEM_CHARS && entry[i] != ' ')
			out[n++] = '.';
		if (entry[i] != ' ')
			out[n++] =
				entry[i] > 0x20 && entry[i] < 0x7f ? (char)entry[i] : '?';
	}
	out[n] = '\0';
}

bool tool_fat_next(const struct tool_buffer *folder, size_t *place,
		   struct tool_fat_item *out)
{
	while (folder->len - *place >= ENTRY_BYTES) {
		const uint8_t *entry = folder->data + *place;

		if (entry[0] == 0)
			return false;
		*place += ENTRY_BYTES;
		if (entry[0] == ENTRY_DELETED || entry[0] == '.' ||
		    (entry[AT_ATTRIBUTES] & ATTRIBUTE_LABEL) != 0)
			continue;
		*out = (struct tool_fat_item){
			.folder = (entry[AT_ATTRIBUTES] & ATTRIBUTE_FOLDER) != 0,
			.cluster = (uint32_t)lb_le16(entry + AT_CLUSTER_HIGH) << 16 |
				   lb_le16(entry + AT_CLUSTER_LOW),
			.bytes = lb_le32(entry + AT_FILE_BYTES),
		};
		copy_name(entry, out->name);
		return true;
	}
	return false;
}

/* By one name, @len characters, in @folder. */
static enum tool_fat_found find_in(struct tool_fat *fat,
				   const struct tool_fat_item *folder, const char *name,
				   size_t len, struct tool_fat_item *out)
{
	enum tool_fat_found found = TOOL_FAT_NONE;
	struct tool_buffer bytes = { 0 };
	size_t place = 0;

	if (!tool_fat_read(fat, folder, TOOL_FAT_FOLDER_BYTES, &bytes))
		found = TOOL_FAT_DAMAGED;
	while (found == TOOL_FAT_NONE && tool_fat_next(&bytes, &place, out))
		if (strlen(out->name) == len && strncasecmp(out->name, name, len) == 0)
			found = TOOL_FAT_FOUND;
	tool_buffer_free(&bytes);
	return found;
}

enum tool_fat_found tool_fat_find(struct tool_fat *fat, const char *path,
				  struct tool_fat_item *out)
{
	struct tool_fat_item at = { .folder = true };

	while (*path != '\0') {
		const size_t len = strcspn(path, "/");

		if (!at.folder)
			return TOOL_FAT_NONE;
		const struct tool_fat_item folder = at;
		const enum tool_fat_found found = find_in(fat, &folder, path, len, &at);

		if (found != TOOL_FAT_FOUND)
			return found;
		path += len;
		path += *path == '/' ? 1 : 0;
	}
	*out = at;
	return TOOL_FAT_FOUND;
}

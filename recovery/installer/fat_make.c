/* Writing a FAT: everything lies one after the other, so the tables are short runs. */
#include "recovery/installer/fat_make.h"

#include <string.h>

#include "base/bytes.h"

#define ENTRY_BYTES    32u
#define ROOT_ENTRIES   512u   /* of FAT16, whose root folder has a place of its own */
#define FAT16_LEAST    4085u  /* clusters; fewer are a FAT12 */
#define FAT32_LEAST    65525u /* fewer are a FAT16 */
#define FAT32_RESERVED 32u
#define FAT32_BACKUP   6u
#define MOST_CLUSTERS  (1u << 20) /* then clusters become larger */
#define PIECE_BYTES    ((size_t)1 << 20)
#define FOLDER         0x10u
#define ARCHIVE        0x20u
#define VOLUME         0x08u
#define LABEL          "EFI-SYSTEM "
/* A date that is none of anybody's: 1 January 2020. */
#define DATE ((2020u - 1980u) << 9 | 1u << 5 | 1u)

struct fat {
	const struct platform *plat;
	const struct platform_disk *disk;
	const struct update_area *area;
	bool wide; /* FAT32 */
	uint32_t sector_bytes, cluster_sectors, clusters;
	uint32_t reserved, table_sectors, root_sectors, data; /* sectors */
	uint32_t serial;
	uint8_t *piece; /* PIECE_BYTES */
};

static uint32_t divided(uint64_t bytes, uint32_t by)
{
	return (uint32_t)((bytes + by - 1) / by);
}

/* Clusters of so many sectors: how many, with the room of their tables. */
static bool measure(struct fat *f, bool wide, uint32_t cluster_sectors)
{
	const uint64_t all = f->area->sectors;
	const uint32_t entry = wide ? 4 : 2;

	f->wide = wide;
	f->cluster_sectors = cluster_sectors;
	f->reserved = wide ? FAT32_RESERVED : 1;
	f->root_sectors = wide ? 0 : divided(ROOT_ENTRIES * ENTRY_BYTES, f->sector_bytes);
	if (all > UINT32_MAX || all < f->reserved + f->root_sectors + 8)
		return false;
	/* A table for clusters in all of it is a little too long, and never too short. */
	f->table_sectors = divided((all / cluster_sectors + 2) * entry, f->sector_bytes);
	f->data = f->reserved + 2 * f->table_sectors + f->root_sectors;
	if (f->data >= all)
		return false;
	f->clusters = (uint32_t)(all - f->data) / cluster_sectors;
	return true;
}

static bool choose(struct fat *f)
{
	for (uint32_t n = 1; n <= 64; n *= 2)
		if (n * f->sector_bytes <= 32768 && measure(f, true, n) &&
		    f->clusters >= FAT32_LEAST && f->clusters < MOST_CLUSTERS)
			return true;
	for (uint32_t n = 1; n <= 64; n *= 2)
		if (n * f->sector_bytes <= 32768 && measure(f, false, n) &&
		    f->clusters >= FAT16_LEAST && f->clusters < FAT32_LEAST)
			return true;
	return false;
}

static enum lb_status put(const struct fat *f, uint64_t sector, uint64_t sectors,
			  const uint8_t *bytes)
{
	return f->plat->write(f->plat->ctx, f->disk->id, f->area->first_lba + sector,
			      (size_t)sectors, bytes);
}

/* @count sectors that @fill makes, a piece at a time. */
static enum lb_status put_made(const struct fat *f, uint64_t sector, uint64_t count,
			       void (*fill)(const struct fat *f, uint64_t offset,
					    size_t len, const struct fat_file *file),
			       const struct fat_file *file)
{
	const uint64_t most = PIECE_BYTES / f->sector_bytes;
	enum lb_status status = LB_OK;

	for (uint64_t done = 0; done < count && status == LB_OK;) {
		const uint64_t step = count - done < most ? count - done : most;

		memset(f->piece, 0, PIECE_BYTES);
		if (fill != NULL)
			fill(f, done * f->sector_bytes, (size_t)(step * f->sector_bytes),
			     file);
		status = put(f, sector + done, step, f->piece);
		done += step;
	}
	return status;
}

/* --- what is where ----------------------------------------------------------------- */

/* Clusters: the root folder (FAT32), EFI, BOOT, the file. */
static uint32_t efi_cluster(const struct fat *f)
{
	return f->wide ? 3 : 2;
}

static uint32_t file_clusters(const struct fat *f, const struct fat_file *file)
{
	return divided(file->bytes, f->cluster_sectors * f->sector_bytes);
}

static uint32_t next_of(const struct fat *f, uint32_t cluster, uint32_t last)
{
	const uint32_t end = f->wide ? 0x0fffffff : 0xffff;
	const uint32_t first_of_file = efi_cluster(f) + 2;

	if (cluster == 0) /* the media byte */
		return end - 7;
	if (cluster < first_of_file)
		return end;
	return cluster < last ? cluster + 1 : cluster == last ? end : 0;
}

static void fill_table(const struct fat *f, uint64_t offset, size_t len,
		       const struct fat_file *file)
{
	const uint32_t entry = f->wide ? 4 : 2;
	const uint32_t last = efi_cluster(f) + 1 + file_clusters(f, file);

	for (size_t at = 0; at < len; at += entry) {
		const uint64_t cluster = (offset + at) / entry;

		if (cluster > last)
			break;
		const uint32_t next = next_of(f, (uint32_t)cluster, last);

		if (f->wide)
			lb_put_le32(f->piece + at, next);
		else
			lb_put_le16(f->piece + at, (uint16_t)next);
	}
}

static void fill_file(const struct fat *f, uint64_t offset, size_t len,
		      const struct fat_file *file)
{
	const uint64_t left = offset < file->bytes ? file->bytes - offset : 0;

	if (left > 0)
		memcpy(f->piece, file->data + offset, left < len ? (size_t)left : len);
}

static void entry(uint8_t *e, const char *name, uint8_t kind, uint32_t cluster,
		  uint32_t bytes)
{
	memcpy(e, name, FAT_NAME_BYTES);
	e[11] = kind;
	lb_put_le16(e + 16, DATE);
	lb_put_le16(e + 18, DATE);
	lb_put_le16(e + 20, (uint16_t)(cluster >> 16));
	lb_put_le16(e + 24, DATE);
	lb_put_le16(e + 26, (uint16_t)cluster);
	lb_put_le32(e + 28, bytes);
}

static void fill_root(const struct fat *f, uint64_t offset, size_t len,
		      const struct fat_file *file)
{
	(void)offset, (void)len, (void)file; /* it has one piece */
	entry(f->piece, LABEL, VOLUME, 0, 0);
	entry(f->piece + 32, "EFI        ", FOLDER, efi_cluster(f), 0);
}

/* Both folders, each a cluster. */
static enum lb_status put_folders(const struct fat *f, const struct fat_file *file)
{
	const uint32_t efi = efi_cluster(f);
	const uint64_t at = f->data + (uint64_t)(efi - 2) * f->cluster_sectors;
	const size_t cluster = f->cluster_sectors * f->sector_bytes;
	uint8_t *boot = f->piece + cluster;

	memset(f->piece, 0, 2 * cluster);
	entry(f->piece, ".          ", FOLDER, efi, 0);
	entry(f->piece + 32, "..         ", FOLDER, 0, 0);
	entry(f->piece + 64, "BOOT       ", FOLDER, efi + 1, 0);
	entry(boot, ".          ", FOLDER, efi + 1, 0);
	entry(boot + 32, "..         ", FOLDER, efi, 0);
	entry(boot + 64, file->name, ARCHIVE, efi + 2, (uint32_t)file->bytes);
	return put(f, at, 2 * f->cluster_sectors, f->piece);
}

/* --- the first sectors -------------------------------------------------------------- */

static void fill_boot(const struct fat *f, uint8_t *b)
{
	uint8_t *tail = b + (f->wide ? 64 : 36);

	memset(b, 0, f->sector_bytes);
	memcpy(b, "\xeb\xfe\x90LIFEBOAT", 11); /* an endless loop, if it is ever run */
	lb_put_le16(b + 11, (uint16_t)f->sector_bytes);
	b[13] = (uint8_t)f->cluster_sectors;
	lb_put_le16(b + 14, (uint16_t)f->reserved);
	b[16] = 2;
	lb_put_le16(b + 17, f->wide ? 0 : ROOT_ENTRIES);
	b[21] = 0xf8;
	lb_put_le16(b + 24, 63);
	lb_put_le16(b + 26, 255);
	lb_put_le32(b + 28, (uint32_t)f->area->first_lba);
	lb_put_le32(b + 32, (uint32_t)f->area->sectors);
	if (f->wide) {
		lb_put_le32(b + 36, f->table_sectors);
		lb_put_le32(b + 44, 2); /* the root folder's */
		lb_put_le16(b + 48, 1);
		lb_put_le16(b + 50, FAT32_BACKUP);
	} else {
		lb_put_le16(b + 22, (uint16_t)f->table_sectors);
	}
	tail[0] = 0x80;
	tail[2] = 0x29;
	lb_put_le32(tail + 3, f->serial);
	memcpy(tail + 7, LABEL, 11);
	memcpy(tail + 18, f->wide ? "FAT32   " : "FAT16   ", 8);
	b[510] = 0x55;
	b[511] = 0xaa;
}

/* How many clusters are free is left unknown. */
static enum lb_status put_information(const struct fat *f, uint64_t sector)
{
	uint8_t *b = f->piece;

	memset(b, 0, f->sector_bytes);
	lb_put_le32(b, 0x41615252);
	lb_put_le32(b + 484, 0x61417272);
	lb_put_le32(b + 488, UINT32_MAX);
	lb_put_le32(b + 492, UINT32_MAX);
	lb_put_le32(b + 508, 0xaa550000);
	return put(f, sector, 1, b);
}

static enum lb_status put_boot(const struct fat *f, uint64_t sector)
{
	fill_boot(f, f->piece);
	return put(f, sector, 1, f->piece);
}

static enum lb_status write_all(const struct fat *f, const struct fat_file *file)
{
	const uint64_t after_folders =
		f->data + (uint64_t)efi_cluster(f) * f->cluster_sectors;
	enum lb_status s = put_made(f, 0, f->reserved, NULL, file);

	/* Before anything of the new one is there: the old one's first sector is gone. */
	if (s == LB_OK)
		s = f->plat->flush(f->plat->ctx, f->disk->id);
	for (uint32_t copy = 0; copy < 2 && s == LB_OK; copy++)
		s = put_made(f, f->reserved + copy * f->table_sectors, f->table_sectors,
			     fill_table, file);
	if (s == LB_OK)
		s = put_made(f, f->wide ? f->data : f->data - f->root_sectors,
			     f->wide ? f->cluster_sectors : f->root_sectors, fill_root,
			     file);
	if (s == LB_OK)
		s = put_folders(f, file);
	if (s == LB_OK)
		s = put_made(f, after_folders,
			     (uint64_t)file_clusters(f, file) * f->cluster_sectors,
			     fill_file, file);
	if (s == LB_OK && f->wide)
		s = put_information(f, 1);
	if (s == LB_OK && f->wide)
		s = put_boot(f, FAT32_BACKUP);
	if (s == LB_OK)
		s = f->plat->flush(f->plat->ctx, f->disk->id);
	if (s == LB_OK)
		s = put_boot(f, 0);
	return s == LB_OK ? f->plat->flush(f->plat->ctx, f->disk->id) : s;
}

/* The room for a file, and what is in it. */
static bool plan(struct fat *f, const struct fat_file *file)
{
	return f->sector_bytes >= 512 && f->sector_bytes <= 4096 &&
	       file->bytes <= UINT32_MAX && choose(f) && f->clusters >= 3 &&
	       file_clusters(f, file) <= f->clusters - 3;
}

bool fat_fits(const struct platform_disk *disk, const struct update_area *area,
	      size_t bytes)
{
	const struct fat_file file = { .bytes = bytes };
	struct fat f = { .disk = disk, .area = area, .sector_bytes = disk->sector_bytes };

	return plan(&f, &file);
}

enum lb_status fat_make(const struct platform *plat, const struct platform_disk *disk,
			const struct update_area *area, const struct fat_file *file,
			uint32_t serial)
{
	struct fat f = { .plat = plat,
			 .disk = disk,
			 .area = area,
			 .sector_bytes = disk->sector_bytes,
			 .serial = serial };

	if (!plan(&f, file))
		return LB_ERR_RANGE;
	f.piece = plat->alloc(plat->ctx, PIECE_BYTES, 4096, PLATFORM_ANY_ADDRESS);
	if (f.piece == NULL)
		return LB_ERR_NOMEM;
	const enum lb_status status = write_all(&f, file);

	plat->free(plat->ctx, f.piece, PIECE_BYTES);
	return status;
}

/* Writing a FAT. */
#include "recovery/installer/fat_make.h"

#include <string.h>

#include "base/bytes.h"
#include "recovery/installer/fat_plan.h"

#define FAT32_BACKUP 6u
#define PIECE_BYTES  ((size_t)1 << 20)
#define FOLDER       0x10u
#define ARCHIVE      0x20u
#define VOLUME       0x08u
#define LABEL        "EFI-SYSTEM "
/* A date that is none of anybody's: 1 January 2020. */
#define DATE ((2020u - 1980u) << 9 | 1u << 5 | 1u)

struct fat {
	const struct platform *plat;
	const struct platform_disk *disk;
	const struct update_area *area;
	struct fat_plan plan;
	uint32_t serial;
	uint8_t *piece; /* PIECE_BYTES */
};

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
	const uint64_t most = PIECE_BYTES / f->plan.sector_bytes;
	enum lb_status status = LB_OK;

	for (uint64_t done = 0; done < count && status == LB_OK;) {
		const uint64_t step = count - done < most ? count - done : most;

		memset(f->piece, 0, PIECE_BYTES);
		if (fill != NULL)
			fill(f, done * f->plan.sector_bytes,
			     (size_t)(step * f->plan.sector_bytes), file);
		status = put(f, sector + done, step, f->piece);
		done += step;
	}
	return status;
}

/* --- what is where ----------------------------------------------------------------- */

static uint32_t next_of(const struct fat *f, uint32_t cluster, uint32_t last)
{
	const uint32_t end = f->plan.wide ? 0x0fffffff : 0xffff;
	const uint32_t first_of_file = fat_plan_efi(&f->plan) + 2;

	if (cluster == 0) /* the media byte */
		return end - 7;
	if (cluster < first_of_file)
		return end;
	return cluster < last ? cluster + 1 : cluster == last ? end : 0;
}

static void fill_table(const struct fat *f, uint64_t offset, size_t len,
		       const struct fat_file *file)
{
	const uint32_t entry = f->plan.wide ? 4 : 2;
	const uint32_t last =
		fat_plan_efi(&f->plan) + 1 + fat_plan_file(&f->plan, file->bytes);

	for (size_t at = 0; at < len; at += entry) {
		const uint64_t cluster = (offset + at) / entry;

		if (cluster > last)
			break;
		const uint32_t next = next_of(f, (uint32_t)cluster, last);

		if (f->plan.wide)
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
	entry(f->piece + 32, "EFI        ", FOLDER, fat_plan_efi(&f->plan), 0);
}

/* Both folders, each a cluster. */
static enum lb_status put_folders(const struct fat *f, const struct fat_file *file)
{
	const uint32_t efi = fat_plan_efi(&f->plan);
	const uint64_t at = f->plan.data + (uint64_t)(efi - 2) * f->plan.cluster_sectors;
	const size_t cluster = f->plan.cluster_sectors * f->plan.sector_bytes;
	uint8_t *boot = f->piece + cluster;

	memset(f->piece, 0, 2 * cluster);
	entry(f->piece, ".          ", FOLDER, efi, 0);
	entry(f->piece + 32, "..         ", FOLDER, 0, 0);
	entry(f->piece + 64, "BOOT       ", FOLDER, efi + 1, 0);
	entry(boot, ".          ", FOLDER, efi + 1, 0);
	entry(boot + 32, "..         ", FOLDER, efi, 0);
	entry(boot + 64, file->name, ARCHIVE, efi + 2, (uint32_t)file->bytes);
	return put(f, at, 2 * f->plan.cluster_sectors, f->piece);
}

/* --- the first sectors -------------------------------------------------------------- */

static void fill_boot(const struct fat *f, uint8_t *b)
{
	uint8_t *tail = b + (f->plan.wide ? 64 : 36);

	memset(b, 0, f->plan.sector_bytes);
	memcpy(b, "\xeb\xfe\x90LIFEBOAT", 11); /* an endless loop, if it is ever run */
	lb_put_le16(b + 11, (uint16_t)f->plan.sector_bytes);
	b[13] = (uint8_t)f->plan.cluster_sectors;
	lb_put_le16(b + 14, (uint16_t)f->plan.reserved);
	b[16] = 2;
	lb_put_le16(b + 17, f->plan.wide ? 0 : FAT_ROOT_ENTRIES);
	b[21] = 0xf8;
	lb_put_le16(b + 24, 63);
	lb_put_le16(b + 26, 255);
	lb_put_le32(b + 28, (uint32_t)f->area->first_lba);
	lb_put_le32(b + 32, (uint32_t)f->area->sectors);
	if (f->plan.wide) {
		lb_put_le32(b + 36, f->plan.table_sectors);
		lb_put_le32(b + 44, 2); /* the root folder's */
		lb_put_le16(b + 48, 1);
		lb_put_le16(b + 50, FAT32_BACKUP);
	} else {
		lb_put_le16(b + 22, (uint16_t)f->plan.table_sectors);
	}
	tail[0] = 0x80;
	tail[2] = 0x29;
	lb_put_le32(tail + 3, f->serial);
	memcpy(tail + 7, LABEL, 11);
	memcpy(tail + 18, f->plan.wide ? "FAT32   " : "FAT16   ", 8);
	b[510] = 0x55;
	b[511] = 0xaa;
}

/* How many clusters are free is left unknown. */
static enum lb_status put_information(const struct fat *f, uint64_t sector)
{
	uint8_t *b = f->piece;

	memset(b, 0, f->plan.sector_bytes);
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
		f->plan.data + (uint64_t)fat_plan_efi(&f->plan) * f->plan.cluster_sectors;
	enum lb_status s = put_made(f, 0, f->plan.reserved, NULL, file);

	/* Before anything of the new one is there: the old one's first sector is gone. */
	if (s == LB_OK)
		s = f->plat->flush(f->plat->ctx, f->disk->id);
	for (uint32_t copy = 0; copy < 2 && s == LB_OK; copy++)
		s = put_made(f, f->plan.reserved + copy * f->plan.table_sectors,
			     f->plan.table_sectors, fill_table, file);
	if (s == LB_OK)
		s = put_made(
			f,
			f->plan.wide ? f->plan.data : f->plan.data - f->plan.root_sectors,
			f->plan.wide ? f->plan.cluster_sectors : f->plan.root_sectors,
			fill_root, file);
	if (s == LB_OK)
		s = put_folders(f, file);
	if (s == LB_OK)
		s = put_made(f, after_folders,
			     (uint64_t)fat_plan_file(&f->plan, file->bytes) *
				     f->plan.cluster_sectors,
			     fill_file, file);
	if (s == LB_OK && f->plan.wide)
		s = put_information(f, 1);
	if (s == LB_OK && f->plan.wide)
		s = put_boot(f, FAT32_BACKUP);
	if (s == LB_OK)
		s = f->plat->flush(f->plat->ctx, f->disk->id);
	if (s == LB_OK)
		s = put_boot(f, 0);
	return s == LB_OK ? f->plat->flush(f->plat->ctx, f->disk->id) : s;
}

bool fat_fits(const struct platform_disk *disk, const struct update_area *area,
	      size_t bytes)
{
	struct fat_plan plan;

	return fat_plan_make(area->sectors, disk->sector_bytes, bytes, &plan);
}

enum lb_status fat_make(const struct platform *plat, const struct platform_disk *disk,
			const struct update_area *area, const struct fat_file *file,
			uint32_t serial)
{
	struct fat f = { .plat = plat, .disk = disk, .area = area, .serial = serial };

	if (!fat_plan_make(area->sectors, disk->sector_bytes, file->bytes, &f.plan))
		return LB_ERR_RANGE;
	f.piece = plat->alloc(plat->ctx, PIECE_BYTES, 4096, PLATFORM_ANY_ADDRESS);
	if (f.piece == NULL)
		return LB_ERR_NOMEM;
	const enum lb_status status = write_all(&f, file);

	plat->free(plat->ctx, f.piece, PIECE_BYTES);
	return status;
}

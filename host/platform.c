/* The platform over files and block devices. */
#include "host/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/platform_none.h"
#include "host/file.h"
#include "host/sector_size.h"
#include "host/system.h"

#define LOCK_WAIT_MS 10000u
#define LOCK_POLL_MS 20u

static struct host_disk *find_disk(void *ctx, uint32_t id)
{
	struct host_platform *plat = ctx;

	return id < plat->disk_count ? &plat->disk[id] : NULL;
}

static enum lb_status do_list_disks(void *ctx, struct platform_disk *out, size_t max,
				    size_t *count)
{
	const struct host_platform *plat = ctx;

	for (*count = 0; *count < max && *count < plat->disk_count; ++*count)
		out[*count] = plat->disk[*count].disk;
	return LB_OK;
}

static enum lb_status do_connect_all(void *ctx)
{
	(void)ctx; /* everything was opened by name */
	return LB_OK;
}

/* As struct platform wants it; what is behind the end is an error of the disk. */
static enum lb_status read_bytes(const struct host_disk *d, uint64_t offset, void *out,
				 size_t len)
{
	const enum lb_status status =
		host_read_at(d->fd, d->path, out, len, offset, NULL);

	return status == LB_OK || status == LB_ERR_REMOVED ? status : LB_ERR_IO;
}

static enum lb_status do_read(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			      void *buf)
{
	const struct host_disk *d = find_disk(ctx, disk);

	if (d == NULL || !lb_within(lba, sectors, d->disk.sectors))
		return LB_ERR_RANGE;
	return read_bytes(d, lba * d->disk.sector_bytes, buf,
			  sectors * d->disk.sector_bytes);
}

enum lb_status host_platform_write(struct host_platform *plat, uint32_t disk,
				   uint64_t lba, size_t sectors, const void *buf,
				   struct host_error *err)
{
	const struct host_disk *d = find_disk(plat, disk);

	if (d == NULL || !lb_within(lba, sectors, d->disk.sectors))
		return host_fail(err, LB_ERR_RANGE, "%s: sector %llu is not on it",
				 d != NULL ? d->path : "no disk",
				 (unsigned long long)lba);
	if (d->disk.read_only)
		return host_fail(err, LB_ERR_READ_ONLY, "%s: opened for reading only",
				 d->path);
	return host_write_at(d->fd, d->path, buf, sectors * d->disk.sector_bytes,
			     lba * d->disk.sector_bytes, err) == LB_OK
		       ? LB_OK
		       : LB_ERR_IO;
}

static enum lb_status do_write(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			       const void *buf)
{
	return host_platform_write(ctx, disk, lba, sectors, buf, NULL);
}

static enum lb_status do_flush(void *ctx, uint32_t disk)
{
	const struct host_disk *d = find_disk(ctx, disk);

	if (d == NULL)
		return LB_ERR_RANGE;
	if (fsync(d->fd) != 0)
		return host_disk_status(errno);
	/* What is read back is to come from the disk, not from the page cache. Only
	 * advice: where it is not taken the reading proves less. */
	(void)posix_fadvise(d->fd, 0, 0, POSIX_FADV_DONTNEED);
	return LB_OK;
}

static void drop_log(void *ctx, const char *text, size_t len)
{
	(void)ctx, (void)text, (void)len;
}

static const struct platform_machine *do_machine(void *ctx)
{
	return &((const struct host_platform *)ctx)->machine;
}

static void no_reset(void *ctx, enum platform_reset how)
{
	(void)ctx, (void)how; /* the machine is not ours */
}

void host_platform_init(struct host_platform *plat)
{
	*plat = (struct host_platform){
		.platform = {
			.ctx = plat,
			.list_disks = do_list_disks,
			.connect_all = do_connect_all,
			.read = do_read,
			.write = do_write,
			.flush = do_flush,
			.alloc = host_alloc,
			.free = host_free,
			.clock_ms = host_clock_ms,
			.sleep_ms = host_sleep_ms,
			.random = host_random,
			.read_key = platform_none_read_key,
			.log = drop_log,
			.show_text = platform_none_show_text,
			.machine = do_machine,
			.read_floors = platform_none_read_floors,
			.raise_floors = platform_none_raise_floors,
			.read_state = platform_none_read_state,
			.write_state = platform_none_write_state,
			.take_request = platform_none_take_request,
			.open_display = platform_none_open_display,
			.blit = platform_none_blit,
			.hand_over = platform_none_hand_over,
			.tpm_submit = platform_none_tpm_submit,
			.measure = platform_none_measure,
			.watchdog_arm = platform_none_watchdog_arm,
			.watchdog_died = platform_none_watchdog_died,
			.crash_dumps = platform_none_crash_dumps,
			.prepare_start = platform_none_prepare_start,
			.discard_start = platform_none_discard_start,
			.start = platform_none_start,
			.reset = no_reset,
		},
		.machine = { .cpu = PLATFORM_CPU_X86_64, .uefi = true },
	};
}

void host_platform_close(struct host_platform *plat)
{
	for (size_t i = 0; i < plat->disk_count; i++) {
		close(plat->disk[i].fd);
		free(plat->disk[i].path);
	}
	plat->disk_count = 0;
}

uint32_t host_platform_sector_size(struct host_platform *plat,
				   const struct platform_disk *disk, uint64_t bytes)
{
	return host_sector_size(&plat->platform, &plat->disk[disk->id].disk, bytes);
}

/* A file's sector size is the one for which it has the best table, 512 where it has none;
 * a device says its own. */
static enum lb_status find_geometry(struct host_platform *plat, struct host_disk *d,
				    uint32_t sector_bytes, struct host_error *err)
{
	struct stat st;
	uint64_t bytes;
	int device_sector;
	const enum lb_status status = host_file_bytes(d->fd, d->path, &bytes, err);

	if (status != LB_OK)
		return status;
	if (sector_bytes == 0 && fstat(d->fd, &st) == 0 && S_ISBLK(st.st_mode)) {
		if (ioctl(d->fd, BLKSSZGET, &device_sector) != 0)
			return host_fail(err, host_status(errno), "%s: sector size: %s",
					 d->path, strerror(errno));
		sector_bytes = (uint32_t)device_sector;
	}
	if (sector_bytes == 0)
		sector_bytes = host_platform_sector_size(plat, &d->disk, bytes);
	if (sector_bytes == 0)
		sector_bytes = 512;
	d->disk.sector_bytes = sector_bytes;
	d->disk.sectors = bytes / sector_bytes;
	return LB_OK;
}

/* One writer at a time, as systemd has it: a lock on the whole disk's node, which also
 * keeps udev from looking while the table changes. Taken before anything is read that is
 * written back changed; gone with the file. */
static enum lb_status lock_disk(const struct host_disk *d, struct host_error *err)
{
	for (unsigned int waited = 0; waited < LOCK_WAIT_MS; waited += LOCK_POLL_MS) {
		if (flock(d->fd, LOCK_EX | LOCK_NB) == 0)
			return LB_OK;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return host_fail(err, host_status(errno),
					 "%s: cannot be locked for writing: %s", d->path,
					 strerror(errno));
		host_sleep_ms(NULL, LOCK_POLL_MS);
	}
	return host_fail(err, LB_ERR_TIMEOUT,
			 "%s: another program is writing to it and was not done within "
			 "%u s: try again",
			 d->path, LOCK_WAIT_MS / 1000u);
}

static enum lb_status open_disk(struct host_platform *plat, struct host_disk *d,
				bool writable, uint32_t sector_bytes,
				struct host_error *err)
{
	enum lb_status status = LB_OK;

	d->fd = open(d->path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (d->fd < 0)
		return host_fail_errno(err, d->path);
	if (writable)
		status = lock_disk(d, err);
	if (status == LB_OK)
		status = find_geometry(plat, d, sector_bytes, err);
	if (status != LB_OK)
		(void)close(d->fd); /* nothing was written */
	return status;
}

enum lb_status host_platform_open(struct host_platform *plat, const char *path,
				  bool writable, uint32_t sector_bytes,
				  const struct platform_disk **out,
				  struct host_error *err)
{
	if (plat->disk_count == HOST_PLATFORM_DISKS)
		return host_fail(err, LB_ERR_FULL, "%s: more than %u disks", path,
				 HOST_PLATFORM_DISKS);
	struct host_disk *d = &plat->disk[plat->disk_count];

	*d = (struct host_disk){
		.path = strdup(path),
		.disk = { .id = (uint32_t)plat->disk_count,
			  .read_only = !writable,
			  .boot_disk = plat->disk_count == 0 },
	};
	if (d->path == NULL)
		return host_fail(err, LB_ERR_NOMEM, "out of memory");
	snprintf(d->disk.name, sizeof(d->disk.name), "%s", path);
	snprintf(d->disk.path, sizeof(d->disk.path), "%s", path);
	plat->disk_count++; /* it is read while its geometry is found */
	const enum lb_status status = open_disk(plat, d, writable, sector_bytes, err);

	if (status != LB_OK) {
		plat->disk_count--;
		free(d->path);
		return status;
	}
	*out = &d->disk;
	return LB_OK;
}

static enum lb_status file_source_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	return read_bytes(ctx, offset, buf, len);
}

enum lb_status host_platform_source(struct host_platform *plat,
				    const struct platform_disk *disk,
				    struct lb_source *out, struct host_error *err)
{
	struct host_disk *d = &plat->disk[disk->id];

	*out = (struct lb_source){ .ctx = d, .read = file_source_read };
	return host_file_bytes(d->fd, d->path, &out->bytes, err);
}

static enum lb_status memory_source_read(void *ctx, uint64_t offset, void *buf,
					 size_t len)
{
	const struct host_memory *memory = ctx;

	if (!lb_within(offset, len, memory->bytes))
		return LB_ERR_RANGE;
	memcpy(buf, memory->data + offset, len);
	return LB_OK;
}

struct lb_source host_memory_source(struct host_memory *memory)
{
	return (struct lb_source){ .ctx = memory,
				   .bytes = memory->bytes,
				   .read = memory_source_read };
}

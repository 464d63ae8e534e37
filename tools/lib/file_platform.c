/* The platform over files and block devices. */
#include "tools/lib/file_platform.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/platform_none.h"
#include "tools/lib/file.h"
#include "tools/lib/tool.h"

#define HUGE_PAGE_BYTES 0x200000u
#define LOCK_WAIT_MS    10000u
#define LOCK_POLL_MS    20u

static struct tool_disk *find_disk(void *ctx, uint32_t id)
{
	struct tool_platform *plat = ctx;

	return id < plat->disk_count ? &plat->disk[id] : NULL;
}

static enum lb_status do_list_disks(void *ctx, struct platform_disk *out, size_t max,
				    size_t *count)
{
	const struct tool_platform *plat = ctx;

	for (*count = 0; *count < max && *count < plat->disk_count; ++*count)
		out[*count] = plat->disk[*count].disk;
	return LB_OK;
}

static enum lb_status do_connect_all(void *ctx)
{
	(void)ctx; /* everything was opened by name */
	return LB_OK;
}

static enum lb_status status_of_errno(void)
{
	return errno == ENODEV || errno == ENXIO ? LB_ERR_REMOVED : LB_ERR_IO;
}

static enum lb_status read_bytes(int fd, uint64_t offset, uint8_t *at, size_t len)
{
	while (len > 0) {
		const ssize_t got = pread(fd, at, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0 ? LB_ERR_IO : status_of_errno();
		at += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return LB_OK;
}

static enum lb_status do_read(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			      void *buf)
{
	const struct tool_disk *d = find_disk(ctx, disk);

	if (d == NULL || !lb_within(lba, sectors, d->disk.sectors))
		return LB_ERR_RANGE;
	return read_bytes(d->fd, lba * d->disk.sector_bytes, buf,
			  sectors * d->disk.sector_bytes);
}

static enum lb_status do_write(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			       const void *buf)
{
	const struct tool_disk *d = find_disk(ctx, disk);

	if (d == NULL || !lb_within(lba, sectors, d->disk.sectors))
		return LB_ERR_RANGE;
	if (d->disk.read_only)
		return LB_ERR_READ_ONLY;
	if (!tool_pwrite(d->fd, d->path, buf, sectors * d->disk.sector_bytes,
			 lba * d->disk.sector_bytes))
		return LB_ERR_IO;
	return LB_OK;
}

static enum lb_status do_flush(void *ctx, uint32_t disk)
{
	const struct tool_disk *d = find_disk(ctx, disk);

	if (d == NULL)
		return LB_ERR_RANGE;
	if (fsync(d->fd) != 0)
		return status_of_errno();
	/* What is read back is to come from the disk, not from the page cache. Only
	 * advice: where it is not taken the reading proves less. */
	(void)posix_fadvise(d->fd, 0, 0, POSIX_FADV_DONTNEED);
	return LB_OK;
}

static void *do_alloc(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	void *memory;

	(void)ctx;
	(void)limit; /* nothing runs here */
	if (posix_memalign(&memory, align < 4096 ? 4096 : align,
			   bytes != 0 ? bytes : 1) != 0)
		return NULL;
	/* A kernel's body: fewer page faults. Only advice, so the answer does not
	 * matter. */
	if (bytes >= HUGE_PAGE_BYTES)
		(void)madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

static void do_free(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

static uint64_t do_clock_ms(void *ctx)
{
	struct timespec now;

	(void)ctx;
	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		tool_fatal("no clock: %s", strerror(errno));
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static void do_sleep_ms(void *ctx, uint32_t ms)
{
	const struct timespec time = { .tv_sec = ms / 1000,
				       .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)ctx;
	(void)nanosleep(&time, NULL); /* a shorter sleep does no harm */
}

static enum lb_status do_random(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	while (len > 0) {
		const ssize_t got = getrandom(out, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return LB_ERR_UNSUPPORTED;
		out += got;
		len -= (size_t)got;
	}
	return LB_OK;
}

static void do_log(void *ctx, const char *text, size_t len)
{
	const struct tool_platform *plat = ctx;

	if (plat->verbose)
		(void)fwrite(text, 1, len, stderr);
}

static void do_show_text(void *ctx, const char *text)
{
	do_log(ctx, text, strlen(text));
}

static const struct platform_machine *do_machine(void *ctx)
{
	return &((const struct tool_platform *)ctx)->machine;
}

static void do_reset(void *ctx, enum platform_reset how)
{
	(void)ctx;
	(void)how;
	tool_fatal("the core asked a host tool for a reset");
}

void tool_platform_init(struct tool_platform *plat)
{
	*plat = (struct tool_platform){
		.platform = {
			.ctx = plat,
			.list_disks = do_list_disks,
			.connect_all = do_connect_all,
			.read = do_read,
			.write = do_write,
			.flush = do_flush,
			.alloc = do_alloc,
			.free = do_free,
			.clock_ms = do_clock_ms,
			.sleep_ms = do_sleep_ms,
			.random = do_random,
			.read_key = platform_none_read_key,
			.log = do_log,
			.show_text = do_show_text,
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
			.prepare_start = platform_none_prepare_start,
			.discard_start = platform_none_discard_start,
			.start = platform_none_start,
			.reset = do_reset,
		},
		.machine = { .cpu = PLATFORM_CPU_X86_64, .uefi = true },
	};
	if (!platform_complete(&plat->platform))
		tool_fatal("the file platform lacks a function");
}

void tool_platform_close(struct tool_platform *plat)
{
	for (size_t i = 0; i < plat->disk_count; i++) {
		close(plat->disk[i].fd);
		free(plat->disk[i].path);
	}
	plat->disk_count = 0;
}

/* Which sector size a file was made for: where it has a primary GPT header, else a backup
 * one; 512 when there is neither. */
static uint32_t guess_sector_bytes(int fd, uint64_t bytes)
{
	uint8_t magic[8];

	for (uint32_t size = 512; size <= 4096; size *= 2)
		if (bytes >= 2 * (uint64_t)size &&
		    read_bytes(fd, size, magic, 8) == LB_OK &&
		    memcmp(magic, "EFI PART", 8) == 0)
			return size;
	for (uint32_t size = 512; size <= 4096; size *= 2)
		if (bytes >= size && read_bytes(fd, bytes - size, magic, 8) == LB_OK &&
		    memcmp(magic, "EFI PART", 8) == 0)
			return size;
	return 512;
}

static bool find_geometry(struct tool_disk *d, uint32_t sector_bytes)
{
	struct stat st;
	uint64_t bytes;
	int device_sector;

	if (fstat(d->fd, &st) != 0 || !tool_file_bytes(d->fd, d->path, &bytes))
		return false;
	if (sector_bytes == 0 && S_ISBLK(st.st_mode)) {
		if (ioctl(d->fd, BLKSSZGET, &device_sector) != 0)
			return tool_error("%s: sector size: %s", d->path,
					  strerror(errno));
		sector_bytes = (uint32_t)device_sector;
	}
	if (sector_bytes == 0)
		sector_bytes = guess_sector_bytes(d->fd, bytes);
	d->disk.sector_bytes = sector_bytes;
	d->disk.sectors = bytes / sector_bytes;
	return true;
}

/* One writer at a time, as systemd has it: a lock on the whole disk's node, which also
 * keeps udev from looking while the table changes. Taken before anything is read that is
 * written back changed; gone with the file. */
static bool lock_disk(const struct tool_disk *d)
{
	const struct timespec pause = { .tv_nsec = LOCK_POLL_MS * 1000000L };

	for (unsigned int waited = 0; waited < LOCK_WAIT_MS; waited += LOCK_POLL_MS) {
		if (flock(d->fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return tool_error("%s: cannot be locked for writing: %s", d->path,
					  strerror(errno));
		(void)nanosleep(&pause, NULL); /* a shorter pause does no harm */
	}
	return tool_error("%s: another program is writing to it and was not done within "
			  "%u s: try again",
			  d->path, LOCK_WAIT_MS / 1000u);
}

bool tool_platform_open(struct tool_platform *plat, const char *path, bool writable,
			uint32_t sector_bytes, const struct platform_disk **out)
{
	if (plat->disk_count == TOOL_PLATFORM_DISKS)
		return tool_error("%s: more than %u disks", path, TOOL_PLATFORM_DISKS);
	struct tool_disk *d = &plat->disk[plat->disk_count];

	*d = (struct tool_disk){
		.fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC),
		.path = tool_strdup(path),
		.disk = { .id = (uint32_t)plat->disk_count,
			  .read_only = !writable,
			  .boot_disk = plat->disk_count == 0 },
	};
	snprintf(d->disk.name, sizeof(d->disk.name), "%s", path);
	snprintf(d->disk.path, sizeof(d->disk.path), "%s", path);
	if (d->fd < 0)
		tool_error("%s: %s", path, strerror(errno));
	else if ((!writable || lock_disk(d)) && find_geometry(d, sector_bytes)) {
		plat->disk_count++;
		*out = &d->disk;
		return true;
	}
	if (d->fd >= 0)
		close(d->fd);
	free(d->path);
	return false;
}

static enum lb_status file_source_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct tool_disk *d = ctx;

	return read_bytes(d->fd, offset, buf, len);
}

struct lb_source tool_platform_source(struct tool_platform *plat,
				      const struct platform_disk *disk)
{
	struct tool_disk *d = &plat->disk[disk->id];
	struct lb_source source = { .ctx = d, .read = file_source_read };

	if (!tool_file_bytes(d->fd, d->path, &source.bytes))
		source.bytes = 0; /* the message is out; everything will be refused */
	return source;
}

static enum lb_status memory_source_read(void *ctx, uint64_t offset, void *buf,
					 size_t len)
{
	const struct tool_memory *memory = ctx;

	if (!lb_within(offset, len, memory->bytes))
		return LB_ERR_RANGE;
	memcpy(buf, memory->data + offset, len);
	return LB_OK;
}

struct lb_source tool_memory_source(struct tool_memory *memory)
{
	return (struct lb_source){ .ctx = memory,
				   .bytes = memory->bytes,
				   .read = memory_source_read };
}

/* The platform over Linux. What only a loader does (starting kernels, floors, TPM) is
 * absent. */
#include "host/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/platform_none.h"
#include "host/error.h"
#include "host/system.h"

#define BOUNCE_BYTES ((size_t)1 << 20)

static enum lb_status do_list_disks(void *ctx, struct platform_disk *out, size_t max,
				    size_t *count)
{
	struct machine *m = ctx;

	machine_scan(m);
	for (*count = 0; *count < max && *count < m->disk_count; ++*count)
		out[*count] = m->disk[*count].disk;
	return LB_OK;
}

static enum lb_status do_connect_all(void *ctx)
{
	(void)ctx; /* the modules are loaded by then */
	return LB_OK;
}

/* Past the page cache: what is read back is what the disk has. */
static struct machine_disk *opened(struct machine *m, uint32_t id)
{
	char path[MACHINE_DEVICE_BYTES + 8];

	if (id >= m->disk_count)
		return NULL;
	struct machine_disk *d = &m->disk[id];

	if (d->fd < 0) {
		snprintf(path, sizeof path, "/dev/%s", d->device);
		d->fd = open(path, (d->disk.read_only ? O_RDONLY : O_RDWR) | O_DIRECT |
					   O_CLOEXEC);
	}
	return d->fd >= 0 ? d : NULL;
}

/* All of @step bytes, past interruptions. */
static enum lb_status one(int fd, bool write, uint8_t *bounce, size_t step,
			  uint64_t offset)
{
	ssize_t did;

	do
		did = write ? pwrite(fd, bounce, step, (off_t)offset)
			    : pread(fd, bounce, step, (off_t)offset);
	while (did < 0 && errno == EINTR);
	if (did == (ssize_t)step)
		return LB_OK;
	return did >= 0 ? LB_ERR_IO : host_disk_status(errno);
}

/* Exactly one of @in (to read into) and @from (to write) is set. */
static enum lb_status transfer(struct machine *m, uint32_t disk, uint64_t lba,
			       size_t sectors, uint8_t *in, const uint8_t *from)
{
	struct machine_disk *d = opened(m, disk);
	enum lb_status status = LB_OK;

	if (d == NULL)
		return LB_ERR_REMOVED;
	if (from != NULL && d->disk.read_only)
		return LB_ERR_READ_ONLY;
	if (!lb_within(lba, sectors, d->disk.sectors))
		return LB_ERR_RANGE;
	uint64_t offset = lba * d->disk.sector_bytes;
	size_t left = sectors * d->disk.sector_bytes;

	while (left > 0 && status == LB_OK) {
		const size_t step = left < BOUNCE_BYTES ? left : BOUNCE_BYTES;

		if (from != NULL) {
			memcpy(m->bounce, from, step);
			from += step;
		}
		status = one(d->fd, from != NULL, m->bounce, step, offset);
		if (in != NULL && status == LB_OK) {
			memcpy(in, m->bounce, step);
			in += step;
		}
		offset += step, left -= step;
	}
	return status;
}

static enum lb_status do_read(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			      void *buf)
{
	return transfer(ctx, disk, lba, sectors, buf, NULL);
}

static enum lb_status do_write(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			       const void *buf)
{
	return transfer(ctx, disk, lba, sectors, NULL, buf);
}

static enum lb_status do_flush(void *ctx, uint32_t disk)
{
	struct machine_disk *d = opened(ctx, disk);

	if (d == NULL)
		return LB_ERR_REMOVED;
	return fsync(d->fd) == 0 ? LB_OK : host_disk_status(errno);
}

static enum lb_status do_read_key(void *ctx, struct platform_key *out)
{
	struct machine *m = ctx;

	*out = (struct platform_key){ 0 };
	const bool found = input_read(&m->input, out);

	m->facts.keyboard = m->input.keyboards > 0;
	return found ? LB_OK : LB_ERR_NOT_FOUND;
}

static void do_log(void *ctx, const char *text, size_t len)
{
	const struct machine *m = ctx;

	while (len > 0) {
		const ssize_t put = write(m->console, text, len);

		if (put <= 0)
			return; /* nobody to tell */
		text += put;
		len -= (size_t)put;
	}
}

static enum lb_status do_open_display(void *ctx, struct platform_display *out)
{
	const struct machine *m = ctx;

	if (m->screen.memory == NULL)
		return LB_ERR_NOT_FOUND;
	*out = (struct platform_display){ m->screen.width, m->screen.height };
	return LB_OK;
}

static enum lb_status do_blit(void *ctx, uint32_t x, uint32_t y, uint32_t width,
			      uint32_t height, const uint32_t *pixels, size_t stride)
{
	const struct machine *m = ctx;

	if (m->screen.memory == NULL)
		return LB_ERR_NOT_FOUND;
	framebuffer_copy(&m->screen, x, y, width, height, pixels, stride);
	return LB_OK;
}

static const struct platform_machine *do_machine(void *ctx)
{
	return &((const struct machine *)ctx)->facts;
}

static void do_reset(void *ctx, enum platform_reset how)
{
	(void)ctx;
	sync();
	(void)reboot(how == PLATFORM_RESET_RESTART ? RB_AUTOBOOT : RB_POWER_OFF);
}

static const struct platform functions = {
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
	.read_key = do_read_key,
	.log = do_log,
	.show_text = platform_none_show_text,
	.open_display = do_open_display,
	.blit = do_blit,
	.machine = do_machine,
	.read_floors = platform_none_read_floors,
	.raise_floors = platform_none_raise_floors,
	.read_state = platform_none_read_state,
	.write_state = platform_none_write_state,
	.take_request = platform_none_take_request,
	.hand_over = platform_none_hand_over,
	.tpm_submit = platform_none_tpm_submit,
	.watchdog_arm = platform_none_watchdog_arm,
	.watchdog_died = platform_none_watchdog_died,
	.crash_dumps = platform_none_crash_dumps,
	.measure = platform_none_measure,
	.prepare_start = platform_none_prepare_start,
	.discard_start = platform_none_discard_start,
	.start = platform_none_start,
	.reset = do_reset,
};

bool machine_init(struct machine *m)
{
	m->platform = functions;
	m->platform.ctx = m;
	m->facts.cpu = host_cpu();
	m->console = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
	input_open(&m->input, m->console);
	m->bounce = host_alloc(m, BOUNCE_BYTES, 4096, PLATFORM_ANY_ADDRESS);
	return m->bounce != NULL && platform_complete(&m->platform);
}

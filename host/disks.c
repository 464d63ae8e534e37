/* Which disks Linux has found. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/disks.h"
#include "host/machine.h"

bool machine_read_text(const char *path, char *out, size_t size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t got = fd >= 0 ? read(fd, out, size - 1) : -1;

	if (fd >= 0)
		(void)close(fd);
	out[got > 0 ? got : 0] = '\0';
	for (size_t len = strlen(out); len > 0 && isspace((unsigned char)out[len - 1]);)
		out[--len] = '\0';
	return got >= 0;
}

static bool read_number(const char *device, const char *attribute, uint64_t *out)
{
	char path[160], text[32], *end;

	snprintf(path, sizeof path, "/sys/block/%s/%s", device, attribute);
	if (!machine_read_text(path, text, sizeof text) || text[0] == '\0')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

/* Maker and model as people know it: "QEMU HARDDISK", else the device's name. */
static void name_disk(struct machine_disk *d, const char *device)
{
	char path[160], vendor[24], model[40];

	snprintf(path, sizeof path, "/sys/block/%s/device/vendor", device);
	if (!machine_read_text(path, vendor, sizeof vendor) ||
	    strncmp(vendor, "0x", 2) == 0)
		vendor[0] = '\0';
	snprintf(path, sizeof path, "/sys/block/%s/device/model", device);
	if (!machine_read_text(path, model, sizeof model) || model[0] == '\0') {
		snprintf(path, sizeof path, "/sys/block/%s/device/name", device);
		(void)machine_read_text(path, model, sizeof model);
	}
	snprintf(d->disk.name, sizeof d->disk.name, "%.12s%s%.16s%s%.16s", vendor,
		 vendor[0] != '\0' ? " " : "", model, model[0] != '\0' ? " " : "",
		 device);
	for (char *c = d->disk.name; *c != '\0'; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
}

/* A card in a slot is a medium, the chip on the board (type MMC) is not. */
static enum platform_attachment attachment(const char *device, const char *place)
{
	char path[160], type[16];

	if (strstr(place, "/usb") != NULL)
		return PLATFORM_ATTACHED_USB;
	snprintf(path, sizeof path, "/sys/block/%s/device/type", device);
	if (strncmp(device, "mmcblk", 6) == 0 &&
	    machine_read_text(path, type, sizeof type) && strcmp(type, "SD") == 0)
		return PLATFORM_ATTACHED_SD_SLOT;
	return PLATFORM_ATTACHED_INTERNAL;
}

/* Loops, RAM disks, device mapper, floppies, optical drives and eMMC's boot areas are no
 * disks that anything is installed to. */
static bool is_disk(const char *device)
{
	static const char *const kinds[] = { "sd", "vd", "nvme", "mmcblk", "hd", "xvd" };

	if (strstr(device, "boot") != NULL || strstr(device, "rpmb") != NULL)
		return false;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strncmp(device, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}

static bool known(const struct machine *m, const char *device)
{
	for (size_t i = 0; i < m->disk_count; i++)
		if (strcmp(m->disk[i].device, device) == 0 &&
		    machine_disk_present(&m->disk[i]))
			return true;
	return false;
}

static void add(struct machine *m, const char *device)
{
	struct machine_disk *d = &m->disk[m->disk_count];
	char path[160], place[512] = "";
	uint64_t sector, blocks, read_only = 0, removable = 0;

	*d = (struct machine_disk){ .fd = -1 };
	snprintf(d->device, sizeof d->device, "%s", device);
	snprintf(path, sizeof path, "/sys/block/%s", device);
	if (readlink(path, place, sizeof place - 1) < 0 ||
	    !read_number(device, "queue/logical_block_size", &sector) ||
	    !read_number(device, "size", &blocks) || blocks == 0 || sector < 512 ||
	    sector > 4096)
		return;
	(void)read_number(device, "ro", &read_only);
	(void)read_number(device, "removable", &removable);
	d->disk.id = (uint32_t)m->disk_count;
	d->disk.sector_bytes = (uint32_t)sector;
	d->disk.sectors = blocks * 512 / sector;
	d->disk.read_only = read_only != 0;
	d->disk.removable = removable != 0;
	d->disk.attachment = attachment(device, place);
	snprintf(d->disk.path, sizeof d->disk.path, "%.*s", (int)sizeof d->disk.path - 1,
		 place);
	name_disk(d, device);
	m->disk_count++;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_partition(const char *folder, const char *name)
{
	char path[HOST_ERROR_BYTES];

	snprintf(path, sizeof path, "%s/%s/partition", folder, name);
	return access(path, F_OK) == 0;
}

enum lb_status host_disks_each(const char *root,
			       void (*take)(void *ctx, const char *name), void *ctx,
			       struct host_error *err)
{
	struct dirent **list = NULL;
	char folder[HOST_ERROR_BYTES / 2];

	snprintf(folder, sizeof folder, "%s/sys/class/block", root);
	const int count = scandir(folder, &list, NULL, by_name);

	if (count < 0)
		return host_fail_errno(err, folder);
	for (int i = 0; i < count; i++) {
		const char *name = list[i]->d_name;

		if (name[0] != '.' && !is_partition(folder, name))
			take(ctx, name);
		free(list[i]);
	}
	free(list);
	return LB_OK;
}

static void take_new(void *ctx, const char *name)
{
	struct machine *m = ctx;

	if (m->disk_count < PLATFORM_MAX_DISKS && is_disk(name) && strlen(name) < 32 &&
	    !known(m, name))
		add(m, name);
}

void machine_scan(struct machine *m)
{
	(void)host_disks_each("", take_new, m, NULL); /* there are none then */
}

bool machine_disk_present(const struct machine_disk *disk)
{
	char path[MACHINE_DEVICE_BYTES + 16], place[512] = "";

	snprintf(path, sizeof path, "/sys/block/%s", disk->device);
	return readlink(path, place, sizeof place - 1) > 0 &&
	       strncmp(place, disk->disk.path, strlen(disk->disk.path)) == 0;
}

void machine_partition(const struct machine_disk *disk, unsigned int number,
		       char out[MACHINE_DEVICE_BYTES])
{
	const size_t len = strlen(disk->device);
	const bool digit = len > 0 && isdigit((unsigned char)disk->device[len - 1]);

	snprintf(out, MACHINE_DEVICE_BYTES, "%.40s%s%u", disk->device, digit ? "p" : "",
		 number);
}

/* Files on the EFI system partition. */
#include "recovery/installer/esp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gpt/gpt_table.h"
#include "host/file.h"

#define MOUNTED "/esp"
#define FOLDER  MOUNTED "/EFI/BOOT"
#define NEW     FOLDER "/LIFEBOAT.NEW"

bool esp_find(const struct platform *plat, const struct machine_disk *disk,
	      struct esp *out, struct update_area *area)
{
	struct lb_verdict why;
	struct gpt_entry e;
	uint32_t index = 0;
	struct gpt gpt;

	if (gpt_load(plat, &disk->disk, &gpt, &why) != LB_OK)
		return false;
	const bool found = gpt_find_type(&gpt, gpt_type_efi, &index, &e);

	if (found) {
		machine_partition(disk, index + 1, out->device);
		*area = (struct update_area){ e.first_lba, e.last_lba - e.first_lba + 1 };
	}
	gpt_unload(plat, &gpt);
	return found;
}

bool esp_mount(const struct esp *esp)
{
	char path[MACHINE_DEVICE_BYTES + 8];

	(void)mkdir(MOUNTED, 0700); /* it may be there */
	snprintf(path, sizeof path, "/dev/%s", esp->device);
	return mount(path, MOUNTED, "vfat", MS_NOSUID | MS_NODEV | MS_NOEXEC, "") == 0;
}

void esp_leave(void)
{
	sync();
	(void)umount(MOUNTED);
}

enum lb_status esp_read(const struct esp *esp, size_t limit, uint8_t **data, size_t *len)
{
	char path[80];

	snprintf(path, sizeof path, FOLDER "/%s", esp->name);
	return host_read_file(path, limit, data, len, NULL);
}

static bool write_new(const uint8_t *data, size_t len)
{
	const int fd = open(NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0;

	while (good && len > 0) {
		const ssize_t put = write(fd, data, len);

		if (put < 0 && errno == EINTR)
			continue;
		good = put > 0;
		if (good)
			data += put, len -= (size_t)put;
	}
	good = good && fsync(fd) == 0;
	if (fd >= 0)
		good = close(fd) == 0 && good;
	return good;
}

static bool sync_folder(void)
{
	const int fd = open(FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool good = fd >= 0 && syncfs(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	return good;
}

/* Names change places where there was a file; both lie in one sector of the folder, or in
 * neighbours, and each of the two is a whole loader at any moment. */
static bool put_in_place(const char *path)
{
	return syscall(SYS_renameat2, AT_FDCWD, NEW, AT_FDCWD, path, RENAME_EXCHANGE) ==
		       0 ||
	       rename(NEW, path) == 0;
}

static bool reads_back(const struct esp *esp, const uint8_t *data, size_t len)
{
	uint8_t *has = NULL;
	size_t bytes;

	esp_leave(); /* what is read then comes from the disk */
	const bool same = esp_mount(esp) && esp_read(esp, len, &has, &bytes) == LB_OK &&
			  bytes == len && memcmp(has, data, len) == 0;

	free(has);
	return same;
}

/* What is left of a file that is not whole takes room from the next one. */
static const char *give_up(const char *why)
{
	(void)unlink(NEW);
	return why;
}

const char *esp_write(const struct esp *esp, const uint8_t *data, size_t len)
{
	char path[80];

	(void)mkdir(MOUNTED "/EFI", 0700); /* both may be there */
	(void)mkdir(FOLDER, 0700);
	snprintf(path, sizeof path, FOLDER "/%s", esp->name);
	/* Where there is no room for two, the old one goes first: it starts nothing. */
	if (!write_new(data, len) && (unlink(path) != 0 || !write_new(data, len)))
		return give_up("cannot be written");
	if (!put_in_place(path))
		return give_up("cannot be put in its place");
	if (!sync_folder()) /* which of the two is where is not known: both stay */
		return "cannot be stored";
	(void)unlink(NEW); /* the old one, if there was any */
	return reads_back(esp, data, len) ? NULL : "reads back as something else";
}

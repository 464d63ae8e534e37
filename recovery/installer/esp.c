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

#define MOUNTED "/esp"
#define FOLDER  MOUNTED "/EFI/BOOT"
#define NEW     FOLDER "/LIFEBOAT.NEW"

bool esp_find(const struct platform *plat, const struct machine_disk *disk,
	      struct esp *out, struct update_area *area)
{
	struct lb_verdict why;
	struct gpt_entry e;
	bool found = false;
	struct gpt gpt;

	if (gpt_load(plat, &disk->disk, &gpt, &why) != LB_OK)
		return false;
	for (uint32_t i = 0; !found && gpt_entry_get(&gpt, i, &e) == LB_OK; i++) {
		if (memcmp(e.type, gpt_type_efi, sizeof e.type) != 0)
			continue;
		found = true;
		machine_partition(disk, i + 1, out->device);
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

static size_t read_file(const char *path, uint8_t *out, size_t size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	if (fd < 0)
		return 0;
	for (ssize_t got; len < size; len += (size_t)got) {
		got = read(fd, out + len, size - len);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			break;
	}
	(void)close(fd);
	return len < size ? len : 0;
}

size_t esp_read(const struct esp *esp, uint8_t *out, size_t size)
{
	char path[80];

	snprintf(path, sizeof path, FOLDER "/%s", esp->name);
	return read_file(path, out, size);
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
	uint8_t *has = malloc(len + 1);
	bool same = false;

	esp_leave(); /* what is read then comes from the disk */
	if (has != NULL && esp_mount(esp))
		same = esp_read(esp, has, len + 1) == len && memcmp(has, data, len) == 0;
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

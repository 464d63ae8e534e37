/* Media with payloads. */
#include "recovery/installer/stick.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOUNTED        "/stick"
#define MAX_PARTITIONS 16u

#define FOLDER "payload/" /* docs/formats/recovery-media.md */

/* A payload in pieces: NAME.000 and so on. They cannot be joined here yet. */
static bool is_piece(const char *name, size_t len)
{
	return len > 4 && name[len - 4] == '.' &&
	       strspn(name + len - 3, "0123456789") == 3;
}

/* In the folder any file; at the top, where anything may lie, by its ending.
 * "._x.payload" is what a Mac leaves beside a file it copied. */
static bool is_payload(const char *folder, const struct dirent *file)
{
	static const char end[] = ".payload";
	const char *name = file->d_name;
	const size_t len = strlen(name);

	if (name[0] == '.' || file->d_type == DT_DIR || is_piece(name, len))
		return false;
	return folder[0] != '\0' || (len > sizeof end - 1 &&
				     strcasecmp(name + len - (sizeof end - 1), end) == 0);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(struct stick *s, const char *folder)
{
	struct dirent **found = NULL;
	char path[32];

	snprintf(path, sizeof path, MOUNTED "/%s", folder);
	const int count = scandir(path, &found, NULL, by_name);

	for (int i = 0; i < count; i++) {
		const char *name = found[i]->d_name;

		if (is_payload(folder, found[i]) && s->count < STICK_MAX_PAYLOADS &&
		    strlen(folder) + strlen(name) < STICK_NAME_BYTES)
			snprintf(s->name[s->count++], STICK_NAME_BYTES, "%s%.*s", folder,
				 (int)(STICK_NAME_BYTES - 16), name);
		free(found[i]);
	}
	free(found);
}

static bool try_partition(struct stick *s, unsigned int number)
{
	char device[MACHINE_DEVICE_BYTES], path[MACHINE_DEVICE_BYTES + 8];

	machine_partition(s->disk, number, device);
	snprintf(path, sizeof path, "/dev/%s", device);
	if (mount(path, MOUNTED, "vfat", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "utf8") != 0)
		return false;
	list(s, "");
	list(s, FOLDER);
	if (s->count > 0)
		return true;
	(void)umount2(MOUNTED, MNT_DETACH);
	return false;
}

bool stick_find(struct machine *m, struct stick *out)
{
	machine_scan(m);
	for (size_t i = 0; i < m->disk_count; i++) {
		const struct machine_disk *d = &m->disk[i];

		if (d->disk.attachment == PLATFORM_ATTACHED_INTERNAL ||
		    !machine_disk_present(d))
			continue;
		*out = (struct stick){ .disk = d };
		for (unsigned int number = 1; number <= MAX_PARTITIONS; number++)
			if (try_partition(out, number))
				return true;
	}
	*out = (struct stick){ 0 };
	return false;
}

void stick_leave(struct stick *stick)
{
	if (stick->disk != NULL)
		(void)umount2(MOUNTED, MNT_DETACH);
	stick->disk = NULL;
}

static enum lb_status read_source(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const int fd = (int)(intptr_t)ctx;
	uint8_t *at = buf;

	while (len > 0) {
		const ssize_t got = pread(fd, at, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0          ? LB_ERR_RANGE
			       : errno == ENODEV ? LB_ERR_REMOVED
						 : LB_ERR_IO;
		at += got, offset += (uint64_t)got, len -= (size_t)got;
	}
	return LB_OK;
}

bool stick_open(const struct stick *stick, size_t index, struct lb_source *out)
{
	char path[STICK_NAME_BYTES + 16];
	struct stat st;

	snprintf(path, sizeof path, MOUNTED "/%s", stick->name[index]);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0 || st.st_size < 0) {
		(void)close(fd);
		return false;
	}
	*out = (struct lb_source){ .ctx = (void *)(intptr_t)fd,
				   .bytes = (uint64_t)st.st_size,
				   .read = read_source };
	return true;
}

void stick_close(struct lb_source *source)
{
	(void)close((int)(intptr_t)source->ctx);
}

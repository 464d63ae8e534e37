/* Media with payloads. */
#include "recovery/installer/stick.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <unistd.h>

#include "recovery/installer/pieces.h"

#define MAX_PARTITIONS 16u

/* docs/formats/recovery-media.md */
#define FOLDER    "payload/"
#define DEVELOPER "payload/developer/"
#define NETWORK   "/lifeboat/network.ini"

/* In the folder any file; at the top, where anything may lie, by its ending.
 * "._x.payload" is what a Mac leaves beside a file it copied. */
static bool is_payload(const char *folder, const struct dirent *file)
{
	static const char end[] = ".payload";
	const char *name = file->d_name;
	const size_t len = strlen(name);

	if (name[0] == '.' || file->d_type == DT_DIR)
		return false;
	return folder[0] != '\0' || (len > sizeof end - 1 &&
				     strcasecmp(name + len - (sizeof end - 1), end) == 0);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* A payload in pieces goes by its name without their numbers, once. */
static void add(struct stick *s, const char *folder, const char *name)
{
	size_t len;

	if (!pieces_name(name, false, &len))
		len = strlen(name);
	else if (!pieces_name(name, true, &len))
		return;
	if (s->count < STICK_MAX_PAYLOADS && strlen(folder) + len < STICK_NAME_BYTES)
		snprintf(s->name[s->count++], STICK_NAME_BYTES, "%s%.*s", folder,
			 (int)len, name);
}

static void list(struct stick *s, const char *folder)
{
	struct dirent **found = NULL;
	char path[64];

	snprintf(path, sizeof path, STICK_MOUNTED "/%s", folder);
	const int count = scandir(path, &found, NULL, by_name);

	for (int i = 0; i < count; i++) {
		if (is_payload(folder, found[i]))
			add(s, folder, found[i]->d_name);
		free(found[i]);
	}
	free(found);
}

/* By the name of its partition, which nobody else uses. */
static bool is_ours(const char *device)
{
	char path[MACHINE_DEVICE_BYTES + 32], text[512], *at;

	snprintf(path, sizeof path, "/sys/class/block/%s/uevent", device);
	if (!machine_read_text(path, text, sizeof text))
		return false;
	at = strstr(text, "PARTNAME=RECOVERY-DATA");
	return at != NULL && (at == text || at[-1] == '\n');
}

static bool is_of_use(const struct stick *s, enum stick_kind kind, const char *device)
{
	if (s->count > 0)
		return true;
	if (kind != STICK_PAYLOADS && access(STICK_MOUNTED NETWORK, F_OK) == 0)
		return true;
	return kind == STICK_ANY && is_ours(device);
}

static bool try_partition(struct stick *s, enum stick_kind kind, unsigned int number)
{
	char device[MACHINE_DEVICE_BYTES], path[MACHINE_DEVICE_BYTES + 8];

	machine_partition(s->disk, number, device);
	snprintf(path, sizeof path, "/dev/%s", device);
	if (mount(path, STICK_MOUNTED, "vfat",
		  MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "utf8") != 0)
		return false;
	list(s, "");
	list(s, FOLDER);
	list(s, DEVELOPER);
	s->partition = number;
	if (is_of_use(s, kind, device))
		return true;
	(void)umount2(STICK_MOUNTED, MNT_DETACH);
	return false;
}

bool stick_find(struct machine *m, enum stick_kind kind, struct stick *out)
{
	machine_scan(m);
	for (size_t i = 0; i < m->disk_count; i++) {
		const struct machine_disk *d = &m->disk[i];

		if (d->disk.attachment == PLATFORM_ATTACHED_INTERNAL ||
		    !machine_disk_present(d))
			continue;
		*out = (struct stick){ .disk = d };
		for (unsigned int number = 1; number <= MAX_PARTITIONS; number++)
			if (try_partition(out, kind, number))
				return true;
	}
	*out = (struct stick){ 0 };
	return false;
}

void stick_leave(struct stick *stick)
{
	if (stick->disk != NULL)
		(void)umount2(STICK_MOUNTED, MNT_DETACH);
	stick->disk = NULL;
}

bool stick_open(const struct stick *stick, size_t index, struct lb_source *out,
		const char **why)
{
	char path[PIECES_PATH_BYTES];

	snprintf(path, sizeof path, STICK_MOUNTED "/%s", stick->name[index]);
	return pieces_open(path, out, why);
}

void stick_close(struct lb_source *source)
{
	pieces_close(source);
}

/* The running system's slot and disk, from the loader's hand-over and /sys. */
#include "tools/lib/running.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gpt/gpt_slot.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/file.h"
#include "tools/lib/guid.h"
#include "tools/lib/tool.h"

#define VARIABLE                                                                         \
	"/sys/firmware/efi/efivars/LifeboatSlot-782ed91d-b444-4d76-abd7-3374f0779f89"
#define PROPERTY "/proc/device-tree/firmware/lifeboat/slot"

enum { VARIABLE_ATTRIBUTE_BYTES = 4 };

/* "A 4ef77bbc-...", perhaps with a NUL or newline behind. */
static bool parse(const char *text, size_t len, struct tool_running *out)
{
	uint8_t guid[16];
	const size_t guid_len = LB_GUID_TEXT_BYTES - 1;

	if (len < 2 + guid_len || text[0] < 'A' || text[0] > 'Z' || text[1] != ' ')
		return false;
	out->letter = text[0];
	memcpy(out->guid, text + 2, guid_len);
	out->guid[guid_len] = '\0';
	return tool_guid_parse(out->guid, guid);
}

static bool read_slot(const char *root, struct tool_running *out)
{
	static const struct {
		const char *path;
		size_t skip;
	} places[] = { { VARIABLE, VARIABLE_ATTRIBUTE_BYTES }, { PROPERTY, 0 } };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *path = tool_format("%s%s", root, places[i].path);
		struct tool_buffer text = { 0 };
		bool good = access(path, F_OK) == 0;

		if (good && tool_read_file(path, 4096, &text)) {
			good = text.len >= places[i].skip &&
			       parse((const char *)text.data + places[i].skip,
				     text.len - places[i].skip, out);
			if (!good)
				tool_error("%s: not a slot's letter and GUID", path);
			tool_buffer_free(&text);
			free(path);
			return good;
		}
		free(path);
		if (good)
			return false; /* the message is out */
	}
	return tool_error("this system was not started by lifeboat, or its hand-over "
			  "cannot be read "
			  "(%s%s, %s%s); name disk and slot",
			  root, VARIABLE, root, PROPERTY);
}

static bool is_partition(const char *root, const char *name)
{
	char *path = tool_format("%s/sys/class/block/%s/partition", root, name);
	const bool yes = access(path, F_OK) == 0;

	free(path);
	return yes;
}

static bool holds_slot(const char *path, const char *guid)
{
	struct tool_disk_slots slots;
	uint8_t wanted[16];
	bool found = false;

	if (access(path, R_OK) != 0 || !tool_guid_parse(guid, wanted) ||
	    !tool_disk_slots_open_quietly(path, &slots))
		return false;
	for (size_t i = 0; i < slots.count; i++)
		found |= memcmp(slots.slot[i].guid, wanted, 16) == 0;
	tool_disk_slots_close(&slots);
	return found;
}

/* Two disks with one GUID are clones of each other: then nobody can tell which is meant. */
static bool take_disk(char *path, struct tool_running *out)
{
	if (out->disk != NULL) {
		tool_error("slot %s is on %s and on %s; name the disk", out->guid,
			   out->disk, path);
		free(path);
		return false;
	}
	out->disk = path;
	return true;
}

static bool find_disk(const char *root, struct tool_running *out)
{
	char *folder = tool_format("%s/sys/class/block", root);
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	bool good = dir != NULL || tool_error("%s: %s", folder, strerror(errno));

	while (good && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || is_partition(root, entry->d_name))
			continue;
		char *path = tool_format("%s/dev/%s", root, entry->d_name);

		if (holds_slot(path, out->guid))
			good = take_disk(path, out);
		else
			free(path);
	}
	if (dir != NULL)
		closedir(dir);
	free(folder);
	if (good && out->disk == NULL)
		return tool_error("no disk has slot %c (%s)", out->letter, out->guid);
	return good;
}

bool tool_running_find(const char *root, struct tool_running *out)
{
	*out = (struct tool_running){ 0 };
	if (read_slot(root != NULL ? root : "", out) &&
	    find_disk(root != NULL ? root : "", out))
		return true;
	tool_running_free(out);
	return false;
}

void tool_running_free(struct tool_running *running)
{
	free(running->disk);
	*running = (struct tool_running){ 0 };
}

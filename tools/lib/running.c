/* The running system's slot and disk, from the loader's hand-over and /sys. */
#include "tools/lib/running.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/handover.h"
#include "gpt/gpt_slot.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/file.h"
#include "tools/lib/guid.h"
#include "tools/lib/tool.h"

#define VARIABLE(name)                                                                   \
	"/sys/firmware/efi/efivars/Lifeboat" name "-782ed91d-b444-4d76-abd7-"            \
	"3374f0779f89"
#define PROPERTY(name) "/proc/device-tree/firmware/lifeboat/" name

enum {
	FACT_BYTES = 4096,
};

/* Where the loader leaves a fact: as a variable, and with a device tree as a property. */
struct places {
	const char *variable, *property;
};

static const struct places slot_places = { VARIABLE("Slot"), PROPERTY("slot") };
static const struct places mode_places = { VARIABLE("Mode"), PROPERTY("mode") };

enum found {
	FOUND,
	NOT_FOUND,
	UNREADABLE, /* the message is out */
};

/* A variable with other attributes was left by an operating system, perhaps for good:
 * what it says is nobody's word. False, with a message, when @text is such a one. */
static bool is_loaders(const char *path, const struct tool_buffer *text)
{
	size_t bytes;

	if (text->len < LB_HANDOVER_ATTRIBUTE_BYTES ||
	    lb_handover_value(text->data, text->len, &bytes) != NULL)
		return true;
	return tool_error(
		"%s: attributes 0x%x, the loader's have 0x%x: not written by the "
		"loader, ignored",
		path, lb_le32(text->data), LB_HANDOVER_ATTRIBUTES);
}

static void drop_attributes(struct tool_buffer *text)
{
	const size_t skip = LB_HANDOVER_ATTRIBUTE_BYTES;

	if (text->len <= skip) {
		text->len = 0;
		return;
	}
	text->len -= skip;
	memmove(text->data, text->data + skip, text->len);
}

/* @path: set also when it is not readable; the caller frees both. */
static enum found read_fact(const char *root, const struct places *places, char **path,
			    struct tool_buffer *text)
{
	const char *const names[] = { places->variable, places->property };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const bool variable = i == 0;

		*path = tool_format("%s%s", root, names[i]);
		if (access(*path, F_OK) == 0) {
			if (!tool_read_file(*path, FACT_BYTES, text))
				return UNREADABLE;
			if (!variable)
				return FOUND;
			if (is_loaders(*path, text)) {
				drop_attributes(text);
				return FOUND;
			}
			tool_buffer_free(text);
			*text = (struct tool_buffer){ 0 };
		}
		free(*path);
		*path = NULL;
	}
	return NOT_FOUND;
}

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
	struct tool_buffer text = { 0 };
	char *path = NULL;
	const enum found found = read_fact(root, &slot_places, &path, &text);
	bool good = found == FOUND && parse((const char *)text.data, text.len, out);

	if (found == NOT_FOUND)
		tool_error("this system was not started by lifeboat, or its hand-over "
			   "cannot be read (%s%s, %s%s); name disk and slot",
			   root, slot_places.variable, root, slot_places.property);
	else if (found == FOUND && !good)
		tool_error("%s: not a slot's letter and GUID", path);
	tool_buffer_free(&text);
	free(path);
	return good;
}

/* A recovery system runs from a medium, whose partition table is not its to change. */
static bool is_not_recovery(const char *root)
{
	static const char recovery[] = "recovery";
	struct tool_buffer text = { 0 };
	char *path = NULL;
	const enum found found = read_fact(root, &mode_places, &path, &text);
	bool good = found != UNREADABLE;

	if (found == FOUND && text.len >= sizeof(recovery) - 1 &&
	    memcmp(text.data, recovery, sizeof(recovery) - 1) == 0)
		good = tool_error(
			"%s: this is a recovery system, which runs from no slot; "
			"name disk and slot",
			path);
	tool_buffer_free(&text);
	free(path);
	return good;
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

/* Two disks with one GUID are clones of each other: then nobody can tell which is
 * meant. */
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
	if (is_not_recovery(root != NULL ? root : "") &&
	    read_slot(root != NULL ? root : "", out) &&
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

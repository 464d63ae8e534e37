/* The running system's slot and disk, from the loader's hand-over and /sys. */
#include "tools/lib/running.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/handover.h"
#include "boot/kernel/told_words.h"
#include "gpt/gpt_slot.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/file.h"
#include "tools/lib/guid.h"
#include "tools/lib/running_disk.h"
#include "tools/lib/tool.h"

#define VARIABLE(name)                                                                   \
	"/sys/firmware/efi/efivars/Lifeboat" name "-782ed91d-b444-4d76-abd7-"            \
	"3374f0779f89"
#define PROPERTY(name) "/proc/device-tree/firmware/lifeboat/" name

enum {
	FACT_BYTES = 4096,
	CMDLINE_BYTES = 65536,
};

/* Where the loader leaves a fact: as a variable, with a device tree as a property, and
 * where it cannot write the variable on the command line. */
struct places {
	const char *name, *variable, *property;
};

static const struct places slot_places = { "Slot", VARIABLE("Slot"), PROPERTY("slot") };
static const struct places mode_places = { "Mode", VARIABLE("Mode"), PROPERTY("mode") };
static const struct places refused_places = { "Refused", VARIABLE("Refused"),
					      PROPERTY("refused") };
static const struct places disk_places = { "Disk", VARIABLE("Disk"), PROPERTY("disk") };

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

/* The last place: what only the loader can have put there (told_words.h). */
static enum found read_word(const char *root, const char *name, char **path,
			    struct tool_buffer *text)
{
	struct tool_buffer cmdline = { 0 };
	char value[LB_HANDOVER_VALUE_BYTES];
	enum lb_status status = LB_ERR_NOT_FOUND;

	*path = tool_format("%s/proc/cmdline", root);
	if (access(*path, F_OK) == 0 && tool_read_file(*path, CMDLINE_BYTES, &cmdline)) {
		tool_buffer_append(&cmdline, "", 1);
		status = kernel_told_find((const char *)cmdline.data, name, value,
					  sizeof(value));
	}
	tool_buffer_free(&cmdline);
	if (status == LB_OK) {
		tool_buffer_append(text, value, strlen(value));
		return FOUND;
	}
	if (status != LB_ERR_NOT_FOUND) {
		tool_error("%s: the loader's word for %s: %s", *path, name,
			   lb_status_name(status));
		return UNREADABLE;
	}
	free(*path);
	*path = NULL;
	return NOT_FOUND;
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
	return read_word(root, places->name, path, text);
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

/* A disk that has a slot of that GUID. */
struct candidate {
	char *path;
	bool recorded; /* this boot's record is in its history */
	enum tool_disk_place place;
};

struct candidates {
	size_t count;
	struct candidate at[PLATFORM_MAX_DISKS];
};

static void free_candidates(struct candidates *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->at[i].path);
}

static void add_candidate(struct candidates *all, const char *root, const char *name,
			  char *path, const struct tool_disk_fact *fact)
{
	struct candidate *c;

	if (all->count == PLATFORM_MAX_DISKS) {
		free(path);
		return;
	}
	c = &all->at[all->count++];
	*c = (struct candidate){ .path = path, .place = TOOL_DISK_PERHAPS };
	if (fact->recorded)
		c->recorded = tool_disk_has_record(path, fact);
	if (fact->given)
		c->place = tool_disk_place(root, name, fact->path);
}

static bool find_candidates(const char *root, const char *guid,
			    const struct tool_disk_fact *fact, struct candidates *all)
{
	char *folder = tool_format("%s/sys/class/block", root);
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	const bool good = dir != NULL || tool_error("%s: %s", folder, strerror(errno));

	while (good && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || is_partition(root, entry->d_name))
			continue;
		char *path = tool_format("%s/dev/%s", root, entry->d_name);

		if (holds_slot(path, guid) ||
		    (fact->recorded && tool_disk_has_record(path, fact)))
			add_candidate(all, root, entry->d_name, path, fact);
		else
			free(path);
	}
	if (dir != NULL)
		closedir(dir);
	free(folder);
	return good;
}

static bool is_recorded(const struct candidate *c)
{
	return c->recorded;
}

static bool is_not_elsewhere(const struct candidate *c)
{
	return c->place != TOOL_DISK_ELSEWHERE;
}

static bool is_there(const struct candidate *c)
{
	return c->place == TOOL_DISK_THERE;
}

/* Keeps those that are, when any is. */
static void narrow(struct candidates *all, bool (*is)(const struct candidate *))
{
	size_t kept = 0, any = 0;

	for (size_t i = 0; i < all->count; i++)
		any += is(&all->at[i]);
	for (size_t i = 0; i < all->count && any > 0; i++) {
		if (is(&all->at[i]))
			all->at[kept++] = all->at[i];
		else
			free(all->at[i].path);
	}
	all->count = any > 0 ? kept : all->count;
}

/* The disk got GUIDs of its own since the start (slots own-guids): then the slot of that
 * letter is the one. */
static bool follow_guid(struct tool_running *out)
{
	struct tool_disk_slots slots;
	uint8_t guid[16];
	const struct gpt_slot *letter = NULL;
	bool same = false;

	if (!tool_guid_parse(out->guid, guid) ||
	    !tool_disk_slots_open_quietly(out->disk, &slots))
		return false;
	for (size_t i = 0; i < slots.count; i++) {
		same |= memcmp(slots.slot[i].guid, guid, sizeof(guid)) == 0;
		if (slots.slot[i].letter == out->letter)
			letter = &slots.slot[i];
	}
	if (!same && letter != NULL)
		lb_format_guid(out->guid, letter->guid);
	tool_disk_slots_close(&slots);
	return same || letter != NULL ||
	       tool_error("%s: there is no slot %c any more", out->disk, out->letter);
}

/* DESIGN 8: the record tells; the place only where no disk has it, or a clone was made
 * since the start. */
static bool choose(struct candidates *all, const struct tool_disk_fact *fact,
		   struct tool_running *out)
{
	narrow(all, is_recorded);
	if (all->count > 1 || (all->count == 1 && !all->at[0].recorded)) {
		narrow(all, is_not_elsewhere);
		narrow(all, is_there);
	}
	if (all->count == 0)
		return tool_error("no disk has slot %c (%s)", out->letter, out->guid);
	if (all->count > 1) /* clones of each other, and nobody can tell which is meant */
		return tool_error("slot %s is on %s and on %s; name the disk", out->guid,
				  all->at[0].path, all->at[1].path);
	if (!all->at[0].recorded && all->at[0].place == TOOL_DISK_ELSEWHERE)
		return tool_error("slot %s is on %s, but this system was started from "
				  "another disk (%s); name the disk",
				  out->guid, all->at[0].path, fact->path);
	out->disk = tool_format("%s", all->at[0].path);
	return !all->at[0].recorded || follow_guid(out);
}

/* Loaders before LifeboatDisk say nothing, and what is no such value is not believed. */
static bool read_disk(const char *root, struct tool_disk_fact *out)
{
	struct tool_buffer text = { 0 };
	char *path = NULL;
	const enum found found = read_fact(root, &disk_places, &path, &text);
	bool good = found != UNREADABLE;

	*out = (struct tool_disk_fact){ 0 };
	if (found == FOUND) {
		tool_buffer_append(&text, "", 1);
		good = tool_disk_fact_parse((const char *)text.data, out) ||
		       text.data[0] == '\0' ||
		       tool_error("%s: not a boot number, 8 bytes and a path", path);
	}
	tool_buffer_free(&text);
	free(path);
	return good;
}

/* Only told: a slot is good without it, so nothing here is an error. */
static void read_refused(const char *root, struct tool_running *out)
{
	struct tool_buffer text = { 0 };
	char *path = NULL;

	if (read_fact(root, &refused_places, &path, &text) == FOUND && text.len > 0) {
		tool_buffer_append(&text, "", 1);
		out->refused = tool_format("%s", (const char *)text.data);
	}
	tool_buffer_free(&text);
	free(path);
}

static bool find_disk(const char *root, struct tool_running *out)
{
	struct candidates all = { 0 };
	struct tool_disk_fact fact;
	const bool good = read_disk(root, &fact) &&
			  find_candidates(root, out->guid, &fact, &all) &&
			  choose(&all, &fact, out);

	free_candidates(&all);
	return good;
}

bool tool_running_find(const char *root, struct tool_running *out)
{
	*out = (struct tool_running){ 0 };
	if (is_not_recovery(root != NULL ? root : "") &&
	    read_slot(root != NULL ? root : "", out) &&
	    find_disk(root != NULL ? root : "", out)) {
		read_refused(root != NULL ? root : "", out);
		return true;
	}
	tool_running_free(out);
	return false;
}

void tool_running_free(struct tool_running *running)
{
	free(running->disk);
	free(running->refused);
	*running = (struct tool_running){ 0 };
}

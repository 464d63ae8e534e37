/* The running system's slot and disk, from the loader's hand-over and /sys. */
#include "tools/lib/running.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gpt/gpt_slot.h"
#include "host/disks.h"
#include "host/handover.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/guid.h"
#include "tools/lib/running_disk.h"
#include "tools/lib/tool.h"

static void say_aside(const char *text)
{
	tool_error("%s", text);
}

enum found {
	FOUND,
	NOT_FOUND,  /* @places of read_fact() says where it was looked for */
	UNREADABLE, /* the message is out */
};

static enum found read_fact(const char *root, const char *name, struct host_fact *out,
			    struct host_error *places)
{
	const enum lb_status status =
		host_handover_read(root, name, say_aside, out, places);

	if (status == LB_OK || status == LB_ERR_NOT_FOUND)
		return status == LB_OK ? FOUND : NOT_FOUND;
	(void)tool_check(status, places);
	return UNREADABLE;
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
	struct host_error places;
	struct host_fact fact;
	const enum found found = read_fact(root, "Slot", &fact, &places);
	bool good = found == FOUND && parse(fact.text, fact.len, out);

	if (found == NOT_FOUND)
		tool_error(
			"this system was not started by lifeboat, or its hand-over "
			"cannot be read (%s); name the disk, and for mark-good the slot",
			places.text);
	else if (found == FOUND && !good)
		tool_error("%s: not a slot's letter and GUID", fact.path);
	host_fact_free(&fact);
	return good;
}

/* A recovery system runs from a medium, whose partition table is not its to change. */
static bool is_not_recovery(const char *root)
{
	static const char recovery[] = "recovery";
	struct host_error places;
	struct host_fact fact;
	const enum found found = read_fact(root, "Mode", &fact, &places);
	bool good = found != UNREADABLE;

	if (found == FOUND && strncmp(fact.text, recovery, sizeof(recovery) - 1) == 0)
		good = tool_error(
			"%s: this is a recovery system, which runs from no slot; "
			"name the disk, and for mark-good the slot",
			fact.path);
	host_fact_free(&fact);
	return good;
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

/* Looking for the disks that have the slot. */
struct looking {
	const char *root, *guid;
	const struct tool_disk_fact *fact;
	struct candidates *all;
};

static void look_at_disk(void *ctx, const char *name)
{
	const struct looking *l = ctx;
	char *path = tool_format("%s/dev/%s", l->root, name);

	if (holds_slot(path, l->guid) ||
	    (l->fact->recorded && tool_disk_has_record(path, l->fact)))
		add_candidate(l->all, l->root, name, path, l->fact);
	else
		free(path);
}

static bool find_candidates(const char *root, const char *guid,
			    const struct tool_disk_fact *fact, struct candidates *all)
{
	struct looking looking = { root, guid, fact, all };
	struct host_error err;

	return tool_check(host_disks_each(root, look_at_disk, &looking, &err), &err);
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
	struct host_error places;
	struct host_fact fact;
	const enum found found = read_fact(root, "Disk", &fact, &places);
	bool good = found != UNREADABLE;

	*out = (struct tool_disk_fact){ 0 };
	if (found == FOUND)
		good = tool_disk_fact_parse(fact.text, out) || fact.text[0] == '\0' ||
		       tool_error("%s: not a boot number, 8 bytes and a path", fact.path);
	host_fact_free(&fact);
	return good;
}

/* Only told: a slot is good without it, so nothing here is an error. */
static void read_refused(const char *root, struct tool_running *out)
{
	struct host_error places;
	struct host_fact fact;

	if (read_fact(root, "Refused", &fact, &places) == FOUND && fact.len > 0)
		out->refused = tool_format("%s", fact.text);
	host_fact_free(&fact);
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

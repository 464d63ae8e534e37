/* lifeboat payload apply: install a payload into a slot of a disk or image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gpt/gpt_slot.h"
#include "base/format.h"
#include "tools/commands.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/payload_open.h"
#include "tools/lib/payload_trust.h"
#include "tools/lib/running_on.h"
#include "tools/lib/tool.h"
#include "update/apply.h"

static struct tool_payload_trust trust; /* large, as the file */
static struct tool_payload_file file;

struct apply_options {
	const char *disk, *slot, *root;
	struct tool_optional_number memory, sector_size;
	bool progress, json;
};

/* Without --slot: the one that would be missed least - dead before trying before proven,
 * and of equals the one that starts last. Never the one that this system runs from. */
static char choose_slot(const char *path, uint32_t sector_bytes, char running)
{
	struct tool_disk_slots disk;
	char letter = '\0';
	int best = -1;

	if (!tool_disk_slots_open(path, false, sector_bytes, &disk))
		return '\0';
	for (size_t i = 0; i < disk.count; i++) {
		const struct gpt_slot *s = &disk.slot[i];
		const enum gpt_slot_state state = gpt_slot_state(s, trust.judge.order);
		const int worth = (state == GPT_SLOT_DEAD     ? 0
				   : state == GPT_SLOT_TRYING ? 100
							      : 200) +
				  s->priority;

		if (s->letter != running && (best < 0 || worth <= best)) {
			best = worth;
			letter = s->letter;
		}
	}
	if (letter == '\0')
		tool_error(running == '\0'
				   ? "%s: no slots"
				   : "%s: no slot but the one this system runs from",
			   path);
	tool_disk_slots_close(&disk);
	return letter;
}

static bool tell(void *ctx, const struct update_progress *p)
{
	static const char *const stages[UPDATE_STAGES] = { "checking", "writing",
							   "reading back", "headers" };
	static int stage = -1, percent = -1;
	const int now = p->total != 0 ? (int)(p->done * 100 / p->total) : 0;

	(void)ctx;
	if ((int)p->stage == stage && now == percent)
		return true;
	stage = (int)p->stage;
	percent = now;
	tool_note("%s %d%%", stages[p->stage], now);
	return true;
}

static bool report(const struct apply_options *o, char letter, bool resumed)
{
	const uint32_t version = file.payload.release.version;
	const char slot[2] = { letter, '\0' };

	if (!o->json) {
		printf("%s: slot %c: version %u.%u, %s%s\n", o->disk, letter,
		       LB_VERSION_PARTS(version), "trying",
		       resumed ? ", gone on with an interrupted run" : "");
		return true;
	}
	json_t *object = json_object();

	tool_json_text(object, "disk", o->disk);
	tool_json_text(object, "slot", slot);
	tool_json_number(object, "version", version);
	tool_json_text(object, "state", "trying");
	tool_json_bool(object, "resumed", resumed);
	return tool_json_print(object);
}

static bool install(const struct apply_options *o, char letter,
		    const struct platform_disk *disk)
{
	struct host_platform *plat = &file.plat;
	struct update_job job = { .payload = &file.payload,
				  .progress = o->progress ? tell : NULL };
	struct update_target other[GPT_MAX_SLOTS];
	struct update_origin origin[GPT_MAX_SLOTS];
	struct update_verdict why;

	if (update_target_find(&plat->platform, disk, letter, &job.target, &why) !=
		    UPDATE_OK ||
	    update_target_others(&job.target, other, &job.origin_count, &why) !=
		    UPDATE_OK)
		return tool_update_refuse(o->disk, &why);
	for (size_t i = 0; i < job.origin_count; i++)
		origin[i] = update_target_origin(&other[i]);
	job.origin = origin;
	if (update_check(&job, &why) != UPDATE_OK ||
	    update_apply(&job, &why) != UPDATE_OK)
		return tool_update_refuse(o->disk, &why);
	return report(o, letter, job.resumed);
}

/* A disk without a table is refused in the words of `slots`. */
static bool has_table(const char *path, uint32_t sector_bytes)
{
	struct tool_disk_slots disk;

	if (!tool_disk_slots_open(path, false, sector_bytes, &disk))
		return false;
	tool_disk_slots_close(&disk);
	return true;
}

/* Under the disk's lock: which slot is missed least must not change meanwhile. */
static bool choose_and_install(const struct apply_options *o)
{
	const uint32_t sector_bytes = (uint32_t)o->sector_size.value;
	const struct platform_disk *disk;
	char letter = '\0', running;

	if (!tool_platform_open(&file.plat, o->disk, true, sector_bytes, &disk) ||
	    !tool_running_on(o->root, o->disk, &running))
		return false;
	if (o->slot == NULL)
		letter = choose_slot(o->disk, sector_bytes, running);
	else if (has_table(o->disk, sector_bytes))
		letter = o->slot[0];

	if (letter >= 'a' && letter <= 'z')
		letter = (char)(letter - 'a' + 'A');
	if (letter != '\0' && letter == running)
		return tool_refuse("%s: slot %c is the one this system runs from; name "
				   "another one",
				   o->disk, letter);
	return letter != '\0' && install(o, letter, disk);
}

static bool apply(const char *path, const struct apply_options *o)
{
	if (!tool_payload_trust_load(&trust) || !tool_payload_file_open(path, &file))
		return false;
	file.memory.limit =
		o->memory.given ? (size_t)o->memory.value : UPDATE_FULL_MEMORY_BYTES;
	const bool good =
		tool_payload_open(&file, &trust.device) && choose_and_install(o);

	tool_payload_file_close(&file);
	tool_payload_trust_free(&trust);
	return good;
}

int cmd_payload_apply(int argc, char **argv)
{
	struct apply_options o = { 0 };
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 0, "to", &o.disk, "DISK", "disk or disk image" },
		{ TOOL_OPTION_TEXT, 0, "slot", &o.slot, "SLOT",
		  "which slot (the one that would be missed least)" },
		TOOL_PAYLOAD_TRUST_OPTIONS(trust),
		{ TOOL_OPTION_NUMBER, 0, "memory", &o.memory, "SIZE",
		  "at most so much memory (32M)" },
		{ TOOL_OPTION_NUMBER, 0, "sector-size", &o.sector_size, "BYTES",
		  "of an image (else found out)" },
		{ TOOL_OPTION_TEXT, 0, "system-root", &o.root, "DIR",
		  "look for the running system's /sys, /proc and /dev below DIR" },
		{ TOOL_OPTION_FLAG, 0, "progress", &o.progress, NULL,
		  "say on standard error how far it is" },
		{ TOOL_OPTION_FLAG, 0, "json", &o.json, NULL,
		  "say what was done as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat payload apply",
		"PAYLOAD",
		"Installs a payload into a slot: judged as a device would, straight to "
		"the partitions,\n"
		"read back, and at last put on trial. An interrupted run goes on where "
		"it was.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (o.disk == NULL)
		return tool_usage_error(&usage, "--to is missing");
	if (o.slot != NULL && strlen(o.slot) != 1)
		return tool_usage_error(&usage, "--slot: a letter");
	if (!tool_sector_bytes_good(&o.sector_size))
		return tool_usage_error(&usage, "--sector-size: 512, 1024, 2048 or 4096");
	return apply(operands[0], &o) ? TOOL_YES : tool_failed();
}

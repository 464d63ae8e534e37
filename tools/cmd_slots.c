/* lifeboat slots: show and change the slots of a disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reason.h"
#include "tools/commands.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/json_out.h"
#include "tools/lib/media_found.h"
#include "tools/lib/options.h"
#include "tools/lib/own_guids.h"
#include "tools/lib/past.h"
#include "tools/lib/running.h"
#include "tools/lib/tool.h"

struct slots_options {
	bool json;
	const char *order, *bootable, *root;
	struct tool_optional_number priority, remaining_attempts, sector_size;
};

/* What the operands say: [IMAGE] [set SLOT | mark-good [SLOT] | own-guids]. */
struct request {
	const char *image; /* NULL: the running system's disk */
	enum action { SHOW, SET, MARK_GOOD, OWN_GUIDS } action;
	const char *slot; /* NULL with MARK_GOOD: the running one */
};

static bool find_action(const char *word, enum action *out)
{
	static const char *const words[] = {
		[SET] = "set", [MARK_GOOD] = "mark-good", [OWN_GUIDS] = "own-guids"
	};

	for (size_t i = SET; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0) {
			*out = (enum action)i;
			return true;
		}
	return false;
}

static bool parse_request(const struct tool_usage *usage, char **operand,
			  struct request *out)
{
	*out = (struct request){ 0 };
	if (*operand != NULL && !find_action(*operand, &out->action))
		out->image = *operand++;
	if (*operand == NULL)
		return true;
	if (!find_action(*operand, &out->action)) {
		tool_usage_error(usage, "'%s' is neither set, mark-good nor own-guids",
				 *operand);
		return false;
	}
	out->slot = *++operand;
	if (out->action == SET && out->slot == NULL) {
		tool_usage_error(usage, "set: which slot?");
		return false;
	}
	if (out->slot != NULL && (out->action == OWN_GUIDS || operand[1] != NULL)) {
		tool_usage_error(usage, "'%s' is too much",
				 out->action == OWN_GUIDS ? out->slot : operand[1]);
		return false;
	}
	if (out->action == MARK_GOOD && out->image != NULL && out->slot == NULL) {
		tool_usage_error(usage, "mark-good: which slot of %s?", out->image);
		return false;
	}
	return true;
}

/* --- showing ---------------------------------------------------------------------- */

static size_t place_in_order(const size_t *sequence, size_t tried, size_t index)
{
	for (size_t i = 0; i < tried; i++)
		if (sequence[i] == index)
			return i + 1;
	return 0;
}

/* What the loader has said of a slot that it did not start this time; LB_REASON_OK:
 * nothing, or nothing that this program knows. */
static enum lb_reason refused_reason(const char *refused, char letter)
{
	enum lb_reason reason = LB_REASON_OK;
	const char *at = refused;

	while (at != NULL && at[0] != letter)
		at = (at = strchr(at, ' ')) != NULL ? at + 1 : NULL;
	if (at == NULL || at[1] != ':')
		return LB_REASON_OK;
	const size_t len = strcspn(at + 2, " ");

	while (lb_reason_next(&reason)) {
		const char *name = lb_reason_name(reason);

		if (strlen(name) == len && strncmp(name, at + 2, len) == 0)
			return reason;
	}
	return LB_REASON_OK;
}

/* One slot as it is shown. */
struct shown {
	const struct gpt_slot *slot;
	enum gpt_slot_order order;
	size_t place; /* in the order of the next boot, from 1; 0: it is not tried */
	bool history; /* there is one: the rest says something */
	struct history_starts starts;
	bool behind; /* behind the other proven ones, for how its starts ended */
	enum lb_reason refused; /* at this start; LB_REASON_OK: it was not */
};

static void describe_starts(json_t *object, const struct shown *s)
{
	tool_json_set(object, "writes_marks",
		      s->history ? json_boolean(s->starts.marks) : json_null());
	tool_json_set(object, "unmarked_starts",
		      s->history ? json_integer(s->starts.unmarked) : json_null());
	tool_json_set(object, "deaths",
		      s->history ? json_integer(s->starts.deaths) : json_null());
	tool_json_bool(object, "behind", s->behind);
}

static json_t *describe(const struct shown *shown)
{
	const struct gpt_slot *s = shown->slot;
	const enum gpt_slot_state state = gpt_slot_state(s, shown->order);
	char guid[LB_GUID_TEXT_BYTES];
	json_t *object = json_object();
	const char letter[2] = { s->letter, '\0' };

	lb_format_guid(guid, s->guid);
	tool_json_text(object, "slot", letter);
	tool_json_number(object, "partition", s->kernel + 1);
	tool_json_text(object, "guid", guid);
	tool_json_set(object, "root_partition",
		      s->has_root ? json_integer(s->root + 1) : json_null());
	tool_json_number(object, "priority", s->priority);
	tool_json_number(object, "remaining_attempts", s->remaining_attempts);
	tool_json_bool(object, "bootable", s->bootable);
	tool_json_text(object, "state", tool_slot_state_name(state));
	tool_json_text(object, "words", gpt_slot_state_words(state));
	tool_json_set(object, "order",
		      shown->place != 0 ? json_integer((json_int_t)shown->place)
					: json_null());
	describe_starts(object, shown);
	tool_json_set(object, "refused",
		      shown->refused != LB_REASON_OK
			      ? tool_json_string(lb_reason_name(shown->refused))
			      : json_null());
	return object;
}

/* It has no state, no order and nobody's attempts. */
static void print_recovery_kernel(const struct gpt_slot *s)
{
	char guid[LB_GUID_TEXT_BYTES];

	lb_format_guid(guid, s->guid);
	printf("partition %u  %s  recovery kernel, no slot\n", s->kernel + 1, guid);
}

static void print_line(const struct shown *shown)
{
	const struct gpt_slot *s = shown->slot;
	char guid[LB_GUID_TEXT_BYTES];

	lb_format_guid(guid, s->guid);
	printf("%c  partition %u  %s  priority %u  remaining attempts %u  bootable %s  "
	       "%s",
	       s->letter, s->kernel + 1, guid, s->priority, s->remaining_attempts,
	       s->bootable ? "yes" : "no",
	       gpt_slot_state_words(gpt_slot_state(s, shown->order)));
	if (shown->place == 1)
		printf(", goes first");
	else if (shown->place == 0)
		printf(", is not tried");
	if (shown->behind)
		printf(", behind the others: its last %u starts ended without its "
		       "system's mark, %u of them by a panic or the watchdog",
		       shown->starts.unmarked, shown->starts.deaths);
	if (shown->refused != LB_REASON_OK)
		printf("; refused at this start: %s", lb_reason_text(shown->refused));
	putchar('\n');
}

/* The order of the next boot, as the loader makes it: of the table, and of the
 * history. */
struct next_boot {
	struct boot_history *history;
	struct history_past past;
	size_t sequence[GPT_MAX_SLOTS], tried;
	struct history_order order;
};

static struct next_boot next_boot(const struct tool_disk_slots *slots,
				  enum gpt_slot_order order, bool running)
{
	struct next_boot next = { .history = tool_past_open(slots) };

	next.past = tool_past(next.history, running);
	next.tried = gpt_slot_sort(slots->slot, slots->count, order, next.sequence);
	next.order =
		history_order(&next.past, slots->slot, order, next.sequence, next.tried);
	return next;
}

static struct shown shown_slot(const struct tool_disk_slots *slots, size_t index,
			       enum gpt_slot_order order, const struct next_boot *next)
{
	const struct gpt_slot *slot = &slots->slot[index];

	return (struct shown){
		.slot = slot,
		.order = order,
		.place = place_in_order(next->sequence, next->tried, index),
		.history = next->history->usable,
		.starts = history_starts(&next->past, slot->guid),
		.behind = history_order_has(next->order.behind, slot),
	};
}

static bool is_media(const struct tool_disk_slots *slots)
{
	return tool_media_found(&slots->plat->platform, slots->disk, &slots->gpt,
				slots->slot, slots->count);
}

/* What works all the same, and is worth knowing. */
static void note_damage(const struct tool_disk_slots *slots)
{
	for (int i = 0; i < GPT_COPIES; i++) {
		const struct gpt_copy *copy = &slots->gpt.copy[i];

		if (copy->status != LB_OK && !copy->ignored)
			tool_note("%s: the %s partition table is damaged (sector %llu: "
				  "%s); the other one counts, and the loader mends it",
				  slots->path, i == GPT_PRIMARY ? "primary" : "backup",
				  (unsigned long long)copy->lba,
				  lb_status_name(copy->status));
	}
}

static bool show(const struct tool_disk_slots *slots, enum gpt_slot_order order,
		 bool running, const char *refused, bool json)
{
	const struct next_boot next = next_boot(slots, order, running);
	const bool media = is_media(slots);
	json_t *array = json_array();

	note_damage(slots);
	for (size_t i = 0; i < slots->count; i++) {
		struct shown shown = shown_slot(slots, i, order, &next);

		shown.refused = refused_reason(refused, shown.slot->letter);

		if (json)
			tool_json_append(array, describe(&shown));
		else if (media)
			print_recovery_kernel(shown.slot);
		else
			print_line(&shown);
	}
	free(next.history);
	if (!json) {
		json_decref(array);
		if (slots->count == 0)
			printf("no kernel partition on this disk\n");
		return true;
	}
	json_t *object = json_object();

	tool_json_text(object, "disk", slots->path);
	tool_json_bool(object, "recovery_media", media);
	tool_json_set(object, "slots", array);
	return tool_json_print(object);
}

/* --- changing --------------------------------------------------------------------- */

static bool set(struct tool_disk_slots *slots, struct gpt_slot *slot,
		const struct slots_options *o)
{
	struct gpt_slot changed = *slot;

	if (o->priority.given)
		changed.priority = (uint8_t)o->priority.value;
	if (o->remaining_attempts.given)
		changed.remaining_attempts = (uint8_t)o->remaining_attempts.value;
	if (o->bootable != NULL)
		changed.bootable =
			strcmp(o->bootable, "yes") == 0 || strcmp(o->bootable, "1") == 0;
	return tool_disk_slots_store(slots, slot, gpt_slot_encode(&changed)) &&
	       tool_past_set(slots, slot);
}

/* The table first: it decides more. Then the start's mark, at every healthy start.
 *
 * A slot whose last attempt took its priority (ChromeOS's rule) would be good and never
 * boot again: gpt_slots_mark_good() gives it one, which may mean to renumber others.
 * Those go first; a cut between leaves the running slot as it was. */
static bool mark_good(struct tool_disk_slots *slots, struct gpt_slot *slot)
{
	uint64_t attributes[GPT_MAX_SLOTS];
	const size_t which = (size_t)(slot - slots->slot);

	gpt_slots_mark_good(slots->slot, slots->count, which, GPT_ORDER_PRIORITY,
			    attributes);
	for (size_t i = 0; i < slots->count; i++)
		if (i != which && attributes[i] != gpt_slot_encode(&slots->slot[i]) &&
		    !tool_disk_slots_store(slots, &slots->slot[i], attributes[i]))
			return false;
	return tool_disk_slots_store(slots, slot, attributes[which]) &&
	       tool_past_mark(slots, slot);
}

static bool act(struct tool_disk_slots *slots, const struct request *request,
		const struct slots_options *o)
{
	struct gpt_slot *slot;

	if (is_media(slots))
		return tool_error("%s: recovery media: its kernels are no slots, and "
				  "nothing is changed on it",
				  slots->path);
	if (request->action == OWN_GUIDS)
		return tool_own_guids(slots);
	slot = tool_disk_slots_find(slots, request->slot);
	if (slot == NULL)
		return false;
	if (request->action == SET)
		return set(slots, slot, o);
	return mark_good(slots, slot);
}

static int run(struct request *request, const struct slots_options *o)
{
	struct tool_running running = { 0 };
	struct tool_disk_slots slots;
	enum gpt_slot_order order;

	if (!tool_slot_order_parse(o->order, &order))
		return TOOL_USAGE;
	const bool live = request->image == NULL;

	if (live) {
		if (!tool_running_find(o->root, &running))
			return TOOL_USAGE;
		request->image = running.disk;
		if (request->slot == NULL)
			request->slot = running.guid;
	}
	if (!tool_disk_slots_open(request->image, request->action != SHOW,
				  (uint32_t)o->sector_size.value, &slots)) {
		tool_running_free(&running);
		return TOOL_USAGE;
	}
	const bool good = (request->action == SHOW || act(&slots, request, o)) &&
			  show(&slots, order, live, running.refused, o->json);

	tool_disk_slots_close(&slots);
	tool_running_free(&running);
	return good ? TOOL_YES : TOOL_USAGE;
}

static bool is_yes_no(const char *text)
{
	return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0 ||
	       strcmp(text, "1") == 0 || strcmp(text, "0") == 0;
}

static bool check_options(const struct tool_usage *usage, const struct request *request,
			  const struct slots_options *o)
{
	const bool changes =
		o->priority.given || o->remaining_attempts.given || o->bootable != NULL;

	if (changes != (request->action == SET))
		tool_usage_error(
			usage,
			changes ? "--priority, --remaining-attempts and --bootable "
				  "belong to set"
				: "set: --priority, --remaining-attempts or "
				  "--bootable is needed");
	else if (o->priority.value > GPT_MAX_PRIORITY ||
		 o->remaining_attempts.value > GPT_MAX_ATTEMPTS)
		tool_usage_error(usage, "priority and remaining attempts are 0 to 15");
	else if (o->bootable != NULL && !is_yes_no(o->bootable))
		tool_usage_error(usage, "--bootable: '%s' is neither yes nor no",
				 o->bootable);
	else if (!tool_sector_bytes_good(&o->sector_size))
		tool_usage_error(usage, "--sector-size: 512, 1024, 2048 or 4096");
	else
		return true;
	return false;
}

int cmd_slots(int argc, char **argv)
{
	struct slots_options o = { 0 };
	const struct tool_option options[] = {
		{ TOOL_OPTION_NUMBER, 0, "priority", &o.priority, "N", "set: 0 to 15" },
		{ TOOL_OPTION_NUMBER, 0, "remaining-attempts", &o.remaining_attempts, "N",
		  "set: 0 to 15" },
		{ TOOL_OPTION_TEXT, 0, "bootable", &o.bootable, "yes|no",
		  "set: has it started well?" },
		{ TOOL_OPTION_TEXT, 0, "order", &o.order, "ORDER",
		  "attempts-first (default) or priority, as in the profile" },
		{ TOOL_OPTION_NUMBER, 0, "sector-size", &o.sector_size, "BYTES",
		  "of an image whose table is damaged (else found out)" },
		{ TOOL_OPTION_TEXT, 0, "system-root", &o.root, "DIR",
		  "look for the running system's /sys, /proc and /dev below DIR" },
		{ TOOL_OPTION_FLAG, 0, "json", &o.json, NULL, "as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat slots",
		"[IMAGE] [set SLOT | mark-good [SLOT] | own-guids]",
		"Shows the slots of a disk image or device, after changing one:\n"
		"\n"
		"  set SLOT          sets priority, remaining attempts, bootable\n"
		"  mark-good [SLOT]  bootable, no remaining attempts: it has started "
		"well;\n"
		"                    to be called at every start\n"
		"  own-guids         a device of a fleet gets GUIDs of its own, "
		"once\n"
		"\n"
		"SLOT is a letter, a kernel partition's number or its GUID. Without "
		"IMAGE it is the\n"
		"running system's disk, and mark-good without SLOT means the slot it "
		"runs from.\n"
		"Changes are stored so that a power cut at any moment leaves a valid "
		"table.",
		options,
		0,
		3,
	};
	struct request request;
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (!parse_request(&usage, operands, &request) ||
	    !check_options(&usage, &request, &o))
		return TOOL_USAGE;
	return run(&request, &o);
}

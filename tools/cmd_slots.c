/* lifeboat slots: show and change the slots of a disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/running.h"
#include "tools/lib/tool.h"

struct slots_options {
	bool json;
	const char *order, *bootable, *root;
	struct tool_optional_number priority, remaining_attempts, sector_size;
};

/* What the operands say: [IMAGE] [set SLOT | mark-good [SLOT]]. */
struct request {
	const char *image; /* NULL: the running system's disk */
	enum { SHOW, SET, MARK_GOOD } action;
	const char *slot; /* NULL with MARK_GOOD: the running one */
};

static bool parse_request(const struct tool_usage *usage, char **operand,
			  struct request *out)
{
	*out = (struct request){ 0 };
	if (*operand != NULL && strcmp(*operand, "set") != 0 &&
	    strcmp(*operand, "mark-good") != 0)
		out->image = *operand++;
	if (*operand == NULL)
		return true;
	out->action = strcmp(*operand, "set") == 0 ? SET : MARK_GOOD;
	if (strcmp(*operand, "set") != 0 && strcmp(*operand, "mark-good") != 0) {
		tool_usage_error(usage, "'%s' is neither set nor mark-good", *operand);
		return false;
	}
	out->slot = *++operand;
	if (out->action == SET && out->slot == NULL) {
		tool_usage_error(usage, "set: which slot?");
		return false;
	}
	if (out->slot != NULL && operand[1] != NULL) {
		tool_usage_error(usage, "'%s' is too much", operand[1]);
		return false;
	}
	if (out->action == MARK_GOOD && out->image != NULL && out->slot == NULL) {
		tool_usage_error(usage, "mark-good: which slot of %s?", out->image);
		return false;
	}
	return true;
}

/* --- showing ------------------------------------------------------------------------ */

static size_t place_in_order(const size_t *sequence, size_t tried, size_t index)
{
	for (size_t i = 0; i < tried; i++)
		if (sequence[i] == index)
			return i + 1;
	return 0;
}

static json_t *describe(const struct gpt_slot *s, enum gpt_slot_order order, size_t place)
{
	const enum gpt_slot_state state = gpt_slot_state(s, order);
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
		      place != 0 ? json_integer((json_int_t)place) : json_null());
	return object;
}

static void print_line(const struct gpt_slot *s, enum gpt_slot_order order, size_t place)
{
	char guid[LB_GUID_TEXT_BYTES];

	lb_format_guid(guid, s->guid);
	printf("%c  partition %u  %s  priority %u  remaining attempts %u  bootable %s  "
	       "%s",
	       s->letter, s->kernel + 1, guid, s->priority, s->remaining_attempts,
	       s->bootable ? "yes" : "no",
	       gpt_slot_state_words(gpt_slot_state(s, order)));
	if (place == 1)
		printf(", goes first");
	else if (place == 0)
		printf(", is not tried");
	putchar('\n');
}

static bool show(const struct tool_disk_slots *slots, enum gpt_slot_order order,
		 bool json)
{
	size_t sequence[GPT_MAX_SLOTS];
	const size_t tried = gpt_slot_sort(slots->slot, slots->count, order, sequence);
	json_t *array = json_array();

	for (size_t i = 0; i < slots->count; i++) {
		const size_t place = place_in_order(sequence, tried, i);

		if (json)
			tool_json_append(array, describe(&slots->slot[i], order, place));
		else
			print_line(&slots->slot[i], order, place);
	}
	if (!json) {
		json_decref(array);
		if (slots->count == 0)
			printf("no kernel partition on this disk\n");
		return true;
	}
	json_t *object = json_object();

	tool_json_text(object, "disk", slots->path);
	tool_json_set(object, "slots", array);
	return tool_json_print(object);
}

/* --- changing ----------------------------------------------------------------------- */

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
	return tool_disk_slots_store(slots, slot, gpt_slot_encode(&changed));
}

/* A slot whose last attempt took its priority (ChromeOS's rule) would be good and never
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
	return tool_disk_slots_store(slots, slot, attributes[which]);
}

static bool act(struct tool_disk_slots *slots, const struct request *request,
		const struct slots_options *o)
{
	struct gpt_slot *slot = tool_disk_slots_find(slots, request->slot);

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
	if (request->image == NULL) {
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
			  show(&slots, order, o->json);

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
		"[IMAGE] [set SLOT | mark-good [SLOT]]",
		"Shows the slots of a disk image or device, after changing one:\n"
		"\n"
		"  set SLOT          sets priority, remaining attempts, bootable\n"
		"  mark-good [SLOT]  bootable, no remaining attempts: it has started "
		"well\n"
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

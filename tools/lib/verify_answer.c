/* What `lifeboat verify` answers, as text and as JSON. */
#include "tools/lib/verify_answer.h"

#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/json_out.h"

static const char *root_words(const struct tool_judgement *j)
{
	return j->root_known ? tool_root_words(j->root) : "unknown";
}

/* What becomes of it after a panic, where that is known and matters; NULL else. */
static const char *panic_words(const struct tool_judgement *j,
			       const struct tool_verify_output *out)
{
	if (!j->root_known || out->judge->policy.mode != CRYPTO_MODE_NORMAL)
		return NULL;
	return j->restarts ? "restarts" : out->judge->watchdog ? "watchdog" : "stands";
}

static json_t *describe_pcr(const struct tool_pcr *pcr)
{
	json_t *object = json_object();

	for (size_t i = 0; i < TOOL_PCR_BANKS; i++) {
		char hex[2 * TOOL_PCR_MAX_DIGEST + 1];
		size_t bytes;
		const char *name = tool_pcr_bank(i, &bytes);

		lb_format_hex(hex, pcr->value[i], bytes);
		tool_json_text(object, name, hex);
	}
	return object;
}

static void print_pcr(const struct tool_pcr *pcr)
{
	for (size_t i = 0; i < TOOL_PCR_BANKS; i++) {
		char hex[2 * TOOL_PCR_MAX_DIGEST + 1];
		size_t bytes;
		const char *name = tool_pcr_bank(i, &bytes);

		lb_format_hex(hex, pcr->value[i], bytes);
		printf("  PCR 8 %s: %s\n", name, hex);
	}
}

static json_t *describe(const struct tool_judgement *j,
			const struct tool_verify_output *out)
{
	json_t *object = json_object();

	tool_json_set(object, "partition", json_null());
	tool_json_set(object, "guid", json_null());
	tool_json_set(object, "state", json_null());
	tool_json_text(object, "verdict", lb_reason_name(j->verdict.reason));
	tool_json_text(object, "detail", j->verdict.detail);
	tool_json_set(object, "slot", json_null());
	tool_json_number(object, "version", j->version);
	tool_json_text(object, "root", root_words(j));
	const char *panic = panic_words(j, out);

	tool_json_set(object, "after_panic",
		      panic != NULL ? tool_json_string(panic) : json_null());
	if (out->measurements)
		tool_json_set(object, "pcr8",
			      j->pcr_known ? describe_pcr(&j->pcr) : json_null());
	return object;
}

static json_t *describe_slot(const struct tool_judged_slot *s,
			     const struct tool_verify_output *out)
{
	json_t *object = describe(&s->judgement, out);
	char guid[LB_GUID_TEXT_BYTES];
	const char letter[2] = { s->slot.letter, '\0' };

	lb_format_guid(guid, s->slot.guid);
	tool_json_number(object, "partition", s->slot.kernel + 1);
	tool_json_text(object, "guid", guid);
	tool_json_text(object, "state", tool_slot_state_name(s->state));
	tool_json_text(object, "slot", letter);
	tool_json_text(object, "root_tree",
		       s->root_tree == TOOL_TREE_MATCHES   ? "matches"
		       : s->root_tree == TOOL_TREE_DIFFERS ? "differs"
							   : "not read");
	return object;
}

/* Known where the loader's profile is. */
static void describe_generation(json_t *object, const struct tool_judge *judge)
{
	if (judge->profile != NULL)
		tool_json_number(object, "loader_generation", judge->generation);
	else
		tool_json_set(object, "loader_generation", json_null());
	tool_json_number(object, "device_generation", judge->seen_generation);
}

/* The answer as far as a disk and a partition have it alike; @slots is taken over. */
static json_t *describe_answer(bool would_boot, char letter, json_t *slots,
			       const struct tool_verify_output *out)
{
	const char text[2] = { letter, '\0' };
	json_t *object = json_object();

	tool_json_bool(object, "would_boot", would_boot);
	tool_json_set(object, "slot",
		      letter != '\0' ? tool_json_string(text) : json_null());
	tool_json_set(object, "slots", slots);
	describe_generation(object, out->judge);
	return object;
}

void tool_verify_print(const struct tool_judgement *j,
		       const struct tool_verify_output *out)
{
	if (j->verdict.reason == LB_REASON_OK)
		printf("good, key version %u, kernel version %u, root %s\n",
		       LB_VERSION_PARTS(j->version), root_words(j));
	else
		printf("refused: %s%s%s [%s]\n", lb_reason_text(j->verdict.reason),
		       j->verdict.detail[0] != '\0' ? ": " : "", j->verdict.detail,
		       lb_reason_name(j->verdict.reason));
	const char *panic = panic_words(j, out);

	if (panic != NULL && strcmp(panic, "stands") == 0)
		printf("  after a panic it stands still, and no other slot starts: no "
		       "panic= on its command line, and no watchdog-s in the profile\n");
	if (out->measurements && j->pcr_known)
		print_pcr(&j->pcr);
}

void tool_verify_conclude(struct tool_verify_answer *a)
{
	const struct tool_judged_disk *d = a->disk;
	const struct tool_judged_slot *s = d->chosen >= 0 ? &d->slot[d->chosen] : NULL;
	const char *why = NULL;

	/* Recovery media are started by a device's own loader. */
	if (s != NULL && s->judgement.uefi && !d->media &&
	    !tool_disk_loaders_start(a->loaders, s->judgement.cpu, &why))
		a->loader = why;
	a->boots = s != NULL && a->loader == NULL && s->root_tree != TOOL_TREE_DIFFERS;
}

/* Roots that were not read, by reason of the disk's and not of the command line's. */
static bool some_root_unread(const struct tool_judged_disk *d)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->slot[i].root_sectors != 0 &&
		    d->slot[i].root_tree == TOOL_TREE_NOT_READ)
			return true;
	return false;
}

/* What nobody looked at, one after the other; NULL: no more. */
static const char *not_looked_at(const struct tool_verify_answer *a, size_t index)
{
	const char *list[6] = { NULL };
	size_t n = 0;

	if (some_root_unread(a->disk))
		list[n++] = "root partitions";
	if (a->loaders->partition == 0)
		list[n++] = "its loader (there is no EFI system partition)";
	else
		list[n++] = "boot entries and signature lists of the firmware";
	list[n++] = "other partitions";
	return list[index];
}

static void print_slot(const struct tool_judged_slot *s, bool media,
		       const struct tool_verify_output *out)
{
	if (media)
		printf("recovery kernel (partition %u): ", s->slot.kernel + 1);
	else
		printf("slot %c (partition %u, %s): ", s->slot.letter, s->slot.kernel + 1,
		       gpt_slot_state_words(s->state));
	tool_verify_print(&s->judgement, out);
	if (s->judgement.root_known && s->judgement.root == TOOL_ROOT_VERIFIED)
		printf("  root partition: %s\n", tool_root_tree_words(s->root_tree));
}

static void print_conclusion(const struct tool_verify_answer *a, bool recovery)
{
	const struct tool_judged_disk *d = a->disk;
	const struct tool_judged_slot *s = d->chosen >= 0 ? &d->slot[d->chosen] : NULL;

	if (d->media && !recovery)
		printf("%s: recovery media, and no disk of a device: see --mode "
		       "recovery\n",
		       a->name);
	if (s == NULL)
		printf("%s: does not boot\n", a->name);
	else if (a->loader != NULL)
		printf("%s: does not boot: %s\n", a->name, a->loader);
	else if (d->media)
		printf("%s: starts the recovery kernel of partition %u\n", a->name,
		       s->slot.kernel + 1);
	else
		printf("%s: boots slot %c%s\n", a->name, s->slot.letter,
		       s->root_tree == TOOL_TREE_DIFFERS
			       ? ", whose system then stops at its root"
			       : "");
}

void tool_verify_print_disk(const struct tool_verify_answer *a,
			    const struct tool_verify_output *out)
{
	const struct tool_judged_disk *d = a->disk;
	const char *detail = a->table != NULL ? a->table : d->disk.detail;
	const char *item;

	if (d->disk.reason != LB_REASON_OK)
		printf("%s: %s%s%s [%s]\n", a->name, lb_reason_text(d->disk.reason),
		       detail[0] != '\0' ? ": " : "", detail,
		       lb_reason_name(d->disk.reason));
	for (size_t i = 0; i < d->count; i++)
		print_slot(&d->slot[i], d->media, out);
	tool_disk_loaders_print(a->loaders);
	print_conclusion(a, out->judge->policy.mode == CRYPTO_MODE_RECOVERY);
	printf("%s: not looked at: ", a->name);
	for (size_t i = 0; (item = not_looked_at(a, i)) != NULL; i++)
		printf("%s%s", i != 0 ? ", " : "", item);
	putchar('\n');
}

bool tool_verify_json_disk(const struct tool_verify_answer *a,
			   const struct tool_verify_output *out)
{
	const struct tool_judged_disk *d = a->disk;
	json_t *slots = json_array(), *unseen = json_array();
	const char *item;

	for (size_t i = 0; i < d->count; i++)
		tool_json_append(slots, describe_slot(&d->slot[i], out));
	json_t *object = describe_answer(
		a->boots, a->boots ? d->slot[d->chosen].slot.letter : '\0', slots, out);

	tool_json_bool(object, "recovery_media", d->media);
	tool_json_set(object, "efi_partition",
		      a->loaders->partition != 0 ? json_integer(a->loaders->partition)
						 : json_null());
	tool_json_set(object, "loaders", tool_disk_loaders_describe(a->loaders));
	tool_json_text(object, "loaders_error", a->loaders->why);
	if (a->loader != NULL)
		tool_json_text(object, "loader_fault", a->loader);
	for (size_t i = 0; (item = not_looked_at(a, i)) != NULL; i++)
		tool_json_append(unseen, tool_json_string(item));
	tool_json_set(object, "not_looked_at", unseen);
	if (d->disk.reason != LB_REASON_OK) {
		tool_json_text(object, "verdict", lb_reason_name(d->disk.reason));
		tool_json_text(object, "detail",
			       a->table != NULL ? a->table : d->disk.detail);
	}
	return tool_json_print(object);
}

bool tool_verify_json(const struct tool_judgement *j,
		      const struct tool_verify_output *out)
{
	json_t *slots = json_array();

	tool_json_append(slots, describe(j, out));
	return tool_json_print(
		describe_answer(j->verdict.reason == LB_REASON_OK, '\0', slots, out));
}

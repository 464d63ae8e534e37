/* "Would this boot?" */
#include "tools/lib/judge.h"

#include <stdlib.h>
#include <string.h>

#include "boot/judge/disk.h"
#include "boot/judge/policy.h"
#include "gpt/gpt_source.h"
#include "boot/judge/slot_check.h"
#include "tools/lib/media_found.h"
#include "tools/lib/panic_check.h"
#include "tools/lib/uki.h"

/* A UKI's own command line counts when the page has none. */
static void look_at_cmdline(const struct kernel_layout *layout,
			    struct tool_judgement *out)
{
	struct tool_buffer image = { .data = layout->image, .len = layout->image_bytes };
	const bool own_counts =
		layout->kind == KERNEL_KIND_PE && layout->cmdline[0] == '\0';
	const char *cmdline = layout->cmdline;
	char *own = NULL;

	out->root_known = true;
	out->root = TOOL_ROOT_UNVERIFIED;
	if (own_counts && !tool_uki_cmdline(&image, "kernel", &own))
		return;
	if (own_counts)
		cmdline = own != NULL ? own : "";
	out->root = tool_root_of(cmdline);
	out->restarts = tool_panic_restarts(cmdline);
	free(own);
}

/* As the loader itself decides it, before it looks at a slot: recovery is still there. */
static bool loader_too_old(const struct tool_judge *judge, struct lb_verdict *why)
{
	const struct profile profile = { .generation = judge->generation };
	const struct platform_floors floors = { .loader = judge->seen_generation };

	if (judge->policy.mode == CRYPTO_MODE_RECOVERY ||
	    boot_generation_counts(&profile, &floors))
		return false;
	(void)lb_verdict_set(why, LB_REASON_LOADER_TOO_OLD, "generation %u < %u",
			     judge->generation, judge->seen_generation);
	return true;
}

/* Would it start? Verifies, prepares and lets go again, and looks at the command line on
 * the way. */
static enum lb_reason check(struct host_platform *plat, const struct tool_judge *judge,
			    const struct lb_source *source, const uint8_t guid[16],
			    struct tool_judgement *out)
{
	static const struct lb_handover nothing;
	struct kernel_context context = {
		.machine = &plat->machine,
		.hardware_id = judge->hardware_id,
		.handover = &nothing,
		.extra_args = "",
		.dry_run = true,
	};
	struct verified_kernel *kernel;
	struct prepared_kernel *prepared;

	if (loader_too_old(judge, &out->verdict))
		return out->verdict.reason;
	memcpy(context.partition_guid, guid, 16);
	enum lb_reason reason = boot_source_verify(&plat->platform, &judge->policy,
						   source, &kernel, &out->verdict);

	if (reason != LB_REASON_OK)
		return reason;
	out->version = crypto_kernel_headers(kernel)->version;
	reason = kernel_prepare(&plat->platform, &context, kernel, &prepared,
				&out->verdict);
	if (reason != LB_REASON_OK) {
		crypto_kernel_free(&plat->platform, kernel);
		return reason;
	}
	look_at_cmdline(kernel_prepared_layout(prepared), out);
	out->tree_known =
		out->root == TOOL_ROOT_VERIFIED &&
		tool_root_table(kernel_prepared_layout(prepared)->cmdline, &out->tree);
	if (judge->profile != NULL) {
		const struct boot_measured measured =
			boot_measured_kernel(prepared, judge->policy.mode, judge->profile,
					     judge->profile_bytes);

		tool_pcr_predict(&measured, &out->pcr);
		out->pcr_known = true;
	}
	kernel_prepared_free(&plat->platform, prepared);
	return LB_REASON_OK;
}

/* The machines there are loaders for, in the order in which they are tried. */
static const struct candidate {
	enum platform_cpu cpu;
	bool uefi;
} candidates[] = {
	{ PLATFORM_CPU_X86_64, true },
	{ PLATFORM_CPU_AARCH64, true },
	{ PLATFORM_CPU_AARCH64, false },
};

static bool is_wanted(const struct tool_judge *judge,
		      const struct platform_machine *machine, const struct candidate *c)
{
	return (judge->any_cpu || c->cpu == machine->cpu) &&
	       (judge->any_platform || c->uefi == machine->uefi);
}

/* Worth another machine: a kernel without EFI stub still starts on bare metal. */
static bool depends_on_machine(enum lb_reason reason)
{
	return reason == LB_REASON_WRONG_CPU || reason == LB_REASON_KERNEL_PROTOCOL;
}

void tool_judge_source(struct host_platform *plat, const struct tool_judge *judge,
		       const struct lb_source *source, const uint8_t guid[16],
		       struct tool_judgement *out)
{
	const struct platform_machine asked = plat->machine;
	enum lb_reason reason = LB_REASON_WRONG_CPU;

	(void)lb_verdict_set(&out->verdict, reason, "no loader for such a machine");
	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		struct tool_judgement one = { 0 };

		if (!is_wanted(judge, &asked, &candidates[i]))
			continue;
		plat->machine.cpu = candidates[i].cpu;
		plat->machine.uefi = candidates[i].uefi;
		const enum lb_reason now = check(plat, judge, source, guid, &one);

		one.cpu = candidates[i].cpu;
		one.uefi = candidates[i].uefi;
		/* The last word but "made for another processor" is the most telling. */
		if (reason == LB_REASON_WRONG_CPU || now == LB_REASON_OK) {
			*out = one;
			reason = now;
		}
		if (!depends_on_machine(now))
			break;
	}
	plat->machine = asked;
	if (reason == LB_REASON_OK)
		(void)lb_verdict_set(&out->verdict, LB_REASON_OK, NULL);
}

static bool in_sequence(const size_t *sequence, size_t tried, size_t index)
{
	for (size_t i = 0; i < tried; i++)
		if (sequence[i] == index)
			return true;
	return false;
}

static void refuse_untried(struct tool_judged_slot *s, enum gpt_slot_order order)
{
	if (order == GPT_ORDER_PRIORITY && s->slot.priority == 0)
		(void)lb_verdict_set(&s->judgement.verdict, LB_REASON_SLOT_PRIORITY_ZERO,
				     NULL);
	else
		(void)lb_verdict_set(&s->judgement.verdict, LB_REASON_SLOT_DEAD, NULL);
}

static void judge_slots(struct host_platform *plat, const struct tool_judge *judge,
			const struct platform_disk *disk, const bool *tried,
			struct tool_judged_disk *out)
{
	for (size_t i = 0; i < out->count; i++) {
		struct tool_judged_slot *s = &out->slot[i];
		struct gpt_source partition = { &plat->platform, disk->id,
						disk->sector_bytes, s->slot.first_lba,
						s->slot.sectors };
		const struct lb_source source = gpt_source_open(&partition);

		if (tried[i])
			tool_judge_source(plat, judge, &source, s->slot.guid,
					  &s->judgement);
		else
			refuse_untried(s, judge->order);
	}
}

static bool is_good(const struct tool_judged_slot *s)
{
	return s->judgement.verdict.reason == LB_REASON_OK;
}

static void choose_newest(struct tool_judged_disk *out)
{
	for (size_t i = 0; i < out->count; i++)
		if (is_good(&out->slot[i]) &&
		    (out->chosen < 0 || out->slot[i].judgement.version >
						out->slot[out->chosen].judgement.version))
			out->chosen = (int)i;
}

static void choose_first(const size_t *sequence, size_t tried,
			 struct tool_judged_disk *out)
{
	for (size_t i = 0; i < tried && out->chosen < 0; i++)
		if (is_good(&out->slot[sequence[i]]))
			out->chosen = (int)sequence[i];
}

/* A trying slot is started only when the loader can store the attempt it costs. */
static void refuse_uncharged(struct tool_judged_disk *out, const char *table)
{
	for (size_t i = 0; i < out->count; i++) {
		struct tool_judged_slot *s = &out->slot[i];

		if (is_good(s) && s->state == GPT_SLOT_TRYING)
			(void)lb_verdict_set(&s->judgement.verdict,
					     LB_REASON_SLOT_CHARGE_FAILED,
					     "partition table: %s", table);
	}
}

static void find_root(const struct gpt *gpt, const struct gpt_slot *slot,
		      struct tool_judged_slot *out)
{
	struct gpt_entry entry;

	if (!slot->has_root || gpt_entry_get(gpt, slot->root, &entry) != LB_OK)
		return;
	out->root_first_lba = entry.first_lba;
	out->root_sectors = entry.last_lba - entry.first_lba + 1;
}

void tool_judge_disk(struct host_platform *plat, const struct tool_judge *judge,
		     const struct platform_disk *disk, struct tool_judged_disk *out)
{
	struct gpt_slot slots[GPT_MAX_SLOTS];
	size_t sequence[GPT_MAX_SLOTS];
	bool tried[GPT_MAX_SLOTS];
	struct gpt gpt;
	const bool recovery = judge->policy.mode == CRYPTO_MODE_RECOVERY;

	*out = (struct tool_judged_disk){ .chosen = -1 };
	if (gpt_load(&plat->platform, disk, &gpt, &out->disk) != LB_OK)
		return;
	out->count = gpt_slots(&gpt, slots);
	out->media = tool_media_found(&plat->platform, disk, &gpt, slots, out->count);
	for (size_t i = 0; i < out->count; i++)
		find_root(&gpt, &slots[i], &out->slot[i]);
	const bool storable = gpt_storable(&gpt);
	const char *table = gpt_state_words(gpt_state(&gpt));

	gpt_unload(&plat->platform, &gpt);
	(void)lb_verdict_set(
		&out->disk,
		out->count != 0 ? LB_REASON_OK : LB_REASON_NO_KERNEL_PARTITION, NULL);
	const size_t count = gpt_slot_sort(slots, out->count, judge->order, sequence);

	for (size_t i = 0; i < out->count; i++) {
		out->slot[i].slot = slots[i];
		out->slot[i].state = gpt_slot_state(&slots[i], judge->order);
		tried[i] = recovery || in_sequence(sequence, count, i);
	}
	judge_slots(plat, judge, disk, tried, out);
	if (!storable && !recovery)
		refuse_uncharged(out, table);
	if (recovery)
		choose_newest(out);
	else
		choose_first(sequence, count, out);
}

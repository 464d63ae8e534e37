/* lifeboat verify: would this boot, which slot, and why not the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "tools/commands.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/guid.h"
#include "tools/lib/json_out.h"
#include "tools/lib/judge.h"
#include "tools/lib/options.h"
#include "tools/lib/table_words.h"
#include "tools/lib/tool.h"
#include "tools/lib/trust.h"

struct verify_options {
	struct tool_trust_options trust;
	struct tool_optional_number floor, generation, sector_size;
	const char *guid;
	bool json, verbose, measurements, quick;
};

/* How the answer is told. */
struct verify_output {
	bool json, measurements, quick;
	const struct tool_judge *judge;
};

static const char *root_words(const struct tool_judgement *j)
{
	return j->root_known ? tool_root_words(j->root) : "unknown";
}

/* What becomes of it after a panic, where that is known and matters; NULL else. */
static const char *panic_words(const struct tool_judgement *j,
			       const struct verify_output *out)
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

static json_t *describe(const struct tool_judgement *j, const struct verify_output *out)
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
			     const struct verify_output *out)
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

/* The kernel would start, and then stop at its root: what was signed is not what lies
 * there. */
static void read_roots(const struct host_platform *plat, const struct platform_disk *disk,
		       struct tool_judged_disk *d)
{
	const struct host_disk *file = &plat->disk[disk->id];

	for (size_t i = 0; i < d->count; i++) {
		struct tool_judged_slot *s = &d->slot[i];

		if (s->judgement.tree_known && s->root_sectors != 0)
			s->root_tree = tool_root_read(
				file->fd, file->path,
				s->root_first_lba * disk->sector_bytes,
				s->root_sectors * disk->sector_bytes, &s->judgement.tree);
	}
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

static bool print_json(bool would_boot, char letter, json_t *slots,
		       const struct lb_verdict *disk, const char *table,
		       const struct verify_output *out)
{
	const char text[2] = { letter, '\0' };
	json_t *object = json_object();

	tool_json_bool(object, "would_boot", would_boot);
	tool_json_set(object, "slot",
		      letter != '\0' ? tool_json_string(text) : json_null());
	tool_json_set(object, "slots", slots);
	describe_generation(object, out->judge);
	if (disk != NULL && disk->reason != LB_REASON_OK) {
		tool_json_text(object, "verdict", lb_reason_name(disk->reason));
		tool_json_text(object, "detail", table != NULL ? table : disk->detail);
	}
	return tool_json_print(object);
}

static void print_verdict(const struct tool_judgement *j, const struct verify_output *out)
{
	if (j->verdict.reason == LB_REASON_OK)
		printf("good, key version %u, kernel version %u, root %s\n",
		       j->version >> 16, j->version & 0xffff, root_words(j));
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

static void print_disk(const char *name, const struct tool_judged_disk *d,
		       const char *table, const struct verify_output *out)
{
	const char *detail = table != NULL ? table : d->disk.detail;

	if (d->disk.reason != LB_REASON_OK)
		printf("%s: %s%s%s [%s]\n", name, lb_reason_text(d->disk.reason),
		       detail[0] != '\0' ? ": " : "", detail,
		       lb_reason_name(d->disk.reason));
	for (size_t i = 0; i < d->count; i++) {
		const struct tool_judged_slot *s = &d->slot[i];

		printf("slot %c (partition %u, %s): ", s->slot.letter, s->slot.kernel + 1,
		       gpt_slot_state_words(s->state));
		print_verdict(&s->judgement, out);
		if (s->judgement.root_known && s->judgement.root == TOOL_ROOT_VERIFIED)
			printf("  root partition: %s\n",
			       tool_root_tree_words(s->root_tree));
	}
	if (d->chosen >= 0 && d->slot[d->chosen].root_tree == TOOL_TREE_DIFFERS)
		printf("%s: boots slot %c, whose system then stops at its root\n", name,
		       d->slot[d->chosen].slot.letter);
	else if (d->chosen >= 0)
		printf("%s: boots slot %c\n", name, d->slot[d->chosen].slot.letter);
	else
		printf("%s: does not boot\n", name);
	printf("%s: not looked at: %sthe loaders on the EFI system partition, other "
	       "partitions\n",
	       name, out->quick ? "root partitions, " : "");
}

static int verify_disk(struct host_platform *plat, const struct tool_judge *judge,
		       const struct platform_disk *disk, const char *name,
		       const struct verify_output *out)
{
	struct tool_judged_disk *d = tool_alloc(sizeof(*d));

	tool_judge_disk(plat, judge, disk, d);
	if (!out->quick)
		read_roots(plat, disk, d);
	const bool boots =
		d->chosen >= 0 && d->slot[d->chosen].root_tree != TOOL_TREE_DIFFERS;
	char *table = d->disk.reason == LB_REASON_NO_GPT ||
				      d->disk.reason == LB_REASON_GPT_DAMAGED
			      ? tool_table_words(plat, disk)
			      : NULL;
	bool good = true;

	if (out->json) {
		json_t *slots = json_array();

		for (size_t i = 0; i < d->count; i++)
			tool_json_append(slots, describe_slot(&d->slot[i], out));
		good = print_json(boots, boots ? d->slot[d->chosen].slot.letter : '\0',
				  slots, &d->disk, table, out);
	} else {
		print_disk(name, d, table, out);
	}
	free(table);
	free(d);
	return !good ? TOOL_USAGE : boots ? TOOL_YES : TOOL_NO;
}

static int verify_partition(struct host_platform *plat, const struct tool_judge *judge,
			    const struct platform_disk *disk, const char *name,
			    const uint8_t guid[16], const struct verify_output *out)
{
	const struct lb_source source = tool_platform_source(plat, disk);
	struct tool_judgement j;
	bool good = true;

	tool_judge_source(plat, judge, &source, guid, &j);
	const bool boots = j.verdict.reason == LB_REASON_OK;

	if (out->json) {
		json_t *slots = json_array();

		tool_json_append(slots, describe(&j, out));
		good = print_json(boots, '\0', slots, NULL, NULL, out);
	} else {
		printf("%s: ", name);
		print_verdict(&j, out);
	}
	return !good ? TOOL_USAGE : boots ? TOOL_YES : TOOL_NO;
}

/* A disk has a GPT header in its first or last sectors; everything else is taken for a
 * kernel partition, and its refusal says what it is not. */
static bool is_disk(struct host_platform *plat, const struct platform_disk *disk)
{
	struct lb_source source = tool_platform_source(plat, disk);
	const uint64_t places[] = { disk->sector_bytes,
				    source.bytes - disk->sector_bytes };
	uint8_t magic[8] = { 0 };

	if (source.bytes < 2 * (uint64_t)disk->sector_bytes)
		return false;
	if (source.read(source.ctx, 0, magic, 8) == LB_OK &&
	    memcmp(magic, "CHROMEOS", 8) == 0)
		return false;
	for (size_t i = 0; i < 2; i++)
		if (source.read(source.ctx, places[i], magic, 8) == LB_OK &&
		    (memcmp(magic, "EFI PART", 8) == 0 ||
		     memcmp(magic, "CHROMEOS", 8) == 0))
			return true;
	/* A protective MBR whose two headers are lost is still a disk. */
	uint8_t end[2] = { 0 };

	return source.read(source.ctx, 510, end, 2) == LB_OK && end[0] == 0x55 &&
	       end[1] == 0xaa && source.read(source.ctx, 450, magic, 1) == LB_OK &&
	       magic[0] == 0xee;
}

static int verify(const struct verify_options *o, const char *name)
{
	struct host_platform *plat = tool_alloc(sizeof(*plat));
	const struct platform_disk *disk;
	struct tool_judge judge;
	struct tool_trust trust = { 0 };
	const struct verify_output out = { o->json, o->measurements, o->quick, &judge };
	uint8_t guid[16] = { 0 };
	int status = TOOL_USAGE;

	if (o->guid != NULL && !tool_guid_parse(o->guid, guid)) {
		tool_error("'%s' is no GUID", o->guid);
		free(plat);
		return TOOL_USAGE;
	}
	tool_platform_init(plat);
	if (o->verbose)
		tool_platform_verbose(plat);
	if (tool_trust_load(&o->trust, plat, &judge, &trust) &&
	    tool_platform_open(plat, name, false, (uint32_t)o->sector_size.value, &disk))
		status = is_disk(plat, disk)
				 ? verify_disk(plat, &judge, disk, name, &out)
				 : verify_partition(plat, &judge, disk, name, guid, &out);
	tool_trust_free(&trust);
	host_platform_close(plat);
	free(plat);
	return status;
}

static bool check_options(const struct tool_usage *usage, struct verify_options *o)
{
	const struct tool_trust_options *t = &o->trust;
	const int sources = (t->key != NULL) + (t->profile != NULL) + (t->loader != NULL);

	if (sources > 1)
		tool_usage_error(usage,
				 "--key, --profile and --loader exclude each other");
	else if (sources == 0 && (t->mode == NULL || strcmp(t->mode, "developer") != 0))
		tool_usage_error(
			usage,
			"one of --key, --profile and --loader is needed (unless --mode "
			"developer)");
	else if (o->measurements && t->profile == NULL && t->loader == NULL)
		tool_usage_error(usage,
				 "--measurements: --profile or --loader is needed, it is "
				 "measured too");
	else if (o->generation.given && t->profile == NULL && t->loader == NULL)
		tool_usage_error(usage, "--generation: --profile or --loader is needed, "
					"the loader's own is in it");
	else if (o->floor.value > UINT32_MAX)
		tool_usage_error(usage, "--floor: a number of 32 bits");
	else if (o->generation.value > UINT32_MAX)
		tool_usage_error(usage, "--generation: a number of 32 bits");
	else if (!tool_sector_bytes_good(&o->sector_size))
		tool_usage_error(usage, "--sector-size: 512, 1024, 2048 or 4096");
	else
		return true;
	return false;
}

int cmd_verify(int argc, char **argv)
{
	struct verify_options o = { 0 };
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'k', "key", &o.trust.key, "K.vbpubk",
		  "the device's kernel key; with --mode recovery its recovery key" },
		{ TOOL_OPTION_TEXT, 'p', "profile", &o.trust.profile, "P",
		  "the device's profile" },
		{ TOOL_OPTION_TEXT, 'l', "loader", &o.trust.loader, "L.efi",
		  "a loader with the device's profile" },
		{ TOOL_OPTION_TEXT, 'm', "mode", &o.trust.mode, "MODE",
		  "normal (default), developer or recovery" },
		{ TOOL_OPTION_NUMBER, 'f', "floor", &o.floor, "N",
		  "rollback floor: key version * 65536 + kernel version (0)" },
		{ TOOL_OPTION_NUMBER, 'g', "generation", &o.generation, "N",
		  "of the newest loader that the device has started its system with\n"
		  "(0): the second number of LifeboatGeneration there" },
		{ TOOL_OPTION_TEXT, 0, "board", &o.trust.board, "NAME",
		  "the machine: SMBIOS vendor/product or a compatible string;\n"
		  "chooses profile and FIT configuration" },
		{ TOOL_OPTION_TEXT, 0, "cpu", &o.trust.cpu, "CPU",
		  "x86_64 or aarch64; without it either will do" },
		{ TOOL_OPTION_TEXT, 0, "platform", &o.trust.platform, "uefi|bare",
		  "without it either will do" },
		{ TOOL_OPTION_FLAG, 0, "secure-boot", &o.trust.secure_boot, NULL,
		  "on a machine with UEFI Secure Boot enforcing" },
		{ TOOL_OPTION_TEXT, 0, "order", &o.trust.order, "ORDER",
		  "slot order: attempts-first or priority (the profile's)" },
		{ TOOL_OPTION_NUMBER, 0, "sector-size", &o.sector_size, "BYTES",
		  "of an image (else found out)" },
		{ TOOL_OPTION_FLAG, 0, "measurements", &o.measurements, NULL,
		  "also what each start will leave in PCR 8 of the TPM" },
		{ TOOL_OPTION_TEXT, 0, "guid", &o.guid, "GUID",
		  "of the partition that a FILE will lie in (%U of its command line)" },
		{ TOOL_OPTION_FLAG, 0, "quick", &o.quick, NULL,
		  "do not read the root partitions of a disk" },
		{ TOOL_OPTION_FLAG, 0, "verbose", &o.verbose, NULL,
		  "the core's own log on stderr" },
		{ TOOL_OPTION_FLAG, 0, "json", &o.json, NULL, "as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat verify",
		"FILE|IMAGE|DEVICE",
		"Would this boot? Judges a kernel partition, or every slot of a disk "
		"image or device,\n"
		"by the loader's own code. Exit status 0: it would; 1: it would not, "
		"with the reason\n"
		"for each slot.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (!check_options(&usage, &o))
		return TOOL_USAGE;
	o.trust.floor = (uint32_t)o.floor.value;
	o.trust.generation = (uint32_t)o.generation.value;
	return verify(&o, operands[0]);
}

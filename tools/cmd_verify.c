/* lifeboat verify: would this boot, which slot, and why not the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/lib/guid.h"
#include "tools/lib/judge.h"
#include "tools/lib/options.h"
#include "tools/lib/table_words.h"
#include "tools/lib/tool.h"
#include "tools/lib/trust.h"
#include "tools/lib/verify_answer.h"

struct verify_options {
	struct tool_trust_options trust;
	struct tool_optional_number floor, generation, sector_size;
	const char *guid;
	bool json, verbose, measurements, quick;
};

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

static int verify_disk(struct host_platform *plat, const struct tool_judge *judge,
		       const struct platform_disk *disk, const char *name,
		       const struct tool_verify_output *out)
{
	struct tool_verify_answer a = { .name = name,
					.disk = tool_alloc(sizeof(*a.disk)),
					.loaders = tool_alloc(sizeof(*a.loaders)) };
	bool good = true;

	tool_judge_disk(plat, judge, disk, a.disk);
	tool_disk_loaders_judge(plat, judge, disk, a.disk->media, a.loaders);
	if (!out->quick)
		read_roots(plat, disk, a.disk);
	if (a.disk->disk.reason == LB_REASON_NO_GPT ||
	    a.disk->disk.reason == LB_REASON_GPT_DAMAGED)
		a.table = tool_table_words(plat, disk);
	tool_verify_conclude(&a);
	if (out->json)
		good = tool_verify_json_disk(&a, out);
	else
		tool_verify_print_disk(&a, out);
	free(a.table);
	free(a.loaders);
	free(a.disk);
	return !good ? TOOL_USAGE : a.boots ? TOOL_YES : TOOL_NO;
}

static int verify_partition(struct host_platform *plat, const struct tool_judge *judge,
			    const struct platform_disk *disk, const char *name,
			    const uint8_t guid[16], const struct tool_verify_output *out)
{
	const struct lb_source source = tool_platform_source(plat, disk);
	struct tool_judgement j;
	bool good = true;

	tool_judge_source(plat, judge, &source, guid, &j);
	const bool boots = j.verdict.reason == LB_REASON_OK;

	if (out->json) {
		good = tool_verify_json(&j, out);
	} else {
		printf("%s: ", name);
		tool_verify_print(&j, out);
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
	const struct tool_verify_output out = { o->json, o->measurements, o->quick,
						&judge };
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

/* lifeboat recovery-media: sticks that bring a device back. */
#include "tools/commands.h"
#include "tools/lib/fields.h"
#include "tools/lib/media_make.h"
#include "tools/lib/options.h"
#include "tools/lib/tool.h"

static int make(const struct tool_media_plan *plan, const char *output, bool quiet,
		bool json)
{
	json_t *report = NULL;
	bool good = tool_media_make(plan, output, &report);

	if (good && !quiet)
		good = tool_fields_print(report, json);
	else if (report != NULL)
		json_decref(report);
	return good ? TOOL_YES : tool_failed();
}

static int cmd_make(int argc, char **argv)
{
	static struct tool_media_plan plan;
	const char *output = NULL;
	bool json = false, quiet = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'o', "output", &output, "FILE",
		  "where the image goes" },
		{ TOOL_OPTION_LIST, 0, "kernel", &plan.kernels, "FILE",
		  "signed recovery kernel partition, one or more for each CPU" },
		{ TOOL_OPTION_LIST, 0, "loader", &plan.loaders, "FILE",
		  "UEFI loader to start from the medium, one for each CPU" },
		{ TOOL_OPTION_TEXT, 'p', "profile", &plan.profile, "P",
		  "profile to put into the loaders, and to judge the kernels by" },
		{ TOOL_OPTION_TEXT, 'k', "key", &plan.key, "K.vbpubk",
		  "the devices' recovery key, to judge the kernels by" },
		{ TOOL_OPTION_LIST, 0, "file", &plan.files, "FILE=TARGET",
		  "another file for the FAT partition" },
		{ TOOL_OPTION_LIST, 0, "payload", &plan.payloads, "FILE",
		  "a payload to install from the stick; one or more, of any models\n"
		  "and processors" },
		{ TOOL_OPTION_LIST, 0, "developer-payload", &plan.payloads, "FILE",
		  "a self-signed one, for devices in developer mode" },
		{ TOOL_OPTION_NUMBER, 0, "piece-size", &plan.piece_size, "SIZE",
		  "payloads larger than that are split (what FAT32 cannot hold)" },
		{ TOOL_OPTION_TEXT, 0, "network", &plan.network, "FILE",
		  "network configuration for the recovery program" },
		{ TOOL_OPTION_TEXT, 0, "server-ca", &plan.server_ca, "FILE",
		  "the one CA of the server's certificate, unless the profile has it" },
		{ TOOL_OPTION_TEXT, 0, "language", &plan.language, "CODE",
		  "language of the recovery program, unless the device has one" },
		{ TOOL_OPTION_TEXT, 0, "manufacturing", &plan.manufacturing, "FILE",
		  "signed file for manufacturing without questions" },
		{ TOOL_OPTION_NUMBER, 0, "data-size", &plan.data_size, "SIZE",
		  "of the FAT partition (64M, or what the payloads need)" },
		{ TOOL_OPTION_NUMBER, 0, "size", &plan.size, "SIZE",
		  "of the whole image; the FAT partition gets what is left" },
		{ TOOL_OPTION_NUMBER, 0, "sector-size", &plan.sector_size, "BYTES",
		  "512 (default) or 4096" },
		{ TOOL_OPTION_TEXT, 0, "seed", &plan.seed, "TEXT",
		  "what all GUIDs are made from" },
		{ TOOL_OPTION_FLAG, 'q', "quiet", &quiet, NULL,
		  "do not describe the image" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL,
		  "describe the image as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat recovery-media make",
		"",
		"Makes an image of a recovery medium, for any program that writes images "
		"to "
		"sticks and\n"
		"cards: a FAT partition with loaders and files, and signed recovery "
		"kernels, "
		"whose CPU is\n"
		"found out. A kernel that every given device would refuse is not "
		"written. "
		"The same input\n"
		"gives the same bytes.",
		options,
		0,
		0,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (output == NULL)
		return tool_usage_error(&usage, "--output is missing");
	if (plan.kernels.count == 0)
		return tool_usage_error(&usage, "--kernel is missing");
	return make(&plan, output, quiet, json);
}

static const struct tool_subcommand commands[] = {
	{ "make", "", "make an image of a recovery medium", cmd_make },
	{ "manufacturing", "WORDS", "sign a file for installing without questions",
	  cmd_recovery_media_manufacturing },
	{ 0 },
};

int cmd_recovery_media(int argc, char **argv)
{
	return tool_subcommands_run(
		"lifeboat recovery-media",
		"Recovery media: sticks and cards that bring a device "
		"back.",
		commands, argc, argv);
}

/* lifeboat image: a complete bootable disk image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/lib/fields.h"
#include "tools/lib/image_build.h"
#include "tools/lib/options.h"
#include "tools/lib/tool.h"

/* Options that are short for a setting. */
static const struct shorthand {
	const char *option, *setting;
} shorthands[] = {
	{ "loader", "efi.loader" },
	{ "profile", "efi.profile" },
	{ "signed-a", "slot-a.signed" },
	{ "root-a", "slot-a.root" },
	{ "signed-b", "slot-b.signed" },
	{ "root-b", "slot-b.root" },
	{ "state", "state.size" },
	{ "size", "disk.size" },
	{ "sector-size", "disk.sector-size" },
	{ "seed", "disk.seed" },
	{ NULL, NULL },
};

static bool apply(struct tool_image_plan *plan, const char *option, const char *value)
{
	for (const struct shorthand *s = shorthands; s->option != NULL; s++) {
		if (strcmp(s->option, option) != 0)
			continue;
		char *setting = tool_format("%s=%s", s->setting, value);
		const bool good = tool_image_plan_set(plan, setting);

		free(setting);
		return good;
	}
	return tool_image_plan_set(plan, value);
}

static int image(const char *ini, const struct tool_list *settings, const char *output,
		 bool quiet, bool json)
{
	struct tool_image_plan *plan = tool_alloc(sizeof(*plan));
	json_t *report = NULL;
	bool good = ini == NULL || tool_image_plan_file(plan, ini);

	for (size_t i = 0; good && i < settings->count; i++)
		good = apply(plan, settings->item[i].option, settings->item[i].value);
	good = good && tool_image_build(plan, output, &report);
	if (good && !quiet) {
		good = tool_fields_print(report, json);
		tool_note(
			"all devices that this image is written to have the same GUIDs; "
			"'lifeboat slots own-guids' at their first start gives each its "
			"own (lifeboat-own-guids.service)");
	} else if (report != NULL)
		json_decref(report);
	tool_image_plan_free(plan);
	free(plan);
	return good ? TOOL_YES : tool_failed();
}

int cmd_image(int argc, char **argv)
{
	static struct tool_list settings;
	const char *output = NULL;
	bool json = false, quiet = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'o', "output", &output, "FILE",
		  "where the image goes" },
		{ TOOL_OPTION_LIST, 's', "set", &settings, "SECTION.KEY=VALUE",
		  "a setting as in the ini file; replaces the file's" },
		{ TOOL_OPTION_LIST, 0, "loader", &settings, "FILE",
		  "UEFI loader, one for each CPU (efi.loader)" },
		{ TOOL_OPTION_LIST, 0, "profile", &settings, "P",
		  "profile to put into the loaders (efi.profile)" },
		{ TOOL_OPTION_LIST, 0, "signed-a", &settings, "FILE",
		  "ready kernel partition for slot A (slot-a.signed)" },
		{ TOOL_OPTION_LIST, 0, "root-a", &settings, "IMG|DIR",
		  "root of slot A (slot-a.root)" },
		{ TOOL_OPTION_LIST, 0, "signed-b", &settings, "FILE",
		  "the same for slot B" },
		{ TOOL_OPTION_LIST, 0, "root-b", &settings, "IMG|DIR",
		  "the same for slot B" },
		{ TOOL_OPTION_LIST, 0, "state", &settings, "SIZE",
		  "size of the state partition (state.size)" },
		{ TOOL_OPTION_LIST, 0, "size", &settings, "SIZE",
		  "size of the disk (disk.size)" },
		{ TOOL_OPTION_LIST, 0, "sector-size", &settings, "BYTES",
		  "512 or 4096 (disk.sector-size)" },
		{ TOOL_OPTION_LIST, 0, "seed", &settings, "TEXT",
		  "what all GUIDs are made from (disk.seed)" },
		{ TOOL_OPTION_FLAG, 'q', "quiet", &quiet, NULL,
		  "do not describe the image" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL,
		  "describe the image as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat image",
		"[FILE.ini]",
		"Makes a complete bootable disk image: partition table, EFI system "
		"partition with the\n"
		"loaders, kernel and root of slots A and B, boot history, state. The "
		"same input gives\n"
		"the same bytes; neither root rights nor loop devices are needed. "
		"Sections and keys of\n"
		"the ini file: lifeboat-image(1).",
		options,
		0,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (output == NULL)
		return tool_usage_error(&usage, "--output is missing");
	return image(operands[0], &settings, output, quiet, json);
}

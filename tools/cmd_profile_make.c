/* lifeboat profile make: from ini files to a profile. */
#include "tools/commands.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/profile_make.h"
#include "tools/lib/tool.h"

static bool report(const char *output, const struct tool_buffer *profile, bool json)
{
	json_t *profiles, *object;

	if (!json)
		return true;
	if (!tool_profile_describe(profile->data, profile->len, output, 0, &profiles))
		return false;
	object = json_object();
	tool_json_text(object, "file", output);
	tool_json_number(object, "bytes", profile->len);
	tool_json_set(object, "profile", profiles);
	return tool_json_print(object);
}

static int make(char *const *ini_files, const char *output, bool json)
{
	struct tool_buffer profile = { 0 };
	size_t count = 0;

	while (ini_files[count] != NULL)
		count++;
	const bool good =
		tool_profile_make(ini_files, count, &profile) &&
		tool_write_file(output, profile.data, profile.len, 0644, HOST_REPLACE) &&
		report(output, &profile, json);

	tool_buffer_free(&profile);
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_profile_make(int argc, char **argv)
{
	const char *output = NULL;
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'o', "output", &output, "P",
		  "where the profile goes" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "describe it as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat profile make",
		"FILE.ini...",
		"Makes a profile from ini files, one per device model; the first whose "
		"'match' names\n"
		"the machine is used, one without 'match' is the default. Keys: model, "
		"hardware-id,\n"
		"match, kernel-key, recovery-key, recovery-url, recovery-floor, "
		"developer-mode,\n"
		"slot-order, internal-disk, language, watchdog-s, serial-input, "
		"keyboard-input,\n"
		"generation, update-server, server-ca, media-hint, support; see "
		"lifeboat-profile(1).",
		options,
		1,
		256,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (output == NULL)
		return tool_usage_error(&usage, "--output is missing");
	return make(operands, output, json);
}

/* lifeboat profile install: a profile into a loader. */
#include "crypto/profile.h"
#include "tools/commands.h"
#include "tools/lib/describe.h"
#include "tools/lib/file.h"
#include "tools/lib/inputs.h"
#include "tools/lib/json_out.h"
#include "tools/lib/loader_file.h"
#include "tools/lib/options.h"
#include "tools/lib/profile_words.h"
#include "tools/lib/tool.h"

static bool check_profile(const struct tool_buffer *profile, const char *name)
{
	size_t count;

	return profile_count(profile->data, profile->len, &count, NULL) == LB_OK ||
	       tool_profile_refuse(name, 0, profile->data, profile->len);
}

static bool report(const char *output, const struct tool_buffer *file,
		   const struct tool_loader *loader, bool json)
{
	json_t *object;

	if (!json)
		return true;
	object = tool_describe_loader(file, output, loader);
	if (object == NULL)
		return false;
	tool_json_text(object, "file", output);
	return tool_json_print(object);
}

static int install(const char *profile_name, const char *loader_name, const char *output,
		   bool strip_signature, bool json)
{
	struct tool_buffer profile = { 0 }, file = { 0 };
	struct tool_loader loader;
	bool good = tool_read_file(profile_name, PROFILE_SECTION_BYTES, &profile) &&
		    check_profile(&profile, profile_name) &&
		    tool_read_file(loader_name, 64u << 20, &file) &&
		    tool_loader_find(&file, loader_name, &loader) &&
		    tool_loader_install(&file, loader_name, &loader, &profile,
					strip_signature);

	if (good) {
		tool_input_replaceable(loader_name); /* the same loader, changed */
		good = tool_write_file(output, file.data, file.len, 0644, HOST_REPLACE) &&
		       report(output, &file, &loader, json);
	}

	tool_buffer_free(&profile);
	tool_buffer_free(&file);
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_profile_install(int argc, char **argv)
{
	const char *output = NULL;
	bool strip_signature = false, json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'o', "output", &output, "FILE",
		  "where the result goes" },
		{ TOOL_OPTION_FLAG, 0, "strip-signature", &strip_signature, NULL,
		  "remove a Secure Boot signature, which would no longer hold" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "describe it as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat profile install",
		"PROFILE LOADER",
		"Puts a profile into a loader, in place of the one it has. LOADER is a "
		"UEFI loader\n"
		"(.efi) or a bare-metal image. Sign for Secure Boot afterwards.",
		options,
		2,
		2,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (output == NULL)
		return tool_usage_error(&usage, "--output is missing");
	return install(operands[0], operands[1], output, strip_signature, json);
}

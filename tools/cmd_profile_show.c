/* lifeboat profile show: the profiles of a loader or a profile file. */
#include <string.h>

#include "tools/commands.h"
#include "tools/lib/fields.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/loader_file.h"
#include "tools/lib/options.h"
#include "tools/lib/profile_make.h"
#include "tools/lib/tool.h"

static bool describe(const struct tool_buffer *file, const char *name, json_t **profiles)
{
	struct tool_loader loader;

	if (file->len >= 6 && memcmp(file->data, "LBPROF", 6) == 0)
		return tool_profile_describe(file->data, file->len, name, 0, profiles);
	if (!tool_loader_find(file, name, &loader))
		return false;
	if (loader.kind == TOOL_LOADER_NONE)
		return tool_error("%s: neither a profile nor a lifeboat loader", name);
	return tool_profile_describe(file->data + loader.profile_offset,
				     loader.profile_bytes, name, loader.profile_offset,
				     profiles);
}

static int show(const char *name, bool json)
{
	struct tool_buffer file = { 0 };
	json_t *profiles = NULL;
	bool good = tool_read_file(name, 64u << 20, &file) &&
		    describe(&file, name, &profiles);

	tool_buffer_free(&file);
	if (!good)
		return TOOL_USAGE;
	const bool none = json_array_size(profiles) == 0;
	json_t *object = json_object();

	tool_json_set(object, "profile", profiles);
	if (!tool_fields_print(object, json))
		return TOOL_USAGE;
	if (none)
		tool_note("%s: holds no profile; as it is, this loader boots nothing",
			  name);
	return none ? TOOL_NO : TOOL_YES;
}

int cmd_profile_show(int argc, char **argv)
{
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat profile show",
		"FILE",
		"Shows the profiles in FILE: a profile, a UEFI loader or a bare-metal "
		"image. Exit\n"
		"status 1 when a loader holds none.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	return parse == TOOL_PARSE_RUN ? show(operands[0], json) : tool_parse_exit(parse);
}

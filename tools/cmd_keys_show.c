/* lifeboat keys show: keys and keyblocks as names and values. */
#include "tools/commands.h"
#include "tools/lib/describe.h"
#include "tools/lib/fields.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/tool.h"

static bool add_file(const char *name, json_t *array)
{
	struct tool_buffer file = { 0 };
	json_t *described = NULL;
	bool good = tool_read_file(name, 1u << 20, &file) &&
		    tool_describe_key_file(&file, name, &described);

	tool_buffer_free(&file);
	if (!good)
		return false;
	if (described == NULL)
		return tool_error("%s: offset 0: neither a key nor a keyblock", name);
	json_t *object = json_object();

	tool_json_text(object, "file", name);
	if (json_object_update(object, described) != 0)
		tool_fatal("out of memory");
	json_decref(described);
	tool_json_append(array, object);
	return true;
}

static int show(char *const *files, bool json)
{
	json_t *array = json_array();
	json_t *object = json_object();
	bool good = true;

	for (; *files != NULL; files++)
		good = add_file(*files, array) && good;
	tool_json_set(object, "key", array);
	return tool_fields_print(object, json) && good ? TOOL_YES : TOOL_USAGE;
}

int cmd_keys_show(int argc, char **argv)
{
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat keys show",
		"FILE...",
		"Shows public keys, private keys (nothing secret of them) and keyblocks.",
		options,
		1,
		256,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	return parse == TOOL_PARSE_RUN ? show(operands, json) : tool_parse_exit(parse);
}

/* lifeboat payload show: what a payload says, whoever made it. */
#include "tools/commands.h"
#include "tools/lib/fields.h"
#include "tools/lib/options.h"
#include "tools/lib/payload_open.h"
#include "tools/lib/payload_show.h"
#include "tools/lib/tool.h"

static int show(const char *path, bool operations, bool json)
{
	static struct tool_payload_file file; /* large */
	bool good = tool_payload_file_open(path, &file);

	if (good) {
		good = tool_payload_open(&file, NULL);
		json_t *object =
			good ? tool_payload_describe(&file.payload, path, operations)
			     : NULL;

		good = object != NULL && tool_fields_print(object, json);
		tool_payload_file_close(&file);
	}
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_payload_show(int argc, char **argv)
{
	bool json = false, operations = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_FLAG, 0, "operations", &operations, NULL,
		  "each operation, too" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat payload show",
		"PAYLOAD",
		"Shows what a payload says about itself. Nothing is verified: that is\n"
		"`lifeboat payload verify`. Payloads of update_engine are shown, too.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	return parse != TOOL_PARSE_RUN ? tool_parse_exit(parse)
				       : show(operands[0], operations, json);
}

/* lifeboat payload extract: partitions into files. */
#include <string.h>

#include "tools/commands.h"
#include "tools/lib/options.h"
#include "tools/lib/payload_open.h"
#include "tools/lib/payload_write.h"
#include "tools/lib/tool.h"

static bool extract(struct tool_payload_file *file, const char *folder, const char *name)
{
	const struct update_payload *p = &file->payload;

	if (name != NULL && update_payload_partition(p, name) == NULL)
		return tool_error("%s: no partition '%s' in it", file->path, name);
	for (size_t i = 0; i < p->partition_count; i++)
		if ((name == NULL || strcmp(p->partition[i].name, name) == 0) &&
		    !tool_payload_extract(file, &p->partition[i], folder))
			return false;
	return true;
}

int cmd_payload_extract(int argc, char **argv)
{
	static struct tool_payload_file file; /* large */
	const char *folder = NULL, *name = NULL;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'o', "output", &folder, "FOLDER",
		  "where NAME.img go (here)" },
		{ TOOL_OPTION_TEXT, 0, "partition", &name, "NAME", "only this one" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat payload extract",
		"PAYLOAD",
		"Writes the partitions of a full payload into files. Each must match the "
		"hash that the\n"
		"payload gives for it; who signed it is not asked. Payloads of "
		"update_engine are read, too.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (!tool_payload_file_open(operands[0], &file))
		return TOOL_USAGE;
	const bool good = tool_payload_open(&file, NULL) &&
			  extract(&file, folder != NULL ? folder : ".", name);

	tool_payload_file_close(&file);
	return good ? TOOL_YES : TOOL_USAGE;
}

/* lifeboat payload extract: partitions into files. */
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/payload_open.h"
#include "tools/lib/payload_write.h"
#include "tools/lib/tool.h"

static json_t *describe(const struct update_partition *p, const char *folder)
{
	json_t *object = json_object();
	char *path = tool_format("%s/%s.img", folder, p->name);

	tool_json_text(object, "partition", p->name);
	tool_json_text(object, "file", path);
	tool_json_number(object, "bytes", p->bytes);
	free(path);
	return object;
}

static bool extract(struct tool_payload_file *file, const char *folder, const char *name,
		    json_t *made)
{
	const struct update_payload *p = &file->payload;

	if (name != NULL && update_payload_partition(p, name) == NULL)
		return tool_error("%s: no partition '%s' in it", file->path, name);
	for (size_t i = 0; i < p->partition_count; i++) {
		if (name != NULL && strcmp(p->partition[i].name, name) != 0)
			continue;
		if (!tool_payload_extract(file, &p->partition[i], folder))
			return false;
		tool_json_append(made, describe(&p->partition[i], folder));
	}
	return true;
}

int cmd_payload_extract(int argc, char **argv)
{
	static struct tool_payload_file file; /* large */
	const char *folder = NULL, *name = NULL;
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'o', "output", &folder, "FOLDER",
		  "where NAME.img go (here)" },
		{ TOOL_OPTION_TEXT, 0, "partition", &name, "NAME", "only this one" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL,
		  "say what was written as JSON" },
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
	json_t *object = json_object(), *made = json_array();
	bool good = tool_payload_open(&file, NULL) &&
		    extract(&file, folder != NULL ? folder : ".", name, made);

	tool_payload_file_close(&file);
	tool_json_set(object, "files", made);
	if (good && json)
		good = tool_json_print(object);
	else
		json_decref(object);
	return good ? TOOL_YES : TOOL_USAGE;
}

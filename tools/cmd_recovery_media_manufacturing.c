/* lifeboat recovery-media manufacturing: a file that lets a medium install without
 * questions. */
#include "tools/commands.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/manufacturing.h"
#include "tools/lib/options.h"
#include "tools/lib/tool.h"

static bool report(const struct tool_manufacturing_plan *plan, const char *output,
		   const struct tool_buffer *file, bool json)
{
	if (!json)
		return true;
	json_t *object = json_object();

	tool_json_text(object, "file", output);
	tool_json_number(object, "bytes", file->len);
	tool_json_text(object, "words", plan->words);
	return tool_json_print(object);
}

static int make(const struct tool_manufacturing_plan *plan, const char *output, bool json)
{
	struct tool_buffer file = { 0 };
	const bool good =
		tool_manufacturing_make(plan, &file) &&
		tool_write_file(output, file.data, file.len, 0644, HOST_REPLACE) &&
		report(plan, output, &file, json);

	tool_buffer_free(&file);
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_recovery_media_manufacturing(int argc, char **argv)
{
	struct tool_manufacturing_plan plan = { 0 };
	const char *output = NULL;
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 0, "keyblock", &plan.keyblock, "FILE",
		  "keyblock of the recovery kernels" },
		{ TOOL_OPTION_TEXT, 'd', "data-key", &plan.data_key, "KEY",
		  "its private data key: .vbprivk, PEM or an OpenSSL URI\n"
		  "(pkcs11:...)" },
		{ TOOL_OPTION_TEXT, 0, "signer", &plan.signer, "PROGRAM",
		  "a program that holds the data key: started with the --data-key\n"
		  "as its argument, DigestInfo in, signature out" },
		{ TOOL_OPTION_TEXT, 'k', "key", &plan.key, "K.vbpubk",
		  "the devices' recovery key" },
		{ TOOL_OPTION_TEXT, 'o', "output", &output, "FILE", "where it goes" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "say what was made as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat recovery-media manufacturing",
		"WORDS",
		"Signs a file that lets a recovery medium set up devices without a "
		"question. WORDS says\n"
		"which: lines of `model = NAME` (one or more), `wipe = empty` or `any`, "
		"and `end = pull`,\n"
		"`restart` or `off`.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (plan.keyblock == NULL || plan.data_key == NULL || plan.key == NULL ||
	    output == NULL)
		return tool_usage_error(&usage, "--keyblock, --data-key, --key and "
						"--output are needed");
	plan.words = operands[0];
	return make(&plan, output, json);
}

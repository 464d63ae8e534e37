/* lifeboat secure-boot enroll: keys for a machine. */
#include <time.h>

#include "tools/commands.h"
#include "tools/lib/enroll_make.h"
#include "tools/lib/fields.h"
#include "tools/lib/options.h"
#include "tools/lib/tool.h"

static int enroll(const struct tool_enroll_plan *plan, bool json)
{
	json_t *report;

	if (!tool_enroll_make(plan, &report))
		return TOOL_USAGE;
	if (plan->output != NULL && plan->programs.count == 0)
		tool_note("no --program: the stick has the keys for the firmware's own "
			  "menu only");
	if (plan->add_db.count == 0)
		tool_note("no --add-db: with these keys no option ROM of a graphics or "
			  "network card starts, and no other system's loader; see "
			  "docs/secure-boot.md before you use them");
	return tool_fields_print(report, json) ? TOOL_YES : TOOL_USAGE;
}

int cmd_secure_boot_enroll(int argc, char **argv)
{
	static struct tool_enroll_plan plan;
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'o', "output", &plan.output, "FILE",
		  "where the stick's image goes" },
		{ TOOL_OPTION_LIST, 0, "program", &plan.programs, "FILE",
		  "enrolment program (enroll.efi), one for each CPU" },
		{ TOOL_OPTION_TEXT, 0, "files", &plan.files, "FOLDER",
		  "also as files: .auth, .esl, and remove-PK.auth, which undoes it" },
		{ TOOL_OPTION_LIST, 0, "add-db", &plan.add_db, "FILE",
		  "trust this one too: certificate (PEM, DER) or signature lists "
		  "(.esl)" },
		{ TOOL_OPTION_LIST, 0, "add-kek", &plan.add_kek, "FILE",
		  "let this one change db and dbx too" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL,
		  "describe what was made as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat secure-boot enroll",
		"DIR",
		"Makes an image of a stick that puts the keys of DIR into a machine in "
		"Setup Mode, once\n"
		"the person there has confirmed it. The same keys are on it as files, "
		"for the firmware's\n"
		"own menu.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (plan.output == NULL && plan.files == NULL)
		return tool_usage_error(&usage, "--output or --files is missing");
	plan.keys = operands[0];
	plan.time = time(NULL);
	return enroll(&plan, json);
}

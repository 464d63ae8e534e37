/* lifeboat payload: updates as files. */
#include "tools/commands.h"
#include "tools/lib/options.h"

static const struct tool_subcommand commands[] = {
	{ "make", "", "make a payload from a kernel and a root", cmd_payload_make },
	{ "show", "PAYLOAD", "show what a payload says", cmd_payload_show },
	{ "verify", "PAYLOAD", "would a device install it, and is it whole",
	  cmd_payload_verify },
	{ "apply", "PAYLOAD", "install it into a slot of a disk", cmd_payload_apply },
	{ "extract", "PAYLOAD", "write its partitions into files", cmd_payload_extract },
	{ 0 },
};

int cmd_payload(int argc, char **argv)
{
	return tool_subcommands_run("lifeboat payload",
				    "Payloads: a signed release as one file.", commands,
				    argc, argv);
}

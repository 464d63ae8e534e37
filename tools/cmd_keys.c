/* lifeboat keys: keys and keyblocks. */
#include "tools/commands.h"
#include "tools/lib/options.h"

static const struct tool_subcommand commands[] = {
	{ "new", "DIR", "make a full set of keys and keyblocks", cmd_keys_new },
	{ "show", "FILE...", "show keys and keyblocks", cmd_keys_show },
	{ "import", "KEY",
	  "turn a PEM or DER key, or a token's, into .vbpubk and .vbprivk",
	  cmd_keys_import },
	{ "keyblock", "", "make a keyblock", cmd_keys_keyblock },
	{ 0 },
};

int cmd_keys(int argc, char **argv)
{
	return tool_subcommands_run(
		"lifeboat keys",
		"Keys and keyblocks in vboot's file formats, which futility "
		"and vbutil_key read.",
		commands, argc, argv);
}

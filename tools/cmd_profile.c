/* lifeboat profile: what differs per device model. */
#include "tools/commands.h"
#include "tools/lib/options.h"

static const struct tool_subcommand commands[] = {
	{ "make", "FILE.ini...", "make a profile from ini files", cmd_profile_make },
	{ "install", "PROFILE LOADER", "put a profile into a loader",
	  cmd_profile_install },
	{ "show", "FILE", "show the profiles of a loader or a profile file",
	  cmd_profile_show },
	{ 0 },
};

int cmd_profile(int argc, char **argv)
{
	return tool_subcommands_run(
		"lifeboat profile",
		"Device profiles: keys, recovery address and policy of one or "
		"several device models,\nput into the loader that all share.",
		commands, argc, argv);
}

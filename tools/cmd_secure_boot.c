/* lifeboat secure-boot: own keys for UEFI Secure Boot. */
#include "tools/commands.h"
#include "tools/lib/options.h"

static const struct tool_subcommand commands[] = {
	{ "keys", "DIR", "make an owner's keys: PK, KEK and db", cmd_secure_boot_keys },
	{ "sign", "LOADER", "sign a loader", cmd_secure_boot_sign },
	{ "enroll", "DIR", "make a stick that puts the keys into a machine",
	  cmd_secure_boot_enroll },
	{ "revoke", "LOADER...", "make an update of dbx that refuses loaders",
	  cmd_secure_boot_revoke },
	{ 0 },
};

int cmd_secure_boot(int argc, char **argv)
{
	return tool_subcommands_run(
		"lifeboat secure-boot",
		"Own keys for UEFI Secure Boot: firmware then starts nothing but what "
		"they signed.",
		commands, argc, argv);
}

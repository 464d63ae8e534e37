/* lifeboat: the command for hosts and devices. */
#include <stdio.h>
#include <string.h>

#include "lb_version.h"
#include "tools/commands.h"
#include "tools/lib/options.h"
#include "tools/lib/tool.h"

static const struct tool_subcommand commands[] = {
	{ "keys", "", "make, show and convert keys and keyblocks", cmd_keys },
	{ "profile", "", "device profiles: make, put into a loader, show", cmd_profile },
	{ "sign", "", "make a signed kernel partition", cmd_sign },
	{ "image", "", "make a complete bootable disk image", cmd_image },
	{ "verify", "", "would this boot, and why not", cmd_verify },
	{ "inspect", "", "show every field of an image, partition, key or loader",
	  cmd_inspect },
	{ "slots", "", "show and change the slots of a disk", cmd_slots },
	{ "log", "", "show what a device's last boots did", cmd_log },
	{ "recovery-media", "", "make sticks that bring a device back",
	  cmd_recovery_media },
	{ "payload", "", "make, show, verify and apply update payloads", cmd_payload },
	{ "secure-boot", "", "own keys for UEFI Secure Boot", cmd_secure_boot },
	{ NULL, NULL, NULL, NULL },
};

/* Answers count only if they were written. */
static int flush_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	tool_error("standard output cannot be written");
	return TOOL_USAGE;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("lifeboat " LB_VERSION);
		return flush_output(TOOL_YES);
	}
	return flush_output(tool_subcommands_run(
		"lifeboat",
		"Verified A/B boot, recovery and updates: the host's and device's side.",
		commands, argc, argv));
}

/* Does a command line check the root file system? Shared by sign, verify and inspect. */
#ifndef LIFEBOAT_TOOLS_ROOT_CHECK_H
#define LIFEBOAT_TOOLS_ROOT_CHECK_H

#include <stdbool.h>

enum tool_root {
	TOOL_ROOT_NONE,       /* no root= : the root is in the initrd, which is signed */
	TOOL_ROOT_VERIFIED,   /* the root in force is a verity device made on the line */
	TOOL_ROOT_UNVERIFIED, /* root= of anything else, or a root hash that is none */
};

enum tool_root tool_root_of(const char *cmdline);

/** tool_root_words() - "verified (dm-verity)", "NOT verified", "none (in the initrd)". */
const char *tool_root_words(enum tool_root root);

#endif

/* What `lifeboat sign` is given, turned into the kernel part of a body. */
#ifndef LIFEBOAT_TOOLS_SIGN_INPUT_H
#define LIFEBOAT_TOOLS_SIGN_INPUT_H

#include <stdbool.h>

#include "base/platform.h"
#include "boot/kernel/prepare.h"
#include "tools/lib/body.h"
#include "tools/lib/options.h"

/* As on the command line; NULL is not given. */
struct tool_sign_input {
	const char *kernel, *fit, *uki, *cmdline, *config, *kind, *compress, *bootloader;
	struct tool_list initrd;
	struct tool_list trees; /* --dtb and --overlay in their order */
};

struct tool_sign_kernel {
	enum kernel_kind kind;
	enum platform_cpu cpu;
	struct tool_buffer bytes; /* what parts points into */
	struct tool_buffer bootloader;
	struct tool_body_parts parts;
	char *own_cmdline; /* a UKI's; NULL when there is none */
};

/** tool_sign_kernel_load() - read, recognise, and build a FIT where one is wanted. */
bool tool_sign_kernel_load(const struct tool_sign_input *input,
			   struct tool_sign_kernel *out);
void tool_sign_kernel_free(struct tool_sign_kernel *kernel);

const char *tool_sign_kind_name(enum kernel_kind kind);

#endif

/* Whom to trust, as `lifeboat verify` is told: a key, a profile, or a loader's
 * profile. */
#ifndef LIFEBOAT_TOOLS_TRUST_H
#define LIFEBOAT_TOOLS_TRUST_H

#include <stdbool.h>

#include "tools/lib/buffer.h"
#include "tools/lib/judge.h"
#include "tools/lib/public_key.h"

/* As on the command line; NULL is not given. */
struct tool_trust_options {
	const char *key, *profile, *loader, *mode, *board, *cpu, *platform, *order;
	uint32_t floor, generation; /* that the device has seen */
	bool secure_boot;           /* of the machine: enforcing */
};

/* What the keys of a judge point into. */
struct tool_trust {
	struct tool_public_key key;
	struct tool_buffer profile;
};

/** tool_trust_load() - fill @judge and the machine of @plat. */
bool tool_trust_load(const struct tool_trust_options *options, struct host_platform *plat,
		     struct tool_judge *judge, struct tool_trust *out);
/** tool_trust_profiles() - how many profiles the file holds that --profile or --loader
 * names. */
bool tool_trust_profiles(const struct tool_trust_options *options, size_t *count);
void tool_trust_free(struct tool_trust *trust);

#endif

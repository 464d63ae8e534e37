/* What a payload is to be made from. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_PLAN_H
#define LIFEBOAT_TOOLS_PAYLOAD_PLAN_H

#include <stdbool.h>

#include "tools/lib/options.h"
#include "tools/lib/payload_input.h"

/* A delta's minor version: with what public readers know, and with targets in pieces. */
#define TOOL_PAYLOAD_DELTA_MINOR 4u

/* As on the command line; NULL is not given. */
struct tool_payload_plan {
	struct tool_payload_source source;
	struct tool_payload_source from; /* what is installed; nothing: a full payload */
	const char *data_key, *signer;
	const char *key;     /* the devices' kernel key, .vbpubk; NULL: self-signed */
	const char *profile; /* key, model and hardware id from there */
	struct tool_list models, hardware_ids;
	const char *version;
	struct tool_optional_number minimum_version;
	struct tool_list notes;       /* --title and --notes, "LANG=..." */
	struct tool_list recipe_keys; /* public keys that the statement names */
	struct tool_list sign_with;   /* private keys that sign as well */
	struct tool_optional_number threads, operation_size, level;
	bool wipes_state, compatible;
};

#endif

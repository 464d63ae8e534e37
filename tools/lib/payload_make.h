/* Making a payload: statement, operations, signatures. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_MAKE_H
#define LIFEBOAT_TOOLS_PAYLOAD_MAKE_H

#include <jansson.h>
#include <stdbool.h>

#include "tools/lib/options.h"
#include "tools/lib/payload_input.h"

/* As on the command line; NULL is not given. */
struct tool_payload_plan {
	struct tool_payload_source source;
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

/** tool_payload_make() - all or nothing; @report describes it. The same input gives the
 * same bytes. The result is judged by the device's code before it gets its name. */
bool tool_payload_make(const struct tool_payload_plan *plan, const char *output,
		       json_t **report);

#endif

/* Making a statement. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_STATEMENT_H
#define LIFEBOAT_TOOLS_PAYLOAD_STATEMENT_H

#include "tools/lib/payload_plan.h"
#include "tools/lib/payload_spool.h"
#include "tools/lib/private_key.h"
#include "tools/lib/public_key.h"

/* Everything a statement is made from. */
struct tool_statement_parts {
	const struct tool_payload_plan *plan;
	const struct tool_payload_input *input;
	const struct tool_payload_packed *packed; /* one for each part */
	const struct tool_private_key *data_key;
	uint64_t memory_bytes;
};

/** tool_statement_make() - signed with the data key of the input's keyblock. */
bool tool_statement_make(const struct tool_statement_parts *parts,
			 struct tool_buffer *out);

/** tool_statement_models() - of the plan and its profile, for messages and for judging.
 * False with a message when there is none. @model is released by free(). */
bool tool_statement_model(const struct tool_payload_plan *plan, char **model);

/** tool_statement_key() - the kernel key of the plan or its profile, packed; empty when
 * none is given. */
bool tool_statement_key(const struct tool_payload_plan *plan, struct tool_buffer *out);

#endif

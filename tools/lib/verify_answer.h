/* What `lifeboat verify` answers, as text and as JSON. */
#ifndef LIFEBOAT_TOOLS_VERIFY_ANSWER_H
#define LIFEBOAT_TOOLS_VERIFY_ANSWER_H

#include <stdbool.h>

#include "tools/lib/disk_loaders.h"
#include "tools/lib/judge.h"

/* How the answer is told. */
struct tool_verify_output {
	bool json, measurements, quick;
	const struct tool_judge *judge;
};

/* A disk, and all that was found out about it. */
struct tool_verify_answer {
	const char *name;
	struct tool_judged_disk *disk;
	struct tool_disk_loaders *loaders;
	char *table; /* what is wrong with its partition table; NULL: nothing */
	bool boots;
	const char *loader; /* why none of its loaders starts it; NULL: one would */
};

/** tool_verify_conclude() - boots and loader, from the rest. */
void tool_verify_conclude(struct tool_verify_answer *a);

void tool_verify_print_disk(const struct tool_verify_answer *a,
			    const struct tool_verify_output *out);
/** tool_verify_json_disk() - false with a message when it cannot be written. */
bool tool_verify_json_disk(const struct tool_verify_answer *a,
			   const struct tool_verify_output *out);

/** tool_verify_print(), tool_verify_json() - of one kernel partition. */
void tool_verify_print(const struct tool_judgement *j,
		       const struct tool_verify_output *out);
bool tool_verify_json(const struct tool_judgement *j,
		      const struct tool_verify_output *out);

#endif

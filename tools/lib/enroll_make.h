/* Enrolment: signed updates of PK, KEK and db as files, and a stick that brings them to a
 * machine.
 *
 * Design: docs/secure-boot.md; docs/formats/enrolment.md. */
#ifndef LIFEBOAT_TOOLS_ENROLL_MAKE_H
#define LIFEBOAT_TOOLS_ENROLL_MAKE_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "tools/lib/options.h"

/* All texts are the caller's. */
struct tool_enroll_plan {
	const char *keys;          /* folder with the owner's keys */
	struct tool_list programs; /* enrolment programs, one for each CPU */
	struct tool_list add_db, add_kek;
	const char *files;  /* folder for the updates as files; NULL: only on the stick */
	const char *output; /* the stick's image; NULL: none */
	time_t time;
};

/** tool_enroll_make() - @report describes what was made. */
bool tool_enroll_make(const struct tool_enroll_plan *plan, json_t **report);

#endif

/* What the loader handed over to the running system: as a variable, as a property of the
 * device tree, or as a word on the command line. One reader for the command, the recovery
 * program and the updater, so that none believes what another would refuse.
 *
 * Design: DESIGN 8 "Variables". */
#ifndef LIFEBOAT_HOST_HANDOVER_H
#define LIFEBOAT_HOST_HANDOVER_H

#include <stddef.h>

#include "host/error.h"

struct host_fact {
	char *path; /* where it was said */
	char *text; /* ends in a zero, and may have others: the loader's bytes */
	size_t len; /* without that zero */
};

/**
 * host_handover_read() - one fact.
 * @root:  "", or a folder that stands for "/" (tests)
 * @name:  CamelCase without prefix: "HardwareId"
 * @aside: told, in words, what was found and not believed, while the search goes on; NULL
 * @out:   on LB_OK to be released by host_fact_free()
 *
 * A variable with other attributes than the loader's is nobody's word: an operating
 * system has left it, perhaps so that nobody can delete it. Then the device tree is
 * asked, then the command line, where only the loader may say such words.
 *
 * LB_ERR_NOT_FOUND: it was not handed over; @err names the places that were looked at.
 */
enum lb_status host_handover_read(const char *root, const char *name,
				  void (*aside)(const char *text), struct host_fact *out,
				  struct host_error *err);
void host_fact_free(struct host_fact *fact);

#endif

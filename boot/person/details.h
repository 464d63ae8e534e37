/* Lines of the details screen while they are made. For boot/details*.c. */
#ifndef LIFEBOAT_BOOT_PERSON_DETAILS_H
#define LIFEBOAT_BOOT_PERSON_DETAILS_H

#include "boot/flow/flow.h"

struct details {
	struct boot_person *person;
	size_t used;
};

/** details_line() - one line, formatted by lb_format(); dropped when there is no room. */
void details_line(struct details *details, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** details_disks() - every disk, and the slots of the internal ones as they are now, judged
 * as the next normal start would. Reads, never writes. */
void details_disks(struct details *details, struct boot_ctx *ctx);

#endif

/* Which of the disks that were found, and whether somebody has to say so. Pure. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_DISK_RULE_H
#define LIFEBOAT_RECOVERY_INSTALLER_DISK_RULE_H

#include <stdbool.h>
#include <stddef.h>

struct disk_census {
	bool told;      /* the loader has named one by its record */
	size_t named;   /* disks that have that record */
	size_t systems; /* with slots */
	size_t fitting; /* all that can be used */
	bool settled;   /* no other one appeared for some time */
};

enum disk_rule {
	DISK_RULE_WAIT,    /* for disks */
	DISK_RULE_NAMED,   /* the loader's */
	DISK_RULE_SYSTEM,  /* the only one with slots */
	DISK_RULE_ONLY,    /* the only one that can be used */
	DISK_RULE_CONFIRM, /* the same, but the loader has meant another one */
	DISK_RULE_ASK,
};

/** disk_rule() - a disk that may not be the right one is never taken unasked. */
enum disk_rule disk_rule(const struct disk_census *census);

#endif

/* The order of the rules. */
#include "recovery/installer/disk_rule.h"

enum disk_rule disk_rule(const struct disk_census *census)
{
	/* Several have it when a copy was made while the system ran. */
	if (census->named == 1)
		return DISK_RULE_NAMED;
	/* Another one may be slow, and the right one. */
	if (!census->settled || census->fitting == 0)
		return DISK_RULE_WAIT;
	if (census->told)
		return census->fitting == 1 ? DISK_RULE_CONFIRM : DISK_RULE_ASK;
	if (census->systems == 1)
		return DISK_RULE_SYSTEM;
	if (census->systems == 0 && census->fitting == 1)
		return DISK_RULE_ONLY;
	return DISK_RULE_ASK;
}

/* What may start: DESIGN 5 written a second time, as a list of what is right, for tests
 * that throw anything at the flow and look only at what starts. */
#ifndef LIFEBOAT_TESTS_FLOW_ORACLE_H
#define LIFEBOAT_TESTS_FLOW_ORACLE_H

#include "tests/host/boot_rig.h"

/* The images there are, each with a mark of its own. */
enum flow_image {
	FLOW_OFFICIAL,     /* version 3, normal flags */
	FLOW_OFFICIAL_TOO, /* the same, another kernel */
	FLOW_OLD,          /* version 1 */
	FLOW_DEV_ONLY,     /* the kernel key, flagged for developer mode only */
	FLOW_RECOVERY,     /* the recovery key, version 3 */
	FLOW_RECOVERY_OLD, /* version 1 */
	FLOW_OWN,          /* self-signed by the developer */
	FLOW_STRANGERS,    /* signed with a key that nobody knows */
	FLOW_IMAGES
};

extern const struct rig_image flow_images[FLOW_IMAGES];

/* The floors that flow_oracle_machine() stores: version 2 of both. */
#define FLOW_FLOOR (UINT32_C(1) << 16 | 2)

/** flow_oracle_trust() - enrol the developer's key (as before this boot). */
void flow_oracle_trust(struct boot_rig *rig);

/**
 * flow_oracle_wrong() - what is wrong about what this machine has just started: NULL when
 * nothing did, or when it may, is what the log announced last, and was told truly to the
 * system.
 * @before: the stored state at power-on
 * @answered: a key came that says yes, or once, to a question about a key
 */
const char *flow_oracle_wrong(const struct boot_rig *rig,
			      const struct platform_state *before, bool answered);

#endif

/* "Would this boot?": every slot of a disk, or one kernel partition, judged by the
 * loader's own code. */
#ifndef LIFEBOAT_TOOLS_JUDGE_H
#define LIFEBOAT_TOOLS_JUDGE_H

#include <stdbool.h>

#include "base/reason.h"
#include "crypto/kernel_verify.h"
#include "gpt/gpt_slot.h"
#include "tools/lib/platform.h"
#include "tools/lib/pcr.h"
#include "tools/lib/root_check.h"
#include "tools/lib/root_read.h"

/* What it is judged for. */
struct tool_judge {
	struct crypto_policy policy;
	enum gpt_slot_order order;
	bool any_cpu;      /* else the platform's machine says which */
	bool any_platform; /* UEFI or bare metal; likewise */
	bool watchdog;     /* the profile arms one: a panic ends by it */
	char hardware_id[256];
	const uint8_t *profile; /* its bytes; NULL: judged by a bare key, nothing can be
	                         * said of PCR 8 */
	size_t profile_bytes;
	/* of the loader (its profile's), and the highest that the device has seen */
	uint32_t generation, seen_generation;
};

struct tool_judgement {
	struct lb_verdict verdict;
	uint32_t version; /* combined; 0 when the headers were refused */
	/* with LB_REASON_OK: the machine that it was found good for */
	enum platform_cpu cpu;
	bool uefi;
	bool root_known;
	enum tool_root root; /* of the command line that would be used */
	bool restarts;       /* it restarts after a panic; known when root is */
	bool tree_known;
	struct tool_verity tree; /* that it names */
	bool pcr_known;
	struct tool_pcr pcr; /* what its start will leave in PCR 8 */
};

/** tool_judge_source() - one signed kernel. @guid: of its partition, for %U */
void tool_judge_source(struct host_platform *plat, const struct tool_judge *judge,
		       const struct lb_source *source, const uint8_t guid[16],
		       struct tool_judgement *out);

struct tool_judged_slot {
	struct gpt_slot slot;
	enum gpt_slot_state state;
	struct tool_judgement judgement;
	uint64_t root_first_lba, root_sectors; /* 0: there is none */
	enum tool_root_tree root_tree;         /* for the caller to find out */
};

struct tool_judged_disk {
	struct lb_verdict disk; /* LB_REASON_OK, or why nothing on it can boot */
	size_t count;
	struct tool_judged_slot slot[GPT_MAX_SLOTS];
	bool media; /* recovery media: no slot of anybody */
	int chosen; /* index of the slot that would boot, -1 for none */
};

/**
 * tool_judge_disk() - all slots of a disk.
 *
 * In recovery mode the newest good kernel is chosen, whatever the slots' states; else the
 * first good one in slot order. A slot that the order leaves out is refused with
 * LB_REASON_SLOT_DEAD or _SLOT_PRIORITY_ZERO.
 */
void tool_judge_disk(struct host_platform *plat, const struct tool_judge *judge,
		     const struct platform_disk *disk, struct tool_judged_disk *out);

#endif

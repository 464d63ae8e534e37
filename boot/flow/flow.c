/* The boot flow as a table. Only boot_step() changes the state, and it logs each move. */
#include "boot/flow/flow.h"

/* Everything that can fail comes before the charge; the charge is on disk before the
 * hand-off. Only what starts is measured, so that comes last of all. PICK offers each
 * slot of a disk once, SCAN each disk once, so the way to RECOVERY is finite; RECOVERY
 * waits before it lets the round begin again. */
static const struct boot_transition {
	enum boot_event (*run)(struct boot_ctx *ctx);
	enum boot_state next[EV_COUNT];
} transitions[BOOT_STATES] = {
	/* clang-format off */
/*                  step                  EV_OK           EV_BAD         EV_NONE */
[BOOT_RECOVERY] = { boot_recover,      { BOOT_SCAN,      BOOT_RECOVERY, BOOT_WARN     } },
[BOOT_WARN]     = { boot_warn,         { BOOT_SCAN,      BOOT_RECOVERY, BOOT_WARN     } },
[BOOT_SCAN]     = { boot_scan_disk,    { BOOT_PICK,      BOOT_SCAN,     BOOT_RECOVERY } },
[BOOT_PICK]     = { boot_pick_slot,    { BOOT_VERIFY,    BOOT_RECOVERY, BOOT_SCAN     } },
[BOOT_VERIFY]   = { boot_verify_slot,  { BOOT_PREPARE,   BOOT_REJECT,   BOOT_PICK     } },
[BOOT_PREPARE]  = { boot_prepare_slot, { BOOT_CHARGE,    BOOT_PICK,     BOOT_RECOVERY } },
[BOOT_REJECT]   = { boot_reject_slot,  { BOOT_PICK,      BOOT_PICK,     BOOT_PICK     } },
[BOOT_CHARGE]   = { boot_charge_slot,  { BOOT_MEASURE,   BOOT_PICK,     BOOT_PICK     } },
[BOOT_MEASURE]  = { boot_measure_slot, { BOOT_HANDOFF,   BOOT_PICK,     BOOT_PICK     } },
[BOOT_HANDOFF]  = { boot_hand_off,     { BOOT_PICK,      BOOT_PICK,     BOOT_PICK     } },
	/* clang-format on */
};

static const char *const state_names[BOOT_STATES] = {
	[BOOT_RECOVERY] = "RECOVERY", [BOOT_WARN] = "WARN",
	[BOOT_SCAN] = "SCAN",         [BOOT_PICK] = "PICK",
	[BOOT_VERIFY] = "VERIFY",     [BOOT_PREPARE] = "PREPARE",
	[BOOT_REJECT] = "REJECT",     [BOOT_CHARGE] = "CHARGE",
	[BOOT_MEASURE] = "MEASURE",   [BOOT_HANDOFF] = "HANDOFF",
};

const char *boot_state_name(enum boot_state state)
{
	return (unsigned int)state < BOOT_STATES ? state_names[state] : "?";
}

enum boot_state boot_state_safe(enum boot_state state)
{
	return (unsigned int)state < BOOT_STATES ? state : BOOT_RECOVERY;
}

void boot_step(struct boot_ctx *ctx)
{
	const enum boot_state from = boot_state_safe(ctx->state);
	const enum boot_event event = transitions[from].run(ctx);

	ctx->state = event < EV_COUNT ? transitions[from].next[event] : BOOT_RECOVERY;
	lb_log(&ctx->log, "boot: %s -> %s", boot_state_name(from),
	       boot_state_name(ctx->state));
}

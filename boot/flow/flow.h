/* The boot flow: states, and everything one boot knows. For boot/ itself and its tests;
 * back ends call boot_run() of boot/flow/boot.h.
 *
 * Design: DESIGN 2 and 5; docs/boot-flow.md. */
#ifndef LIFEBOAT_BOOT_FLOW_FLOW_H
#define LIFEBOAT_BOOT_FLOW_FLOW_H

#include "base/handover.h"
#include "base/log.h"
#include "base/platform.h"
#include "base/reason.h"
#include "boot/flow/config.h"
#include "boot/flow/media.h"
#include "boot/history/behind.h"
#include "boot/history/history.h"
#include "boot/kernel/prepare.h"
#include "boot/judge/slot_check.h"
#include "boot/person/person.h"
#include "boot/tpm/floor_index.h"
#include "crypto/kernel_verify.h"
#include "crypto/profile.h"
#include "gpt/gpt_slot.h"
#include "recovery/rec_reason.h"

/* Recovery is 0: a gap in the table leads there. */
enum boot_state {
	BOOT_RECOVERY,
	BOOT_WARN,
	BOOT_SCAN,
	BOOT_PICK,
	BOOT_VERIFY,
	BOOT_PREPARE,
	BOOT_REJECT,
	BOOT_CHARGE,
	BOOT_MEASURE,
	BOOT_HANDOFF,
	BOOT_STATES
};

enum boot_event { EV_OK, EV_BAD, EV_NONE, EV_COUNT };

#define BOOT_RESCAN_MS    30000u
#define BOOT_RESTART_MS   180000u /* where only that finds a stick put in later */
#define BOOT_ERROR_MS     60000u
#define BOOT_MAX_FINDINGS 64u
#define BOOT_TOLD_BYTES   2048u /* what Linux takes as a command line */
#define BOOT_MAX_GUIDS    64u

#define BOOT_FINDING_LOADER "loader" /* instead of a disk */

/* What was found out about one disk or slot; shown in recovery, kept in the log. */
struct boot_finding {
	char disk[PLATFORM_DISK_NAME_BYTES];
	uint32_t partition; /* 0: about the whole disk */
	char slot;          /* letter, 0 when about the disk */
	enum gpt_slot_state state;
	struct lb_verdict verdict;
};

/* Some partitions, by their GUIDs. */
struct boot_guids {
	size_t count;
	uint8_t guid[BOOT_MAX_GUIDS][16];
};

/* The disk whose slots are being tried. */
struct boot_target {
	bool loaded;
	struct platform_disk disk;
	struct gpt gpt;
	struct gpt_slot slots[GPT_MAX_SLOTS];
	size_t slot_count;
	size_t sequence[GPT_MAX_SLOTS]; /* what is tried, in order */
	size_t sequence_count;
	size_t next;             /* into sequence */
	struct gpt_slot *slot;   /* the one being tried, into slots */
	enum gpt_slot_state was; /* its state when it was picked, before any charge */
	uint32_t behind;         /* slots that go behind the others: bit 0 is A */
};

/* Where floors are kept, and what is there: the protected variable and the TPM's
 * index. */
struct boot_floor_stores {
	enum lb_status variable_status; /* of reading it */
	struct platform_floors variable;
	struct tpm tpm;
	struct tpm_floor index[TPM_FLOOR_KINDS]; /* as read or written last */
	bool index_refused
		[TPM_FLOOR_KINDS]; /* writing failed: not tried again in this boot */
	bool sealed;
};

/* A drained slot that is tried again, where nothing else starts: last_resort.c. */
struct boot_resort {
	bool wanted;               /* this round may end with it */
	bool now;                  /* it does: dead slots are what is tried */
	bool found;                /* in recovery: there is one, */
	char letter;               /* this slot */
	uint64_t since_ms;         /* recovery waits; 0: not yet */
	uint64_t wait_ms;          /* for so long */
	unsigned int failed;       /* tries in this power-on */
	struct boot_guids refused; /* whose bodies were read and are damaged */
};

/* The details screen's lines: of every disk, slot, finding and key. */
struct boot_details {
	char *text; /* NULL until they were opened */
	const char **lines;
	uint32_t count;
	size_t used; /* of text */
};

struct boot_ctx {
	const struct platform *plat;
	const struct boot_config *config;
	const struct platform_machine *machine;
	struct lb_log log;
	bool profile_valid;
	struct profile profile;
	struct crypto_policy policy;
	struct platform_floors floors; /* in force */
	struct boot_floor_stores floor_stores;
	struct platform_state stored; /* developer mode, language, enrolled keys */
	bool developer;               /* developer mode is on and allowed */
	enum rec_reason reason;       /* why recovery was or would be entered */
	struct lb_handover handover;
	char told_words[BOOT_TOLD_BYTES]; /* of it, for the kernel's command line */

	struct boot_history history; /* of the disk whose slots are tried */
	bool home_known;
	uint32_t home_disk;     /* id: the disk of this device's slots */
	bool recovery_recorded; /* in the history, by this boot, */
	bool recovery_counts;   /* and it adds to those of the boots before */
	uint64_t recovery_ms;   /* when that was */
	uint64_t warned_ms; /* when the developer warning was shown first; 0: not yet */
	unsigned int came_back; /* starts of this boot that did */
	bool watchdog_died;     /* it ended the boot before */
	bool watchdog_armed;    /* by this boot, for a start */
	bool not_marked;        /* what the boot before started was not marked good */
	bool panicked;          /* it left a crash dump */
	bool dumps_asked;       /* once, when a history can say what they mean */
	uint8_t dump_count;     /* crash dumps at entry; HISTORY_DUMPS_UNKNOWN */
	uint32_t dumps[HISTORY_DUMPS];
	struct boot_person person;
	struct boot_details details;
	struct boot_media media;
	struct boot_resort resort;

	enum boot_state state;
	struct platform_disk disks[PLATFORM_MAX_DISKS]; /* as listed last */
	uint32_t visited[PLATFORM_MAX_DISKS]; /* ids of disks whose slots were tried */
	size_t visited_count;
	bool all_connected;
	struct boot_target target;
	struct verified_kernel *verified;
	struct prepared_kernel *prepared;
	bool start_prepared;       /* plat->prepare_start holds something */
	bool tpm_seen;             /* it took, or refused, a measurement */
	struct lb_verdict verdict; /* of the slot being tried */

	struct boot_finding findings[BOOT_MAX_FINDINGS];
	size_t finding_count;
	/* Slots that a read error has cost an attempt in this run: once is enough,
	 * however often recovery rescans. */
	struct boot_guids read_cost;
};

/** boot_init() - self-test, profile, floors, policy; the flow then starts in BOOT_SCAN,
 * or in BOOT_RECOVERY when there is no valid profile. */
enum lb_status boot_init(struct boot_ctx *ctx, const struct platform *plat,
			 const struct boot_config *config);

/** boot_state_safe() - @state, or BOOT_RECOVERY for what is none: a fault in the
 * hardware, or one that somebody made. */
enum boot_state boot_state_safe(enum boot_state state);
/** boot_step() - run the step of the current state once and move on as the table says. */
void boot_step(struct boot_ctx *ctx);

const char *boot_state_name(enum boot_state state);

/* The steps: scan.c, slot_steps.c, warn.c, recover.c. */
enum boot_event boot_warn(struct boot_ctx *ctx);
enum boot_event boot_scan_disk(struct boot_ctx *ctx);
enum boot_event boot_pick_slot(struct boot_ctx *ctx);
enum boot_event boot_verify_slot(struct boot_ctx *ctx);
enum boot_event boot_prepare_slot(struct boot_ctx *ctx);
enum boot_event boot_reject_slot(struct boot_ctx *ctx);
enum boot_event boot_charge_slot(struct boot_ctx *ctx);
enum boot_event boot_measure_slot(struct boot_ctx *ctx);
enum boot_event boot_hand_off(struct boot_ctx *ctx);
enum boot_event boot_recover(struct boot_ctx *ctx);

/* What slots and recovery media have in common on their way to the start:
 * start_steps.c. */

/** boot_prepare_kernel() - place ctx->verified for the kernel partition @guid and let the
 * platform prepare its start. The reason is also in ctx->verdict. */
enum lb_reason boot_prepare_kernel(struct boot_ctx *ctx, char letter,
				   const uint8_t guid[16]);
/** boot_measure_kernel() - measure the start of ctx->prepared (boot/judge/measure.h).
 * Without a TPM, and in normal mode whatever happens, LB_REASON_OK; else the reason is
 * also in ctx->verdict. */
enum lb_reason boot_measure_kernel(struct boot_ctx *ctx);
/** boot_announce() - say in the log what ctx->verified is: version and signer. @where: it
 * came from, as "slot A". */
void boot_announce(struct boot_ctx *ctx, const char *where);
/** boot_confirm() - the decision to start ctx->verified, made a second time with a policy
 * made again from profile, stored state and floors: confirm.c. */
enum lb_reason boot_confirm(struct boot_ctx *ctx);
/** boot_start() - hand the machine over, if what is prepared was confirmed. As
 * plat->start(); LB_ERR_SIGNATURE when it was not. */
enum lb_status boot_start(struct boot_ctx *ctx);
/** boot_tell_os() - tell the OS what ctx->handover says, and put what could not be told
 * into ctx->told_words; before the command line is made. Failures are logged only:
 * nothing depends on variables being writable (DESIGN 8). */
void boot_tell_os(struct boot_ctx *ctx);
/** boot_let_go() - of what was verified or prepared and not started. */
void boot_let_go(struct boot_ctx *ctx);

/* The mode in force: mode.c. */

/** boot_mode_set() - the mode in force from now on, with its policy. */
void boot_mode_set(struct boot_ctx *ctx, enum crypto_mode mode);
/** boot_developer_on() - developer mode from now on, and stored: where it cannot be, it
 * lasts for this boot. Whether it may be is the caller's question. */
void boot_developer_on(struct boot_ctx *ctx);
/** boot_developer_off() - leave developer mode, forget the trusted keys; normal mode
 * then. */
void boot_developer_off(struct boot_ctx *ctx);
/** boot_developer_enrol() - trust the data key with this id from now on; false, and
 * nothing changed, when there is no room for it or it could not be stored. */
bool boot_developer_enrol(struct boot_ctx *ctx, const uint8_t id[CRYPTO_KEY_ID_BYTES]);

/** boot_history_of_target() - use the history of the disk whose slots are tried now. */
void boot_history_of_target(struct boot_ctx *ctx);
/** boot_history_of_home() - use that of the first disk with slots, which is looked for
 * when this boot has not done so yet. */
void boot_history_of_home(struct boot_ctx *ctx);
/** boot_record() - write one stage of this boot to the history: a start to that of the
 * slot's disk, all else to that of the first disk with slots; a last resort on another
 * disk to both. Failures are logged only; true when it is there. */
bool boot_record(struct boot_ctx *ctx, enum history_stage stage, uint32_t version,
		 const uint8_t slot[16]);

/* The hardware watchdog: watchdog.c. */

/** boot_watchdog_ask() - whether it ended the boot before; once, at entry. */
void boot_watchdog_ask(struct boot_ctx *ctx);
/** boot_watchdog_arm() - for the start of a slot in normal mode; failures are logged
 * only. */
void boot_watchdog_arm(struct boot_ctx *ctx);
/** boot_watchdog_stop() - the start came back. */
void boot_watchdog_stop(struct boot_ctx *ctx);
/* What the history says of earlier boots, and what follows: past.c. */

/** boot_past() - the history in use, as the rules of boot/history/behind.h take it. */
struct history_past boot_past(const struct boot_ctx *ctx);
/** boot_past_ended() - whether the boot before ended by a panic. */
void boot_past_ended(struct boot_ctx *ctx);
/** boot_past_look() - that, and whether what it started was marked good by its system. */
void boot_past_look(struct boot_ctx *ctx);
/** boot_past_order() - proven slots that keep dying go behind the other proven ones in
 * the target's sequence. */
void boot_past_order(struct boot_ctx *ctx);
/** boot_started_as() - what the target's slot is started as. */
enum history_start boot_started_as(const struct boot_ctx *ctx);
/** boot_past_words() - which slots those are, for the OS: "A 6 3, C 6 0": letter, starts
 * that ended without a mark, the last so many of them by a panic or the watchdog. */
void boot_past_words(const struct boot_ctx *ctx, char *out, size_t size);
/** boot_past_record() - what the record of the target slot's start tells later boots. */
void boot_past_record(const struct boot_ctx *ctx, struct history_record *record);

/* The last resort: last_resort.c. */

/** boot_resort_look() - at the entry of recovery: does a drained slot verify? */
void boot_resort_look(struct boot_ctx *ctx);
/** boot_resort_left_s() - seconds until it is tried; 0: it is not. */
uint32_t boot_resort_left_s(const struct boot_ctx *ctx);
/** boot_resort_due() - it is time, and nobody is there. */
bool boot_resort_due(const struct boot_ctx *ctx);
/** boot_resort_begin() - all disks were tried: true when they are tried once more, for
 * their dead slots. */
bool boot_resort_begin(struct boot_ctx *ctx);
/** boot_resort_sort() - the order of dead slots; returns how many are in @sequence. */
size_t boot_resort_sort(const struct boot_ctx *ctx, const struct gpt_slot *slots,
			size_t count, size_t sequence[GPT_MAX_SLOTS]);
/** boot_resort_refused() - the target's slot does not verify, as the verdict says: not
 * offered again when it is damaged; one that cannot be read has failed. */
void boot_resort_refused(struct boot_ctx *ctx);
/** boot_resort_failed() - the target's slot verifies and does not run: that may pass, and
 * makes the waiting longer. */
void boot_resort_failed(struct boot_ctx *ctx);
/** boot_resort_holds() - it is waited for, and a restart would begin the waiting anew. */
bool boot_resort_holds(const struct boot_ctx *ctx);

/** boot_guids_have() - @guid is among them; boot_guids_add() - it is, from now on. False:
 * it was already, or there is no room. */
bool boot_guids_have(const struct boot_guids *set, const uint8_t guid[16]);
bool boot_guids_add(struct boot_guids *set, const uint8_t guid[16]);

/** boot_connect_all() - the controllers of all disks, once per boot: scan.c. */
void boot_connect_all(struct boot_ctx *ctx);

/** boot_poll() - boot_person_poll(), which also opens the details: details.c. */
enum ui_action boot_poll(struct boot_ctx *ctx);

/** boot_error() - the error screen with @what, its keys, and for BOOT_ERROR_MS after the
 * last one; then it is the caller's to reset. */
void boot_error(struct boot_ctx *ctx, const char *what);

/** boot_target_release() - let go of the current disk's table. */
void boot_target_release(struct boot_ctx *ctx);

/** boot_find() - note a finding and log it. @slot NULL: about the disk;
 * @disk NULL: about the loader. */
void boot_find(struct boot_ctx *ctx, const struct platform_disk *disk,
	       const struct gpt_slot *slot, const struct lb_verdict *verdict);

/** boot_floors_load() - the floors in force into ctx->floors and the policy (DESIGN
 * 8). */
void boot_floors_load(struct boot_ctx *ctx);

/** boot_floors_again() - read every store once more; the highest of that, of the
 * profile's and of those in force. Changes nothing in @ctx. */
struct platform_floors boot_floors_again(struct boot_ctx *ctx,
					 const struct profile *profile);

/** boot_floors_raise() - before a proven slot starts in normal mode: the kernel floor
 * rises to what the fall-back still allows, the lowest version among bootable slots whose
 * headers verify now; the recovery floor to what the signed command line says. Both
 * stores get it. */
void boot_floors_raise(struct boot_ctx *ctx);

/** boot_floors_seal() - before every start is measured, in every mode: what the TPM lacks
 * of the variable is stored there, and its indices are locked until the next reset; where
 * the platform hierarchy is ours it is closed. Failures are logged only: a TPM that does
 * not work must not keep the device from starting. */
void boot_floors_seal(struct boot_ctx *ctx);

/** boot_handover_make() - all hand-over values for a start (DESIGN 8). @letter: the
 * slot's, 'R' for recovery media, 'U' for a developer's stick. */
void boot_handover_make(struct boot_ctx *ctx, char letter, const uint8_t guid[16]);

#endif

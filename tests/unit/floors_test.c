/* Rollback floors on whole machines with a TPM: what counts, what is stored, what is
 * locked, and that no state of the TPM keeps a good device from starting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/tpm/floor_index.h"
#include "tests/host/boot_rig.h"
#include "tests/host/tpm_model.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MARK_A   'A'
#define MARK_B   'B'
#define V(n)     (0x10000u + (n)) /* combined version 1.n */
#define FOREIGN  (TPM_FLOOR_ATTRIBUTES | 1u << 17)
/* As loaders before the policy made them, and as any owner can: written by anybody. */
#define BY_ANYBODY ((TPM_FLOOR_ATTRIBUTES & ~TPM_NV_POLICYWRITE) | TPM_NV_AUTHWRITE)

static struct boot_rig rig; /* large */
static struct tpm_model model;

/* --- the machine -------------------------------------------------------------------- */

/* PCR 8 is the TPM's too: from here on the policy is nobody's. */
static enum lb_status measure(void *ctx, uint32_t event_type, const void *data,
			      size_t len, const void *event, size_t event_len)
{
	(void)ctx, (void)event_type, (void)data, (void)len, (void)event, (void)event_len;
	if (rig.host.tpm == NULL)
		return LB_ERR_UNSUPPORTED;
	model.measured = true;
	return LB_OK;
}

static void machine(void)
{
	rig_init(&rig, GPT_ORDER_ATTEMPTS_FIRST);
	memset(&model, 0, sizeof model);
	rig.host.plat.measure = measure;
	rig.host.tpm = tpm_model_submit;
	rig.host.tpm_ctx = &model;
}

/* Slot A, proven, priority 2; slot B with priority 1 unless @b is 0. */
static void slots(uint16_t a, uint16_t b)
{
	struct test_slot s[2] = { { 2, 0, 1, NULL, 0 }, { 1, 0, 1, NULL, 0 } };

	s[0].kernel = rig_kernel(MARK_A, a, &s[0].kernel_bytes);
	if (b != 0)
		s[1].kernel = rig_kernel(MARK_B, b, &s[1].kernel_bytes);
	rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, s, b != 0 ? 2 : 1);
}

static struct tpm_model_index *put_index(uint32_t attributes, uint32_t kernel,
					 uint32_t recovery)
{
	uint8_t bytes[8];

	lb_put_le32(bytes, kernel);
	lb_put_le32(bytes + 4, recovery);
	return tpm_model_put(&model, TPM_FLOOR_INDEX, attributes, bytes, 8);
}

static void put_variable(uint32_t kernel, uint32_t recovery)
{
	rig.host.floors = (struct platform_floors){ kernel, recovery, 0 };
	rig.host.floors_stored = true;
}

static void power_on(int starts)
{
	tpm_model_restart(&model);
	(void)rig_boot(&rig);
	assert_int_equal(rig.started, starts);
}

static void assert_index(uint32_t kernel, uint32_t recovery)
{
	const struct tpm_model_index *x = tpm_model_find(&model, TPM_FLOOR_INDEX);

	assert_non_null(x);
	assert_int_equal(x->attributes & ~(TPM_NV_WRITELOCKED | TPM_NV_WRITTEN),
			 TPM_FLOOR_ATTRIBUTES);
	assert_int_equal(lb_le32(x->data), kernel);
	assert_int_equal(lb_le32(x->data + 4), recovery);
}

static void assert_locked(void)
{
	const struct tpm_model_index *x = tpm_model_find(&model, TPM_FLOOR_INDEX);

	assert_non_null(x);
	assert_true((x->attributes & TPM_NV_WRITELOCKED) != 0);
}

static void done(void)
{
	(void)rig_release(&rig); /* runs end where the machine is given away */
}

/* --- both stores, and which counts -------------------------------------------------- */

static void raised_in_both_and_locked(void **state)
{
	(void)state;
	machine();
	slots(5, 3);
	power_on(MARK_A);
	assert_index(V(3), 0);
	assert_locked();
	assert_int_equal(rig.host.floors.kernel, V(3));
	assert_true(
		host_logged(&rig.host, "kernel 0.0 -> 1.3: ok (variable: ok, TPM: ok)"));
	assert_true(host_logged(&rig.host, "floors: TPM: locked until the next reset"));
	/* And again: nothing is written any more but the lock. */
	const uint32_t raises = rig.host.raises;

	model.changes = 0;
	power_on(MARK_A);
	assert_int_equal(model.changes, 1);
	assert_true(raises <= 1 && rig.host.raises == 0);
	assert_false(host_logged(&rig.host, "stored again"));
	assert_true(host_logged(&rig.host, "floors: TPM: kernel 1.3, recovery 0.0"));
	done();
}

static const struct {
	const char *name;
	uint32_t variable, index, foreign; /* kernel floors; 0: not there */
	int starts;                        /* A is 1.5 and proven */
	uint32_t variable_after, index_after;
} counts[] = {
	{ "nothing stored", 0, 0, 0, MARK_A, V(5), V(5) },
	{ "only the variable", V(4), 0, 0, MARK_A, V(5), V(5) },
	{ "only the TPM", 0, V(4), 0, MARK_A, V(5), V(5) },
	{ "the TPM is higher: it counts", V(2), V(6), 0, RIG_NOTHING, V(2), V(6) },
	{ "the variable is higher: it counts", V(6), V(2), 0, RIG_NOTHING, V(6), V(2) },
	{ "the variable was wiped", 0, V(6), 0, RIG_NOTHING, 0, V(6) },
	{ "the TPM was wiped", V(6), 0, 0, RIG_NOTHING, V(6), 0 },
	{ "the TPM's value is the kernel's: the variable follows", 0, V(5), 0, MARK_A,
	  V(5), V(5) },
	{ "the variable's value is the kernel's: the index is made again", V(5), 0, 0,
	  MARK_A, V(5), V(5) },
	{ "the index is lower: raised from the variable", V(5), V(1), 0, MARK_A, V(5),
	  V(5) },
	{ "a foreign index does not lower", V(6), 0, V(1), RIG_NOTHING, V(6), 0 },
	{ "a foreign index does not raise", V(4), 0, V(9), MARK_A, V(5), V(5) },
};

static void highest_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		print_message("row: %s\n", counts[i].name);
		machine();
		slots(5, 0);
		if (counts[i].variable != 0)
			put_variable(counts[i].variable, 0);
		if (counts[i].index != 0)
			put_index(TPM_FLOOR_ATTRIBUTES, counts[i].index, 0);
		if (counts[i].foreign != 0)
			put_index(FOREIGN, counts[i].foreign, 0);
		power_on(counts[i].starts);
		assert_int_equal(rig.host.floors.kernel, counts[i].variable_after);
		if (counts[i].index_after != 0)
			assert_index(counts[i].index_after, 0);
		if (counts[i].starts != RIG_NOTHING)
			assert_locked();
		else
			assert_true(host_logged(&rig.host,
						"key 1 kernel 5 < key 1 kernel 6"));
		done();
	}
}

/* An operating system with the owner's rights, after the hand-off: it makes indices that
 * look like ours, and can give them no value. */
static void os_plants(uint32_t index, uint16_t bytes)
{
	static const uint8_t highest[8] = { 255, 255, 255, 255, 255, 255, 255, 255 };
	uint32_t session;
	struct tpm tpm;

	tpm_init(&tpm, &rig.host.plat);
	(void)tpm_nv_undefine(&tpm, index);
	assert_int_equal(tpm_nv_define(&tpm, index, TPM_FLOOR_ATTRIBUTES, bytes), LB_OK);
	assert_int_equal(tpm_nv_write(&tpm, index, TPM_NV_BY_PASSWORD, highest, bytes),
			 LB_ERR_DENIED);
	assert_int_equal(tpm_policy_begin(&tpm, &session), LB_ERR_READ_ONLY);
	assert_int_equal(tpm_nv_write(&tpm, index, 0x03000000, highest, bytes),
			 LB_ERR_NOT_FOUND);
}

static void system_plants_no_value(void **state)
{
	(void)state;
	for (int planted = 0; planted < 2; planted++) {
		machine();
		slots(5, 0);
		power_on(MARK_A);
		if (planted == 0) {
			os_plants(TPM_FLOOR_INDEX, 8);
			os_plants(TPM_LOADER_INDEX, 4);
		} else { /* what anybody may write is not ours */
			put_index(BY_ANYBODY, 0xffffffff, 0xffffffff);
			(void)tpm_model_put(&model, TPM_LOADER_INDEX, BY_ANYBODY,
					    "\xff\xff\xff\xff", 4);
		}
		power_on(MARK_A);
		assert_index(V(5), 0);
		assert_locked();
		assert_int_equal(rig.host.floors.kernel, V(5));
		done();
	}
}

/* A value that only something else than the loader has put into the TPM (which ran
 * instead of it) must not get into the variable: nobody could take it away again. */
static void planted_height_stays_in_the_tpm(void **state)
{
	(void)state;
	machine();
	slots(5, 0);
	put_variable(V(4), V(1));
	put_index(TPM_FLOOR_ATTRIBUTES, 0xffffffff, 0xffffffff);
	power_on(RIG_NOTHING);
	assert_int_equal(rig.host.floors.kernel, V(4));
	assert_int_equal(rig.host.floors.recovery, V(1));
	/* The TPM is cleared in the firmware's menu: all is as before. */
	memset(&model, 0, sizeof model);
	power_on(MARK_A);
	assert_int_equal(rig.host.floors.kernel, V(5));
	assert_int_equal(rig.host.floors.recovery, V(1));
	assert_index(V(5), V(1));
	done();
}

/* --- TPMs that do not work ---------------------------------------------------------- */

enum ill {
	NONE,
	DISABLED,
	OWNED,
	OWNED_AND_DELETED,
	FULL,
	OWNER_OFF,
	FAILING,
	GONE_SILENT,
	SLOW,
	FOR_EVER_BUSY,
	LOCKED_OUT,
	TPM_12,
	NONSENSE,
	WRITES_LOST,
	LOCKS_LOST,
	LOCK_REFUSED,
	LOCK_VALUE,
	OTHER_ATTRIBUTES,
	OTHER_SIZE,
	OTHER_POLICY,
	NO_POLICY,
	BY_PASSWORD,
	OTHER_ALGORITHM,
	OF_PLATFORM,
	WITH_PASSWORD,
	OF_PLATFORM_WITH_PASSWORD,
	NEVER_WRITTEN,
	NEVER_WRITTEN_WITH_PASSWORD,
	NO_SHA256,
	MEASURED_BEFORE,
	NO_SESSION,
};

static const struct {
	const char *name;
	enum ill ill;
	uint32_t stored; /* in the index when it is there */
	bool mended;     /* the index holds the floor afterwards */
	const char *logged;
} ills[] = {
	{ "absent", NONE, 0, false, "floors: TPM: there is none" },
	{ "disabled by the firmware", DISABLED, 0, false, "floors: TPM: there is none" },
	{ "the owner's password is set", OWNED, V(4), true, "TPM: ok" },
	{ "the owner's password is set, the index deleted", OWNED_AND_DELETED, 0, false,
	  "TPM: its owner's password is set" },
	{ "full", FULL, 0, false, "TPM: it is full" },
	{ "owner hierarchy switched off", OWNER_OFF, V(4), false,
	  "TPM: its owner hierarchy is switched off" },
	{ "in failure mode", FAILING, V(4), false,
	  "floors: TPM: cannot be read: it has failed its own test (code 0x101)" },
	{ "does not answer", GONE_SILENT, V(4), false, "floors: TPM: cannot be read:" },
	{ "slow", SLOW, V(4), true, "TPM: ok" },
	{ "busy for ever", FOR_EVER_BUSY, V(4), false,
	  "floors: TPM: cannot be read: it is still busy (code 0x922)" },
	{ "locked out after wrong passwords", LOCKED_OUT, V(4), false,
	  "it is locked out after wrong passwords" },
	{ "a TPM 1.2", TPM_12, 0, false, "floors: TPM: there is none" },
	{ "answers nonsense", NONSENSE, V(4), false, "floors: TPM: cannot be read:" },
	{ "says it has written, and has not", WRITES_LOST, V(4), false,
	  "TPM: input/output error" },
	{ "says it has locked, and has not", LOCKS_LOST, V(4), true,
	  "floors: TPM: cannot be locked:" },
	{ "refuses to lock", LOCK_REFUSED, V(4), true,
	  "floors: TPM: cannot be locked: that is switched off (code 0x120)" },
	{ "does not lock such a value", LOCK_VALUE, V(4), true,
	  "floors: TPM: cannot be locked: it does not take such a value (code 0x184)" },
	{ "index with other attributes", OTHER_ATTRIBUTES, V(4), true, "is not ours" },
	{ "index of another size", OTHER_SIZE, V(4), true, "is not ours" },
	{ "index with another policy", OTHER_POLICY, V(4), true, "is not ours" },
	{ "index with no policy", NO_POLICY, V(4), true, "is not ours" },
	{ "index that anybody may write", BY_PASSWORD, V(4), true, "is not ours" },
	{ "index with a SHA-1 name", OTHER_ALGORITHM, V(4), true, "is not ours" },
	{ "index of the platform: cannot be replaced", OF_PLATFORM, V(4), false,
	  "TPM: the index is not ours to change" },
	{ "index with a password", WITH_PASSWORD, V(4), true, "is not ours" },
	{ "index of the platform with a password", OF_PLATFORM_WITH_PASSWORD, V(4), false,
	  "TPM: the index is not ours to change" },
	{ "index never written", NEVER_WRITTEN, 0, true, "was never written" },
	{ "index never written, with a password", NEVER_WRITTEN_WITH_PASSWORD, 0, true,
	  "is not ours" },
	{ "no SHA-256 bank", NO_SHA256, V(4), false, "TPM: PCR 8 is past its start" },
	{ "somebody has measured into PCR 8 before", MEASURED_BEFORE, V(4), false,
	  "TPM: cannot be written before the next reset: PCR 8 is past its start" },
	{ "no session is free", NO_SESSION, V(4), false, "TPM: it has no session free" },
};

static void fail_all(enum tpm_fault_kind kind, enum lb_status status, uint32_t code,
		     uint32_t command)
{
	tpm_model_fail(&model, (struct tpm_fault){ .command = command,
						   .kind = kind,
						   .status = status,
						   .code = code,
						   .amount = 9 });
}

static void make_ill(enum ill ill, uint32_t stored)
{
	struct tpm_model_index *x = NULL;

	if (stored != 0)
		x = put_index(TPM_FLOOR_ATTRIBUTES, stored, 0);
	model.owner_password = ill == OWNED || ill == OWNED_AND_DELETED;
	model.full = ill == FULL;
	model.owner_off = ill == OWNER_OFF;
	switch (ill) {
	case NONE:
		rig.host.tpm = NULL;
		break;
	case DISABLED:
		fail_all(TPM_FAULT_STATUS, LB_ERR_UNSUPPORTED, 0, 0);
		break;
	case FAILING:
		fail_all(TPM_FAULT_CODE, LB_OK, 0x101, 0);
		break;
	case GONE_SILENT:
		fail_all(TPM_FAULT_STATUS, LB_ERR_TIMEOUT, 0, 0);
		break;
	case SLOW:
		tpm_model_fail(&model, (struct tpm_fault){ .kind = TPM_FAULT_CODE,
							   .code = 0x90a,
							   .times = 30 });
		break;
	case FOR_EVER_BUSY:
		fail_all(TPM_FAULT_CODE, LB_OK, 0x922, 0);
		break;
	case LOCKED_OUT:
		fail_all(TPM_FAULT_CODE, LB_OK, 0x921, 0);
		break;
	case TPM_12:
		fail_all(TPM_FAULT_CODE, LB_OK, 0x1e, 0);
		break;
	case NONSENSE:
		fail_all(TPM_FAULT_CUT, LB_OK, 0, 0);
		break;
	case WRITES_LOST:
		fail_all(TPM_FAULT_LOST, LB_OK, 0, TPM_MODEL_WRITE);
		break;
	case LOCKS_LOST:
		fail_all(TPM_FAULT_LOST, LB_OK, 0, TPM_MODEL_WRITE_LOCK);
		break;
	case LOCK_REFUSED:
		fail_all(TPM_FAULT_CODE, LB_OK, 0x120, TPM_MODEL_WRITE_LOCK);
		break;
	case LOCK_VALUE:
		fail_all(TPM_FAULT_CODE, LB_OK, 0x184, TPM_MODEL_WRITE_LOCK);
		break;
	case OTHER_ATTRIBUTES:
		x->attributes = FOREIGN | TPM_NV_WRITTEN;
		break;
	case OTHER_SIZE:
		x->size = 16;
		break;
	case OTHER_POLICY:
		x->policy[31] ^= 1;
		break;
	case NO_POLICY:
		x->policy_bytes = 0;
		break;
	case BY_PASSWORD:
		(void)put_index(BY_ANYBODY, stored, 0);
		break;
	case NO_SHA256:
		model.no_sha256 = true;
		break;
	case MEASURED_BEFORE:
		fail_all(TPM_FAULT_CODE, LB_OK, 0x1c4, TPM_MODEL_POLICY_PCR);
		break;
	case NO_SESSION:
		fail_all(TPM_FAULT_CODE, LB_OK, 0x903, TPM_MODEL_START_SESSION);
		break;
	case OTHER_ALGORITHM:
		x->algorithm = 4;
		break;
	case OF_PLATFORM:
		x->attributes |= 1u << 30;
		x->of_platform = true;
		break;
	case OF_PLATFORM_WITH_PASSWORD:
		x->of_platform = true;
		x->password = true;
		break;
	case WITH_PASSWORD:
		x->password = true;
		break;
	case NEVER_WRITTEN:
	case NEVER_WRITTEN_WITH_PASSWORD:
		tpm_model_put(&model, TPM_FLOOR_INDEX, TPM_FLOOR_ATTRIBUTES, NULL, 8)
			->password = ill == NEVER_WRITTEN_WITH_PASSWORD;
		break;
	default:
		break;
	}
}

/* In every mode: proven, trying and recovery; with and without the variable. */
static void none_bricks(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ills); i++) {
		for (int variable = 0; variable < 2; variable++) {
			print_message("row: %s%s\n", ills[i].name,
				      variable ? "" : ", no variable");
			machine();
			slots(5, 0);
			if (variable)
				put_variable(V(4), 0);
			else
				rig.host.read_floors_status =
					rig.host.raise_floors_status = LB_ERR_UNSUPPORTED;
			make_ill(ills[i].ill, ills[i].stored);
			power_on(MARK_A);
			assert_true(host_logged(&rig.host, ills[i].logged));
			assert_true(rig.host.slept_ms < 20000);
			assert_int_equal(rig.host.floors.kernel, variable ? V(5) : 0);
			if (ills[i].mended)
				assert_index(V(5), 0);
			done();
		}
	}
}

/* The floor of the variable holds whatever the TPM is like. */
static void floor_holds_without_the_tpm(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ills); i++) {
		print_message("row: %s\n", ills[i].name);
		machine();
		slots(3, 0);
		put_variable(V(4), 0);
		make_ill(ills[i].ill, ills[i].stored);
		power_on(RIG_NOTHING);
		assert_true(host_logged(&rig.host, "key 1 kernel 3 < key 1 kernel 4"));
		done();
	}
}

/* What it refused once it is not asked again in the same boot. */
static void refused_once_is_enough(void **state)
{
	(void)state;
	machine();
	slots(5, 0);
	put_variable(V(4), 0);
	model.full = true;
	power_on(MARK_A);
	/* Both indices: looked at; looked at for the second decision; one looked at
	 * again, a session (begun, shown, given back), define; both looked at before the
	 * lock. */
	assert_int_equal(model.commands, 11);
	assert_false(host_logged(&rig.host, "stored again from the variable"));
	done();
}

static void variable_ills(void **state)
{
	static const struct {
		enum lb_status read, raise;
		const char *logged;
	} rows[] = {
		{ LB_ERR_IO, LB_ERR_IO, "floors: variable: cannot be read: input" },
		{ LB_OK, LB_ERR_READ_ONLY, "(variable: read-only, TPM: ok)" },
		{ LB_ERR_UNSUPPORTED, LB_ERR_UNSUPPORTED, "(variable: none, TPM: ok)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine();
		slots(5, 0);
		put_index(TPM_FLOOR_ATTRIBUTES, V(4), V(2));
		rig.host.read_floors_status = rows[i].read;
		rig.host.raise_floors_status = rows[i].raise;
		power_on(MARK_A);
		assert_index(V(5), V(2));
		assert_locked();
		assert_true(host_logged(&rig.host, rows[i].logged));
		done();
	}
}

static void no_store_at_all(void **state)
{
	(void)state;
	machine();
	slots(5, 3);
	rig.host.tpm = NULL;
	rig.host.read_floors_status = rig.host.raise_floors_status = LB_ERR_UNSUPPORTED;
	power_on(MARK_A);
	assert_int_equal(rig.host.raises, 0);
	assert_false(host_logged(&rig.host, "->  1."));
	done();
}

/* --- locks -------------------------------------------------------------------------- */

/* The last thing before the start: nobody can write it after that. */
static void check_at_start(struct host_platform *host)
{
	(void)host;
	assert_locked();
	assert_true(model.measured);
	rig.started = 'x';
}

static void locked_before_every_start(void **state)
{
	static const struct rig_image stick = { MARK_B, 5,    RIG_BY_RECOVERY_KEY,
						0,      NULL, false };
	(void)state;
	for (int mode = 0; mode < 3; mode++) {
		machine();
		put_index(TPM_FLOOR_ATTRIBUTES, V(1), 0);
		rig.host.on_start = check_at_start;
		slots(5, 0);
		if (mode == 1) { /* recovery */
			rig.recovery_requested = true;
			rig_stick(&rig, &stick, 1);
		} else if (mode == 2) {
			rig.developer = PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT;
			rig_profile(&rig);
			rig.host.state.developer = true;
		}
		power_on('x');
		/* Raised in normal mode only. */
		assert_index(V(mode == 0 ? 5 : 1), 0);
		done();
	}
}

static void recovery_mends_a_vanished_index(void **state)
{
	static const struct rig_image stick = { MARK_B, 5,    RIG_BY_RECOVERY_KEY,
						0,      NULL, false };

	(void)state;
	machine();
	slots(5, 0);
	put_variable(V(2), V(3));
	rig.recovery_requested = true;
	rig_stick(&rig, &stick, 1);
	power_on(MARK_B);
	assert_index(V(2), V(3));
	assert_locked();
	assert_true(host_logged(&rig.host, "stored again from the variable: ok"));
	done();
}

/* Locked by an earlier stage of this power-on, or by an image that came back. */
static void locked_already(void **state)
{
	(void)state;
	machine();
	slots(5, 0);
	put_index(TPM_FLOOR_ATTRIBUTES | TPM_NV_WRITELOCKED, V(4), 0);
	(void)rig_boot(&rig);
	assert_int_equal(rig.started, MARK_A);
	assert_index(V(4), 0);
	assert_int_equal(rig.host.floors.kernel, V(5));
	assert_true(host_logged(&rig.host, "recovery 0.0, locked already"));
	assert_true(host_logged(&rig.host,
				"-> 1.5: ok (variable: ok, TPM: it is locked already)"));
	power_on(MARK_A); /* next time it follows */
	assert_index(V(5), 0);
	done();
}

static void image_that_comes_back(void **state)
{
	(void)state;
	machine();
	slots(5, 3);
	rig.host.start_does = HOST_START_RETURNS;
	rig.host.time_limit_ms = 1000;
	(void)rig_boot(&rig);
	assert_index(V(3), 0);
	assert_locked();
	assert_true(host_logged(&rig.host, "handoff-returned"));
	done();
}

/* --- the recovery floor ------------------------------------------------------------- */

static const struct {
	const char *name, *cmdline;
	uint8_t attempts, bootable;
	uint32_t recovery; /* afterwards */
	bool starts;
} recovery_rows[] = {
	{ "asked for", "a lifeboat.recovery-floor=65542 b", 0, 1, V(6), true },
	{ "in hexadecimal", "lifeboat.recovery-floor=0x10006", 0, 1, V(6), true },
	{ "not asked for", "quiet", 0, 1, V(2), true },
	{ "never lowered", "lifeboat.recovery-floor=0x10001", 0, 1, V(2), true },
	{ "not by a trying slot", "lifeboat.recovery-floor=0x10006", 2, 1, V(2), true },
	{ "behind the dashes it is init's", "a -- lifeboat.recovery-floor=0x10006", 0, 1,
	  V(2), true },
	{ "inside quotes it is somebody's value",
	  "a=\"b lifeboat.recovery-floor=0x10006\"", 0, 1, V(2), true },
	{ "not a number: does not start", "lifeboat.recovery-floor=6x", 0, 1, V(2),
	  false },
	{ "twice: does not start", "lifeboat.recovery-floor=1 lifeboat.recovery-floor=2",
	  0, 1, V(2), false },
};

static void recovery_floor(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(recovery_rows); i++) {
		const struct test_kernel k = { .signer = &rig_keys()->kernel,
					       .data = &rig_keys()->data,
					       .flags = 23,
					       .version = 5,
					       .cmdline = recovery_rows[i].cmdline,
					       .mark = MARK_A };
		struct test_slot slot = { 2, recovery_rows[i].attempts,
					  recovery_rows[i].bootable, NULL, 0 };

		print_message("row: %s\n", recovery_rows[i].name);
		machine();
		put_variable(V(5), V(2));
		put_index(TPM_FLOOR_ATTRIBUTES, V(5), V(2));
		uint8_t *kernel = test_kernel_make(&k, &slot.kernel_bytes);

		slot.kernel = kernel;
		rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, &slot, 1);
		power_on(recovery_rows[i].starts ? MARK_A : RIG_NOTHING);
		assert_index(V(5), recovery_rows[i].recovery);
		assert_int_equal(rig.host.floors.recovery, recovery_rows[i].recovery);
		assert_int_equal(host_logged(&rig.host, "floors: recovery"),
				 recovery_rows[i].recovery != V(2));
		if (!recovery_rows[i].starts)
			assert_true(host_logged(&rig.host, "lifeboat.recovery-floor"));
		free(kernel);
		done();
	}
}

/* The refusal shows both numbers, whichever store the floor comes from. */
static void recovery_below_the_floor(void **state)
{
	static const struct rig_image stick = { MARK_B, 5,    RIG_BY_RECOVERY_KEY,
						0,      NULL, false };

	(void)state;
	for (int from = 0; from < 3; from++) {
		machine();
		slots(5, 0);
		rig.recovery_requested = true;
		rig_stick(&rig, &stick, 1);
		if (from == 0)
			put_index(TPM_FLOOR_ATTRIBUTES, 0, V(6));
		else if (from == 1)
			put_variable(0, V(6));
		else
			rig.recovery_floor = V(6);
		rig_profile(&rig);
		rig.host.time_limit_ms = 60000;
		power_on(RIG_NOTHING);
		assert_true(host_showed(&rig.host, "key 1 kernel 5 < key 1 kernel 6"));
		done();
	}
}

/* The profile's floor is the profile's: it is not copied into stores that never
 * forget. */
static void profile_floor_is_not_stored(void **state)
{
	(void)state;
	machine();
	slots(5, 0);
	rig.recovery_floor = V(9);
	rig_profile(&rig);
	power_on(MARK_A);
	assert_index(V(5), 0);
	assert_int_equal(rig.host.floors.recovery, 0);
	done();
}

/* --- where the loader is the machine's first code ----------------------------------- */

#define OF_PLATFORM TPM_FLOOR_OF_PLATFORM

static void first_code(void)
{
	machine();
	rig.host.machine.uefi = false;
	rig.host.machine.first_code = model.first_code = true;
	rig.host.read_floors_status = rig.host.raise_floors_status = LB_ERR_UNSUPPORTED;
}

static void assert_platform_index(uint32_t kernel)
{
	const struct tpm_model_index *x = tpm_model_find(&model, TPM_FLOOR_INDEX);

	assert_non_null(x);
	assert_true(x->of_platform);
	assert_int_equal(x->attributes & ~(TPM_NV_WRITELOCKED | TPM_NV_WRITTEN),
			 OF_PLATFORM);
	assert_int_equal(lb_le32(x->data), kernel);
}

static void platform_index_is_made_and_closed(void **state)
{
	(void)state;
	first_code();
	slots(5, 3);
	power_on(MARK_A);
	assert_platform_index(V(3));
	assert_locked();
	assert_false(model.platform_open);
	assert_true(host_logged(&rig.host, "floors: TPM: platform hierarchy closed"));
	/* It counts at the next start; the owner cannot remove it. */
	power_on(MARK_A);
	assert_true(host_logged(&rig.host, "floors: TPM: kernel 1.3, recovery 0.0"));
	done();
}

/* The system's root has the owner's rights: an index at its maximum made the device
 * refuse its own system, with no firmware menu to clear the TPM by. */
static void planted_at_its_maximum(void **state)
{
	(void)state;
	first_code();
	slots(5, 0);
	put_index(TPM_FLOOR_ATTRIBUTES, 0xffffffff, 0xffffffff);
	(void)tpm_model_put(&model, TPM_LOADER_INDEX, TPM_FLOOR_ATTRIBUTES,
			    "\xff\xff\xff\xff", 4);
	power_on(MARK_A);
	assert_platform_index(V(5));
	assert_true(host_logged(&rig.host, "index 0x1804c42 is not ours"));
	assert_true(host_logged(&rig.host, "index 0x1804c43 is not ours"));
	assert_false(model.platform_open);
	done();
}

/* Closed before every hand-off, whatever starts; a TPM that does not close stops
 * nothing. */
static void platform_is_closed_in_every_mode(void **state)
{
	static const struct rig_image stick = { 'R', 5,    RIG_BY_RECOVERY_KEY,
						0,   NULL, false };

	(void)state;
	for (int refuses = 0; refuses < 2; refuses++) {
		first_code();
		slots(5, 0);
		rig_stick(&rig, &stick, 1);
		rig.recovery_requested = true;
		if (refuses == 1)
			tpm_model_fail(&model,
				       (struct tpm_fault){ .command = TPM_MODEL_HIERARCHY,
							   .skip = 1,
							   .kind = TPM_FAULT_CODE,
							   .code = 0x101 });
		power_on('R');
		assert_int_equal(model.platform_open, refuses == 1);
		assert_true(host_logged(&rig.host, refuses == 1
							   ? "hierarchy cannot be closed"
							   : "hierarchy closed"));
		done();
	}
}

/* Another first code has closed it, or has set a password: then as under UEFI. */
static void platform_of_somebody_else(void **state)
{
	(void)state;
	for (int password = 0; password < 2; password++) {
		first_code();
		slots(5, 0);
		model.first_code = model.platform_password = password == 1;
		power_on(MARK_A);
		assert_index(V(5), 0);
		assert_locked();
		assert_true(host_logged(&rig.host, "platform hierarchy is not ours"));
		done();
	}
}

/* --- the loader's generation -------------------------------------------------------- */

static void generation(uint32_t n)
{
	rig.generation = n;
	rig_profile(&rig);
}

static uint32_t stored_generation(void)
{
	const struct tpm_model_index *x = tpm_model_find(&model, TPM_LOADER_INDEX);

	return x != NULL && (x->attributes & TPM_NV_WRITTEN) != 0 ? lb_le32(x->data) : 0;
}

static void generation_rises_and_an_older_loader_starts_nothing(void **state)
{
	static const struct rig_image stick = { 'R', 5,    RIG_BY_RECOVERY_KEY,
						0,   NULL, false };

	(void)state;
	machine();
	slots(5, 0);
	generation(7);
	power_on(MARK_A);
	assert_int_equal(rig.host.floors.loader, 7);
	assert_int_equal(stored_generation(), 7);
	/* The old loader, started by hand. */
	generation(6);
	rig.host.time_limit_ms = 60000;
	power_on(RIG_NOTHING);
	assert_true(host_logged(&rig.host, "loader: loader-too-old"));
	assert_true(host_showed(&rig.host, "generation 6 < 7"));
	assert_int_equal(stored_generation(), 7);
	/* Developer mode is no way round it; recovery, with its own key and floor, is
	 * there. */
	rig.developer = PROFILE_DEVELOPER_ALLOWED;
	generation(6);
	rig.host.state.developer = true;
	power_on(RIG_NOTHING);
	rig.host.state.developer = false;
	rig_stick(&rig, &stick, 1);
	power_on('R');
	/* The same generation and a newer one start; a newer one raises. */
	rig.host.disks[1].mem.removed = true;
	generation(7);
	power_on(MARK_A);
	generation(9);
	power_on(MARK_A);
	assert_int_equal(stored_generation(), 9);
	done();
}

/* Each store alone holds it, as with floors; a planted one without our attributes does
 * not. */
static void generation_in_each_store(void **state)
{
	static const struct {
		const char *name;
		uint32_t variable, index, attributes;
		int starts;
	} rows[] = {
		{ "the variable", 8, 0, 0, RIG_NOTHING },
		{ "the TPM", 0, 8, TPM_FLOOR_ATTRIBUTES, RIG_NOTHING },
		{ "both lower", 3, 4, TPM_FLOOR_ATTRIBUTES, MARK_A },
		{ "somebody else's index", 0, 8, FOREIGN, MARK_A },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[4];

		print_message("row: %s\n", rows[i].name);
		machine();
		slots(5, 0);
		generation(7);
		rig.host.floors_stored = true;
		rig.host.floors.loader = rows[i].variable;
		lb_put_le32(bytes, rows[i].index);
		if (rows[i].index != 0)
			(void)tpm_model_put(&model, TPM_LOADER_INDEX, rows[i].attributes,
					    bytes, 4);
		rig.host.time_limit_ms = 40000;
		power_on(rows[i].starts);
		if (rows[i].starts == MARK_A)
			assert_int_equal(stored_generation(), 7);
		done();
	}
}

/* A loader that has not proven that its system starts raises nothing. */
static void trying_slot_raises_no_generation(void **state)
{
	struct test_slot s = { 2, 3, 0, NULL, 0 };

	(void)state;
	machine();
	generation(7);
	s.kernel = rig_kernel(MARK_A, 5, &s.kernel_bytes);
	rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, &s, 1);
	power_on(MARK_A);
	assert_int_equal(rig.host.floors.loader, 0);
	assert_int_equal(stored_generation(), 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raised_in_both_and_locked),
		cmocka_unit_test(highest_counts),
		cmocka_unit_test(system_plants_no_value),
		cmocka_unit_test(planted_height_stays_in_the_tpm),
		cmocka_unit_test(none_bricks),
		cmocka_unit_test(floor_holds_without_the_tpm),
		cmocka_unit_test(refused_once_is_enough),
		cmocka_unit_test(variable_ills),
		cmocka_unit_test(no_store_at_all),
		cmocka_unit_test(locked_before_every_start),
		cmocka_unit_test(recovery_mends_a_vanished_index),
		cmocka_unit_test(locked_already),
		cmocka_unit_test(image_that_comes_back),
		cmocka_unit_test(recovery_floor),
		cmocka_unit_test(recovery_below_the_floor),
		cmocka_unit_test(profile_floor_is_not_stored),
		cmocka_unit_test(platform_index_is_made_and_closed),
		cmocka_unit_test(planted_at_its_maximum),
		cmocka_unit_test(platform_is_closed_in_every_mode),
		cmocka_unit_test(platform_of_somebody_else),
		cmocka_unit_test(generation_rises_and_an_older_loader_starts_nothing),
		cmocka_unit_test(generation_in_each_store),
		cmocka_unit_test(trying_slot_raises_no_generation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

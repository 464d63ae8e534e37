/* The boot flow on whole machines: which slot starts, what is written, and what is
 * said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/flow/flow.h"
#include "tests/host/boot_rig.h"

#define MARK_A 'A'
#define MARK_B 'B'

/* What lies in a slot's kernel partition. */
enum content {
	GOOD,
	EMPTY,
	BODY_FLIPPED,
	HEADER_FLIPPED,
	PREAMBLE_FLIPPED,
	STRANGER,
	RECOVERY_FLAGS,
	SELF_SIGNED,
	UNREADABLE,
	OLD,
};

struct slot_row {
	uint8_t priority, attempts, bootable;
	enum content content;
};

static struct boot_rig rig; /* large; every test begins with rig_init() */

static const struct row {
	const char *name;
	struct slot_row slot[2];
	int starts;          /* mark, or RIG_NOTHING */
	uint8_t attempts[2]; /* afterwards */
	const char *logged;  /* must be in the log; NULL: nothing special */
} rows[] = {
	{ "a good slot starts and is not charged",
	  { { 2, 0, 1, GOOD }, { 1, 0, 1, GOOD } },
	  MARK_A,
	  { 0, 0 },
	  "starting slot A" },
	{ "a trying slot goes first and is charged",
	  { { 2, 0, 1, GOOD }, { 1, 6, 0, GOOD } },
	  MARK_B,
	  { 0, 5 },
	  "slot B: priority 1, 5 attempts stored: ok" },
	{ "trying counts beside bootable",
	  { { 2, 0, 1, GOOD }, { 1, 1, 1, GOOD } },
	  MARK_B,
	  { 0, 0 },
	  NULL },
	{ "dead slots are passed over",
	  { { 2, 0, 0, GOOD }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 0, 0 },
	  "slot-dead" },
	{ "priority 0 is only the lowest",
	  { { 0, 0, 1, GOOD }, { 0, 0, 0, GOOD } },
	  MARK_A,
	  { 0, 0 },
	  NULL },
	{ "damaged body: attempts zeroed, falls back",
	  { { 2, 6, 0, BODY_FLIPPED }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 0, 0 },
	  "body-damaged" },
	{ "damaged keyblock: attempts zeroed",
	  { { 2, 6, 0, HEADER_FLIPPED }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 0, 0 },
	  "keyblock-damaged" },
	{ "damaged preamble: attempts zeroed",
	  { { 2, 6, 0, PREAMBLE_FLIPPED }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 0, 0 },
	  "preamble-signature" },
	{ "empty partition: attempts zeroed",
	  { { 2, 6, 0, EMPTY }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 0, 0 },
	  "not-a-kernel" },
	{ "unknown key: nothing written",
	  { { 2, 6, 0, STRANGER }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 6, 0 },
	  "key-unknown" },
	{ "recovery flags: nothing written",
	  { { 2, 6, 0, RECOVERY_FLAGS }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 6, 0 },
	  "keyblock-flags" },
	{ "self-signed in normal mode: nothing written",
	  { { 2, 6, 0, SELF_SIGNED }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 6, 0 },
	  "self-signed" },
	{ "read error costs a trying slot one attempt",
	  { { 2, 6, 0, UNREADABLE }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 5, 0 },
	  "read-error" },
	{ "read error costs a proven slot nothing",
	  { { 2, 0, 1, UNREADABLE }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 0, 0 },
	  "read-error" },
	{ "a damaged proven slot is not written",
	  { { 2, 0, 1, BODY_FLIPPED }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 0, 0 },
	  "body-damaged" },
	{ "below the floor: nothing written",
	  { { 2, 6, 0, OLD }, { 1, 0, 1, GOOD } },
	  MARK_B,
	  { 6, 0 },
	  "version-too-old" },
	{ "nothing good: recovery",
	  { { 2, 0, 1, STRANGER }, { 1, 0, 0, GOOD } },
	  RIG_NOTHING,
	  { 0, 0 },
	  "SCAN -> RECOVERY" },
};

static uint8_t *other_kernel(enum content content, size_t *bytes)
{
	const struct rig_keys *keys = rig_keys();
	struct test_kernel k = { .signer = &keys->kernel,
				 .data = &keys->data,
				 .flags = 23,
				 .version = 2,
				 .mark = 'x' };

	if (content == STRANGER)
		k.signer = &keys->stranger;
	if (content == SELF_SIGNED)
		k.signer = NULL;
	if (content == RECOVERY_FLAGS)
		k.flags = 27;
	if (content == OLD)
		k.version = 1;
	return test_kernel_make(&k, bytes);
}

/* A disk fault over one sector in the middle of slot @index's body. */
static void fail_body(struct host_disk *disk, size_t index, uint32_t times,
		      enum lb_status status)
{
	const uint64_t lba = test_disk_slot_lba(disk->mem.sector_bytes, index) + 130;

	mem_disk_fail(&disk->mem, (struct mem_fault){ .op = MEM_READ,
						      .first_lba = lba,
						      .last_lba = lba,
						      .times = times,
						      .status = status });
}

static void put_content(struct host_disk *disk, size_t index, enum content content)
{
	uint8_t *p = mem_disk_sector(&disk->mem,
				     test_disk_slot_lba(disk->mem.sector_bytes, index));
	uint8_t *other;
	size_t bytes;

	switch (content) {
	case GOOD:
		break;
	case EMPTY:
		memset(p, 0, 65536);
		break;
	case BODY_FLIPPED:
		p[65536 + 5000] ^= 1;
		break;
	case HEADER_FLIPPED:
		p[180] ^= 1; /* in the modulus */
		break;
	case PREAMBLE_FLIPPED:
		p[112 + 520 + 64 + 256 + 40] ^= 1; /* kernel_version */
		break;
	case UNREADABLE:
		fail_body(disk, index, 0, LB_ERR_IO);
		break;
	default:
		other = other_kernel(content, &bytes);
		memcpy(p, other, bytes);
		free(other);
	}
}

static void fill(const struct slot_row row[2])
{
	struct test_slot slots[2];

	for (size_t i = 0; i < 2; i++) {
		slots[i] = (struct test_slot){ row[i].priority, row[i].attempts,
					       row[i].bootable, NULL, 0 };
		slots[i].kernel =
			rig_kernel(i == 0 ? MARK_A : MARK_B, 2, &slots[i].kernel_bytes);
	}
	struct host_disk *disk = rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, slots, 2);

	for (size_t i = 0; i < 2; i++)
		put_content(disk, i, row[i].content);
}

static void check_row(const struct row *row)
{
	print_message("row: %s\n", row->name);
	rig_init(&rig, GPT_ORDER_ATTEMPTS_FIRST);
	rig.host.floors = (struct platform_floors){ 0x10002, 0, 0 };
	rig.host.floors_stored = true;
	fill(row->slot);
	const enum host_end end = rig_boot(&rig);

	assert_int_equal(end, row->starts == RIG_NOTHING ? HOST_END_TIME_UP
							 : HOST_END_STARTED);
	assert_int_equal(rig.started, row->starts);
	/* Attempts that are 0 stay so whatever is stored: what was written tells. */
	if (row->slot[0].attempts == 0 && row->slot[1].attempts == 0) {
		assert_int_equal(rig.host.disks[0].mem.writes, 0);
		assert_false(host_logged(&rig.host, "attempts stored")); /* nor tried */
	}
	mem_disk_heal(&rig.host.disks[0].mem);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(rig_slot(&rig, 0, i).remaining_attempts,
				 row->attempts[i]);
	if (row->logged != NULL)
		assert_true(host_logged(&rig.host, row->logged));
	(void)rig_release(&rig);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_row(&rows[i]);
}

/* A machine with A proven and B, of higher priority, with @attempts_b. */
static void two_good(uint8_t attempts_b)
{
	const struct slot_row row[2] = { { 2, 0, 1, GOOD }, { 3, attempts_b, 0, GOOD } };

	rig_init(&rig, GPT_ORDER_ATTEMPTS_FIRST);
	fill(row);
}

static void assert_starts(int mark)
{
	assert_int_equal(rig_boot(&rig),
			 mark == RIG_NOTHING ? HOST_END_TIME_UP : HOST_END_STARTED);
	assert_int_equal(rig.started, mark);
}

/* The table of steps is never read outside, whatever a glitch made of the state. */
static void test_no_state_is_recovery(void **state)
{
	(void)state;
	assert_int_equal(boot_state_safe(BOOT_HANDOFF), BOOT_HANDOFF);
	assert_int_equal(boot_state_safe(BOOT_STATES), BOOT_RECOVERY);
	assert_int_equal(boot_state_safe((enum boot_state)0x7fffffff), BOOT_RECOVERY);
	assert_int_equal(boot_state_safe((enum boot_state) - 1), BOOT_RECOVERY);
}

static void test_never_marked_good(void **state)
{
	(void)state;
	two_good(6);
	for (int i = 0; i < 6; i++) {
		assert_starts(MARK_B);
		assert_int_equal(rig_slot(&rig, 0, 1).remaining_attempts, 5 - i);
	}
	for (int i = 0; i < 3; i++)
		assert_starts(MARK_A);
	(void)rig_release(&rig);
}

/* Writes that fail, and writes that say yes and store nothing: found out by reading
 * back. */
static void test_charge_must_be_stored(void **state)
{
	static const enum lb_status how[] = { LB_ERR_IO, LB_OK };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		two_good(6);
		mem_disk_fail(&rig.host.disks[0].mem,
			      (struct mem_fault){ .op = MEM_WRITE,
						  .last_lba = UINT64_MAX,
						  .status = how[i] });
		assert_starts(MARK_A);
		assert_true(host_logged(&rig.host, "slot-charge-failed"));
		(void)rig_release(&rig);
	}
}

static void test_read_only_disk(void **state)
{
	(void)state;
	two_good(6);
	rig.host.disks[0].info.read_only = true;
	rig.host.disks[0].mem.read_only = true;
	assert_starts(MARK_A);
	(void)rig_release(&rig);
}

static void test_proven_boot_writes_nothing(void **state)
{
	(void)state;
	two_good(0);
	assert_starts(MARK_A);
	assert_int_equal(rig.host.disks[0].mem.writes, 0);
	(void)rig_release(&rig);
}

/* A one-slot disk whose kernel has @mark. */
static struct host_disk *one_slot(enum platform_attachment how, uint8_t mark,
				  uint8_t attempts)
{
	struct test_slot slot = { 1, attempts, attempts == 0, NULL, 0 };

	slot.kernel = rig_kernel(mark, 2, &slot.kernel_bytes);
	return rig_disk(&rig, how, &slot, 1);
}

static void test_boot_disk_first(void **state)
{
	(void)state;
	rig_init(&rig, GPT_ORDER_ATTEMPTS_FIRST);
	one_slot(PLATFORM_ATTACHED_INTERNAL, MARK_A, 0);
	one_slot(PLATFORM_ATTACHED_INTERNAL, MARK_B, 6)->late = true;
	assert_starts(MARK_A);
	assert_int_equal(rig.host.connects, 0);
	assert_int_equal(rig.host.disks[1].mem.reads, 0);

	put_content(&rig.host.disks[0], 0, EMPTY);
	assert_starts(MARK_B);
	assert_int_equal(rig.host.connects, 1);
	(void)rig_release(&rig);
}

static void test_roles(void **state)
{
	(void)state;
	rig_init(&rig, GPT_ORDER_ATTEMPTS_FIRST);
	one_slot(PLATFORM_ATTACHED_USB, MARK_A, 0);
	one_slot(PLATFORM_ATTACHED_SD_SLOT, MARK_B, 0);
	assert_starts(RIG_NOTHING);
	assert_true(host_showed(&rig.host, "system-image"));

	/* The profile makes this machine's card slot internal. */
	snprintf(rig.host.disks[1].info.path, sizeof rig.host.disks[1].info.path,
		 "pi/slot0");
	assert_starts(MARK_B);
	(void)rig_release(&rig);
}

/* Recovery finds a disk that comes late; a key makes it look at once. */
static void test_rescan(void **state)
{
	(void)state;
	two_good(0);
	rig.host.disks[0].from_ms = 45000;
	assert_starts(MARK_A);
	assert_in_range(rig.host.now_ms, 60000, 61000);

	rig_power_off(&rig);
	host_press(&rig.host, 50000, (struct platform_key){ .scan = PLATFORM_KEY_ESC });
	assert_int_equal(rig_boot_on(&rig), HOST_END_STARTED);
	assert_int_equal(rig.started, MARK_A);
	assert_in_range(rig.host.now_ms, 50000, 51000);
	(void)rig_release(&rig);
}

/* However often recovery looks again, a read error costs one attempt per power-on. */
static void test_read_cost_once(void **state)
{
	const struct slot_row row[2] = { { 2, 6, 0, UNREADABLE }, { 1, 0, 0, GOOD } };

	(void)state;
	rig_init(&rig, GPT_ORDER_ATTEMPTS_FIRST);
	fill(row);
	assert_starts(RIG_NOTHING);
	mem_disk_heal(&rig.host.disks[0].mem);
	assert_int_equal(rig_slot(&rig, 0, 0).remaining_attempts, 5);
	(void)rig_release(&rig);
}

static void test_flaky_read_is_not_damage(void **state)
{
	(void)state;
	two_good(6);
	fail_body(&rig.host.disks[0], 1, 1, LB_OK);
	assert_starts(MARK_B);
	assert_int_equal(rig_slot(&rig, 0, 1).remaining_attempts, 5);
	(void)rig_release(&rig);
}

static void test_no_profile(void **state)
{
	(void)state;
	two_good(0);
	rig.profile[20] ^= 1;
	assert_starts(RIG_NOTHING);
	assert_true(host_showed(&rig.host, "no-profile"));
	assert_int_equal(rig.host.disks[0].mem.reads, 0);
	(void)rig_release(&rig);
}

static void test_start_that_returns(void **state)
{
	(void)state;
	two_good(2);
	rig.host.start_does = HOST_START_RETURNS;
	assert_int_equal(rig_boot(&rig), HOST_END_TIME_UP);
	assert_true(host_logged(&rig.host, "handoff-returned"));
	assert_int_equal(rig.host.discards, rig.host.prepares);
	assert_int_equal(rig_slot(&rig, 0, 1).remaining_attempts, 0);
	(void)rig_release(&rig);
}

static void test_prepare_fails(void **state)
{
	(void)state;
	two_good(6);
	rig.host.prepare_start_status = LB_ERR_NOMEM;
	assert_starts(RIG_NOTHING);
	assert_int_equal(rig_slot(&rig, 0, 1).remaining_attempts, 6);
	assert_int_equal(rig.host.starts, 0);
	(void)rig_release(&rig);
}

/* --- rollback floors ---------------------------------------------------------------- */

static void two_versions(uint16_t a, uint16_t b, uint8_t bootable_b)
{
	struct test_slot slots[2] = { { 2, 0, 1, NULL, 0 },
				      { 1, 0, bootable_b, NULL, 0 } };

	rig_init(&rig, GPT_ORDER_ATTEMPTS_FIRST);
	slots[0].kernel = rig_kernel(MARK_A, a, &slots[0].kernel_bytes);
	slots[1].kernel = rig_kernel(MARK_B, b, &slots[1].kernel_bytes);
	rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, slots, 2);
}

static const struct {
	const char *name;
	uint16_t a, b;
	uint8_t bootable_b;
	enum content b_is;
	uint32_t floor; /* afterwards */
} floor_rows[] = {
	{ "rises to the lower of two bootable slots", 5, 3, 1, GOOD, 0x10003 },
	{ "a slot that is not bootable does not hold it", 5, 3, 0, GOOD, 0x10005 },
	{ "a slot that does not verify does not hold it", 5, 3, 1, EMPTY, 0x10005 },
	{ "never above what starts", 3, 5, 1, GOOD, 0x10003 },
};

static void test_floor_rises(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof floor_rows / sizeof floor_rows[0]; i++) {
		print_message("row: %s\n", floor_rows[i].name);
		two_versions(floor_rows[i].a, floor_rows[i].b, floor_rows[i].bootable_b);
		put_content(&rig.host.disks[0], 1, floor_rows[i].b_is);
		assert_starts(MARK_A);
		assert_int_equal(rig.host.floors.kernel, floor_rows[i].floor);
		(void)rig_release(&rig);
	}
}

/* A slot that only cannot be read now must not be locked out for ever. */
static void test_floor_stays_over_read_error(void **state)
{
	const uint64_t lba = test_disk_slot_lba(512, 1);

	(void)state;
	two_versions(5, 3, 1);
	mem_disk_fail(&rig.host.disks[0].mem, (struct mem_fault){ .op = MEM_READ,
								  .first_lba = lba,
								  .last_lba = lba,
								  .status = LB_ERR_IO });
	assert_starts(MARK_A);
	assert_int_equal(rig.host.raises, 0);
	(void)rig_release(&rig);
}

static void test_trying_slot_raises_nothing(void **state)
{
	(void)state;
	two_good(6);
	assert_starts(MARK_B);
	assert_int_equal(rig.host.raises, 0);
	(void)rig_release(&rig);
}

static const char *told(const char *name)
{
	const struct lb_handover *h = &rig.host.handed_over;

	for (size_t i = 0; i < h->count; i++)
		if (strcmp(h->item[i].name, name) == 0)
			return h->item[i].value;
	return "(not told)";
}

static void test_hand_over(void **state)
{
	(void)state;
	two_good(0);
	assert_starts(MARK_A);
	assert_string_equal(told("Slot"), "A 11111100-1111-1111-1111-111111111111");
	assert_int_equal(rig.started_slot, 'A'); /* the platform knows it, too */
	assert_string_equal(told("Mode"), "normal");
	assert_string_equal(told("Model"), "rig");
	assert_string_equal(told("Reason"), "0");
	assert_string_equal(told("Floors"), "0 0");
	assert_int_equal(strlen(told("Keys")), 129);
	(void)rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_state_is_recovery),
		cmocka_unit_test(test_never_marked_good),
		cmocka_unit_test(test_charge_must_be_stored),
		cmocka_unit_test(test_read_only_disk),
		cmocka_unit_test(test_proven_boot_writes_nothing),
		cmocka_unit_test(test_boot_disk_first),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_rescan),
		cmocka_unit_test(test_read_cost_once),
		cmocka_unit_test(test_flaky_read_is_not_damage),
		cmocka_unit_test(test_no_profile),
		cmocka_unit_test(test_start_that_returns),
		cmocka_unit_test(test_prepare_fails),
		cmocka_unit_test(test_floor_rises),
		cmocka_unit_test(test_floor_stays_over_read_error),
		cmocka_unit_test(test_trying_slot_raises_nothing),
		cmocka_unit_test(test_hand_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Power cut at every write, flush and operation of an installation: whatever was stored,
 * torn or lost, the device starts what it started before - or, once the table's last
 * write is there, the new system in full - and the next run goes on to the very same
 * bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/host/boot_rig.h"
#include "tests/host/payload_image.h"
#include "update/apply.h"

#define SECTOR     512u
#define SLOT_B     1u
#define ROOT_BYTES 8192u
#define ROOM_BYTES 98304u /* of a kernel partition */
#define NEW        'N'
#define BOOT_EVERY 61u /* cuts; with LIFEBOAT_LONG all */
#define RESUME_EVERY                                                                     \
	4u /* cuts: the next run goes on; with LIFEBOAT_LONG after each kill, too */
#define NESTED_EVERY 151u
#define CHECKPOINT   2u /* operations; so that the journal is busy */

static const struct scenario {
	const char *name;
	enum gpt_slot_order order;
	size_t slots;
	struct test_slot slot[3]; /* A, B (installed into), C */
	int old;                  /* mark of B's old kernel; 0: none */
	int before;               /* what starts before */
} scenarios[] = {
	{ "into an empty slot",
	  GPT_ORDER_ATTEMPTS_FIRST,
	  2,
	  { { 2, 0, 1, NULL, 0 }, { 0, 0, 0, NULL, 0 } },
	  0,
	  'A' },
	{ "into the older slot",
	  GPT_ORDER_ATTEMPTS_FIRST,
	  2,
	  { { 2, 0, 1, NULL, 0 }, { 1, 0, 1, NULL, 0 } },
	  'b',
	  'A' },
	{ "into a slot that is being tried",
	  GPT_ORDER_ATTEMPTS_FIRST,
	  2,
	  { { 1, 0, 1, NULL, 0 }, { 2, 3, 0, NULL, 0 } },
	  'b',
	  'b' },
	{ "into the slot that goes first",
	  GPT_ORDER_ATTEMPTS_FIRST,
	  2,
	  { { 1, 0, 1, NULL, 0 }, { 2, 0, 1, NULL, 0 } },
	  'b',
	  'b' },
	{ "priorities are used up",
	  GPT_ORDER_ATTEMPTS_FIRST,
	  3,
	  { { 15, 0, 1, NULL, 0 }, { 13, 0, 1, NULL, 0 }, { 14, 0, 1, NULL, 0 } },
	  'b',
	  'A' },
	{ "priority order",
	  GPT_ORDER_PRIORITY,
	  2,
	  { { 15, 0, 1, NULL, 0 }, { 14, 0, 1, NULL, 0 } },
	  'b',
	  'A' },
};

/* What was in the slot before. */
enum unreadable_case { ANOTHER_RELEASE, INSTALLED_ALREADY, CUT_BEFORE, UNREADABLE_CASES };

static struct boot_rig first, again;
static uint8_t new_kernel[ROOM_BYTES], new_root[ROOT_BYTES];
static uint8_t old_kernel[ROOM_BYTES], old_root[ROOT_BYTES];
static struct test_payload plan;
/* A full payload, and a delta from what slot A holds: every test has both. */
static struct test_bytes payloads[2], payload;
static size_t cuts, kept_old, started_new, resumed;

static uint8_t *slot_bytes(struct boot_rig *rig)
{
	return mem_disk_sector(&rig->host.disks[0].mem,
			       test_disk_slot_lba(SECTOR, SLOT_B));
}

static uint64_t first_head(void)
{
	return test_disk_slot_lba(SECTOR, SLOT_B);
}

static void prepare(struct boot_rig *rig, const struct scenario *s)
{
	static const char marks[] = "AbC";
	struct test_slot slots[3];

	memcpy(slots, s->slot, sizeof slots);
	rig_init(rig, s->order);
	for (size_t i = 0; i < s->slots; i++)
		if (i != SLOT_B || s->old != 0)
			slots[i].kernel =
				rig_kernel((uint8_t)marks[i], 1, &slots[i].kernel_bytes);
	rig_disk(rig, PLATFORM_ATTACHED_INTERNAL, slots, s->slots);
	memset(slot_bytes(rig) + ROOM_BYTES, 0xee, ROOT_BYTES);
	memcpy(mem_disk_sector(&rig->host.disks[0].mem, test_disk_slot_lba(SECTOR, 0)) +
		       ROOM_BYTES,
	       old_root, ROOT_BYTES);
}

static enum update_reason install(struct boot_rig *rig, struct update_verdict *why)
{
	struct update_memory memory = { .plat = &rig->host.plat,
					.limit = UPDATE_FULL_MEMORY_BYTES };
	const struct lb_source source = test_source(&payload);
	const struct update_device device = test_payload_device(&plan);
	struct update_payload p;
	struct update_job job = { .payload = &p, .checkpoint = CHECKPOINT };
	struct update_target other[GPT_MAX_SLOTS];
	struct update_origin origin[GPT_MAX_SLOTS];

	rig_power_off(rig);
	rig->host.memory_limit = 2 * (size_t)UPDATE_FULL_MEMORY_BYTES;
	if (update_payload_open(&source, &device, &memory, &p, why) != UPDATE_OK)
		return why->reason;
	enum update_reason reason = update_target_find(
		&rig->host.plat, &rig->host.disks[0].info, 'B', &job.target, why);

	if (reason == UPDATE_OK)
		reason = update_target_others(&job.target, other, &job.origin_count, why);
	for (size_t i = 0; i < job.origin_count; i++)
		origin[i] = update_target_origin(&other[i]);
	job.origin = origin;
	if (reason == UPDATE_OK)
		reason = update_apply(&job, why);
	resumed += job.resumed;
	assert_true(memory.peak <= update_payload_memory(&p));
	update_payload_close(&p);
	assert_int_equal(memory.used, 0);
	return reason;
}

static void assert_installed(struct boot_rig *rig)
{
	assert_memory_equal(slot_bytes(rig), new_kernel, plan.kernel_bytes);
	assert_memory_equal(slot_bytes(rig) + ROOM_BYTES, new_root, ROOT_BYTES);
}

/* What runs after the cut is a whole system: the old one with its root untouched, the
 * other slot's, or the new one. */
static void check_start(struct boot_rig *rig, const struct scenario *s)
{
	const bool trying =
		rig_slot(rig, 0, SLOT_B).remaining_attempts == GPT_INSTALL_ATTEMPTS;
	uint8_t untouched[ROOT_BYTES], root[ROOT_BYTES];

	memset(untouched, 0xee, sizeof untouched);
	memcpy(root, slot_bytes(rig) + ROOM_BYTES, sizeof root);
	assert_int_equal(rig_boot(rig), HOST_END_STARTED);
	if (rig->started == NEW) {
		assert_true(trying);
		assert_installed(rig);
		started_new++;
	} else if (rig->started == 'b') {
		assert_int_equal(s->before, 'b');
		assert_memory_equal(root, untouched, sizeof root);
		kept_old++;
	} else {
		assert_int_equal(rig->started, 'A');
	}
}

static void finish(struct boot_rig *rig)
{
	struct update_verdict why;

	if (install(rig, &why) != UPDATE_OK)
		fail_msg("%s: %s", update_reason_name(why.reason), why.detail);
	assert_installed(rig);
	assert_int_equal(rig_slot(rig, 0, SLOT_B).remaining_attempts,
			 GPT_INSTALL_ATTEMPTS);
}

static bool is_long(void)
{
	return getenv("LIFEBOAT_LONG") != NULL;
}

/* Every so many cuts; with LIFEBOAT_LONG all, or every so many of a larger part. */
static bool sampled(size_t every, size_t every_long)
{
	return cuts++ % (is_long() ? every_long : every) == 0;
}

static void nested(void *ctx, const struct mem_cut *cut, const uint8_t *image)
{
	struct mem_disk *disk = &first.host.disks[0].mem;

	(void)cut;
	if (!sampled(NESTED_EVERY, NESTED_EVERY / 5))
		return;
	memcpy(disk->now, image, mem_disk_bytes(disk));
	check_start(&first, ctx);
	finish(&first);
}

static void after_cut(void *ctx, const struct mem_cut *cut, const uint8_t *image)
{
	const struct scenario *s = ctx;
	struct mem_disk *disk = &again.host.disks[0].mem;

	/* Nothing torn, nothing lost: the program was killed between two writes. */
	const bool plain = !cut->torn && cut->lost == NULL;

	if (!sampled(BOOT_EVERY, 1))
		return;
	memcpy(disk->now, image, mem_disk_bytes(disk));
	check_start(&again, s);
	if (!(is_long() && plain) && cuts % RESUME_EVERY != 0)
		return;
	finish(&again);
	assert_int_equal(rig_boot(&again), HOST_END_STARTED);
	assert_int_equal(again.started, NEW);
}

/* A resumed run that is cut as well: from one cut in the middle, every cut of the
 * next. */
static void cut_twice(struct scenario *s, const struct mem_disk *recorded, size_t events)
{
	const struct mem_cut middle = { .events = events };
	struct mem_disk *disk = &again.host.disks[0].mem;

	mem_disk_after_cut(recorded, &middle, disk->now);
	mem_disk_record(disk);
	finish(&again);
	(void)mem_disk_each_cut(disk, 3, nested, s);
}

static void test_cut_anywhere(void **state)
{
	size_t total_new = 0;

	(void)state;
	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
		struct scenario s = scenarios[i];
		struct mem_disk *disk;

		prepare(&first, &s);
		prepare(&again, &s);
		assert_int_equal(rig_boot(&first), HOST_END_STARTED);
		assert_int_equal(first.started, s.before);
		(void)rig_release(&first);
		prepare(&first, &s);
		disk = &first.host.disks[0].mem;
		mem_disk_record(disk);
		resumed = kept_old = started_new = cuts = 0;
		finish(&first);
		assert_int_equal(resumed, 0);
		const size_t all = mem_disk_each_cut(disk, 1, after_cut, &s);

		print_message("%s: %zu cuts, %zu resumed, %zu old, %zu new\n", s.name,
			      all, resumed, kept_old, started_new);
		assert_true(all > 5000 && resumed > 5);
		total_new += started_new;
		(void)rig_release(&first);
		(void)rig_release(&again);
	}
	assert_true(total_new > 5);
}

static void test_cut_again(void **state)
{
	struct scenario s = scenarios[1];
	struct boot_rig *recorded = calloc(1, sizeof *recorded);

	(void)state;
	assert_non_null(recorded);
	prepare(recorded, &s);
	mem_disk_record(&recorded->host.disks[0].mem);
	finish(recorded);
	const struct mem_disk *disk = &recorded->host.disks[0].mem;
	const size_t step = disk->event_count / (is_long() ? 8 : 2);

	resumed = cuts = 0;
	for (size_t events = step; events < disk->event_count; events += step) {
		prepare(&first, &s);
		prepare(&again, &s);
		cut_twice(&s, disk, events);
		(void)rig_release(&first);
		(void)rig_release(&again);
	}
	assert_true(resumed > 5);
	(void)rig_release(recorded);
	free(recorded);
}

/* A disk that errs once at each of its accesses: an error, never a wrong slot, and the
 * next run ends well. */
static void test_errors_anywhere(void **state)
{
	static const enum mem_op ops[] = { MEM_READ, MEM_WRITE, MEM_FLUSH };
	struct scenario s = scenarios[1];
	size_t failed = 0;

	(void)state;
	for (size_t op = 0; op < 3; op++) {
		for (uint32_t skip = 0;; skip += is_long() ? 1 : 7) {
			struct update_verdict why;

			prepare(&first, &s);
			mem_disk_fail(&first.host.disks[0].mem,
				      (struct mem_fault){ .op = ops[op],
							  .last_lba = UINT64_MAX,
							  .skip = skip,
							  .times = 1,
							  .status = LB_ERR_IO,
							  .partly = op == 1 });
			const enum update_reason reason = install(&first, &why);
			const bool struck =
				first.host.disks[0].mem.faults[0].skip == UINT32_MAX;

			mem_disk_heal(&first.host.disks[0].mem);
			if (reason != UPDATE_OK) {
				failed++;
				assert_true(why.detail[0] != '\0');
				check_start(&first, &s);
				finish(&first);
			}
			assert_installed(&first);
			(void)rig_release(&first);
			if (!struck)
				break; /* there are no more accesses than that */
		}
	}
	assert_true(failed > 5);
}

/* A sector that a cut of power or age left unreadable: it holds nothing that is wanted,
 * and writing it mends it. Wherever it lies, the slot can be installed again - the same
 * release, another one, and on from a run that was cut. */
static void check_unreadable(uint64_t sector, enum unreadable_case which)
{
	struct scenario s = scenarios[1];
	const uint64_t lba = test_disk_slot_lba(SECTOR, SLOT_B) + sector;
	struct mem_disk *disk = &first.host.disks[0].mem;
	struct update_verdict why;

	prepare(&first, &s);
	if (which == INSTALLED_ALREADY)
		finish(&first);
	if (which == CUT_BEFORE) {
		/* The last of all writes but the headers' and the table's. */
		mem_disk_fail(disk, (struct mem_fault){ .op = MEM_WRITE,
							.first_lba = first_head(),
							.last_lba = first_head(),
							.skip = 1,
							.status = LB_ERR_IO });
		assert_int_equal(install(&first, &why), UPDATE_DISK_WRITE);
		mem_disk_heal(disk);
	}
	mem_disk_fail(disk, (struct mem_fault){ .op = MEM_READ,
						.first_lba = lba,
						.last_lba = lba,
						.status = LB_ERR_IO,
						.until_written = true });
	finish(&first);
	mem_disk_heal(disk);
	assert_int_equal(rig_boot(&first), HOST_END_STARTED);
	assert_int_equal(first.started, NEW);
	(void)rig_release(&first);
}

static void test_unreadable_sectors(void **state)
{
	const uint64_t kernel = plan.kernel_bytes / SECTOR;
	const uint64_t root = ROOM_BYTES / SECTOR;

	(void)state;
	for (int which = 0; which < UNREADABLE_CASES; which++) {
		for (uint64_t i = 0; i < kernel; i += is_long() ? 1 : 23)
			check_unreadable(i, (enum unreadable_case)which);
		for (uint64_t i = 0; i < ROOT_BYTES / SECTOR; i += is_long() ? 1 : 5)
			check_unreadable(root + i, (enum unreadable_case)which);
	}
}

/* What is written reads back as something else: the slot stays dead. */
static void test_lost_writes_are_noticed(void **state)
{
	struct scenario s = scenarios[1];
	struct update_verdict why;

	(void)state;
	for (uint64_t i = 0; i < ROOT_BYTES / SECTOR; i += is_long() ? 1 : 7) {
		const uint64_t lba =
			test_disk_slot_lba(SECTOR, SLOT_B) + ROOM_BYTES / SECTOR + i;

		prepare(&first, &s);
		mem_disk_fail(&first.host.disks[0].mem,
			      (struct mem_fault){ .op = MEM_WRITE,
						  .first_lba = lba,
						  .last_lba = lba,
						  .status = LB_OK });
		assert_int_equal(install(&first, &why), UPDATE_RESULT);
		assert_int_equal(rig_slot(&first, 0, SLOT_B).remaining_attempts, 0);
		assert_false(rig_slot(&first, 0, SLOT_B).bootable);
		check_start(&first, &s);
		mem_disk_heal(&first.host.disks[0].mem);
		finish(&first);
		(void)rig_release(&first);
	}
}

/* Before the first write: the slot keeps what it holds. In another slot the bytes count
 * as well, and damage there matters to single operations only. */
static void test_source_differs(void **state)
{
	const uint64_t root_lba = test_disk_slot_lba(SECTOR, 0) + ROOM_BYTES / SECTOR;
	struct scenario s = scenarios[1];
	struct update_verdict why;

	(void)state;
	if (payload.data != payloads[1].data)
		return;
	prepare(&first, &s);
	uint8_t *root = mem_disk_sector(&first.host.disks[0].mem, root_lba);

	root[ROOT_BYTES - 1] ^= 1;
	mem_disk_record(&first.host.disks[0].mem);
	assert_int_equal(install(&first, &why), UPDATE_SOURCE);
	assert_non_null(strstr(why.detail, "root operation 0"));
	assert_int_equal(first.host.disks[0].mem.event_count, 0);
	root[ROOT_BYTES - 1] ^= 1;
	finish(&first);
	(void)rig_release(&first);

	s = scenarios[4];
	prepare(&first, &s);
	uint8_t *third =
		mem_disk_sector(&first.host.disks[0].mem, test_disk_slot_lba(SECTOR, 2)) +
		ROOM_BYTES;

	memcpy(third, old_root, ROOT_BYTES);
	root = mem_disk_sector(&first.host.disks[0].mem, root_lba);
	root[ROOT_BYTES - 1] ^= 1;
	finish(&first);
	(void)rig_release(&first);
}

static void make_old(void)
{
	size_t bytes;
	const uint8_t *kernel = rig_kernel('A', 1, &bytes);

	memcpy(old_kernel, kernel, bytes);
	memset(old_root, 0x77, sizeof old_root);
	memcpy(old_root + UPDATE_BLOCK_BYTES, new_root, UPDATE_BLOCK_BYTES);
	plan.old_kernel = old_kernel;
	plan.old_kernel_bytes = bytes;
	plan.old_root = old_root;
	plan.old_root_bytes = sizeof old_root;
}

static int make_payloads(void **state)
{
	size_t bytes;

	(void)state;
	const uint8_t *kernel = rig_kernel(NEW, 2, &bytes);

	memcpy(new_kernel, kernel, bytes);
	for (size_t i = 0; i < sizeof new_root; i++)
		new_root[i] = (uint8_t)(i * 2654435761u >> 13);
	plan = (struct test_payload){ .kernel = new_kernel,
				      .kernel_bytes = bytes,
				      .root = new_root,
				      .root_bytes = sizeof new_root,
				      .kernel_key = &rig_keys()->kernel,
				      .data_key = &rig_keys()->data };
	payloads[0].data = test_payload_make(&plan, &payloads[0].bytes);
	make_old();
	payloads[1].data = test_payload_make(&plan, &payloads[1].bytes);
	/* The delta is one: it needs fewer bytes than the root alone has. */
	return payloads[1].bytes < payloads[0].bytes ? 0 : -1;
}

static int take_full(void **state)
{
	if (make_payloads(state) != 0)
		return -1;
	payload = payloads[0];
	return 0;
}

static int take_delta(void **state)
{
	(void)state;
	payload = payloads[1];
	return 0;
}

static int free_payloads(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		free((void *)(uintptr_t)payloads[i].data);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_cut_again),
		cmocka_unit_test(test_errors_anywhere),
		cmocka_unit_test(test_unreadable_sectors),
		cmocka_unit_test(test_lost_writes_are_noticed),
		cmocka_unit_test(test_source_differs),
	};

	return cmocka_run_group_tests_name("full", tests, take_full, NULL) +
	       cmocka_run_group_tests_name("delta", tests, take_delta, free_payloads);
}

/* Slots: attribute bits, states, order, and what charge, rejection, mark-good and
 * activation make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "gpt/gpt_slot.h"
#include "tests/host/gpt_image.h"
#include "tests/host/host_platform.h"

#define SLOT(priority, attempts, bootable) GPT_IMAGE_ATTR(priority, attempts, bootable)
#define BOTH_ORDERS                        2

static struct gpt_slot slot_of(uint64_t attributes)
{
	struct gpt_slot slot = { .letter = 'A' };

	gpt_slot_decode(&slot, attributes);
	return slot;
}

/* --- attributes -------------------------------------------------------------------- */

static void test_bits(void **state)
{
	static const struct {
		const char *name;
		uint64_t attributes;
		uint8_t priority, attempts;
		bool bootable;
	} rows[] = {
		/* The first two were measured with cgpt. */
		{ "P=1 S=1 T=0", UINT64_C(0x0101000000000000), 1, 0, true },
		{ "P=2 T=15 S=0", UINT64_C(0x00f2000000000000), 2, 15, false },
		{ "nothing", 0, 0, 0, false },
		{ "everything", UINT64_MAX, 15, 15, true },
		{ "all other bits", UINT64_C(0xfe00ffffffffffff), 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct gpt_slot s = slot_of(rows[i].attributes);

		print_message("row: %s\n", rows[i].name);
		assert_int_equal(s.priority, rows[i].priority);
		assert_int_equal(s.remaining_attempts, rows[i].attempts);
		assert_int_equal(s.bootable, rows[i].bootable);
		assert_true(gpt_slot_encode(&s) == rows[i].attributes);
	}
	struct gpt_slot s = slot_of(UINT64_C(0xfe00ffffffffffff));

	s.priority = 5;
	s.remaining_attempts = 3;
	s.bootable = true;
	assert_true(gpt_slot_encode(&s) == UINT64_C(0xff35ffffffffffff));
}

/* --- finding ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *kinds; /* 'k', 'r', 'd', '.' for each entry */
	const char *want; /* for each slot: its kernel and root as letters of the entry */
} layouts[] = {
	{ "kernel, root, kernel, root", "dkrkr", "bc de" },
	{ "kernels first", "kkrr", "ac bd" },
	{ "gaps and others", ".k.d.r..k", "bf i-" },
	{ "root before its kernel", "rkrk", "bc d-" },
	{ "one root for two", "kkr", "ac b-" },
	{ "only roots", "rrd", "" },
	{ "three slots", "krkrkr", "ab cd ef" },
	{ "spare roots", "krrkr", "ab de" },
};

static size_t find(const char *kinds, struct gpt_slot slots[GPT_MAX_SLOTS])
{
	static struct host_platform host;
	struct gpt_image_part parts[64] = { 0 };
	struct lb_verdict why;
	struct gpt gpt;
	size_t n = 0;

	for (; kinds[n] != '\0'; n++)
		parts[n] = (struct gpt_image_part){ kinds[n] == '.' ? 0 : kinds[n],
						    100 + 2 * n, 101 + 2 * n,
						    SLOT(n & 15, 1, 0) };
	host_init(&host);
	struct host_disk *disk =
		host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, 512, 400);

	gpt_image_make(&disk->mem, 128, 128, parts, n);
	assert_int_equal(gpt_load(&host.plat, &disk->info, &gpt, &why), LB_OK);
	const size_t count = gpt_slots(&gpt, slots);

	gpt_unload(&host.plat, &gpt);
	assert_int_equal(host_release(&host), 0);
	return count;
}

static void test_layouts(void **state)
{
	struct gpt_slot slots[GPT_MAX_SLOTS];

	(void)state;
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		const size_t count = find(layouts[i].kinds, slots);

		print_message("row: %s\n", layouts[i].name);
		assert_int_equal(count, (strlen(layouts[i].want) + 1) / 3);
		for (size_t s = 0; s < count; s++) {
			const char *want = layouts[i].want + 3 * s;

			assert_int_equal(slots[s].letter, 'A' + (int)s);
			assert_int_equal(slots[s].kernel, want[0] - 'a');
			assert_int_equal(slots[s].has_root, want[1] != '-');
			if (slots[s].has_root)
				assert_int_equal(slots[s].root, want[1] - 'a');
			assert_int_equal(slots[s].first_lba, 100 + 2 * slots[s].kernel);
			assert_int_equal(slots[s].sectors, 2);
			assert_int_equal(slots[s].guid[7], 0x40 + slots[s].kernel);
			assert_int_equal(slots[s].priority, slots[s].kernel & 15);
		}
	}
}

static void test_most_slots(void **state)
{
	struct gpt_slot slots[GPT_MAX_SLOTS];

	(void)state;
	assert_int_equal(find("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkrr", slots), GPT_MAX_SLOTS);
	assert_int_equal(slots[GPT_MAX_SLOTS - 1].letter, 'Z');
}

/* --- states and order -------------------------------------------------------------- */

static void test_states(void **state)
{
	static const struct {
		const char *name;
		uint64_t attributes;
		enum gpt_slot_state want[BOTH_ORDERS];
	} rows[] = {
		{ "new", SLOT(1, 6, 0), { GPT_SLOT_TRYING, GPT_SLOT_TRYING } },
		{ "good", SLOT(1, 0, 1), { GPT_SLOT_PROVEN, GPT_SLOT_PROVEN } },
		{ "attempts beside bootable",
		  SLOT(1, 1, 1),
		  { GPT_SLOT_TRYING, GPT_SLOT_PROVEN } },
		{ "used up", SLOT(1, 0, 0), { GPT_SLOT_DEAD, GPT_SLOT_DEAD } },
		{ "new, priority 0", SLOT(0, 6, 0), { GPT_SLOT_TRYING, GPT_SLOT_DEAD } },
		{ "good, priority 0", SLOT(0, 0, 1), { GPT_SLOT_PROVEN, GPT_SLOT_DEAD } },
		{ "nothing", SLOT(0, 0, 0), { GPT_SLOT_DEAD, GPT_SLOT_DEAD } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int order = 0; order < BOTH_ORDERS; order++) {
			const struct gpt_slot s = slot_of(rows[i].attributes);

			print_message("row: %s, order %d\n", rows[i].name, order);
			assert_int_equal(gpt_slot_state(&s, (enum gpt_slot_order)order),
					 rows[i].want[order]);
		}
	assert_string_equal(gpt_slot_state_words(GPT_SLOT_PROVEN), "booted correctly");
	assert_string_equal(gpt_slot_state_words(GPT_SLOT_DEAD), "booted incorrectly");
	assert_string_equal(gpt_slot_state_words(GPT_SLOT_TRYING), "still trying");
}

static const struct {
	const char *name;
	uint64_t slots[4];
	size_t count;
	const char *want[BOTH_ORDERS]; /* sequence as digits */
} sequences[] = {
	{ "a trying slot goes first",
	  { SLOT(2, 0, 1), SLOT(1, 6, 0) },
	  2,
	  { "10", "01" } },
	{ "trying counts beside bootable",
	  { SLOT(2, 0, 1), SLOT(1, 1, 1) },
	  2,
	  { "10", "01" } },
	{ "proven: higher priority wins",
	  { SLOT(1, 0, 1), SLOT(2, 0, 1) },
	  2,
	  { "10", "10" } },
	{ "equal priority: table order",
	  { SLOT(2, 0, 1), SLOT(2, 0, 1) },
	  2,
	  { "01", "01" } },
	{ "trying, equal priority", { SLOT(2, 1, 0), SLOT(2, 6, 0) }, 2, { "01", "01" } },
	{ "trying: higher priority",
	  { SLOT(2, 6, 0), SLOT(3, 1, 0) },
	  2,
	  { "10", "10" } },
	{ "dead slot is passed over", { SLOT(2, 0, 0), SLOT(1, 0, 1) }, 2, { "1", "1" } },
	{ "priority 0", { SLOT(0, 0, 1), SLOT(0, 0, 0) }, 2, { "0", "" } },
	{ "priority 0, trying", { SLOT(15, 0, 1), SLOT(0, 1, 0) }, 2, { "10", "0" } },
	{ "nothing left", { SLOT(9, 0, 0), SLOT(3, 0, 0) }, 2, { "", "" } },
	{ "no slots", { 0 }, 0, { "", "" } },
	{ "four",
	  { SLOT(1, 0, 1), SLOT(3, 2, 0), SLOT(2, 0, 1), SLOT(4, 1, 0) },
	  4,
	  { "3120", "3120" } },
	{ "four, mixed",
	  { SLOT(9, 0, 1), SLOT(3, 2, 0), SLOT(9, 0, 1), SLOT(4, 1, 1) },
	  4,
	  { "3102", "0231" } },
};

static void test_sequences(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++)
		for (int order = 0; order < BOTH_ORDERS; order++) {
			struct gpt_slot slots[4];
			size_t sequence[GPT_MAX_SLOTS];
			const char *want = sequences[i].want[order];

			print_message("row: %s, order %d\n", sequences[i].name, order);
			for (size_t s = 0; s < sequences[i].count; s++)
				slots[s] = slot_of(sequences[i].slots[s]);
			assert_int_equal(gpt_slot_sort(slots, sequences[i].count,
						       (enum gpt_slot_order)order,
						       sequence),
					 strlen(want));
			for (size_t s = 0; want[s] != '\0'; s++)
				assert_int_equal(sequence[s], want[s] - '0');
		}
}

/* --- changes ----------------------------------------------------------------------- */

#define KEPT (UINT64_C(1) << 60 | 4)

static void test_changes(void **state)
{
	static const struct {
		const char *name;
		uint64_t from;
		uint64_t charged[BOTH_ORDERS], rejected[BOTH_ORDERS];
	} rows[] = {
		{ "trying",
		  SLOT(3, 6, 0),
		  { SLOT(3, 5, 0), SLOT(3, 5, 0) },
		  { SLOT(3, 0, 0), SLOT(0, 0, 0) } },
		{ "last attempt",
		  SLOT(3, 1, 0),
		  { SLOT(3, 0, 0), SLOT(0, 0, 0) },
		  { SLOT(3, 0, 0), SLOT(0, 0, 0) } },
		{ "attempts beside bootable",
		  SLOT(3, 2, 1),
		  { SLOT(3, 1, 1), SLOT(3, 2, 1) },
		  { SLOT(3, 0, 1), SLOT(3, 2, 1) } },
		{ "proven",
		  SLOT(3, 0, 1),
		  { SLOT(3, 0, 1), SLOT(3, 0, 1) },
		  { SLOT(3, 0, 1), SLOT(3, 0, 1) } },
		{ "dead",
		  SLOT(3, 0, 0),
		  { SLOT(3, 0, 0), SLOT(3, 0, 0) },
		  { SLOT(3, 0, 0), SLOT(3, 0, 0) } },
		{ "priority 0",
		  SLOT(0, 5, 0),
		  { SLOT(0, 4, 0), SLOT(0, 5, 0) },
		  { SLOT(0, 0, 0), SLOT(0, 5, 0) } },
		{ "most attempts",
		  SLOT(15, 15, 0),
		  { SLOT(15, 14, 0), SLOT(15, 14, 0) },
		  { SLOT(15, 0, 0), SLOT(0, 0, 0) } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int o = 0; o < BOTH_ORDERS; o++) {
			const enum gpt_slot_order order = (enum gpt_slot_order)o;
			const struct gpt_slot s = slot_of(rows[i].from | KEPT);

			print_message("row: %s, order %d\n", rows[i].name, o);
			assert_true(gpt_slot_charged(&s, order) ==
				    (rows[i].charged[o] | KEPT));
			assert_true(gpt_slot_rejected(&s, order) ==
				    (rows[i].rejected[o] | KEPT));
		}
}

static void test_marked_good(void **state)
{
	const struct gpt_slot trying = slot_of(SLOT(3, 5, 0) | KEPT);
	const struct gpt_slot proven = slot_of(SLOT(3, 0, 1));

	(void)state;
	assert_true(gpt_slot_marked_good(&trying) == (SLOT(3, 0, 1) | KEPT));
	assert_true(gpt_slot_marked_good(&proven) == SLOT(3, 0, 1));
}

/* The last attempt took the priority (ChromeOS); a good slot must get one again. */
static void test_mark_good_without_priority(void **state)
{
	const struct gpt_slot slots[] = { slot_of(SLOT(2, 0, 1)),
					  slot_of(SLOT(0, 0, 0)) };
	uint64_t got[GPT_MAX_SLOTS];

	(void)state;
	gpt_slots_mark_good(slots, 2, 1, GPT_ORDER_PRIORITY, got);
	assert_true(got[0] == SLOT(2, 0, 1));
	assert_true(got[1] == SLOT(3, 0, 1));
	gpt_slots_mark_good(slots, 2, 1, GPT_ORDER_ATTEMPTS_FIRST, got);
	assert_true(got[1] == SLOT(0, 0, 1));
	gpt_slots_mark_good(slots, 2, 0, GPT_ORDER_PRIORITY, got);
	assert_true(got[0] == SLOT(2, 0, 1));
	assert_true(got[1] == SLOT(0, 0, 0));
}

static void test_activate(void **state)
{
	static const struct {
		const char *name;
		uint64_t slots[3], want[3];
		size_t count, which;
	} rows[] = {
		{ "the other slot",
		  { SLOT(1, 0, 1), SLOT(0, 0, 0) },
		  { SLOT(1, 0, 1), SLOT(2, 6, 0) },
		  2,
		  1 },
		{ "was bootable",
		  { SLOT(1, 0, 1), SLOT(2, 0, 1) },
		  { SLOT(3, 6, 0), SLOT(2, 0, 1) },
		  2,
		  0 },
		{ "was the highest",
		  { SLOT(1, 0, 1), SLOT(9, 0, 1) },
		  { SLOT(1, 0, 1), SLOT(2, 6, 0) },
		  2,
		  1 },
		{ "alone", { SLOT(7, 0, 1) }, { SLOT(1, 6, 0) }, 1, 0 },
		{ "renumbered at 15",
		  { SLOT(15, 0, 1), SLOT(3, 2, 0), SLOT(0, 0, 0) },
		  { SLOT(2, 0, 1), SLOT(1, 2, 0), SLOT(3, 6, 0) },
		  3,
		  2 },
		{ "14 is not renumbered",
		  { SLOT(14, 0, 1), SLOT(3, 2, 0), SLOT(1, 0, 0) },
		  { SLOT(14, 0, 1), SLOT(3, 2, 0), SLOT(15, 6, 0) },
		  3,
		  2 },
		{ "0 stays 0",
		  { SLOT(15, 0, 1), SLOT(0, 0, 0), SLOT(15, 1, 0) },
		  { SLOT(2, 6, 0), SLOT(0, 0, 0), SLOT(1, 1, 0) },
		  3,
		  0 },
		{ "equals stay equal",
		  { SLOT(15, 0, 1), SLOT(15, 1, 0), SLOT(1, 0, 0) },
		  { SLOT(1, 0, 1), SLOT(1, 1, 0), SLOT(2, 6, 0) },
		  3,
		  2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct gpt_slot slots[3];
		uint64_t got[GPT_MAX_SLOTS];

		print_message("row: %s\n", rows[i].name);
		for (size_t s = 0; s < rows[i].count; s++)
			slots[s] = slot_of(rows[i].slots[s] | KEPT);
		gpt_slots_activate(slots, rows[i].count, rows[i].which, got);
		for (size_t s = 0; s < rows[i].count; s++)
			assert_true(got[s] == (rows[i].want[s] | KEPT));
	}
}

/* All of 1..15 taken by others: the lowest two become one, the rest keep their order. */
static void test_activate_full(void **state)
{
	struct gpt_slot slots[17];
	uint64_t got[GPT_MAX_SLOTS];

	(void)state;
	for (unsigned int i = 0; i < 17; i++)
		slots[i] = slot_of(SLOT(i & 15, 0, 1));
	gpt_slots_activate(slots, 17, 16, got);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(slot_of(got[i]).priority, i < 2 ? i : i - 1);
	assert_int_equal(slot_of(got[16]).priority, 15);
	assert_int_equal(slot_of(got[16]).remaining_attempts, GPT_INSTALL_ATTEMPTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_most_slots),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_marked_good),
		cmocka_unit_test(test_mark_good_without_priority),
		cmocka_unit_test(test_activate),
		cmocka_unit_test(test_activate_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every pair of slot states in order, on a whole machine every pair of those that make
 * a difference, and a smaller domain for three slots: never anything unverified, no
 * endless loop, and a good slot always boots.
 * The expectation is written from DESIGN 2 alone and shares no code with gpt_slot.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/host/boot_rig.h"
#include "tests/host/flow_machine.h"

#define SLOTS_MAX 3

enum condition { VALID, DAMAGED, UNREADABLE, CONDITIONS };

struct state {
	uint8_t priority, attempts, bootable;
	enum condition condition;
};

static struct boot_rig rig;
static uint8_t *disk_image; /* as filled, before the attributes */

/* --- what the design says --------------------------------------------------------- */

static bool is_trying(const struct state *s, enum gpt_slot_order order)
{
	if (order == GPT_ORDER_PRIORITY)
		return s->priority > 0 && !s->bootable && s->attempts > 0;
	return s->attempts > 0;
}

static bool is_proven(const struct state *s, enum gpt_slot_order order)
{
	if (order == GPT_ORDER_PRIORITY)
		return s->priority > 0 && s->bootable;
	return s->attempts == 0 && s->bootable;
}

/* True when @a goes before @b: groups first, then priority, then table order (a <
 * b). */
static bool goes_first(const struct state *a, const struct state *b, bool table_first,
		       enum gpt_slot_order order)
{
	if (order == GPT_ORDER_ATTEMPTS_FIRST &&
	    is_trying(a, order) != is_trying(b, order))
		return is_trying(a, order);
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return table_first;
}

static bool startable(const struct state *s, enum gpt_slot_order order)
{
	return is_trying(s, order) || is_proven(s, order);
}

/* The slot that must start: the first valid one in order. -1: none. */
static int expected_start(const struct state *s, int count, enum gpt_slot_order order)
{
	int best = -1;

	for (int i = 0; i < count; i++) {
		if (!startable(&s[i], order) || s[i].condition != VALID)
			continue;
		if (best < 0 || goes_first(&s[i], &s[best], false, order))
			best = i;
	}
	return best;
}

/* Attempts of slot @i after one boot that started @start. */
static uint8_t expected_attempts(const struct state *s, int i, int start,
				 enum gpt_slot_order order)
{
	const bool reached =
		start < 0 || i == start || goes_first(&s[i], &s[start], i < start, order);

	if (!reached || !is_trying(&s[i], order))
		return s[i].attempts;
	return s[i].condition == DAMAGED ? 0 : (uint8_t)(s[i].attempts - 1);
}

/* --- the machine ------------------------------------------------------------------ */

static void set_up(int count, enum gpt_slot_order order)
{
	struct test_slot slots[SLOTS_MAX] = { { 0, 0, 0, NULL, 0 } };

	rig_init(&rig, order);
	for (int i = 0; i < count; i++)
		slots[i].kernel =
			rig_kernel((uint8_t)('A' + i), 1, &slots[i].kernel_bytes);
	struct host_disk *disk =
		rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, slots, (size_t)count);

	disk_image = malloc(mem_disk_bytes(&disk->mem));
	memcpy(disk_image, disk->mem.now, mem_disk_bytes(&disk->mem));
	/* Never seen a recovery end: two rounds are enough, the model counts on it. */
	rig.host.time_limit_ms = 45000;
}

static void tear_down(void)
{
	free(disk_image);
	(void)rig_release(&rig);
}

static void put_state(struct mem_disk *disk, int count, const struct state *s)
{
	static struct test_slot slots[SLOTS_MAX];

	mem_disk_heal(disk);
	memcpy(disk->now, disk_image, mem_disk_bytes(disk));
	for (int i = 0; i < count; i++) {
		const uint64_t lba = test_disk_slot_lba(disk->sector_bytes, (size_t)i);

		slots[i] = (struct test_slot){ s[i].priority, s[i].attempts,
					       s[i].bootable, NULL, 0 };
		if (s[i].condition == DAMAGED)
			mem_disk_sector(disk, lba + 130)[9] ^= 1;
		if (s[i].condition == UNREADABLE)
			mem_disk_fail(disk, (struct mem_fault){ .op = MEM_READ,
								.first_lba = lba + 130,
								.last_lba = lba + 130,
								.status = LB_ERR_IO });
	}
	test_disk_set_states(disk, slots, (size_t)count);
}

static void show(const struct state *s, int count, enum gpt_slot_order order, int start)
{
	print_message("order %d, expected %d, started %d:", order, start,
		      rig.started - 'A');
	for (int i = 0; i < count; i++)
		print_message(" [p%u a%u b%u c%d -> a%u]", s[i].priority, s[i].attempts,
			      s[i].bootable, s[i].condition,
			      rig_slot(&rig, 0, (size_t)i).remaining_attempts);
	print_message("\n");
}

static bool as_expected(const struct state *s, int count, enum gpt_slot_order order,
			int start, enum host_end end)
{
	if (end != (start < 0 ? HOST_END_TIME_UP : HOST_END_STARTED) ||
	    rig.started != (start < 0 ? RIG_NOTHING : 'A' + start))
		return false;
	mem_disk_heal(&rig.host.disks[0].mem);
	for (int i = 0; i < count; i++) {
		const struct gpt_slot now = rig_slot(&rig, 0, (size_t)i);

		if (now.remaining_attempts != expected_attempts(s, i, start, order) ||
		    now.bootable != (s[i].bootable != 0))
			return false;
	}
	return true;
}

static void check(const struct state *s, int count, enum gpt_slot_order order)
{
	const int start = expected_start(s, count, order);

	put_state(&rig.host.disks[0].mem, count, s);
	const enum host_end end = rig_boot(&rig);

	if (as_expected(s, count, order, start, end))
		return;
	show(s, count, order, start);
	fail();
}

/* --- the domains ------------------------------------------------------------------ */

static const uint8_t some_priorities[] = { 0, 1, 15 };
static const uint8_t some_attempts[] = { 0, 1, 6 };
#define STATES (sizeof some_priorities * sizeof some_attempts * 2 * CONDITIONS)

static struct state state_number(size_t n)
{
	struct state s;

	s.condition = (enum condition)(n % CONDITIONS);
	n /= CONDITIONS;
	s.bootable = (uint8_t)(n % 2);
	n /= 2;
	s.attempts = some_attempts[n % sizeof some_attempts];
	s.priority = some_priorities[n / sizeof some_attempts];
	return s;
}

/* The order alone, over every pair of all priorities, attempts and bootable bits. */
static void check_order(const struct state s[2], enum gpt_slot_order order)
{
	struct gpt_slot slots[2] = { { .letter = 'A' }, { .letter = 'B' } };
	size_t sequence[GPT_MAX_SLOTS];
	size_t want = 0;

	for (int i = 0; i < 2; i++) {
		slots[i].priority = s[i].priority;
		slots[i].remaining_attempts = s[i].attempts;
		slots[i].bootable = s[i].bootable != 0;
		want += startable(&s[i], order);
	}
	const int first = expected_start(s, 2, order);

	assert_int_equal(gpt_slot_sort(slots, 2, order, sequence), want);
	if (want > 0)
		assert_int_equal(sequence[0], first);
	if (want > 1)
		assert_int_equal(sequence[1], 1 - first);
}

static struct state any_state(unsigned int n)
{
	return (struct state){ (uint8_t)(n & 15), (uint8_t)(n >> 4 & 15),
			       (uint8_t)(n >> 8), VALID };
}

static void test_every_order(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++)
		for (unsigned int n = 0; n < 512u * 512u; n++) {
			const struct state s[2] = { any_state(n >> 9),
						    any_state(n & 511) };

			check_order(s, (enum gpt_slot_order)order);
		}
}

static void test_pairs(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		set_up(2, (enum gpt_slot_order)order);
		for (size_t n = 0; n < STATES * STATES; n++) {
			const struct state s[2] = { state_number(n / STATES),
						    state_number(n % STATES) };

			check(s, 2, (enum gpt_slot_order)order);
		}
		tear_down();
	}
}

/* Priority and attempts reduced to what makes a difference between three. */
static void test_triples(void **state)
{
	static const struct state reduced[] = {
		{ 0, 0, 0, VALID },      { 0, 1, 0, VALID },      { 1, 0, 1, VALID },
		{ 2, 0, 1, VALID },      { 1, 1, 0, VALID },      { 2, 1, 1, VALID },
		{ 2, 6, 0, DAMAGED },    { 3, 1, 0, UNREADABLE }, { 3, 0, 1, DAMAGED },
		{ 2, 0, 1, UNREADABLE }, { 1, 2, 1, UNREADABLE },
	};
	const size_t n = sizeof reduced / sizeof reduced[0];

	(void)state;
	for (int order = 0; order < 2; order++) {
		set_up(3, (enum gpt_slot_order)order);
		for (size_t i = 0; i < n * n * n; i++) {
			const struct state s[3] = { reduced[i / n / n],
						    reduced[i / n % n], reduced[i % n] };

			check(s, 3, (enum gpt_slot_order)order);
		}
		tear_down();
	}
}

/* Boot after boot without ever marking good: attempts run out, then proven slots or
 * recovery; never more boots than attempts. */
static void test_attempts_run_out(void **state)
{
	(void)state;
	set_up(2, GPT_ORDER_ATTEMPTS_FIRST);
	for (size_t n = 0; n < STATES * STATES; n += 7) {
		struct state s[2] = { state_number(n / STATES),
				      state_number(n % STATES) };
		int trials = s[0].attempts + s[1].attempts;

		put_state(&rig.host.disks[0].mem, 2, s);
		for (; trials >= 0; trials--)
			(void)rig_boot(&rig);
		mem_disk_heal(&rig.host.disks[0].mem);
		for (size_t i = 0; i < 2; i++)
			assert_int_equal(rig_slot(&rig, 0, i).remaining_attempts, 0);
	}
	tear_down();
}

/* --- the last resort -------------------------------------------------------------- */

/* Where nothing is startable, somebody starts normally: the dead slot that must
 * start, -1 for none. In both orders by priority, then table order. */
static int expected_resort(const struct state *s, int count, enum gpt_slot_order order)
{
	int best = -1;

	for (int i = 0; i < count; i++)
		if (!startable(&s[i], order) && s[i].condition == VALID &&
		    (best < 0 || s[i].priority > s[best].priority))
			best = i;
	return best;
}

static void check_resort(const struct state *s, enum gpt_slot_order order)
{
	const int usual = expected_start(s, 2, order);
	const int start = usual >= 0 ? usual : expected_resort(s, 2, order);

	put_state(&rig.host.disks[0].mem, 2, s);
	rig_power_off(&rig);
	flow_scan(&rig, 20000, PLATFORM_KEY_ESC);
	const enum host_end end = rig_boot_on(&rig);

	if (end != (start < 0 ? HOST_END_TIME_UP : HOST_END_STARTED) ||
	    rig.started != (start < 0 ? RIG_NOTHING : 'A' + start)) {
		show(s, 2, order, start);
		fail();
	}
	mem_disk_heal(&rig.host.disks[0].mem);
	for (int i = 0; i < 2; i++)
		assert_int_equal(rig_slot(&rig, 0, (size_t)i).remaining_attempts,
				 expected_attempts(s, i, usual, order));
}

static struct state drained_or_not(size_t n)
{
	return (struct state){ (uint8_t)(n & 2), (uint8_t)(n >> 2 & 1), (uint8_t)(n & 1),
			       (enum condition)(n >> 3) };
}

static void test_last_resort(void **state)
{
	const size_t states = 8 * CONDITIONS;

	(void)state;
	for (int order = 0; order < 2; order++) {
		set_up(2, (enum gpt_slot_order)order);
		for (size_t n = 0; n < states * states; n++) {
			const struct state s[2] = { drained_or_not(n / states),
						    drained_or_not(n % states) };

			check_resort(s, (enum gpt_slot_order)order);
		}
		tear_down();
	}
}

/* --- marks ------------------------------------------------------------------------ */

enum outcome { MARKED, CUT, HUNG, PANICKED, OUTCOMES };

/* What DESIGN 2 knows of the two slots: how each start so far ended. */
struct told {
	unsigned int boots;
	int slot[256];
	enum outcome how[256];
	bool marks[2];
};

static bool must_be_behind(const struct told *t, int slot)
{
	unsigned int unmarked = 0, deaths = 0, hung = 0;
	const unsigned int oldest = t->boots > 32 ? t->boots - 32 : 0;

	for (unsigned int n = t->boots; n > oldest; n--) {
		const enum outcome how = t->how[n - 1];

		if (t->slot[n - 1] != slot)
			continue;
		if (how == MARKED)
			break;
		deaths += deaths == unmarked && how != CUT;
		hung += hung == unmarked && how == HUNG;
		unmarked++;
	}
	return t->marks[slot] ? deaths >= 3 || unmarked >= 6 : hung >= 3;
}

/* A goes first, unless it must be behind and B need not. */
static int must_start(const struct told *t)
{
	return must_be_behind(t, 0) && !must_be_behind(t, 1) ? 1 : 0;
}

static void happens(struct told *t, int slot, enum outcome how, uint32_t dump)
{
	struct host_platform *host = &rig.host;

	if (host->dump_count > 20) /* the system takes them away */
		host->dump_count = 0;
	host->watchdog_bit = how == HUNG;
	if (how == PANICKED)
		host->dumps[host->dump_count++] = dump;
	if (how == MARKED) {
		flow_mark(&rig, (size_t)slot);
		t->marks[slot] = true;
	}
	t->slot[t->boots] = slot;
	t->how[t->boots++] = how;
}

/* @odds: in ten, of each outcome but CUT, for A and for B. */
static void play_marks(unsigned int seed, const unsigned int odds[2][OUTCOMES])
{
	struct told *t = calloc(1, sizeof *t);
	uint64_t before[2];

	flow_machine(&rig, true);
	rig.watchdog_s = 60;
	rig_profile(&rig);
	rig.host.watchdog_status = LB_OK;
	for (size_t i = 0; i < 2; i++)
		before[i] = rig_slot(&rig, 0, i).attributes;
	while (t->boots < 120) {
		const int want = must_start(t);
		unsigned int die = (unsigned int)rand_r(&seed) % 10;
		enum outcome how = CUT;

		if (rig_boot(&rig) != HOST_END_STARTED || rig.started != 'A' + want)
			fail_msg("boot %u: started %d, not %d; log:\n%s", t->boots + 1,
				 rig.started, want, rig.host.log);
		for (unsigned int o = 0; o < OUTCOMES; o++) {
			if (o != CUT && die < odds[want][o]) {
				how = (enum outcome)o;
				break;
			}
			die -= o != CUT ? odds[want][o] : 0;
		}
		happens(t, want, how, 1000 + t->boots);
	}
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(rig_slot(&rig, 0, i).attributes, before[i]);
	free(t);
	(void)rig_release(&rig);
}

static void test_marks(void **state)
{
	static const unsigned int odds[][2][OUTCOMES] = {
		/* marked, (cut), hung, panicked: of A, of B */
		{ { 1, 0, 3, 3 }, { 9, 0, 0, 0 } }, /* A dies, B is good */
		{ { 2, 0, 0, 0 }, { 2, 0, 0, 0 } }, /* cuts alone */
		{ { 1, 0, 4, 4 }, { 1, 0, 4, 4 } }, /* both die */
		{ { 0, 0, 6, 2 }, { 0, 0, 3, 0 } }, /* no marks at all */
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof odds / sizeof odds[0]; i++)
		for (unsigned int seed = 0; seed < 2; seed++)
			play_marks(10 * i + seed, odds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_triples),
		cmocka_unit_test(test_attempts_run_out),
		cmocka_unit_test(test_last_resort),
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

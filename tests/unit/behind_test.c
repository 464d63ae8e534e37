/* The rule "behind the others" over histories written as text, one boot after the
 * other, and what recovery reads from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "boot/history/behind.h"

#define MOST 64u

static const uint8_t guid_a[16] = { 0xaa, 1 }, guid_b[16] = { 0xbb, 2 };

static struct history_record record[MOST];
static struct history_past past;

static void put(struct history_record r)
{
	memmove(&record[1], &record[0], (MOST - 1) * sizeof record[0]);
	record[0] = r;
	past.count += past.count < MOST;
}

/* The boot after the newest one, with how that one ended. */
static struct history_record next(uint8_t ended)
{
	return (struct history_record){
		.boot = past.count > 0 ? record[0].boot + 1 : 1,
		.flags = ended,
		.stage = HISTORY_STAGE_HANDOFF,
		.started_as = HISTORY_START_PROVEN,
		.version = 7,
	};
}

static void add(enum history_stage stage, uint8_t flags)
{
	struct history_record r = record[0];

	r.stage = (uint8_t)stage;
	r.update++;
	r.flags |= flags;
	put(r);
}

static void forget(struct history_slots *set, const uint8_t guid[16])
{
	for (uint8_t i = 0; i < set->count; i++)
		if (set->id[i] == history_slot_id(guid))
			set->id[i] = set->id[--set->count];
}

/* One letter a boot or a thing that happens in it, and how the one before it ended:
 *   a b   A, B is started          t l   A is started on trial, as a last resort
 *   m     its system marks it      s     A is set by hand
 *   n     A's system is another one from here on
 *   r     recovery, as nothing could be started
 *   w p   before a boot: the one before was ended by the watchdog, left a dump */
static void play(const char *boots)
{
	static uint16_t version;
	uint8_t ended = 0;

	memset(record, 0, sizeof record);
	past = (struct history_past){ .record = record, .marking = &record[0].marking };
	version = 7;
	for (; *boots != '\0'; boots++) {
		struct history_record r = next(ended);

		r.version = version;
		r.marking = record[0].marking; /* as loaders carry it on */
		memcpy(r.slot, *boots == 'b' ? guid_b : guid_a, sizeof r.slot);
		switch (*boots) {
		case 'w':
			ended = HISTORY_FLAG_WATCHDOG;
			continue;
		case 'p':
			ended = HISTORY_FLAG_PANIC;
			continue;
		case 'm':
			add(HISTORY_STAGE_MARKED, HISTORY_FLAG_MARKED);
			history_slots_add(&record[0].marking, record[0].slot);
			continue;
		case 's':
			history_slots_add(&record[0].set, guid_a);
			add(HISTORY_STAGE_SET, 0);
			continue;
		case 'n':
			version++;
			forget(&record[0].marking, guid_a); /* with its first start */
			continue;
		case 't':
			r.started_as = HISTORY_START_TRYING;
			forget(&r.marking, guid_a);
			break;
		case 'l':
			r.started_as = HISTORY_START_LAST_RESORT;
			break;
		case 'r':
			r.stage = HISTORY_STAGE_RECOVERY;
			r.reason = 1;
			memset(r.slot, 0, sizeof r.slot);
			break;
		default:
			break;
		}
		put(r);
		ended = 0;
	}
	past.flags = ended; /* what the boot that asks has found */
}

static const struct {
	const char *name, *boots;
	bool behind; /* A */
} rules[] = {
	{ "nothing is remembered", "", false },
	{ "a good slot", "amamamamamam", false },
	{ "five starts without a mark", "amaaaaa", false },
	{ "six, whatever ended them", "amaaaaaa", true },
	{ "others between them do not matter", "amaabmbmaabmaa", true },
	{ "a mark ends the row", "amaaaaaamaaaaa", false },
	{ "two dumps", "amapap", false },
	{ "three dumps", "amapapap", true },
	{ "three by the watchdog", "amawawaw", true },
	{ "panic and watchdog in one row", "amawapaw", true },
	{ "a power cut between them", "amapaapap", false },
	{ "the last one by a power cut", "amapapa", false },
	{ "no marks are known: six count nothing", "aaaaaaaaaa", false },
	{ "no marks are known: nor do dumps", "apapapapap", false },
	{ "no marks are known: the watchdog does", "awawaw", true },
	{ "no marks are known: two deaths", "aawaw", false },
	{ "no marks are known: a cut between them", "awawaaw", false },
	{ "marks of the other slot are not its own", "bmbmaaaaaaa", false },
	{ "started on trial: attempts pay", "amttttttt", false },
	{ "what was before a trial was another", "amaaaaatm", false },
	{ "a trial marked, then dying", "tmaaaaaa", true },
	{ "a trial that the table alone calls good", "amtaaaaaaaa", false },
	{ "another version was another system", "amaaanaaaaaa", false },
	{ "a version that marks", "aaanamaaaaaa", true },
	{ "set by hand: anew", "amaaaaaas", false },
	{ "set by hand: five more", "amaaaaaasaaaa", false },
	{ "set by hand: six more", "amaaaaaabsaaaaaa", true },
	{ "a last resort counts for itself", "amllllllll", false },
	{ "recovery in between", "amaaarara", false },
	{ "recovery in between, six", "amaaararaar", true },
};

static void test_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		play(rules[i].boots);
		const struct history_starts s = history_starts(&past, guid_a);

		if (history_goes_behind(&s) != rules[i].behind)
			fail_msg("%s (%s): marks %d, unmarked %u, deaths %u, watchdog %u",
				 rules[i].name, rules[i].boots, s.marks, s.unmarked,
				 s.deaths, s.watchdog);
	}
}

/* What is forgotten falls out at the far end; that the system writes marks is
 * carried on. */
static void test_marks_are_remembered(void **state)
{
	(void)state;
	play("amaaaaaa");
	past.count = 6; /* the mark itself is forgotten */
	forget(&record[0].marking, guid_a);
	assert_false(history_starts(&past, guid_a).marks);
	history_slots_add(&record[0].marking, guid_a);
	const struct history_starts s = history_starts(&past, guid_a);

	assert_true(s.marks && s.unmarked == 6 && history_goes_behind(&s));
	past.count = 5;
	assert_false(history_goes_behind(
		&(struct history_starts){ .marks = true, .unmarked = 5 }));
}

/* The start that the asking system itself comes from has not ended. */
static void test_running(void **state)
{
	(void)state;
	play("amaaaaaa");
	past.running = true;
	assert_int_equal(history_starts(&past, guid_a).unmarked, 5);
	past.running = false;
	assert_int_equal(history_starts(&past, guid_a).unmarked, 6);
}

/* Several starts in one boot: how it ended is how its last start did. */
static void test_a_start_that_came_back(void **state)
{
	struct history_record r;

	(void)state;
	play("amb");
	for (int i = 0; i < 3; i++) { /* A comes back, B is started and dies */
		r = next(i > 0 ? HISTORY_FLAG_WATCHDOG : 0);
		memcpy(r.slot, guid_a, sizeof r.slot);
		put(r);
		memcpy(r.slot, guid_b, sizeof r.slot);
		r.update = 1;
		put(r);
	}
	past.flags = HISTORY_FLAG_WATCHDOG;
	const struct history_starts a = history_starts(&past, guid_a);
	const struct history_starts b = history_starts(&past, guid_b);

	assert_true(a.unmarked == 3 && a.deaths == 0);
	assert_true(!b.marks && b.watchdog == 3);
}

/* Numbers that only a forged history has. */
static void test_last_number(void **state)
{
	(void)state;
	play("awaw");
	record[0].boot = UINT64_MAX;
	record[1].boot = UINT64_MAX - 1;
	assert_int_equal(history_starts(&past, guid_a).watchdog, 2);
	record[0].boot = 0;
	record[1].boot = UINT64_MAX;
	assert_int_equal(history_starts(&past, guid_a).watchdog, 1);
}

static void test_last_resorts(void **state)
{
	(void)state;
	play("amararlrlrlr");
	assert_int_equal(history_last_resorts(&past, NULL), 3);
	assert_int_equal(history_last_resorts(&past, guid_a), 3);
	assert_int_equal(history_last_resorts(&past, guid_b), 0);
	play("rlma");
	assert_int_equal(history_last_resorts(&past, NULL), 0);
	play("rlm");
	assert_int_equal(history_last_resorts(&past, NULL), 0);
	play("");
	assert_int_equal(history_last_resorts(&past, NULL), 0);
}

static void test_recoveries(void **state)
{
	(void)state;
	play("arrr");
	assert_int_equal(history_recoveries(&past, 1), 3);
	assert_int_equal(history_recoveries(&past, 2), 0);
	play("rrrlr");
	assert_int_equal(history_recoveries(&past, 1), 1);
	play("rra");
	assert_int_equal(history_recoveries(&past, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_marks_are_remembered),
		cmocka_unit_test(test_running),
		cmocka_unit_test(test_a_start_that_came_back),
		cmocka_unit_test(test_last_number),
		cmocka_unit_test(test_last_resorts),
		cmocka_unit_test(test_recoveries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

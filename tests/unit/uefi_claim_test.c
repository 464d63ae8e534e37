/* The first start: every protected variable is made before an OS can take its name, what
 * cannot be taken back is named, and "nothing" reads as nothing. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/uefi/uefi.h"
#include "tests/host/uefi_store.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const EFI_GUID guid = UEFI_LIFEBOAT_GUID;
static EFI_RUNTIME_SERVICES rt;
static struct uefi uefi;

static const struct {
	const CHAR16 *name;
	const char *text;
	size_t bytes;
} names[] = {
	{ L"LifeboatFloor", "LifeboatFloor", 8 },
	{ L"LifeboatLoaderFloor", "LifeboatLoaderFloor", 4 },
	{ L"LifeboatState", "LifeboatState", 16 },
	{ L"LifeboatDevKeys", "LifeboatDevKeys", 32 },
	{ L"LifeboatSeed", "LifeboatSeed", 32 },
};

static int start(void **state)
{
	(void)state;
	uefi_store_reset();
	uefi_store_services(&rt);
	memset(&uefi, 0, sizeof uefi);
	uefi.rt = &rt;
	uefi.machine.protected_storage = true;
	return 0;
}

static void assert_ours(size_t i)
{
	const struct uefi_store_variable *v = uefi_store_find(names[i].name, guid);

	assert_non_null(v);
	assert_int_equal(v->attributes, UEFI_NV | UEFI_BS);
	assert_int_equal(v->bytes, names[i].bytes);
}

static void all_are_made_once(void **state)
{
	(void)state;
	uefi_claim_names(&uefi);
	for (size_t i = 0; i < COUNT(names); i++)
		assert_ours(i);
	const size_t writes = uefi_store.writes;

	assert_int_equal(writes, COUNT(names));
	uefi_claim_names(&uefi);
	assert_int_equal(uefi_store.writes, writes);
	assert_int_equal(uefi.machine.foreign_count, 0);
}

static void made_is_nothing_stored(void **state)
{
	struct platform_floors floors;
	struct platform_state s;

	(void)state;
	uefi_claim_names(&uefi);
	assert_int_equal(uefi_read_floors(&uefi, &floors), LB_OK);
	assert_true(floors.kernel == 0 && floors.recovery == 0 && floors.loader == 0);
	assert_int_equal(uefi_read_state(&uefi, &s), LB_OK);
	assert_false(s.developer);
	assert_int_equal(s.dev_key_count, 0);
	assert_int_equal(s.language[0], 0);
}

/* Leaving developer mode gives no name away. */
static void names_are_kept(void **state)
{
	struct platform_state s = { .developer = true, .dev_key_count = 1 };

	(void)state;
	memset(s.dev_key[0], 7, sizeof s.dev_key[0]);
	uefi_claim_names(&uefi);
	assert_int_equal(uefi_write_state(&uefi, &s), LB_OK);
	s = (struct platform_state){ 0 };
	assert_int_equal(uefi_write_state(&uefi, &s), LB_OK);
	for (size_t i = 0; i < COUNT(names); i++)
		assert_ours(i);
}

/* Planted before the first start: taken back where that can be, else named. */
static void planted_before_us(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		(void)start(state);
		uefi_store_put(names[i].name, guid, UEFI_NV | UEFI_BS | UEFI_RT, "x", 1);
		uefi_claim_names(&uefi);
		assert_ours(i);
		assert_int_equal(uefi.machine.foreign_count, 0);

		(void)start(state);
		uefi_store_put(names[i].name, guid,
			       UEFI_NV | UEFI_BS | UEFI_RT | UEFI_AUTHENTICATED, "x", 1);
		uefi_claim_names(&uefi);
		assert_int_equal(uefi.machine.foreign_count, 1);
		assert_string_equal(uefi.machine.foreign[0], names[i].text);
	}
}

/* --- the power goes while they are made --------------------------------------------- */

#define MOST_WRITES 16u

static void nothing_there(void)
{
}

/* Of an older loader, which did not make all of them: what they hold must survive. */
static void half_there(void)
{
	const struct platform_floors floors = { 0x10003, 0x10002, 0 };
	const struct platform_state on = { .developer = true,
					   .dev_key_count = 1,
					   .dev_key = { { 7 } } };

	assert_int_equal(uefi_raise_floors(&uefi, &floors), LB_OK);
	assert_int_equal(uefi_write_state(&uefi, &on), LB_OK);
}

static void planted(void)
{
	for (size_t i = 0; i < COUNT(names); i++)
		uefi_store_put(names[i].name, guid, UEFI_NV | UEFI_BS | UEFI_RT,
			       "\1\1\1\1\1\1\1\1", 8);
}

static const struct {
	const char *name;
	void (*make)(void);
	bool half;
	size_t writes;
} before[] = {
	{ "nothing is there", nothing_there, false, 5 },
	{ "an older loader's are there", half_there, true, 2 },
	{ "all are planted", planted, false, 10 },
};

static void assert_stored(bool half)
{
	struct platform_floors floors;
	struct platform_state s;

	assert_int_equal(uefi_read_floors(&uefi, &floors), LB_OK);
	assert_int_equal(floors.kernel, half ? 0x10003 : 0);
	assert_int_equal(floors.recovery, half ? 0x10002 : 0);
	assert_int_equal(floors.loader, 0);
	assert_int_equal(uefi_read_state(&uefi, &s), LB_OK);
	assert_int_equal(s.developer, half);
	assert_int_equal(s.dev_key_count, half ? 1 : 0);
}

/* True when it ended before the write that would have been cut. */
static bool claims_until(size_t skips, bool after)
{
	jmp_buf cut;

	uefi_store.writes = 0;
	uefi_store.cut_skips = skips;
	if (setjmp(cut) != 0)
		return false;
	uefi_store.cut_before = after ? NULL : &cut;
	uefi_store.cut_after = after ? &cut : NULL;
	uefi_claim_names(&uefi);
	return true;
}

/* Whatever was made until then, the next start makes the rest; nothing that was stored is
 * lost, and nothing is read that nobody stored. */
static void power_cut_at_each_write(void **state)
{
	for (size_t b = 0; b < COUNT(before); b++) {
		for (int after = 0; after < 2; after++) {
			size_t cuts = 0;

			print_message("row: %s, %s\n", before[b].name,
				      after ? "after a write" : "before it");
			for (bool whole = false; !whole; cuts++) {
				assert_true(cuts < MOST_WRITES);
				(void)start(state);
				before[b].make();
				whole = claims_until(cuts, after == 1);
				uefi_store.cut_before = uefi_store.cut_after = NULL;
				uefi_claim_names(&uefi);
				for (size_t i = 0; i < COUNT(names); i++)
					assert_ours(i);
				assert_int_equal(uefi.machine.foreign_count, 0);
				assert_stored(before[b].half);
			}
			assert_int_equal(cuts - 1, before[b].writes);
		}
	}
}

/* A hand-over name that an OS has taken for good is named too. */
static void taken_fact(void **state)
{
	(void)state;
	uefi_store_put(L"LifeboatModel", guid,
		       UEFI_NV | UEFI_BS | UEFI_RT | UEFI_AUTHENTICATED, "x", 1);
	assert_int_not_equal(uefi_hand_over(&uefi, "Model", "y"), LB_OK);
	assert_int_equal(uefi.machine.foreign_count, 1);
	assert_string_equal(uefi.machine.foreign[0], "LifeboatModel");
}

/* The request for recovery, too: it can never be taken then, and somebody has to know. */
static void taken_request(void **state)
{
	uint8_t request;

	(void)state;
	uefi_store_put(L"LifeboatRequest", guid,
		       UEFI_NV | UEFI_BS | UEFI_RT | UEFI_AUTHENTICATED, "\1", 1);
	assert_int_equal(uefi_take_request(&uefi, &request), LB_ERR_IO);
	assert_int_equal(uefi.machine.foreign_count, 1);
	assert_string_equal(uefi.machine.foreign[0], "LifeboatRequest");
}

/* Where the OS can write everything anyway there is nothing to take. */
static void nothing_without_protected_storage(void **state)
{
	(void)state;
	uefi.machine.protected_storage = false;
	uefi_claim_names(&uefi);
	assert_int_equal(uefi_store.writes, 0);
}

/* The generation has a variable of its own and rises only. */
static void loader_floor(void **state)
{
	struct platform_floors floors = { 1, 2, 3 }, got;

	(void)state;
	assert_int_equal(uefi_raise_floors(&uefi, &floors), LB_OK);
	assert_int_equal(uefi_store_find(L"LifeboatFloor", guid)->bytes, 8);
	assert_int_equal(uefi_store_find(L"LifeboatLoaderFloor", guid)->data[0], 3);
	floors = (struct platform_floors){ 0, 0, 2 };
	assert_int_equal(uefi_raise_floors(&uefi, &floors), LB_OK);
	assert_int_equal(uefi_read_floors(&uefi, &got), LB_OK);
	assert_true(got.kernel == 1 && got.recovery == 2 && got.loader == 3);
}

/* Of boot/uefi/console.c, which needs more firmware than this. */
void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)text;
	(void)len;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_are_made_once, start),
		cmocka_unit_test_setup(made_is_nothing_stored, start),
		cmocka_unit_test_setup(names_are_kept, start),
		cmocka_unit_test_setup(planted_before_us, start),
		cmocka_unit_test_setup(power_cut_at_each_write, start),
		cmocka_unit_test_setup(taken_fact, start),
		cmocka_unit_test_setup(taken_request, start),
		cmocka_unit_test_setup(nothing_without_protected_storage, start),
		cmocka_unit_test_setup(loader_floor, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

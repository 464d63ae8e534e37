/* Variables on a made-up firmware: floors that only rise, variables that an OS planted,
 * stores that cannot be written. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/uefi/uefi.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NV       1u
#define BS       2u
#define RT       4u
#define TBA      0x20u /* authenticated: cannot be deleted without a key */

#define ROOM_BYTES 300u

/* One variable is enough: no test needs two. */
static struct {
	bool exists;
	CHAR16 name[40];
	UINT32 attributes;
	uint8_t data[ROOM_BYTES];
	UINTN bytes;
	bool write_protected, broken, forgets, undeletable;
	size_t writes;
} store;

static bool is_store(const CHAR16 *name)
{
	for (size_t i = 0;; i++) {
		if (store.name[i] != name[i])
			return false;
		if (name[i] == 0)
			return true;
	}
}

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes,
				      UINTN *bytes, void *data)
{
	(void)guid;
	if (store.broken)
		return EFI_DEVICE_ERROR;
	if (!store.exists || !is_store(name))
		return EFI_NOT_FOUND;
	if (attributes != NULL)
		*attributes = store.attributes;
	if (*bytes < store.bytes) {
		*bytes = store.bytes;
		return EFI_BUFFER_TOO_SMALL;
	}
	memcpy(data, store.data, store.bytes);
	*bytes = store.bytes;
	return EFI_SUCCESS;
}

/* Spec: UEFI 2.10, 8.2.3. */
static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *guid, UINT32 attributes,
				      UINTN bytes, void *data)
{
	(void)guid;
	store.writes++;
	if (store.write_protected)
		return EFI_WRITE_PROTECTED;
	if (store.exists && is_store(name)) {
		if ((store.attributes & TBA) != 0)
			return EFI_SECURITY_VIOLATION;
		if (bytes == 0 || attributes == 0) {
			store.exists = store.undeletable;
			return EFI_SUCCESS;
		}
		if (attributes != store.attributes && !store.forgets)
			return EFI_INVALID_PARAMETER;
	} else if (bytes == 0) {
		return EFI_NOT_FOUND;
	}
	if (store.forgets)
		return EFI_SUCCESS;
	assert_true(bytes <= ROOM_BYTES);
	store.exists = true;
	for (size_t i = 0; i == 0 || name[i - 1] != 0; i++)
		store.name[i] = name[i];
	store.attributes = attributes;
	memcpy(store.data, data, bytes);
	store.bytes = bytes;
	return EFI_SUCCESS;
}

static EFI_RUNTIME_SERVICES services = { .GetVariable = get_variable,
					 .SetVariable = set_variable };
static struct uefi uefi = { .rt = &services, .machine.protected_storage = true };

static const CHAR16 floor_name[] = L"LifeboatFloor";

static void plant(UINT32 attributes, uint32_t kernel, uint32_t recovery, UINTN bytes)
{
	memset(&store, 0, sizeof store);
	store.exists = true;
	memcpy(store.name, floor_name, sizeof floor_name);
	store.attributes = attributes;
	lb_put_le32(store.data, kernel);
	lb_put_le32(store.data + 4, recovery);
	store.bytes = bytes;
}

static const struct {
	const char *name;
	UINT32 attributes;
	UINTN bytes;
	enum lb_status want;
	bool kept;
} planted[] = {
	{ "ours", NV | BS, 8, LB_OK, true },
	{ "written by an OS", NV | BS | RT, 8, LB_ERR_NOT_FOUND, false },
	{ "volatile", BS, 8, LB_ERR_NOT_FOUND, false },
	{ "volatile, from an OS", BS | RT, 8, LB_ERR_NOT_FOUND, false },
	{ "an attribute more", NV | BS | 8, 8, LB_ERR_NOT_FOUND, false },
	{ "authenticated: stays, does not count", NV | BS | RT | TBA, 8, LB_ERR_NOT_FOUND,
	  true },
	{ "too short", NV | BS, 7, LB_ERR_NOT_FOUND, false },
	{ "empty", NV | BS, 0, LB_ERR_NOT_FOUND, false },
	{ "too long", NV | BS, 9, LB_ERR_NOT_FOUND, false },
};

static void only_our_floors_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(planted); i++) {
		struct platform_floors floors = { 9, 9, 9 };

		plant(planted[i].attributes, 0x30002, 0x10001, planted[i].bytes);
		const enum lb_status got = uefi_read_floors(&uefi, &floors);

		if (got != planted[i].want || store.exists != planted[i].kept)
			fail_msg("%s: %s, kept %d", planted[i].name, lb_status_name(got),
				 store.exists);
		if (floors.kernel != (got == LB_OK ? 0x30002 : 0) ||
		    floors.recovery != (got == LB_OK ? 0x10001 : 0))
			fail_msg("%s: floors %x %x", planted[i].name, floors.kernel,
				 floors.recovery);
	}
}

static const struct {
	const char *name;
	struct platform_floors now, raise, want;
	size_t writes;
} raises[] = {
	{ "both rise", { 1, 2, 0 }, { 3, 4, 0 }, { 3, 4, 0 }, 1 },
	{ "neither falls", { 3, 4, 0 }, { 1, 2, 0 }, { 3, 4, 0 }, 0 },
	{ "one rises, the other stays", { 3, 4, 0 }, { 5, 1, 0 }, { 5, 4, 0 }, 1 },
	{ "equal: nothing is written", { 3, 4, 0 }, { 3, 4, 0 }, { 3, 4, 0 }, 0 },
	{ "as unsigned numbers",
	  { 0x7fffffff, 0, 0 },
	  { 0x80000000, 0, 0 },
	  { 0x80000000, 0, 0 },
	  1 },
};

static void floors_only_rise(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(raises); i++) {
		struct platform_floors got;

		plant(NV | BS, raises[i].now.kernel, raises[i].now.recovery, 8);
		assert_int_equal(uefi_raise_floors(&uefi, &raises[i].raise), LB_OK);
		assert_int_equal(uefi_read_floors(&uefi, &got), LB_OK);
		if (got.kernel != raises[i].want.kernel ||
		    got.recovery != raises[i].want.recovery ||
		    store.writes != raises[i].writes)
			fail_msg("%s: %x %x, %zu writes", raises[i].name, got.kernel,
				 got.recovery, store.writes);
	}
}

static void the_first_raise_makes_the_variable(void **state)
{
	const struct platform_floors floors = { 0x10002, 0, 0 };
	struct platform_floors got;

	(void)state;
	memset(&store, 0, sizeof store);
	assert_int_equal(uefi_raise_floors(&uefi, &(struct platform_floors){ 0 }), LB_OK);
	assert_false(store.exists); /* zeros need no variable */
	assert_int_equal(uefi_raise_floors(&uefi, &floors), LB_OK);
	assert_true(store.exists);
	assert_int_equal(store.attributes, NV | BS);
	assert_memory_equal(store.data, "\x02\x00\x01\x00\x00\x00\x00\x00", 8);
	assert_int_equal(uefi_read_floors(&uefi, &got), LB_OK);
	assert_int_equal(got.kernel, 0x10002);
}

static void what_cannot_be_stored_is_an_error(void **state)
{
	const struct platform_floors floors = { 9, 9, 0 };
	struct platform_floors got;

	(void)state;
	plant(NV | BS, 1, 1, 8);
	store.write_protected = true;
	assert_int_equal(uefi_raise_floors(&uefi, &floors), LB_ERR_READ_ONLY);
	assert_int_equal(uefi_read_floors(&uefi, &got), LB_OK);
	assert_int_equal(got.kernel, 1);

	memset(&store, 0, sizeof store);
	store.forgets = true; /* says yes and keeps nothing */
	assert_int_not_equal(uefi_raise_floors(&uefi, &floors), LB_OK);

	plant(NV | BS, 1, 1, 8);
	store.broken = true;
	assert_int_equal(uefi_read_floors(&uefi, &got), LB_ERR_IO);
	assert_int_equal(uefi_raise_floors(&uefi, &floors), LB_ERR_IO);
	assert_int_equal(store.writes, 0);

	plant(NV | BS | RT | TBA, 99, 99, 8);
	assert_int_not_equal(uefi_raise_floors(&uefi, &floors), LB_OK);
}

static void facts_for_the_os(void **state)
{
	static const CHAR16 name[] = L"LifeboatModel";

	(void)state;
	memset(&store, 0, sizeof store);
	assert_int_equal(uefi_hand_over(&uefi, "Model",
					"b\xc3\xb6"
					"x"),
			 LB_OK);
	assert_memory_equal(store.name, name, sizeof name);
	assert_int_equal(store.attributes, BS | RT);
	assert_int_equal(store.bytes, 4); /* UTF-8, no NUL */
	assert_memory_equal(store.data,
			    "b\xc3\xb6"
			    "x",
			    4);

	/* What an OS left under that name is replaced, not kept and not an error. */
	store.attributes = NV | BS | RT;
	assert_int_equal(uefi_hand_over(&uefi, "Model", "new"), LB_OK);
	assert_int_equal(store.attributes, BS | RT);
	assert_int_equal(store.bytes, 3);

	/* Nothing to say: the old value must not stand. */
	assert_int_equal(uefi_hand_over(&uefi, "Model", ""), LB_OK);
	assert_false(store.exists);

	/* What cannot be replaced is an error. */
	assert_int_equal(uefi_hand_over(&uefi, "Model", "x"), LB_OK);
	store.attributes = NV | BS | RT | TBA;
	assert_int_not_equal(uefi_hand_over(&uefi, "Model", "y"), LB_OK);

	/* Nor is it told where the firmware only says so, or keeps what was there. */
	memset(&store, 0, sizeof store);
	store.forgets = true;
	assert_int_equal(uefi_hand_over(&uefi, "Model", "x"), LB_ERR_DENIED);
	store.forgets = false;
	assert_int_equal(uefi_hand_over(&uefi, "Model", "x"), LB_OK);
	store.forgets = store.undeletable = true;
	store.attributes = NV | BS | RT;
	assert_int_equal(uefi_hand_over(&uefi, "Model", "x"), LB_ERR_DENIED);

	memset(&store, 0, sizeof store);
	store.write_protected = true;
	assert_int_equal(uefi_hand_over(&uefi, "Model", "x"), LB_ERR_READ_ONLY);
	assert_int_equal(uefi_hand_over(&uefi, "", "x"), LB_ERR_ARGUMENT);
	assert_int_equal(uefi_hand_over(&uefi, "ANameThatIsLongerThanTheRoomForIt", "x"),
			 LB_ERR_ARGUMENT);
}

/* Of boot/uefi/console.c, which needs more firmware than this. */
void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)text;
	(void)len;
}

/* Where nothing is protected nothing counts, and nothing is stored as if it did. */
static void nothing_counts_without_protection(void **state)
{
	const struct platform_floors floors = { 9, 9, 9 };
	struct platform_floors found;

	(void)state;
	plant(NV | BS, 5, 6, 8);
	uefi.machine.protected_storage = false;
	assert_int_equal(uefi_read_floors(&uefi, &found), LB_ERR_UNSUPPORTED);
	assert_int_equal(found.kernel + found.recovery, 0);
	assert_int_equal(uefi_raise_floors(&uefi, &floors), LB_ERR_UNSUPPORTED);
	assert_int_equal(lb_le32(store.data), 5);
	uefi.machine.protected_storage = true;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_counts_without_protection),
		cmocka_unit_test(only_our_floors_count),
		cmocka_unit_test(floors_only_rise),
		cmocka_unit_test(the_first_raise_makes_the_variable),
		cmocka_unit_test(what_cannot_be_stored_is_an_error),
		cmocka_unit_test(facts_for_the_os),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Developer mode, its keys and the request of the OS, over a faked firmware: what an OS
 * planted does not count, and a request counts once, when it is really gone. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/uefi/uefi.h"

#define NV EFI_VARIABLE_NON_VOLATILE
#define BS EFI_VARIABLE_BOOTSERVICE_ACCESS
#define RT EFI_VARIABLE_RUNTIME_ACCESS

#define MAX_VARIABLES 8
#define MAX_BYTES     160
#define MAX_NAME      40

struct variable {
	CHAR16 name[MAX_NAME];
	UINT32 attributes;
	size_t bytes; /* 0: not there */
	uint8_t data[MAX_BYTES];
};

static struct {
	EFI_RUNTIME_SERVICES rt;
	struct uefi u;
	struct variable variable[MAX_VARIABLES];
	bool keeps; /* deleting does nothing, and says it did */
	bool cut;   /* power goes after @sets more changes: the rest does not arrive */
	size_t sets;
	bool loses; /* a write arrives changed */
	char log[1024];
} fake;

void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	strncat(fake.log, text, len < 200 ? len : 200);
}

static bool same(const CHAR16 *a, const CHAR16 *b)
{
	while (*a != 0 && *a == *b)
		a++, b++;
	return *a == *b;
}

static struct variable *find(const CHAR16 *name)
{
	for (size_t i = 0; i < MAX_VARIABLES; i++)
		if (fake.variable[i].bytes != 0 && same(fake.variable[i].name, name))
			return &fake.variable[i];
	return NULL;
}

static EFI_STATUS EFIAPI get(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes,
			     UINTN *bytes, void *data)
{
	static const EFI_GUID ours = UEFI_LIFEBOAT_GUID;
	const struct variable *v = find(name);

	assert_memory_equal(vendor, &ours, sizeof ours);
	if (v == NULL)
		return EFI_NOT_FOUND;
	if (attributes != NULL)
		*attributes = v->attributes;
	if (*bytes < v->bytes) {
		*bytes = v->bytes;
		return EFI_BUFFER_TOO_SMALL;
	}
	*bytes = v->bytes;
	memcpy(data, v->data, v->bytes);
	return EFI_SUCCESS;
}

static struct variable *make(const CHAR16 *name)
{
	for (size_t i = 0; i < MAX_VARIABLES; i++) {
		struct variable *v = &fake.variable[i];

		if (v->bytes != 0)
			continue;
		for (size_t c = 0; (v->name[c] = name[c]) != 0; c++)
			assert_true(c < MAX_NAME - 1);
		return v;
	}
	fail_msg("too many variables");
	return NULL;
}

/* As the specification has it: other attributes than before are refused. */
static EFI_STATUS EFIAPI set(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes,
			     UINTN bytes, void *data)
{
	struct variable *v = find(name);

	(void)vendor;
	if (fake.cut && fake.sets-- == 0) {
		fake.sets = 0;
		return EFI_DEVICE_ERROR;
	}
	if (bytes == 0 || attributes == 0) {
		if (v == NULL)
			return EFI_NOT_FOUND;
		if (!fake.keeps)
			v->bytes = 0;
		return EFI_SUCCESS;
	}
	if (v != NULL && v->attributes != attributes)
		return EFI_INVALID_PARAMETER;
	if (v == NULL)
		v = make(name);
	assert_true(bytes <= MAX_BYTES);
	v->attributes = attributes;
	v->bytes = bytes;
	memcpy(v->data, data, bytes);
	v->data[0] ^= fake.loses;
	return EFI_SUCCESS;
}

static void plant(CHAR16 *name, UINT32 attributes, const void *data, size_t bytes)
{
	struct variable *v = make(name);

	v->attributes = attributes;
	v->bytes = bytes;
	memcpy(v->data, data, bytes);
}

static int set_up(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof fake);
	fake.rt.GetVariable = get;
	fake.rt.SetVariable = set;
	fake.u.rt = &fake.rt;
	fake.u.machine.protected_storage = true;
	return 0;
}

static CHAR16 state_name[] = L"LifeboatState";
static CHAR16 request_name[] = L"LifeboatRequest";

static void test_state(void **state)
{
	struct platform_state s = { .developer = true, .dev_key_count = 2 }, got;

	(void)state;
	memcpy(s.language, "de", 3);
	memset(s.dev_key[1], 0x5a, sizeof s.dev_key[1]);
	assert_int_equal(uefi_write_state(&fake.u, &s), LB_OK);
	assert_int_equal(uefi_read_state(&fake.u, &got), LB_OK);
	assert_memory_equal(&got, &s, sizeof s);

	/* Leaving developer mode takes the keys with it. */
	const struct platform_state off = { 0 };

	assert_int_equal(uefi_write_state(&fake.u, &off), LB_OK);
	assert_int_equal(uefi_read_state(&fake.u, &got), LB_OK);
	assert_memory_equal(&got, &off, sizeof off);
}

static void test_write_is_read_back(void **state)
{
	const struct platform_state s = { .developer = true };

	(void)state;
	fake.loses = true;
	assert_int_equal(uefi_write_state(&fake.u, &s), LB_ERR_IO);
}

/* Developer mode is never left on with fewer keys than it had: without enrolled keys any
 * self-signed kernel would do. */
static void test_power_cut_while_changing(void **state)
{
	static const struct {
		const char *name;
		struct platform_state from, to;
	} rows[] = {
		{ "left, with keys", { .developer = true, .dev_key_count = 2 }, { 0 } },
		{ "entered", { 0 }, { .developer = true } },
		{ "entered, with a key",
		  { 0 },
		  { .developer = true, .dev_key_count = 1 } },
		{ "a key enrolled",
		  { .developer = true, .dev_key_count = 1 },
		  { .developer = true, .dev_key_count = 2 } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t sets = 0; sets < 3; sets++) {
			struct platform_state got, from = rows[i].from, to = rows[i].to;

			memset(from.dev_key, 1,
			       from.dev_key_count * sizeof *from.dev_key);
			memset(to.dev_key, 1, to.dev_key_count * sizeof *to.dev_key);
			print_message("row: %s, cut after %zu\n", rows[i].name, sets);
			(void)set_up(state);
			assert_int_equal(uefi_write_state(&fake.u, &from), LB_OK);
			fake.cut = true;
			fake.sets = sets;
			/* Whether it says so does not matter: the machine is off. */
			(void)uefi_write_state(&fake.u, &to);
			fake.cut = false;
			(void)uefi_read_state(&fake.u, &got);
			if (!got.developer)
				continue;
			assert_true(got.dev_key_count == rows[i].from.dev_key_count ||
				    got.dev_key_count == rows[i].to.dev_key_count);
			assert_true(rows[i].from.developer || rows[i].to.developer);
			if (rows[i].to.developer)
				assert_true(got.dev_key_count >=
					    rows[i].from.dev_key_count);
			else
				assert_int_equal(got.dev_key_count,
						 rows[i].from.dev_key_count);
		}
}

static void test_planted_developer_mode_does_not_count(void **state)
{
	const uint8_t on[16] = { 1, 1 };
	const UINT32 wrong[] = { NV | BS | RT, BS, BS | RT };

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct platform_state got = { .developer = true };

		(void)set_up(state);
		plant(state_name, wrong[i], on, sizeof on);
		assert_int_equal(uefi_read_state(&fake.u, &got), LB_ERR_NOT_FOUND);
		assert_false(got.developer);
		assert_null(find(state_name));
		assert_non_null(strstr(fake.log, "LifeboatState is not ours"));
	}
}

/* They would be waiting for the day developer mode is switched on. */
static void test_planted_keys_are_deleted_without_developer_mode(void **state)
{
	static CHAR16 keys_name[] = L"LifeboatDevKeys";
	const uint8_t off[16] = { 1, 0 }, keys[32] = { 7 };

	for (unsigned with_state = 0; with_state < 2; with_state++) {
		struct platform_state got = { .dev_key_count = 3 };

		(void)set_up(state);
		if (with_state == 1)
			plant(state_name, NV | BS, off, sizeof off);
		plant(keys_name, NV | BS | RT, keys, sizeof keys);
		assert_int_equal(uefi_read_state(&fake.u, &got),
				 with_state == 1 ? LB_OK : LB_ERR_NOT_FOUND);
		assert_int_equal(got.dev_key_count, 0);
		assert_null(find(keys_name));
		assert_non_null(strstr(fake.log, "LifeboatDevKeys is not ours"));
	}
}

/* As if there were none, any self-signed kernel would do. */
static void test_damaged_keys_are_no_keys_at_all(void **state)
{
	static CHAR16 keys_name[] = L"LifeboatDevKeys";
	const uint8_t on[16] = { 1, 1 }, keys[33] = { 7 };
	struct platform_state got;

	(void)state;
	plant(state_name, NV | BS, on, sizeof on);
	plant(keys_name, NV | BS, keys, 32);
	assert_int_equal(uefi_read_state(&fake.u, &got), LB_OK);
	assert_int_equal(got.dev_key_count, 1);
	find(keys_name)->bytes = 33;
	assert_int_equal(uefi_read_state(&fake.u, &got), LB_ERR_RANGE);
}

static void test_request(void **state)
{
	uint8_t request = 0;
	const uint8_t one = 1;

	(void)state;
	assert_int_equal(uefi_take_request(&fake.u, &request), LB_ERR_NOT_FOUND);
	plant(request_name, NV | BS | RT, &one, 1);
	assert_int_equal(uefi_take_request(&fake.u, &request), LB_OK);
	assert_int_equal(request, 1);
	assert_int_equal(uefi_take_request(&fake.u, &request), LB_ERR_NOT_FOUND);

	/* One that cannot be deleted would ask again at every start. */
	request = 0;
	plant(request_name, NV | BS | RT, &one, 1);
	fake.keeps = true;
	assert_int_equal(uefi_take_request(&fake.u, &request), LB_ERR_IO);
	assert_int_equal(request, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_state, set_up),
		cmocka_unit_test_setup(test_write_is_read_back, set_up),
		cmocka_unit_test_setup(test_power_cut_while_changing, set_up),
		cmocka_unit_test_setup(test_planted_developer_mode_does_not_count,
				       set_up),
		cmocka_unit_test_setup(
			test_planted_keys_are_deleted_without_developer_mode, set_up),
		cmocka_unit_test_setup(test_damaged_keys_are_no_keys_at_all, set_up),
		cmocka_unit_test_setup(test_request, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

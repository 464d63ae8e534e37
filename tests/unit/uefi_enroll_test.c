/* The enrolment program's dialogue over a faked firmware: what it writes, in which order,
 * and where it stops. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/enroll/enroll.h"
#include "boot/uefi/cpu.h"

#define UPDATE_BYTES 40u
#define LIST_BYTES   60u
#define ATTRIBUTES   0x27u
#define NEVER        99u

static struct {
	EFI_RUNTIME_SERVICES rt;
	EFI_BOOT_SERVICES bs;
	struct uefi u;
	uint8_t update[ENROLL_VARIABLES][UPDATE_BYTES + LIST_BYTES];
	struct enroll_bundle bundle;
	bool there[ENROLL_VARIABLES]; /* holds the list of the bundle */
	bool secure_boot_unknown, setup;
	bool stays_in_setup; /* PK changes nothing */
	unsigned refuses;    /* this variable cannot be written */
	unsigned loses;      /* this one reads back empty */
	const char *types;   /* what the person types */
	uint64_t slept_ms;
	char said[8192];
	char written[16]; /* first letters of what was written, in order */
} fake;

/* --- what the program stands on ----------------------------------------------------- */

void uefi_show_text(void *ctx, const char *text)
{
	(void)ctx;
	strncat(fake.said, text, sizeof fake.said - strlen(fake.said) - 1);
}

void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)text;
	(void)len;
}

uint64_t uefi_cpu_ticks(void)
{
	return fake.slept_ms;
}

uint64_t uefi_cpu_ticks_per_ms(void)
{
	return 1;
}

static EFI_STATUS EFIAPI stall(UINTN us)
{
	fake.slept_ms += us / 1000;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_watchdog(UINTN seconds, UINT64 code, UINTN bytes,
				      CHAR16 *data)
{
	(void)seconds;
	(void)code;
	(void)bytes;
	(void)data;
	return EFI_SUCCESS;
}

enum lb_status uefi_read_key(void *ctx, struct platform_key *out)
{
	(void)ctx;
	if (*fake.types == '\0')
		return LB_ERR_NOT_FOUND;
	*out = (struct platform_key){ .unicode = (uint16_t)*fake.types++ };
	return LB_OK;
}

static bool is_name(const CHAR16 *name, const char *text)
{
	while (*text != '\0' && *name == (CHAR16)(unsigned char)*text)
		name++, text++;
	return *name == 0 && *text == '\0';
}

static unsigned which(const CHAR16 *name)
{
	for (unsigned i = 0; i < ENROLL_VARIABLES; i++)
		if (is_name(name, enroll_name(i)))
			return i;
	return NEVER;
}

static EFI_STATUS give(const void *data, size_t len, UINTN *bytes, void *out)
{
	const UINTN room = *bytes;

	*bytes = len;
	if (room < len)
		return EFI_BUFFER_TOO_SMALL;
	memcpy(out, data, len);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes,
			     UINTN *bytes, void *data)
{
	const unsigned i = which(name);
	const uint8_t setup = fake.setup, secure = !fake.setup;

	(void)vendor;
	(void)attributes;
	if (is_name(name, "SetupMode") && !fake.secure_boot_unknown)
		return give(&setup, 1, bytes, data);
	if (is_name(name, "SecureBoot") && !fake.secure_boot_unknown)
		return give(&secure, 1, bytes, data);
	if (i == NEVER || !fake.there[i] || i == fake.loses)
		return EFI_NOT_FOUND;
	return give(fake.update[i] + UPDATE_BYTES, LIST_BYTES, bytes, data);
}

static EFI_STATUS EFIAPI set(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes,
			     UINTN bytes, void *data)
{
	const EFI_GUID global = EFI_GLOBAL_VARIABLE;
	const unsigned i = which(name);

	assert_int_not_equal(i, NEVER);
	assert_int_equal(memcmp(vendor, &global, sizeof global) == 0, i != ENROLL_DB);
	assert_int_equal(attributes, ATTRIBUTES);
	assert_int_equal(bytes, UPDATE_BYTES + LIST_BYTES);
	assert_ptr_equal(data, fake.update[i]);
	if (i == fake.refuses)
		return EFI_SECURITY_VIOLATION;
	fake.written[strlen(fake.written)] = enroll_name(i)[0];
	fake.there[i] = true;
	if (i == ENROLL_PK && !fake.stays_in_setup)
		fake.setup = false;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI no_handles(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid,
				    void *key, UINTN *count, EFI_HANDLE **handles)
{
	(void)type;
	(void)guid;
	(void)key;
	(void)count;
	(void)handles;
	return EFI_NOT_FOUND;
}

static void set_up(const char *types)
{
	memset(&fake, 0, sizeof fake);
	fake.rt.GetVariable = get;
	fake.rt.SetVariable = set;
	fake.bs.LocateHandleBuffer = no_handles;
	fake.bs.Stall = stall;
	fake.bs.SetWatchdogTimer = set_watchdog;
	fake.u.rt = &fake.rt;
	fake.u.bs = &fake.bs;
	fake.setup = true;
	fake.refuses = fake.loses = NEVER;
	fake.types = types;
	for (unsigned i = 0; i < ENROLL_VARIABLES; i++) {
		uint8_t *list = fake.update[i] + UPDATE_BYTES;

		lb_put_le32(list + 16, LIST_BYTES);
		lb_put_le32(list + 24, 32);
		memset(list + 44, (int)i + 1, 16);
		fake.bundle.key[i] = (struct enroll_key){
			.update = fake.update[i],
			.update_bytes = UPDATE_BYTES + LIST_BYTES,
			.list = list,
			.list_bytes = LIST_BYTES,
			.count = 1,
		};
	}
}

/* --- tests -------------------------------------------------------------------------- */

static void test_all_is_written_in_order(void **state)
{
	(void)state;
	set_up("enrol\r");
	assert_true(enroll_run(&fake.u, &fake.bundle));
	assert_string_equal(fake.written, "dKP");
	assert_non_null(strstr(fake.said, "Done. Secure Boot is on from the next start"));
}

static const struct {
	const char *name, *types;
} noes[] = {
	{ "nobody there", "" },
	{ "half the word", "enr" },
	{ "the word without Enter", "enrol" },
	{ "another word", "risk\r" },
	{ "the word, then another key", "enrolx\r" },
	{ "Enter alone", "\r" },
	{ "a yes", "y\r" },
};

static void test_nothing_without_the_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof noes / sizeof noes[0]; i++) {
		print_message("row: %s\n", noes[i].name);
		set_up(noes[i].types);
		assert_false(enroll_run(&fake.u, &fake.bundle));
		assert_string_equal(fake.written, "");
		assert_non_null(strstr(fake.said, "Nothing was changed"));
		assert_true(fake.slept_ms <= 310000);
	}
}

/* The first failure is the last write: never PK without the keys it is to guard. */
static void test_a_write_that_fails(void **state)
{
	static const char *const before[ENROLL_VARIABLES] = { "", "d", "dK" };

	(void)state;
	for (unsigned i = 0; i < ENROLL_VARIABLES; i++) {
		print_message("row: %s is refused\n", enroll_name(i));
		set_up("enrol\r");
		fake.refuses = i;
		assert_false(enroll_run(&fake.u, &fake.bundle));
		assert_string_equal(fake.written, before[i]);
		assert_non_null(strstr(fake.said, "still in Setup Mode"));
	}
}

static void test_a_write_that_is_lost(void **state)
{
	static const char *const before[ENROLL_VARIABLES] = { "d", "dK", "dKP" };

	(void)state;
	for (unsigned i = 0; i < ENROLL_VARIABLES; i++) {
		print_message("row: %s reads back as nothing\n", enroll_name(i));
		set_up("enrol\r");
		fake.loses = i;
		assert_false(enroll_run(&fake.u, &fake.bundle));
		assert_string_equal(fake.written, before[i]);
		assert_null(strstr(fake.said, "Done."));
	}
}

static void test_platform_key_that_changes_nothing(void **state)
{
	(void)state;
	set_up("enrol\r");
	fake.stays_in_setup = true;
	assert_false(enroll_run(&fake.u, &fake.bundle));
	assert_null(strstr(fake.said, "Done."));
}

static void test_machines_that_are_left_alone(void **state)
{
	(void)state;
	set_up("enrol\r");
	fake.setup = false;
	assert_false(enroll_run(&fake.u, &fake.bundle));
	assert_non_null(strstr(fake.said, "has a platform key already"));
	assert_string_equal(fake.written, "");

	set_up("enrol\r");
	fake.setup = false;
	fake.there[ENROLL_DB] = fake.there[ENROLL_KEK] = fake.there[ENROLL_PK] = true;
	assert_false(enroll_run(&fake.u, &fake.bundle));
	assert_non_null(strstr(fake.said, "in this machine already; Secure Boot is on"));
	assert_string_equal(fake.written, "");

	set_up("enrol\r");
	fake.secure_boot_unknown = true;
	assert_false(enroll_run(&fake.u, &fake.bundle));
	assert_non_null(strstr(fake.said, "has no Secure Boot"));
	assert_string_equal(fake.written, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_written_in_order),
		cmocka_unit_test(test_nothing_without_the_word),
		cmocka_unit_test(test_a_write_that_fails),
		cmocka_unit_test(test_a_write_that_is_lost),
		cmocka_unit_test(test_platform_key_that_changes_nothing),
		cmocka_unit_test(test_machines_that_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

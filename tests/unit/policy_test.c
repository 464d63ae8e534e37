/* Who may have signed what: profile x mode x Secure Boot x enrolled keys to the policy,
 * and with it which kernels the verifier then takes; two tables, made by hand from DESIGN
 * 5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "boot/judge/policy.h"
#include "tests/host/host_platform.h"
#include "tests/host/signed_kernel.h"

#define KERNEL_FLOOR   0x10003u
#define RECOVERY_FLOOR 0x10005u

static struct test_key kernel_key, recovery_key, data_key, dev_key, stranger;

static struct crypto_key parsed(const struct test_key *key)
{
	struct crypto_key out;

	assert_int_equal(crypto_key_parse(key->packed, key->packed_bytes, 0, &out),
			 LB_OK);
	return out;
}

static struct profile profile_with(enum profile_developer_mode developer)
{
	return (struct profile){ .kernel_key = parsed(&kernel_key),
				 .recovery_key = parsed(&recovery_key),
				 .developer_mode = developer };
}

static struct crypto_policy policy(enum crypto_mode mode,
				   enum profile_developer_mode developer,
				   bool secure_boot, size_t enrolled)
{
	const struct profile profile = profile_with(developer);
	const struct platform_machine machine = { .secure_boot = secure_boot };
	const struct platform_floors floors = { KERNEL_FLOOR, RECOVERY_FLOOR, 0 };
	struct platform_state state = { .developer = mode == CRYPTO_MODE_DEVELOPER,
					.dev_key_count = (uint8_t)enrolled };
	const struct crypto_key key = parsed(&dev_key);

	for (size_t i = 0; i < enrolled; i++)
		memset(state.dev_key[i], (int)(0x30 + i), sizeof state.dev_key[i]);
	if (enrolled > 0)
		crypto_key_id(&key, state.dev_key[enrolled - 1]);
	return boot_policy_make(mode, &profile, &state, &machine, &floors);
}

/* --- the policy itself -------------------------------------------------------------- */

#define FORBIDDEN PROFILE_DEVELOPER_FORBIDDEN
#define ALLOWED   PROFILE_DEVELOPER_ALLOWED
#define WITH_SB   PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT

static const struct {
	enum profile_developer_mode profile;
	bool secure_boot;
	size_t enrolled;
	bool self_signed; /* in developer mode; never in the others */
} developer_rows[] = {
	/* The profile forbids the mode: not even if it were entered. */
	{ FORBIDDEN, false, 0, false },
	{ FORBIDDEN, false, 1, false },
	{ FORBIDDEN, true, 0, false },
	{ FORBIDDEN, true, 1, false },
	/* Allowed: under Secure Boot only with an enrolled key. */
	{ ALLOWED, false, 0, true },
	{ ALLOWED, false, 1, true },
	{ ALLOWED, false, 4, true },
	{ ALLOWED, true, 0, false },
	{ ALLOWED, true, 1, true },
	{ ALLOWED, true, 4, true },
	{ WITH_SB, false, 0, true },
	{ WITH_SB, false, 4, true },
	{ WITH_SB, true, 0, true },
	{ WITH_SB, true, 1, true },
};

static void test_policies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof developer_rows / sizeof developer_rows[0]; i++) {
		for (unsigned int m = 0; m < CRYPTO_MODES; m++) {
			const enum crypto_mode mode = (enum crypto_mode)m;
			const bool recovery = mode == CRYPTO_MODE_RECOVERY;
			const bool developer = mode == CRYPTO_MODE_DEVELOPER;
			const struct crypto_policy p =
				policy(mode, developer_rows[i].profile,
				       developer_rows[i].secure_boot,
				       developer_rows[i].enrolled);

			assert_int_equal(p.mode, mode);
			assert_int_equal(p.floor,
					 recovery ? RECOVERY_FLOOR : KERNEL_FLOOR);
			/* The recovery key in recovery, always and only. */
			assert_ptr_equal(
				p.key.data,
				parsed(recovery ? &recovery_key : &kernel_key).data);
			assert_int_equal(p.self_signed_allowed,
					 developer && developer_rows[i].self_signed);
			assert_int_equal(p.dev_key_count,
					 developer ? developer_rows[i].enrolled : 0);
		}
	}
}

static void test_what_profiles_allow(void **state)
{
	const struct profile forbidden = profile_with(FORBIDDEN),
			     allowed = profile_with(ALLOWED),
			     with_sb = profile_with(WITH_SB);

	(void)state;
	assert_false(boot_developer_allowed(&forbidden));
	assert_true(boot_developer_allowed(&allowed));
	assert_true(boot_developer_allowed(&with_sb));
}

/* A store that says more keys than there can be. */
static void test_too_many_stored_keys(void **state)
{
	const struct profile profile = profile_with(ALLOWED);
	const struct platform_machine machine = { 0 };
	const struct platform_floors floors = { 0 };
	const struct platform_state stored = { .dev_key_count = 200 };

	(void)state;
	assert_int_equal(boot_policy_make(CRYPTO_MODE_DEVELOPER, &profile, &stored,
					  &machine, &floors)
				 .dev_key_count,
			 CRYPTO_MAX_DEV_KEYS);
}

/* --- with the verifier -------------------------------------------------------------- */

#define REC_ONLY       27u /* REC1, DEV0 and DEV1, MINIOS0 */
#define NORMAL         23u /* REC0, DEV0 and DEV1, MINIOS0 */
#define NORMAL_NOT_DEV 21u

enum signer { BY_KERNEL_KEY, BY_RECOVERY_KEY, BY_STRANGER, BY_ITSELF, BY_ENROLLED };

/* One column a kernel, one row a situation. */
static const struct {
	const char *name;
	enum signer signer;
	uint32_t flags;
	uint16_t version;
} kernels[] = {
	{ "official", BY_KERNEL_KEY, NORMAL, 5 },
	{ "official, not for developer mode", BY_KERNEL_KEY, NORMAL_NOT_DEV, 5 },
	{ "official, too old", BY_KERNEL_KEY, NORMAL, 2 },
	{ "recovery", BY_RECOVERY_KEY, REC_ONLY, 5 },
	{ "recovery, too old", BY_RECOVERY_KEY, REC_ONLY, 4 },
	{ "recovery flags by the kernel key", BY_KERNEL_KEY, REC_ONLY, 5 },
	{ "normal flags by the recovery key", BY_RECOVERY_KEY, NORMAL, 5 },
	{ "stranger's", BY_STRANGER, NORMAL, 5 },
	{ "stranger's recovery", BY_STRANGER, REC_ONLY, 5 },
	{ "self-signed", BY_ITSELF, NORMAL, 5 },
	{ "self-signed recovery flags", BY_ITSELF, REC_ONLY, 5 },
	{ "self-signed, below every floor", BY_ITSELF, NORMAL, 0 },
	{ "self-signed with the enrolled key", BY_ENROLLED, NORMAL, 5 },
};

enum { KERNELS = sizeof kernels / sizeof kernels[0] };

#define OK_  LB_REASON_OK
#define OLD  LB_REASON_VERSION_TOO_OLD
#define WHO  LB_REASON_KEY_UNKNOWN
#define FLAG LB_REASON_KEYBLOCK_FLAGS
#define SELF LB_REASON_SELF_SIGNED
#define DEVK LB_REASON_DEV_KEY_UNKNOWN

#define N CRYPTO_MODE_NORMAL
#define D CRYPTO_MODE_DEVELOPER
#define R CRYPTO_MODE_RECOVERY

/* clang-format off */
static const struct {
	enum crypto_mode mode;
	enum profile_developer_mode profile;
	bool secure_boot;
	size_t enrolled;
	enum lb_reason want[KERNELS];
} rows[] = {
/*                           off   !dev  old   rec   r.old k/rec r/nor str   s.rec self  s.flg s.old enrolled */
{ N, FORBIDDEN, false, 0, { OK_ , OK_ , OLD , WHO , WHO , FLAG, WHO , WHO , WHO , SELF, SELF, SELF, SELF } },
{ N, FORBIDDEN, true,  0, { OK_ , OK_ , OLD , WHO , WHO , FLAG, WHO , WHO , WHO , SELF, SELF, SELF, SELF } },
{ N, WITH_SB,   false, 1, { OK_ , OK_ , OLD , WHO , WHO , FLAG, WHO , WHO , WHO , SELF, SELF, SELF, SELF } },
{ N, WITH_SB,   true,  1, { OK_ , OK_ , OLD , WHO , WHO , FLAG, WHO , WHO , WHO , SELF, SELF, SELF, SELF } },
{ D, FORBIDDEN, false, 0, { OK_ , FLAG, OLD , WHO , WHO , FLAG, WHO , WHO , WHO , SELF, SELF, SELF, SELF } },
{ D, ALLOWED,   false, 0, { OK_ , FLAG, OLD , OK_ , OK_ , FLAG, OK_ , OK_ , OK_ , OK_ , OK_ , OK_ , OK_ } },
{ D, ALLOWED,   false, 1, { OK_ , FLAG, OLD , DEVK, DEVK, FLAG, DEVK, DEVK, DEVK, DEVK, DEVK, DEVK, OK_ } },
{ D, ALLOWED,   true,  0, { OK_ , FLAG, OLD , WHO , WHO , FLAG, WHO , WHO , WHO , SELF, SELF, SELF, SELF } },
{ D, ALLOWED,   true,  1, { OK_ , FLAG, OLD , DEVK, DEVK, FLAG, DEVK, DEVK, DEVK, DEVK, DEVK, DEVK, OK_ } },
{ D, WITH_SB,   true,  0, { OK_ , FLAG, OLD , OK_ , OK_ , FLAG, OK_ , OK_ , OK_ , OK_ , OK_ , OK_ , OK_ } },
{ D, WITH_SB,   true,  1, { OK_ , FLAG, OLD , DEVK, DEVK, FLAG, DEVK, DEVK, DEVK, DEVK, DEVK, DEVK, OK_ } },
{ R, FORBIDDEN, false, 0, { WHO , WHO , WHO , OK_ , OLD , WHO , FLAG, WHO , WHO , SELF, SELF, SELF, SELF } },
{ R, FORBIDDEN, true,  0, { WHO , WHO , WHO , OK_ , OLD , WHO , FLAG, WHO , WHO , SELF, SELF, SELF, SELF } },
{ R, WITH_SB,   false, 1, { WHO , WHO , WHO , OK_ , OLD , WHO , FLAG, WHO , WHO , SELF, SELF, SELF, SELF } },
{ R, WITH_SB,   true,  1, { WHO , WHO , WHO , OK_ , OLD , WHO , FLAG, WHO , WHO , SELF, SELF, SELF, SELF } },
};
/* clang-format on */

static uint8_t *made[KERNELS];
static size_t made_bytes[KERNELS];

static void make_kernels(void)
{
	static const struct test_key *const signers[] = { &kernel_key, &recovery_key,
							  &stranger, NULL, NULL };

	for (size_t i = 0; i < KERNELS; i++) {
		const struct test_kernel k = {
			.signer = signers[kernels[i].signer],
			.data = kernels[i].signer == BY_ENROLLED ? &dev_key : &data_key,
			.flags = kernels[i].flags,
			.version = kernels[i].version,
			.mark = 'k',
		};

		made[i] = test_kernel_make(&k, &made_bytes[i]);
	}
}

static void test_whole_matrix(void **state)
{
	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
		const struct crypto_policy p =
			policy(rows[r].mode, rows[r].profile, rows[r].secure_boot,
			       rows[r].enrolled);

		for (size_t k = 0; k < KERNELS; k++) {
			struct crypto_headers headers;
			struct lb_verdict why;
			const enum lb_reason reason =
				crypto_headers_verify(&p, made[k], CRYPTO_HEAD_BYTES,
						      made_bytes[k], &headers, &why);

			if (reason != rows[r].want[k])
				fail_msg("row %zu, %s: %s, not %s", r, kernels[k].name,
					 lb_reason_name(reason),
					 lb_reason_name(rows[r].want[k]));
		}
	}
}

/* What may start from a stick, by what was allowed before and what a person said. */
static void test_stick_start(void **state)
{
	static const struct {
		const char *name;
		bool allowed, given;
		size_t enrolled, want_keys;
		bool want_allowed;
	} starts[] = {
		{ "asked, and yes", true, true, 0, 1, true },
		{ "asked, and no", true, false, 0, 1, false },
		{ "not allowed: nobody's yes counts", false, true, 0, 1, false },
		{ "an enrolled key: theirs only", true, true, 1, 1, true },
		{ "two of them", true, false, 2, 2, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		struct crypto_policy p = { .mode = CRYPTO_MODE_DEVELOPER,
					   .self_signed_allowed = starts[i].allowed,
					   .dev_key_count = starts[i].enrolled };
		struct boot_consent consent = { .given = starts[i].given };

		print_message("%s\n", starts[i].name);
		memset(p.dev_key_id, 0xee, sizeof p.dev_key_id);
		memset(consent.key_id, 0xcc, sizeof consent.key_id);
		boot_policy_for_stick_start(&p, &consent);
		assert_int_equal(p.self_signed_allowed, starts[i].want_allowed);
		assert_int_equal(p.dev_key_count, starts[i].want_keys);
		assert_int_equal(p.dev_key_id[0][0],
				 starts[i].enrolled > 0 ? 0xee : 0xcc);
		assert_int_equal(p.dev_key_id[0][CRYPTO_KEY_ID_BYTES - 1],
				 starts[i].enrolled > 0 ? 0xee : 0xcc);
	}
}

static int set_up(void **state)
{
	(void)state;
	test_key_make(&kernel_key, 1);
	test_key_make(&recovery_key, 1);
	test_key_make(&data_key, 1);
	test_key_make(&dev_key, 1);
	test_key_make(&stranger, 1);
	make_kernels();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < KERNELS; i++)
		free(made[i]);
	test_key_free(&kernel_key);
	test_key_free(&recovery_key);
	test_key_free(&data_key);
	test_key_free(&dev_key);
	test_key_free(&stranger);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_what_profiles_allow),
		cmocka_unit_test(test_too_many_stored_keys),
		cmocka_unit_test(test_whole_matrix),
		cmocka_unit_test(test_stick_start),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

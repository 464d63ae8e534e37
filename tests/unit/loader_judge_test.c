/* Which loaders the recovery program would put into a device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "recovery/installer/loader_judge.h"
#include "recovery/installer/signature_db.h"
#include "tests/host/boot_rig.h"
#include "tests/host/test_pe.h"

#define X86          0x8664
#define PROFILE_AT   2048u
#define SIGNED_AT    8192u
#define SIGNED_BYTES 96u
#define LIST_HEAD    28u

/* A certificate's outline: serial number 1, a holder's name, and where other fields are,
 * the id of its key. */
static const uint8_t certificate[] = { 0x30, 49,   0x30, 47,  0x02, 1,  1,    0x30, 0,
				       0x30, 0,    0x30, 0,   0x30, 7,  0x31, 5,    0x30,
				       3,    0x06, 1,    'C', 0x06, 3,  0x55, 0x1d, 0x0e,
				       0x04, 22,   0x04, 20,  1,    2,  3,    4,    5,
				       6,    7,    8,    9,   10,   11, 12,   13,   14,
				       15,   16,   17,   18,  19,   20 };
#define KEY_ID_AT     (sizeof certificate - 20)
#define SUBJECT_AT    13u
#define SUBJECT_BYTES 9u

static struct boot_rig rig;
static uint8_t file[TEST_PE_BYTES];
static struct told told;

/* A loader as the rig's profile has it; gives its length. */
static size_t make_loader(bool signed_too)
{
	static const struct test_section section = { ".lbprof", "" };

	rig_profile(&rig);
	(void)test_pe_make(file, X86, &section, 1);
	lb_put_le32(file + TEST_PE_SECTIONS + 16, (uint32_t)sizeof rig.profile);
	lb_put_le32(file + TEST_PE_SECTIONS + 20, PROFILE_AT);
	memcpy(file + PROFILE_AT, rig.profile, rig.profile_bytes);
	if (!signed_too)
		return SIGNED_AT;
	lb_put_le32(file + TEST_PE_OPTIONAL + 144, SIGNED_AT);
	lb_put_le32(file + TEST_PE_OPTIONAL + 148, SIGNED_BYTES);
	memcpy(file + SIGNED_AT + 16, certificate, sizeof certificate);
	return SIGNED_AT + SIGNED_BYTES;
}

static void id_of(const struct test_key *key, uint8_t id[CRYPTO_KEY_ID_BYTES])
{
	struct crypto_key parsed;

	assert_int_equal(crypto_key_parse(key->packed, key->packed_bytes, 0, &parsed),
			 LB_OK);
	crypto_key_id(&parsed, id);
}

/* As the loader that runs would say it of the rig's profile. */
static void tell(void)
{
	told = (struct told){ .model = "rig",
			      .keyboard = rig.keyboard,
			      .serial = rig.serial,
			      .limits = { .known = true,
					  .developer_mode = rig.developer,
					  .recovery_floor = rig.recovery_floor } };
	id_of(&rig.keys->kernel, told.kernel_key);
	id_of(&rig.keys->recovery, told.recovery_key);
}

static int begin(void **state)
{
	(void)state;
	rig_init(&rig, GPT_ORDER_ATTEMPTS_FIRST);
	rig.developer = PROFILE_DEVELOPER_ALLOWED;
	rig.serial = PROFILE_SERIAL_RECOVERY;
	rig.keyboard = PROFILE_KEYBOARD_RECOVERY;
	rig.recovery_floor = 5;
	rig.generation = 3;
	tell();
	return 0;
}

static int end(void **state)
{
	(void)state;
	return rig_release(&rig) == 0 ? 0 : -1;
}

static const char *judge(const struct loader_firmware *firmware, size_t len)
{
	return loader_judge(file, len, &told, PLATFORM_CPU_X86_64, firmware, 3);
}

/* Each row changes one thing; what is looser is refused, what is stricter is not. */
static void test_nothing_is_loosened(void **state)
{
	static const struct {
		const char *name;
		enum profile_developer_mode developer;
		enum profile_serial_input serial;
		enum profile_keyboard_input keyboard;
		uint32_t floor, generation;
		const char *want; /* in the reason; NULL: taken */
	} rows[] = {
		{ "the same", 1, 0, 1, 5, 3, NULL },
		{ "stricter", 0, 2, 2, 6, 4, NULL },
		{ "developer mode", 2, 0, 1, 5, 3, "developers" },
		{ "recovery floor", 1, 0, 1, 4, 3, "recovery floor" },
		{ "keyboards", 1, 0, 0, 5, 3, "keyboards" },
		{ "serial line", 1, 1, 1, 5, 3, "serial line" },
		{ "generation", 1, 0, 1, 5, 2, "older generation" },
	};
	const struct loader_firmware firmware = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		rig.developer = rows[i].developer;
		rig.serial = rows[i].serial;
		rig.keyboard = rows[i].keyboard;
		rig.recovery_floor = rows[i].floor;
		rig.generation = rows[i].generation;
		const char *wrong = judge(&firmware, make_loader(false));

		if (rows[i].want == NULL
			    ? wrong != NULL
			    : wrong == NULL || strstr(wrong, rows[i].want) == NULL)
			fail_msg("%s: %s", rows[i].name, wrong != NULL ? wrong : "taken");
	}
}

static void test_of_a_serial_line_that_did_nothing(void **state)
{
	const struct loader_firmware firmware = { 0 };

	(void)state;
	told.serial = PROFILE_SERIAL_NONE;
	assert_non_null(judge(&firmware, make_loader(false)));
	rig.serial = PROFILE_SERIAL_NONE;
	assert_null(judge(&firmware, make_loader(false)));
}

/* A second profile for the same model counts as much as the first. */
static void test_every_profile_of_the_model(void **state)
{
	const struct loader_firmware firmware = { 0 };
	uint8_t *p = file + PROFILE_AT;

	(void)state;
	const size_t len = make_loader(false);
	const size_t one = rig.profile_bytes - PROFILE_HEADER_BYTES;

	rig.developer = PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT;
	rig_profile(&rig);
	memset(p + PROFILE_HEADER_BYTES + one, 0, 8); /* "the next one" */
	memcpy(p + PROFILE_HEADER_BYTES + one + 8, rig.profile + PROFILE_HEADER_BYTES,
	       one);
	lb_put_le32(p + 8, (uint32_t)(PROFILE_HEADER_BYTES + 2 * one + 8));
	lb_put_le32(p + 12, 0);
	lb_put_le32(p + 12, lb_crc32(0, p, PROFILE_HEADER_BYTES + 2 * one + 8));
	const char *wrong = judge(&firmware, len);

	assert_non_null(wrong);
	assert_non_null(strstr(wrong, "developers"));
}

static void test_other_refusals(void **state)
{
	const struct loader_firmware firmware = { 0 };
	const size_t len = make_loader(false);

	(void)state;
	assert_null(judge(&firmware, len));
	told.limits.has_ca = true;
	assert_non_null(strstr(judge(&firmware, len), "CA"));
	told.limits.has_ca = false;
	told.limits.known = false;
	assert_non_null(strstr(judge(&firmware, len), "limits"));
	told.limits.known = true;
	told.kernel_key[0] ^= 1;
	assert_non_null(strstr(judge(&firmware, len), "kernel key"));
	told.kernel_key[0] ^= 1;
	told.recovery_key[0] ^= 1;
	assert_non_null(strstr(judge(&firmware, len), "recovery key"));
	told.recovery_key[0] ^= 1;
	snprintf(told.model, sizeof told.model, "other");
	assert_non_null(strstr(judge(&firmware, len), "model"));
	snprintf(told.model, sizeof told.model, "rig");
	assert_non_null(
		strstr(loader_judge(file, len, &told, PLATFORM_CPU_AARCH64, &firmware, 3),
		       "processor"));
	file[PROFILE_AT + 20] ^= 1;
	assert_non_null(strstr(judge(&firmware, len), "valid profile"));
	memcpy(file + TEST_PE_SECTIONS, ".other\0", 8);
	assert_non_null(strstr(judge(&firmware, len), "valid profile"));
	assert_non_null(judge(&firmware, 100));
}

/* --- Secure Boot -------------------------------------------------------------------- */

static const uint8_t x509[] = { 0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a,
				0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72 };
static const uint8_t sha256[] = { 0x26, 0x16, 0xc4, 0xc1, 0x4c, 0x50, 0x92, 0x40,
				  0xac, 0xa9, 0x41, 0xf9, 0x36, 0x93, 0x43, 0x28 };

/* A list with one signature; gives its length. */
static size_t make_list(uint8_t *out, const uint8_t type[16], const uint8_t *data,
			size_t len)
{
	memset(out, 0, LIST_HEAD + 16);
	memcpy(out, type, 16);
	lb_put_le32(out + 16, (uint32_t)(LIST_HEAD + 16 + len));
	lb_put_le32(out + 24, (uint32_t)(16 + len));
	memcpy(out + LIST_HEAD + 16, data, len);
	return LIST_HEAD + 16 + len;
}

static void test_secure_boot(void **state)
{
	uint8_t list[256], other[sizeof certificate];
	struct loader_firmware firmware = { .secure_boot = true, .db = list };

	(void)state;
	memcpy(other, certificate, sizeof other);
	other[KEY_ID_AT - 10] = 'D';
	firmware.db_bytes = make_list(list, x509, certificate, sizeof certificate);
	assert_non_null(strstr(judge(&firmware, make_loader(false)), "without a sig"));
	assert_null(judge(&firmware, make_loader(true)));
	firmware.dbx = list;
	firmware.dbx_bytes = firmware.db_bytes;
	assert_non_null(strstr(judge(&firmware, make_loader(true)), "dbx"));
	firmware.dbx = NULL;
	/* The second of two lists. */
	const size_t first = make_list(list, x509, other, sizeof other);

	firmware.db_bytes = first;
	assert_non_null(strstr(judge(&firmware, make_loader(true)), "does not know"));
	firmware.db_bytes +=
		make_list(list + first, x509, certificate, sizeof certificate);
	assert_null(judge(&firmware, make_loader(true)));
	firmware.db = NULL;
	assert_non_null(strstr(judge(&firmware, make_loader(true)), "cannot be read"));
}

/* What db has may have issued the certificate in the signature: by its name and key. */
static void test_issued(void **state)
{
	uint8_t list[256];
	const struct loader_firmware firmware = {
		.secure_boot = true,
		.db = list,
		.db_bytes = make_list(list, x509, certificate, sizeof certificate)
	};
	const size_t len = make_loader(true);
	uint8_t *in = file + SIGNED_AT + 16;

	(void)state;
	memset(in, 0, sizeof certificate);
	memcpy(in, certificate + SUBJECT_AT, SUBJECT_BYTES);
	assert_non_null(judge(&firmware, len)); /* the name alone */
	in[20] = 0x80;
	in[21] = 20;
	memcpy(in + 22, certificate + KEY_ID_AT, 20);
	assert_null(judge(&firmware, len));
	in[41] ^= 1; /* the same name, another key */
	assert_non_null(judge(&firmware, len));
	in[41] ^= 1;
	in[8] ^= 1;
	assert_non_null(judge(&firmware, len));
}

/* Every cut, and every bit of the sizes: no byte outside is read (sanitizers), and what
 * is cut names nothing. */
static void test_malformed_lists(void **state)
{
	uint8_t list[256];
	struct lb_verdict why;
	struct kernel_pe pe;
	size_t bytes;
	const size_t len = make_loader(true);
	const struct signature_db_image image = { file, len, &pe };
	const size_t whole = make_list(list, x509, certificate, sizeof certificate);

	(void)state;
	assert_int_equal(kernel_pe_parse(file, len, &pe, &why), LB_REASON_OK);
	for (size_t n = 0; n < whole; n++) {
		uint8_t *exact = malloc(n > 0 ? n : 1);

		memcpy(exact, list, n);
		assert_false(signature_db_names(&image, exact, n));
		free(exact);
	}
	for (size_t n = 0; n < sizeof certificate; n++) {
		uint8_t *exact = malloc(n > 0 ? n : 1);

		memcpy(exact, certificate, n);
		assert_null(signature_db_subject(exact, n, &bytes));
		free(exact);
	}
	for (size_t bit = 16 * 8; bit < (LIST_HEAD + 16 + 4) * 8; bit++) {
		uint8_t *exact = malloc(whole);

		memcpy(exact, list, whole);
		exact[bit / 8] ^= (uint8_t)(1 << bit % 8);
		(void)signature_db_names(&image, exact, whole);
		free(exact);
	}
}

/* The digest of an image with zeros in the places that do not count is its plain one. */
static void test_digests(void **state)
{
	uint8_t list[256], sum[CRYPTO_MAX_DIGEST_BYTES], plain[SIGNED_AT];
	const struct loader_firmware firmware = { .secure_boot = true,
						  .db = list,
						  .db_bytes = LIST_HEAD + 48 };
	const size_t len = make_loader(false);
	size_t kept = 0;

	(void)state;
	for (size_t i = 0; i < len; i++)
		if (!(i >= TEST_PE_OPTIONAL + 64 && i < TEST_PE_OPTIONAL + 68) &&
		    !(i >= TEST_PE_OPTIONAL + 144 && i < TEST_PE_OPTIONAL + 152))
			plain[kept++] = file[i];
	crypto_digest_once(CRYPTO_SHA256, plain, kept, sum);
	(void)make_list(list, sha256, sum, 32);
	assert_null(judge(&firmware, len));
	lb_put_le32(file + TEST_PE_OPTIONAL + 64, 0x12345678); /* the checksum */
	assert_null(judge(&firmware, len));
	assert_null(judge(&firmware, make_loader(true)));
	file[PROFILE_AT - 1] ^= 1;
	assert_non_null(judge(&firmware, SIGNED_AT + SIGNED_BYTES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_is_loosened, begin, end),
		cmocka_unit_test_setup_teardown(test_of_a_serial_line_that_did_nothing,
						begin, end),
		cmocka_unit_test_setup_teardown(test_every_profile_of_the_model, begin,
						end),
		cmocka_unit_test_setup_teardown(test_other_refusals, begin, end),
		cmocka_unit_test_setup_teardown(test_secure_boot, begin, end),
		cmocka_unit_test_setup_teardown(test_issued, begin, end),
		cmocka_unit_test_setup_teardown(test_malformed_lists, begin, end),
		cmocka_unit_test_setup_teardown(test_digests, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Hand-over values on a command line: said, read, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/handover.h"
#include "boot/kernel/told_words.h"

static void test_spelling(void **state)
{
	char words[256] = "";

	(void)state;
	assert_true(kernel_told_prepend(words, sizeof words, "Mode", "normal"));
	assert_true(kernel_told_prepend(words, sizeof words, "HardwareId",
					"A\"b $%U\xc3\xa9"));
	assert_string_equal(words, "lifeboat.hardware-id=A%22b%20%24%25U%C3%A9 "
				   "lifeboat.mode=normal");
	assert_string_equal(kernel_told_drop(words), "lifeboat.mode=normal");
	assert_string_equal(kernel_told_drop(kernel_told_drop(words)), "");
	assert_string_equal(kernel_told_drop(""), "");
}

/* "lifeboat.mode=normal" and a NUL are 21 bytes; one more word takes a space as well. */
static void test_room(void **state)
{
	char words[64] = "";

	(void)state;
	assert_false(kernel_told_prepend(words, 20, "Mode", "normal"));
	assert_string_equal(words, "");
	assert_true(kernel_told_prepend(words, 21, "Mode", "normal"));
	assert_false(kernel_told_prepend(words, 39, "Slot", "A 1"));
	assert_string_equal(words, "lifeboat.mode=normal");
	assert_true(kernel_told_prepend(words, 40 + 2, "Slot", "A 1"));
	assert_string_equal(words, "lifeboat.slot=A%201 lifeboat.mode=normal");
}

static void test_every_value_comes_back(void **state)
{
	char value[LB_HANDOVER_VALUE_BYTES], back[LB_HANDOVER_VALUE_BYTES];
	char words[1024] = "";

	(void)state;
	for (unsigned int i = 1; i < 256; i++)
		value[i - 1] = (char)i;
	value[255] = '\0';
	assert_true(kernel_told_prepend(words, sizeof words, "Model", value));
	for (const char *c = words; *c != '\0'; c++)
		assert_true(*c > 0x20 && *c < 0x7f && *c != '"');
	assert_int_equal(kernel_told_find(words, "Model", back, sizeof back), LB_OK);
	assert_string_equal(back, value);
	assert_int_equal(kernel_told_find(words, "Model", back, 256), LB_OK);
	assert_int_equal(kernel_told_find(words, "Model", back, 255), LB_ERR_RANGE);
}

static void test_finding(void **state)
{
	static const struct {
		const char *cmdline;
		enum lb_status want;
		const char *value;
	} rows[] = {
		{ "", LB_ERR_NOT_FOUND, "" },
		{ "quiet lifeboat.hardware-id=x%20y ro", LB_OK, "x y" },
		{ "lifeboat.hardware_id=x", LB_OK, "x" }, /* Linux folds them */
		{ "lifeboat.hardware-id=", LB_OK, "" },
		{ "lifeboat.hardware-id", LB_ERR_RANGE, "" },
		{ "lifeboat.hardware-id=a lifeboat.hardware-id=a", LB_ERR_DUPLICATE, "" },
		{ "lifeboat.hardware-ids=a", LB_ERR_NOT_FOUND, "" },
		{ "xlifeboat.hardware-id=a", LB_ERR_NOT_FOUND, "" },
		{ "quiet -- lifeboat.hardware-id=a", LB_ERR_NOT_FOUND, "" },
		{ "lifeboat.hardware-id=\"a b\"", LB_ERR_RANGE, "" },
		{ "lifeboat.hardware-id=%", LB_ERR_RANGE, "" },
		{ "lifeboat.hardware-id=%2", LB_ERR_RANGE, "" },
		{ "lifeboat.hardware-id=%2g", LB_ERR_RANGE, "" },
		{ "lifeboat.hardware-id=%00", LB_ERR_RANGE, "" },
		{ "lifeboat.hardware-id=%41", LB_ERR_RANGE, "" }, /* a plain A */
		{ "lifeboat.hardware-id=%c3%a9", LB_ERR_RANGE, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char value[16] = "";
		const enum lb_status status = kernel_told_find(
			rows[i].cmdline, "HardwareId", value, sizeof value);

		if (status != rows[i].want)
			fail_msg("%s: %s", rows[i].cmdline, lb_status_name(status));
		if (status == LB_OK)
			assert_string_equal(value, rows[i].value);
	}
}

static void test_reserved(void **state)
{
	static const struct {
		const char *text;
		int at; /* -1: not */
	} rows[] = {
		{ "", -1 },
		{ "quiet", -1 },
		{ "lifeboat.", -1 },
		{ "lifeboat.recovery-floor=7 lifeboat.no-pull", -1 },
		{ "lifeboat.mode=normal", 0 },
		{ "quiet lifeboat.mode", 6 },
		{ "quiet \"lifeboat.mode=normal\"", 7 },
		{ "init=/x -- lifeboat.slot=A", 11 },
		{ "a=lifeboat.hardware_id=x", 2 },
		{ "lifeboat.models=x", -1 },
		{ "lifeboat.watchdog-died=1", 0 },
		{ "lifeboat.x lifeboat.keys", 11 },
	};
	size_t at;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const bool is = kernel_told_reserved((const uint8_t *)rows[i].text,
						     strlen(rows[i].text), &at);

		if (is != (rows[i].at >= 0) || (is && at != (size_t)rows[i].at))
			fail_msg("%s", rows[i].text);
	}
	assert_false(kernel_told_reserved((const uint8_t *)"a\0lifeboat.mode", 15, &at));
}

/* Whatever a reader would take for the loader's word is refused when signed. */
static void test_all_names_are_reserved(void **state)
{
	(void)state;
	for (size_t i = 0; i < LB_HANDOVER_NAMES; i++) {
		char words[64] = "", value[8];
		size_t at;

		assert_true(kernel_told_prepend(words, sizeof words, lb_handover_names[i],
						"1"));
		assert_true(
			kernel_told_reserved((const uint8_t *)words, strlen(words), &at));
		for (char *c = words; *c != '\0'; c++)
			*c = *c == '-' ? '_' : *c;
		assert_int_equal(kernel_told_find(words, lb_handover_names[i], value,
						  sizeof value),
				 LB_OK);
		assert_true(
			kernel_told_reserved((const uint8_t *)words, strlen(words), &at));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spelling),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_every_value_comes_back),
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_all_names_are_reserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

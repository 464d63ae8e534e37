/* The kernel command line: substitutions, additions, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "boot/kernel/cmdline.h"

/* Mixed-endian on disk: 00112233-4455-6677-8899-aabbccddeeff. */
static const uint8_t guid[16] = {
	0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
	0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
};

#define GUID_TEXT "00112233-4455-6677-8899-aabbccddeeff"

static const struct {
	const char *name;
	const char *page;
	const char *additions;
	const char *want;
} good[] = {
	{ "as it is", "quiet ro", "", "quiet ro" },
	{ "empty", "", "", "" },
	{ "empty with an addition", "", "lifeboat.a=1", "lifeboat.a=1" },
	{ "partition GUID", "root=PARTUUID=%U/PARTNROFF=1", "",
	  "root=PARTUUID=" GUID_TEXT "/PARTNROFF=1" },
	{ "GUID twice", "%U%U", "", GUID_TEXT GUID_TEXT },
	{ "percent sign", "a=100%% b", "", "a=100% b" },
	{ "an escaped U stays", "%%U", "", "%U" },
	{ "other letters stay", "%D %P %u", "", "%D %P %u" },
	{ "percent at the end", "a%", "", "a%" },
	{ "newlines and tabs", "a\nb\tc", "", "a b c" },
	{ "spaces at the end go", "a b \n\n", "", "a b" },
	{ "only spaces", " \n\t ", "x", "x" },
	{ "addition", "a b", "x y", "a b x y" },
	{ "addition before dashes", "a -- b", "x", "a x -- b" },
	{ "dashes at the end", "a --", "x", "a x --" },
	{ "dashes at the start", "-- b", "x", "x -- b" },
	{ "dashes by newlines", "a\n--\nb", "x", "a x -- b" },
	{ "only the first dashes", "a -- b -- c", "x", "a x -- b -- c" },
	{ "dashes in a word", "a--b --c d--", "x", "a--b --c d-- x" },
	{ "three dashes", "a --- b", "x", "a --- b x" },
	{ "quoted dashes", "a=\"b -- c\" d", "x", "a=\"b -- c\" d x" },
	{ "quoted, then dashes", "a=\"b -- c\" -- d", "x", "a=\"b -- c\" x -- d" },
	{ "GUID behind dashes", "a -- %U", "x", "a x -- " GUID_TEXT },
	{ "no substitution in additions", "a", "%U", "a %U" },
	{ "no addition, dashes stay", "a -- b", "", "a -- b" },
};

static void makes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		char out[256];

		print_message("%s\n", good[i].name);
		assert_int_equal(kernel_cmdline_make((const uint8_t *)good[i].page,
						     strlen(good[i].page) + 1, guid,
						     good[i].additions, out, sizeof out,
						     NULL),
				 LB_OK);
		assert_string_equal(out, good[i].want);
	}
}

static const struct {
	const char *name;
	const char *page;
	size_t page_bytes;
	const char *additions;
	size_t out_bytes;
	enum lb_status want;
	size_t at;
} bad[] = {
	{ "no NUL", "abcd", 4, "", 64, LB_ERR_TRUNCATED, 4 },
	{ "no page at all", "", 0, "", 64, LB_ERR_TRUNCATED, 0 },
	{ "UTF-8", "a \xc3\xa4", 5, "", 64, LB_ERR_RANGE, 2 },
	{ "byte 0x7f", "a\x7f", 3, "", 64, LB_ERR_RANGE, 1 },
	{ "escape", "ab\x1b[2J", 7, "", 64, LB_ERR_RANGE, 2 },
	{ "carriage return", "ab\r\n", 5, "", 64, LB_ERR_RANGE, 2 },
	{ "one too long", "abcd", 5, "", 4, LB_ERR_FULL, 3 },
	{ "GUID does not fit", "a %U", 5, "", 38, LB_ERR_FULL, 2 },
	{ "addition does not fit", "abc", 4, "xy", 6, LB_ERR_FULL, 2 },
	{ "no room at all", "", 1, "", 0, LB_ERR_ARGUMENT, 0 },
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char out[64] = "untouched";
		size_t at = 0;

		print_message("%s\n", bad[i].name);
		assert_int_equal(kernel_cmdline_make((const uint8_t *)bad[i].page,
						     bad[i].page_bytes, guid,
						     bad[i].additions, out,
						     bad[i].out_bytes, &at),
				 bad[i].want);
		assert_int_equal(at, bad[i].at);
	}
}

/* The promised limits: 4095 characters before, 8191 after. */
static void limits(void **state)
{
	uint8_t page[4096];
	char out[8192];

	(void)state;
	memset(page, 'a', sizeof page);
	page[4095] = '\0';
	assert_int_equal(
		kernel_cmdline_make(page, sizeof page, guid, "", out, sizeof out, NULL),
		LB_OK);
	assert_int_equal(strlen(out), 4095);

	/* 227 GUIDs are 8172 characters, and 19 more fill it. */
	memset(page, 0, sizeof page);
	for (size_t i = 0; i < 227; i++)
		memcpy(page + 2 * i, "%U", 2);
	memset(page + 454, 'b', 19);
	assert_int_equal(
		kernel_cmdline_make(page, sizeof page, guid, "", out, sizeof out, NULL),
		LB_OK);
	assert_int_equal(strlen(out), 8191);
	page[454 + 19] = 'b';
	assert_int_equal(
		kernel_cmdline_make(page, sizeof page, guid, "", out, sizeof out, NULL),
		LB_ERR_FULL);
}

#define W "lifeboat.recovery-floor="

static const struct {
	const char *name, *text;
	enum lb_status want;
	uint32_t floor;
} floors[] = {
	{ "nothing", "", LB_OK, 0 },
	{ "another word", "quiet ro", LB_OK, 0 },
	{ "alone", W "7", LB_OK, 7 },
	{ "first", W "7 quiet", LB_OK, 7 },
	{ "last", "quiet " W "7", LB_OK, 7 },
	{ "between tabs and newlines", "a\t" W "7\nb", LB_OK, 7 },
	{ "zero", W "0", LB_OK, 0 },
	{ "hexadecimal", W "0x1000a", LB_OK, 0x1000a },
	{ "capital digits", W "0x1000A", LB_OK, 0x1000a },
	{ "the highest", W "4294967295", LB_OK, 0xffffffff },
	{ "the highest, hexadecimal", W "0xffffffff", LB_OK, 0xffffffff },
	{ "one more", W "4294967296", LB_ERR_RANGE, 0 },
	{ "one more, hexadecimal", W "0x100000000", LB_ERR_RANGE, 0 },
	{ "far too many digits", W "00000000000000000000000000001", LB_ERR_RANGE, 0 },
	{ "many digits that wrap", W "18446744073709551617", LB_ERR_RANGE, 0 },
	{ "leading zero", W "010", LB_ERR_RANGE, 0 },
	{ "empty", W, LB_ERR_RANGE, 0 },
	{ "empty, then a word", W " 7", LB_ERR_RANGE, 0 },
	{ "only 0x", W "0x", LB_ERR_RANGE, 0 },
	{ "capital X", W "0X7", LB_ERR_RANGE, 0 },
	{ "hexadecimal digits without 0x", W "a", LB_ERR_RANGE, 0 },
	{ "negative", W "-7", LB_ERR_RANGE, 0 },
	{ "plus", W "+7", LB_ERR_RANGE, 0 },
	{ "more behind it", W "7x", LB_ERR_RANGE, 0 },
	{ "a list", W "7,8", LB_ERR_RANGE, 0 },
	{ "in quotes behind the sign", W "\"7\"", LB_OK, 7 },
	{ "a substitution", W "%U", LB_ERR_RANGE, 0 },
	{ "twice", W "7 " W "7", LB_ERR_DUPLICATE, 0 },
	{ "twice, one of them for init", W "7 -- " W "8", LB_OK, 7 },
	{ "only for init", "-- " W "8", LB_OK, 0 },
	{ "inside a word", "x" W "7", LB_OK, 0 },
	{ "inside quotes", "a=\"b " W "7\"", LB_OK, 0 },
	{ "all of it in quotes", "\"" W "7\"", LB_OK, 7 },
	{ "twice, once in quotes", W "7 \"" W "8\"", LB_ERR_DUPLICATE, 0 },
	{ "a quote that never ends", "\"" W "7", LB_OK, 7 },
	{ "dashes in quotes end nothing", "a=\" -- \" " W "7", LB_OK, 7 },
	{ "another spelling", "lifeboat.recovery_floor=7", LB_OK, 7 },
	{ "capitals", "Lifeboat.recovery-floor=7", LB_OK, 0 },
	{ "no sign", "lifeboat.recovery-floor 7", LB_OK, 0 },
};

static void recovery_floor(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof floors / sizeof floors[0]; i++) {
		const size_t len = strlen(floors[i].text);
		/* Exactly as long as the text, so that sanitizers see a byte too many. */
		uint8_t *text = malloc(len + 1);
		uint32_t got = 99;

		print_message("%s\n", floors[i].name);
		assert_non_null(text);
		memcpy(text, floors[i].text, len + 1);
		assert_int_equal(kernel_cmdline_recovery_floor(text, len + 1, &got),
				 floors[i].want);
		assert_int_equal(got, floors[i].want == LB_OK ? floors[i].floor : 99);
		text = realloc(text, len > 0 ? len : 1); /* and without its NUL */
		assert_non_null(text);
		assert_int_equal(kernel_cmdline_recovery_floor(text, len, &got),
				 floors[i].want);
		free(text);
	}
}

/* What follows a NUL is not part of the text. */
static void recovery_floor_behind_nul(void **state)
{
	static const uint8_t text[] = "quiet\0 " W "7";
	uint32_t got = 99;

	(void)state;
	assert_int_equal(kernel_cmdline_recovery_floor(text, sizeof text, &got), LB_OK);
	assert_int_equal(got, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes),
		cmocka_unit_test(refuses),
		cmocka_unit_test(recovery_floor),
		cmocka_unit_test(recovery_floor_behind_nul),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

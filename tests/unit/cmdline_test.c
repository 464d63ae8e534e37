/* The kernel command line: substitutions, additions, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes),
		cmocka_unit_test(refuses),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

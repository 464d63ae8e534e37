/* "Verified" is a promise: which command lines keep it. Split as Linux splits them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "boot/kernel/cmdline_args.h"
#include "tools/lib/root_check.h"

#define HASH "4392712ba01368efdf14b05c76f9e4df0d53664630b5d48632ed17a137f39076"
#define TARGET                                                                           \
	"0 1048576 verity 1 PARTUUID=x PARTUUID=x 4096 4096 131072 131073 sha256 " HASH  \
	" -"
#define TABLE "dm-mod.create=\"root,,,ro," TARGET "\" "

static const struct {
	const char *name, *line;
	enum tool_root want;
} rows[] = {
	{ "nothing", "", TOOL_ROOT_NONE },
	{ "no root", "quiet console=ttyS0", TOOL_ROOT_NONE },
	{ "our own", TABLE "root=/dev/dm-0 ro", TOOL_ROOT_VERIFIED },
	{ "by name", TABLE "root=/dev/mapper/root", TOOL_ROOT_VERIFIED },
	{ "underscores", "dm_mod.create=\"r,,,ro," TARGET "\" root=/dev/dm-0",
	  TOOL_ROOT_VERIFIED },
	{ "whole argument in quotes",
	  "\"dm-mod.create=r,,,ro," TARGET "\" root=/dev/dm-0", TOOL_ROOT_VERIFIED },
	{ "a plain disk", "root=/dev/sda2", TOOL_ROOT_UNVERIFIED },
	{ "in quotes", "\"root=/dev/sda2\"", TOOL_ROOT_UNVERIFIED },
	{ "value in quotes", "root=\"/dev/sda2\"", TOOL_ROOT_UNVERIFIED },
	{ "in quotes in the middle", "ro \"root=PARTUUID=%U/PARTNROFF=1\" quiet",
	  TOOL_ROOT_UNVERIFIED },
	{ "the last one counts", TABLE "root=/dev/dm-0 root=/dev/sda2",
	  TOOL_ROOT_UNVERIFIED },
	{ "the last one counts, in quotes", TABLE "root=/dev/dm-0 \"root=/dev/sda2\"",
	  TOOL_ROOT_UNVERIFIED },
	{ "and the other way round", "root=/dev/sda2 " TABLE "root=/dev/dm-0",
	  TOOL_ROOT_VERIFIED },
	{ "another device", TABLE "root=/dev/dm-1", TOOL_ROOT_UNVERIFIED },
	{ "another name", TABLE "root=/dev/mapper/data", TOOL_ROOT_UNVERIFIED },
	{ "a table, and no root", TABLE, TOOL_ROOT_NONE },
	{ "a mapped device that nobody makes", "root=/dev/dm-0", TOOL_ROOT_UNVERIFIED },
	{ "the table is behind --", "root=/dev/dm-0 -- " TABLE, TOOL_ROOT_UNVERIFIED },
	{ "the root is behind --", TABLE "-- root=/dev/sda2", TOOL_ROOT_NONE },
	{ "-- in quotes ends it too", TABLE "\"--\" root=/dev/sda2", TOOL_ROOT_NONE },
	{ "--x does not", TABLE "--x root=/dev/sda2", TOOL_ROOT_UNVERIFIED },
	{ "the second device",
	  "dm-mod.create=\"a,,,ro,0 8 linear /dev/sda 0;root,,,ro," TARGET
	  "\" root=/dev/dm-1",
	  TOOL_ROOT_VERIFIED },
	{ "the first of two",
	  "dm-mod.create=\"a,,,ro,0 8 linear /dev/sda 0;root,,,ro," TARGET
	  "\" root=/dev/dm-0",
	  TOOL_ROOT_UNVERIFIED },
	{ "its minor is said", "dm-mod.create=\"root,,7,ro," TARGET "\" root=/dev/dm-7",
	  TOOL_ROOT_VERIFIED },
	{ "and then not its place",
	  "dm-mod.create=\"root,,7,ro," TARGET "\" root=/dev/dm-0",
	  TOOL_ROOT_UNVERIFIED },
	{ "half of it is linear",
	  "dm-mod.create=\"root,,,ro," TARGET ",1048576 8 linear /dev/sda 0\" "
	  "root=/dev/dm-0",
	  TOOL_ROOT_UNVERIFIED },
	{ "verity only as a word",
	  "dm-mod.create=\"root,,,ro,0 8 linear /dev/sda 0 verity x\" root=/dev/dm-0",
	  TOOL_ROOT_UNVERIFIED },
	{ "a name with verity in it", "dm-mod.create=\"a verity b,,,ro\" root=/dev/dm-0",
	  TOOL_ROOT_UNVERIFIED },
	{ "ChromeOS, one device",
	  "dm=\"vroot none ro,0 1200 verity payload=x\" root=/dev/dm-0",
	  TOOL_ROOT_VERIFIED },
	{ "ChromeOS, counted",
	  "dm=\"1 vroot none ro 1,0 1200 verity payload=x\" root=/dev/dm-0",
	  TOOL_ROOT_VERIFIED },
	{ "ChromeOS, another target",
	  "dm=\"1 vroot none ro 1,0 1200 linear x\" root=/dev/dm-0",
	  TOOL_ROOT_UNVERIFIED },
	{ "restarts at corruption",
	  "dm-mod.create=\"root,,,ro," TARGET " 1 restart_on_corruption\" "
	  "root=/dev/dm-0",
	  TOOL_ROOT_VERIFIED },
	{ "goes on at corruption",
	  "dm-mod.create=\"root,,,ro," TARGET " 1 ignore_corruption\" root=/dev/dm-0",
	  TOOL_ROOT_UNVERIFIED },
	{ "goes on, and something else",
	  "dm-mod.create=\"root,,,ro," TARGET
	  " 2 ignore_zero_blocks IGNORE_CORRUPTION\" root=/dev/dm-0",
	  TOOL_ROOT_UNVERIFIED },
	{ "ChromeOS, error at corruption",
	  "dm=\"1 vroot none ro 1,0 1200 verity payload=x error_behavior=eio\" "
	  "root=/dev/dm-0",
	  TOOL_ROOT_VERIFIED },
	{ "ChromeOS, goes on at corruption",
	  "dm=\"1 vroot none ro 1,0 1200 verity payload=x error_behavior=none\" "
	  "root=/dev/dm-0",
	  TOOL_ROOT_UNVERIFIED },
	{ "systemd, goes on at corruption",
	  "roothash=" HASH " systemd.verity_root_options=x,ignore-corruption",
	  TOOL_ROOT_UNVERIFIED },
	{ "systemd, restarts at corruption",
	  "roothash=" HASH " systemd.verity_root_options=restart-on-corruption",
	  TOOL_ROOT_VERIFIED },
	{ "systemd, the last ones count",
	  "roothash=" HASH " systemd.verity_root_options=ignore-corruption "
	  "systemd.verity_root_options=superblock=yes",
	  TOOL_ROOT_VERIFIED },
	{ "root hash", "roothash=" HASH, TOOL_ROOT_VERIFIED },
	{ "root hash and systemd's device", "root=/dev/mapper/root roothash=" HASH,
	  TOOL_ROOT_VERIFIED },
	{ "root hash and another root", "roothash=" HASH " root=/dev/sda2",
	  TOOL_ROOT_UNVERIFIED },
	{ "root hash and another root in quotes", "roothash=" HASH " \"root=/dev/sda2\"",
	  TOOL_ROOT_UNVERIFIED },
	{ "a root hash that is none", "roothash=00", TOOL_ROOT_UNVERIFIED },
	{ "with what is no digit",
	  "roothash=x392712ba01368efdf14b05c76f9e4df0d53664630b5d48632ed17a137f39076",
	  TOOL_ROOT_UNVERIFIED },
	{ "switched off", "systemd.verity=no roothash=" HASH, TOOL_ROOT_UNVERIFIED },
	{ "no value", "roothash root", TOOL_ROOT_UNVERIFIED },
	{ "another argument that ends in root", "myroot=/dev/sda2 x.root=/dev/sda2",
	  TOOL_ROOT_NONE },
	{ "blanks of all kinds", "quiet\troot=/dev/sda2\nro", TOOL_ROOT_UNVERIFIED },
	{ "a quote that never ends", "x=\"root=/dev/sda2", TOOL_ROOT_NONE },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (tool_root_of(rows[i].line) != rows[i].want)
			fail_msg("%s: %d", rows[i].name, tool_root_of(rows[i].line));
}

static void test_more_devices_than_are_kept(void **state)
{
	char line[4096] = "root=/dev/dm-40 dm-mod.create=\"";

	(void)state;
	for (size_t i = 0; i < 60; i++)
		strcat(line, "a,,,ro,0 8 verity x;");
	strcat(line, "\"");
	assert_int_equal(tool_root_of(line), TOOL_ROOT_UNVERIFIED);
}

static const struct {
	const char *text, *name, *value; /* of the first argument; name NULL: none */
} splits[] = {
	{ "", NULL, NULL },
	{ "   ", NULL, NULL },
	{ "-- a", NULL, NULL },
	{ "\"--\" a", NULL, NULL },
	{ "a", "a", NULL },
	{ "a=", "a", "" },
	{ "a=b c", "a", "b" },
	{ "a=b=c", "a", "b=c" },
	{ "a=\"b c\" d", "a", "b c" },
	{ "\"a=b c\" d", "a", "b c" },
	{ "\"a b\"", "a b", NULL },
	{ "a=x\"b c\"d e", "a", "x\"b c\"d" },
	{ "a=\"b c", "a", "b c" },
	{ "\"a", "a", NULL },
	{ "\"", "", NULL },
	{ "\"\"", "", NULL },
	{ "--x=1", "--x", "1" },
};

static void test_splits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
		const char *text = splits[i].text;
		struct kernel_argument a = { 0 };
		const bool found = kernel_argument_next(&text, &a);

		if (found != (splits[i].name != NULL))
			fail_msg("[%s]: found %d", splits[i].text, found);
		if (!found)
			continue;
		if (a.name_len != strlen(splits[i].name) ||
		    memcmp(a.name, splits[i].name, a.name_len) != 0 ||
		    (a.value == NULL) != (splits[i].value == NULL))
			fail_msg("[%s]: name %.*s", splits[i].text, (int)a.name_len,
				 a.name);
		if (a.value != NULL &&
		    (a.value_len != strlen(splits[i].value) ||
		     memcmp(a.value, splits[i].value, a.value_len) != 0))
			fail_msg("[%s]: value %.*s", splits[i].text, (int)a.value_len,
				 a.value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_more_devices_than_are_kept),
		cmocka_unit_test(test_splits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

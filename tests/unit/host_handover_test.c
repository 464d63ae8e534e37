/* What the loader handed over, read from a folder that stands for "/"; and its disks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "host/disks.h"
#include "host/handover.h"
#include "host/output.h"

#define VARIABLE                                                                         \
	"/sys/firmware/efi/efivars/LifeboatHardwareId-782ed91d-b444-4d76-abd7-"          \
	"3374f0779f89"
#define PROPERTY "/proc/device-tree/firmware/lifeboat/hardware-id"
#define CMDLINE  "/proc/cmdline"
#define LOADERS  "\x06\0\0\0"
#define SYSTEMS  "\x07\0\0\0" /* kept by an operating system */

static char root[64];
static char said[256]; /* what was set aside */

static int set_up(void **state)
{
	char *folder;

	(void)state;
	said[0] = '\0';
	if (host_folder_make("/tmp", &folder, NULL) != LB_OK)
		return -1;
	snprintf(root, sizeof root, "%s", folder);
	free(folder);
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", root);
	return system(command);
}

static void put(const char *path, const void *data, size_t len)
{
	char whole[256];

	snprintf(whole, sizeof whole, "%s%s", root, path);
	for (char *at = strchr(whole + strlen(root) + 1, '/'); at != NULL;
	     at = strchr(at + 1, '/')) {
		*at = '\0';
		(void)mkdir(whole, 0700); /* is there, the second time */
		*at = '/';
	}
	assert_int_equal(
		host_write_file(whole, data, len, 0600, HOST_REPLACE, NULL, NULL), LB_OK);
}

#define PUT(path, text) put(path, text, sizeof(text) - 1)

static void note(const char *text)
{
	snprintf(said, sizeof said, "%s", text);
}

static void assert_fact(const char *text, const char *path)
{
	struct host_fact fact;

	assert_int_equal(host_handover_read(root, "HardwareId", note, &fact, NULL),
			 LB_OK);
	assert_string_equal(fact.text, text);
	assert_string_equal(fact.path + strlen(root), path);
	host_fact_free(&fact);
}

static enum lb_status fails(struct host_error *err)
{
	struct host_fact fact;
	const enum lb_status status =
		host_handover_read(root, "HardwareId", note, &fact, err);

	assert_int_not_equal(status, LB_OK);
	assert_null(fact.text);
	return status;
}

static void test_variable_first(void **state)
{
	(void)state;
	PUT(VARIABLE, LOADERS "one");
	PUT(PROPERTY, "two\0");
	PUT(CMDLINE, "quiet lifeboat.hardware-id=three\n");
	assert_fact("one", VARIABLE);
	assert_string_equal(said, "");
}

static void test_others_variable(void **state)
{
	(void)state;
	PUT(VARIABLE, SYSTEMS "one");
	PUT(PROPERTY, "two\0");
	assert_fact("two", PROPERTY);
	assert_non_null(strstr(said, "attributes 0x7, the loader's have 0x6"));
}

static void test_word_last(void **state)
{
	(void)state;
	PUT(VARIABLE, SYSTEMS "one");
	PUT(CMDLINE, "quiet lifeboat.hardware-id=three\n");
	assert_fact("three", CMDLINE);
}

static void test_word_said_twice(void **state)
{
	struct host_error err;

	(void)state;
	PUT(CMDLINE, "lifeboat.hardware-id=a lifeboat.hardware-id=b");
	assert_int_equal(fails(&err), LB_ERR_DUPLICATE);
	assert_non_null(strstr(err.text, CMDLINE ": the loader's word for HardwareId"));
}

static void test_nothing_said(void **state)
{
	struct host_error err;
	char want[512];

	(void)state;
	PUT(VARIABLE, SYSTEMS "one");
	assert_int_equal(fails(&err), LB_ERR_NOT_FOUND);
	snprintf(want, sizeof want, "%s" VARIABLE ", %s" PROPERTY, root, root);
	assert_string_equal(err.text, want);
}

/* It is there and cannot be had: no reason to believe the next one. */
static void test_too_long(void **state)
{
	static char large[4097] = LOADERS;
	struct host_error err;

	(void)state;
	put(VARIABLE, large, sizeof large);
	PUT(PROPERTY, "two\0");
	assert_int_equal(fails(&err), LB_ERR_RANGE);
	assert_non_null(strstr(err.text, "4097 bytes, larger than 4096"));
}

/* Attributes alone, or not even those: a value of no bytes, and nothing read beyond. */
static void test_short_variable(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 4; len++) {
		put(VARIABLE, LOADERS, len);
		assert_fact("", VARIABLE);
	}
}

static void join(void *ctx, const char *name)
{
	char *all = ctx;

	strcat(strcat(all, name), " ");
}

static void test_disks(void **state)
{
	struct host_error err;
	char all[64] = "", want[128];

	(void)state;
	assert_int_equal(host_disks_each(root, join, all, &err), LB_ERR_NOT_FOUND);
	snprintf(want, sizeof want, "%s/sys/class/block: No such file or directory",
		 root);
	assert_string_equal(err.text, want);
	PUT("/sys/class/block/vdb/size", "1\n");
	PUT("/sys/class/block/vda1/partition", "1\n");
	PUT("/sys/class/block/vda/size", "1\n");
	assert_int_equal(host_disks_each(root, join, all, &err), LB_OK);
	assert_string_equal(all, "vda vdb ");
}

#define WITH_ROOT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOT(test_variable_first), WITH_ROOT(test_others_variable),
		WITH_ROOT(test_word_last),      WITH_ROOT(test_word_said_twice),
		WITH_ROOT(test_nothing_said),   WITH_ROOT(test_too_long),
		WITH_ROOT(test_short_variable), WITH_ROOT(test_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

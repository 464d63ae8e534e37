/* Payloads in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "recovery/installer/pieces.h"

static char folder[] = "/tmp/lifeboat-pieces.XXXXXX";
static char path[64];

static void put(const char *name, const char *content)
{
	char file[96];

	snprintf(file, sizeof file, "%s%s", path, name);
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static void clear(void)
{
	static const char *const names[] = { "", ".000", ".001", ".002" };
	char file[96];

	for (size_t i = 0; i < 4; i++) {
		snprintf(file, sizeof file, "%s%s", path, names[i]);
		(void)unlink(file);
	}
}

static void test_joined(void **state)
{
	struct lb_source source;
	const char *why;
	char text[12] = "";

	(void)state;
	put(".000", "abcd");
	put(".001", "efgh");
	put(".002", "ij");
	assert_true(pieces_open(path, &source, &why));
	assert_int_equal(source.bytes, 10);
	for (size_t from = 0; from <= 10; from++)
		for (size_t len = 0; len <= 10 - from; len++) {
			memset(text, 0, sizeof text);
			assert_int_equal(source.read(source.ctx, from, text, len), LB_OK);
			assert_memory_equal(text, &"abcdefghij"[from], len);
		}
	assert_int_not_equal(source.read(source.ctx, 9, text, 2), LB_OK);
	assert_int_not_equal(source.read(source.ctx, UINT64_MAX, text, 1), LB_OK);
	pieces_close(&source);
	clear();
}

static void test_whole_one(void **state)
{
	struct lb_source source;
	const char *why;
	char text[4];

	(void)state;
	put("", "whole");
	put(".000", "abcd");
	assert_true(pieces_open(path, &source, &why));
	assert_int_equal(source.bytes, 5);
	assert_int_equal(source.read(source.ctx, 1, text, 4), LB_OK);
	assert_memory_equal(text, "hole", 4);
	assert_int_not_equal(source.read(source.ctx, 2, text, 4), LB_OK);
	pieces_close(&source);
	clear();
}

static void test_refused(void **state)
{
	static const struct {
		const char *name[3], *content[3], *why;
	} rows[] = {
		{ { NULL }, { NULL }, "cannot be opened" },
		{ { ".001" }, { "abcd" }, "cannot be opened" },
		{ { "" }, { "" }, "an empty file" },
		{ { ".000", ".001" }, { "abcd", "" }, "an empty piece" },
		{ { ".000", ".001" },
		  { "abcd", "efghi" },
		  "a piece of another size than the first" },
		{ { ".000", ".001", ".002" },
		  { "abcd", "efg", "h" },
		  "a piece of another size than the first" },
	};
	struct lb_source source;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (size_t n = 0; n < 3 && rows[i].name[n] != NULL; n++)
			put(rows[i].name[n], rows[i].content[n]);
		assert_false(pieces_open(path, &source, &why));
		assert_string_equal(why, rows[i].why);
		clear();
	}
}

static void test_names(void **state)
{
	size_t len;

	(void)state;
	assert_true(pieces_name("a.payload.000", true, &len) && len == 9);
	assert_false(pieces_name("a.payload.001", true, &len));
	assert_true(pieces_name("a.payload.001", false, &len));
	assert_false(pieces_name(".000", true, &len));
	assert_false(pieces_name("a.00", true, &len));
	assert_false(pieces_name("a.0x0", false, &len));
	assert_false(pieces_name("", false, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_whole_one),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),
	};

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/p", folder);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	(void)rmdir(folder);
	return failed;
}

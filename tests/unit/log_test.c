/* The log ring: what it keeps when it is full, and what of that is copied out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define LINES 2000u /* more text than the ring holds */

static char all[64u * LINES]; /* everything that was ever logged */
static size_t all_len;

/* As a platform's log(); checks by the way that each line comes as one whole. */
static void take(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	assert_true(len > 0 && text[len - 1] == '\n');
	assert_true(len <= sizeof all - all_len);
	memcpy(all + all_len, text, len);
	all_len += len;
}

static const struct platform plat = { .log = take };

/* Large: with what lies behind it, to see that nothing is written there. */
static struct {
	struct lb_log log;
	char after[LB_LOG_RING_BYTES];
} guarded;

static void fresh(void)
{
	memset(&guarded, 0x5a, sizeof guarded);
	lb_log_init(&guarded.log, &plat);
	all_len = 0;
}

static void assert_nothing_behind(void)
{
	for (size_t i = 0; i < sizeof guarded.after; i++)
		assert_int_equal(guarded.after[i], 0x5a);
}

/* A copy of every size is the end of what was logged, as far as ring and copy hold it. */
static void assert_copies(void)
{
	static const size_t sizes[] = {
		1, 2, 77, LB_LOG_RING_BYTES, LB_LOG_RING_BYTES + 1, LB_LOG_RING_BYTES + 50
	};
	static char out[LB_LOG_RING_BYTES + 50];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		size_t want = all_len < LB_LOG_RING_BYTES ? all_len : LB_LOG_RING_BYTES;

		if (want > sizes[i] - 1)
			want = sizes[i] - 1;
		memset(out, 0x77, sizeof out);
		assert_int_equal(lb_log_copy(&guarded.log, out, sizes[i]), want);
		assert_memory_equal(out, all + all_len - want, want);
		assert_int_equal(out[want], '\0');
		if (sizes[i] < sizeof out)
			assert_int_equal(out[sizes[i]], 0x77);
	}
}

static void test_wraps(void **state)
{
	(void)state;
	fresh();
	for (unsigned int i = 0; i < LINES; i++) {
		lb_log(&guarded.log, "line %u of %*s", i, (int)(i % 23), "");
		if (i % 97 == 0 || (all_len > LB_LOG_RING_BYTES - 40 &&
				    all_len < LB_LOG_RING_BYTES + 40))
			assert_copies();
	}
	assert_true(all_len > 2 * LB_LOG_RING_BYTES);
	assert_copies();
	assert_nothing_behind();
}

/* Exactly full, and one byte before and after: 16384 is 512 lines of 32. */
static void test_exactly_full(void **state)
{
	(void)state;
	for (int extra = -1; extra <= 1; extra++) {
		fresh();
		for (size_t i = 0; i < LB_LOG_RING_BYTES / 32 - 1; i++)
			lb_log(&guarded.log, "%.31s", "0123456789012345678901234567890");
		lb_log(&guarded.log, "%.*s", 31 + extra,
		       "abcdefghijklmnopqrstuvwxyzabcdefghij");
		assert_int_equal(all_len, (int)LB_LOG_RING_BYTES + extra);
		assert_copies();
		assert_nothing_behind();
	}
}

static void test_empty(void **state)
{
	char out[8] = "before";

	(void)state;
	fresh();
	assert_int_equal(lb_log_copy(&guarded.log, out, 0), 0);
	assert_string_equal(out, "before");
	assert_int_equal(lb_log_copy(&guarded.log, out, sizeof out), 0);
	assert_string_equal(out, "");
}

/* A line is cut to what a line may be, and is still a line. */
static void test_long_line(void **state)
{
	char words[2 * LB_LOG_LINE_BYTES];

	(void)state;
	fresh();
	memset(words, 'w', sizeof words);
	words[sizeof words - 1] = '\0';
	lb_log(&guarded.log, "%s", words);
	assert_int_equal(all_len, LB_LOG_LINE_BYTES - 1);
	assert_int_equal(all[all_len - 1], '\n');
	assert_copies();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wraps),
		cmocka_unit_test(test_exactly_full),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The board's disks around a start: stopped for the kernel, and back under the same
 * numbers when it is refused after all, so that the next slot is still tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "boot/bare/disks.h"

/* What a disk of the test does. */
struct fake {
	struct block block;
	bool deaf; /* it does not stop */
	unsigned int starts, stops;
};

static struct fake fake[3];
static struct board board;
static struct bare_disks disks;

/* What of the board the disks use. */
void board_say(const struct board *b, const char *fmt, ...)
{
	(void)b;
	(void)fmt;
}

static enum lb_status start_fake(void *ctx)
{
	struct fake *f = ctx;

	f->starts++;
	if (f->deaf && f->block.holds)
		return LB_ERR_TIMEOUT;
	f->block.holds = true;
	f->block.dead = false;
	return LB_OK;
}

static enum lb_status stop_fake(void *ctx)
{
	struct fake *f = ctx;

	f->stops++;
	f->block.holds = f->deaf;
	return f->deaf ? LB_ERR_TIMEOUT : LB_OK;
}

static const struct block_ops ops = { .start = start_fake, .stop = stop_fake };

/* Three disks that run, numbered from 7. */
static void running(void)
{
	memset(fake, 0, sizeof fake);
	disks_init(&disks, &board);
	for (size_t i = 0; i < 3; i++) {
		fake[i].block =
			(struct block){ .ops = &ops, .ctx = &fake[i], .holds = true };
		disks.at[disks.count++] =
			(struct bare_disk){ .block = &fake[i].block,
					    .info = { .id = 7 + (uint32_t)i } };
	}
}

static void test_back_under_the_same_numbers(void **state)
{
	struct bare_range held;

	(void)state;
	running();
	fake[2].deaf = true;
	disks_stop(&disks);
	for (uint32_t id = 7; id < 10; id++)
		assert_null(disks_find(&disks, id));
	assert_true(disks_held(&disks, 0, &held));
	assert_false(disks_held(&disks, 1, &held));
	disks_resume(&disks);
	assert_ptr_equal(disks_find(&disks, 7), &fake[0].block);
	assert_ptr_equal(disks_find(&disks, 8), &fake[1].block);
	assert_null(disks_find(&disks, 9)); /* the one that was the reason */
}

static void test_what_was_dead_before_stays_dead(void **state)
{
	(void)state;
	running();
	fake[1].block.dead = true;
	fake[1].block.holds = false;
	disks_stop(&disks);
	disks_resume(&disks);
	assert_non_null(disks_find(&disks, 7));
	assert_null(disks_find(&disks, 8));
	assert_int_equal(fake[1].starts, 0);
	/* Twice in one power-on, as when the next slot is refused, too. */
	disks_stop(&disks);
	disks_resume(&disks);
	assert_int_equal(fake[0].starts, 2);
	assert_int_equal(fake[1].starts, 0);
	assert_non_null(disks_find(&disks, 9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_back_under_the_same_numbers),
		cmocka_unit_test(test_what_was_dead_before_stays_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
